"""Which parts of a mail are its text and which are attachments."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from server.channels.email_html import HTML_LIMIT, TEXT_LIMIT, html_to_text
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
    reader = _Reader(tree)
    texts = reader.read(tree.root).texts or reader.other_text()
    text = "\n\n".join(text for text in texts if text.strip())
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
        tree.defect("text_cut")
    attached = sorted(reader.attached, key=lambda part: part.index)
    return Body(text, tuple(describe(tree, part) for part in attached))


class _Texts(NamedTuple):
    """The texts of a part and of the parts in it, and whether they were HTML."""

    texts: list[str]
    html: bool = False


class _Reader:
    """Walks over the parts once. Depth is bounded by the tree, the HTML that is read by `HTML_LIMIT` in all."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.attached: list[Part] = []
        self.html_left = HTML_LIMIT

    def read(self, part: Part) -> _Texts:
        if part.children:
            read = [self.read(child) for child in part.children]
            if part.mime == "multipart/alternative":
                return _chosen(read)
            return _Texts([text for one in read for text in one.texts], any(one.html for one in read))
        # a multipart whose parts were not found: what is there is its text
        lost = part.mime.startswith("multipart/")
        if lost or (part.mime in _READABLE and not is_attachment(part)):
            return self.text_of(part)
        if part.start < part.end or part.headers:
            self.attached.append(part)
        return _Texts([])

    def other_text(self) -> list[str]:
        """Without any readable text, a text of another kind (text/enriched, text/x-…) is better than none."""
        for part in self.attached:
            if part.mime.startswith("text/") and part.mime != "text/calendar" and not is_attachment(part):
                self.attached.remove(part)
                return self.text_of(part).texts
        return []

    def text_of(self, part: Part) -> _Texts:
        text, defect = decode(self.tree.content(part), part.params.get("charset", ""))
        self.tree.defect(defect)
        html = part.mime == "text/html" or _looks_like_html(text)
        if html and not self.html_left:
            self.tree.defect("html_cut")
            self.attached.append(part)
            return _Texts([], True)
        if html:
            read = min(len(text), self.html_left)
            text, defect = html_to_text(text, self.html_left)
            self.html_left -= read
            self.tree.defect(defect)
        return _Texts([text.replace("\r\n", "\n").replace("\r", "\n")], html)


def _chosen(versions: list[_Texts]) -> _Texts:
    """Of the same said several times the plain one, unless it says nothing."""
    plain = [text for version in versions if not version.html for text in version.texts]
    html = next((version for version in versions if version.html and _says_something(version.texts)), None)
    return _Texts(plain) if html is None or _says_something(plain, stub=False) else html


def _says_something(texts: list[str], stub: bool = True) -> bool:
    """Whether there is any text; `stub`: a word on missing HTML is text as well."""
    text = "\n".join(texts).strip()
    return bool(text) and (stub or len(text) >= STUB_LENGTH or not _STUB.search(text))


def _looks_like_html(text: str) -> bool:
    return re.match(r"\s*(?:<!doctype html|<html[\s>])", text[:2_000], re.I) is not None
