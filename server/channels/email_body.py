"""Which parts of a mail are its text and which are attachments."""

from __future__ import annotations

import re

import msgspec

from server.channels.email_html import TEXT_LIMIT, html_to_text
from server.channels.email_mime import Part, Tree
from server.channels.email_parts import MailPart, describe, is_attachment
from server.channels.email_text import decode

_READABLE = ("text/plain", "text/html")

#: what programs put in place of a plain text they do not want to write
_STUB = re.compile(
    r"(?:does not|doesn't|cannot|can't|unable to|not) (?:support|display|show|view|read|render)"
    r"[^.]{0,40}(?:html|message)"
    r"|html[- ](?:enabled|capable|compatible|format|version|only|e-?mail|message)|view (?:this|the) (?:e-?mail|message)"
    r"|no (?:soporta|admite|puede mostrar)[^.]{0,40}html|(?:formato|versión) html|ver (?:este|el) (?:correo|mensaje)",
    re.I,
)
STUB_LENGTH = 400


class Body(msgspec.Struct):
    """The text of a mail and its attachments."""

    text: str
    parts: tuple[MailPart, ...]


def body_of(tree: Tree) -> Body:
    """The text a mail wants to be read, and everything else as attachments."""
    reading = _Reading(tree)
    reading.read(tree.root)
    if not reading.texts:
        reading.other_text()
    text = "\n\n".join(text for text in reading.texts if text.strip())
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
        tree.defect("text_cut")
    attached = sorted(reading.attached, key=lambda part: part.index)
    return Body(text, tuple(describe(tree, part) for part in attached))


class _Reading:
    """Walks over the parts once. Depth is bounded by the tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.texts: list[str] = []
        self.attached: list[Part] = []
        self.html = False

    def read(self, part: Part) -> None:
        if part.mime == "multipart/alternative" and part.children:
            self.alternative(part)
        elif part.children:
            for child in part.children:
                self.read(child)
        elif part.mime.startswith("multipart/") and (part.parent is None or part.mime != "multipart/mixed"):
            self.texts.append(self.text_of(part))  # its parts were not found: what is there is its text
        elif part.mime in _READABLE and not is_attachment(part):
            self.texts.append(self.text_of(part))
        elif part.start < part.end or part.headers:
            self.attached.append(part)

    def alternative(self, part: Part) -> None:
        """The same said several times: the plain one, unless it says nothing; what is no text is attached."""
        plain, html = _Reading(self.tree), _Reading(self.tree)
        for child in part.children:
            reading = _Reading(self.tree)
            reading.read(child)
            version = html if reading.html else plain
            version.texts += reading.texts
            self.attached += reading.attached
        self.html = not _says_something(plain.texts, stub=not _says_something(html.texts))
        self.texts += html.texts[:1] if self.html else plain.texts

    def other_text(self) -> None:
        """Without any readable text, a text of another kind (text/enriched, text/x-…) is better than none."""
        for part in self.attached:
            if part.mime.startswith("text/") and part.mime != "text/calendar" and not is_attachment(part):
                self.texts.append(self.text_of(part))
                self.attached.remove(part)
                return

    def text_of(self, part: Part) -> str:
        text, defect = decode(self.tree.content(part), part.params.get("charset", ""))
        self.tree.defect(defect)
        if part.mime == "text/html" or _looks_like_html(text):
            self.html = True
            text, defect = html_to_text(text)
            self.tree.defect(defect)
        return text.replace("\r\n", "\n").replace("\r", "\n")


def _says_something(texts: list[str], stub: bool = True) -> bool:
    """Whether there is any text; `stub`: a word on missing HTML is text as well."""
    text = "\n".join(texts).strip()
    return bool(text) and (stub or len(text) >= STUB_LENGTH or not _STUB.search(text))


def _looks_like_html(text: str) -> bool:
    return re.match(r"\s*(?:<!doctype html|<html[\s>])", text[:2_000], re.I) is not None
