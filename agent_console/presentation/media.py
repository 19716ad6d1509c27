"""What is not text, told in words: pictures, voice notes, places, cards, and what no channel could show us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agent_console import words
from agent_console.i18n import N_, _, size
from agent_console.safetext import line
from server.wire import Attachment


class Kind(NamedTuple):
    """A sign one cell wide on every terminal, and the word for it."""

    sign: str
    word: str


_KINDS: Mapping[str, Kind] = {
    "image": Kind("▣", N_("photo")),
    "video": Kind("▶", N_("video")),
    "audio": Kind("♪", N_("audio")),
    "voice": Kind("♪", N_("voice note")),
    "document": Kind("▤", N_("document")),
    "file": Kind("▤", N_("file")),
    "sticker": Kind("◪", N_("sticker")),
    "location": Kind("◎", N_("location")),
    "contacts": Kind("☰", N_("contact card")),
    "contact": Kind("☰", N_("contact card")),
    "template": Kind("▤", N_("template")),
    "interactive": Kind("▸", N_("choice")),
    "button": Kind("▸", N_("choice")),
    "order": Kind("▦", N_("order")),
    "referral": Kind("▸", N_("from an ad")),
    "system": Kind("·", N_("notice")),
    "unsupported": Kind("□", N_("a kind of message the channel does not hand over")),
    "unknown": Kind("□", N_("a kind of message this version does not know")),
}

_STATES: Mapping[str, str] = {
    "pending": N_("on its way"),
    "failed": N_("could not be fetched"),
    "refused": N_("not taken in"),
}

#: `server.wire.Attachment.warning`
_WARNINGS: Mapping[str, str] = {
    "program": N_("careful: a program"),
    "active": N_("careful: may contain scripts"),
    "disguised": N_("careful: not what it claims to be"),
}


def kind_of(kind: str) -> Kind:
    """Sign and word (translated) of a message kind that is not text."""
    sign, word = _KINDS.get(kind) or _KINDS["unknown"]
    return Kind(sign, _(word))


def has_words(kind: str) -> bool:
    """Whether a message of this kind is nothing but its text."""
    return kind in ("text", "")


def preview(kind: str, text: str) -> str:
    """One line for the list: the text itself, or what came and the words that came with it."""
    words = line(text, 300)
    if has_words(kind):
        return words
    sign, word = kind_of(kind)
    return f"{sign} {word} · «{words}»" if words else f"{sign} {word}"


def describe(kind: str, data: Mapping[str, Any], attachments: Sequence[Attachment]) -> list[str]:
    """The lines that stand for what is not text in a message, one per file, place or card; without its caption."""
    if attachments:
        return [_file(kind, attachment) for attachment in attachments]
    if has_words(kind):
        return []
    sign, word = kind_of(kind)
    details = _details(kind, data)
    return [" · ".join([f"{sign} {word}", *details])]


def _file(kind: str, file: Attachment) -> str:
    sign, word = kind_of(file.kind or kind)
    parts = [f"{sign} {word}"]
    if file.file_name:
        parts.append(line(file.file_name, 80))
    if file.size:
        parts.append(size(file.size))
    if file.state in _STATES:
        parts.append(_(_STATES[file.state]))
    if file.warning in _WARNINGS:
        parts.append(_(_WARNINGS[file.warning]))
    return " · ".join(parts)


def _details(kind: str, data: Mapping[str, Any]) -> list[str]:
    if kind == "location":
        place = [_said(data, "name"), _said(data, "address")]
        latitude, longitude = data.get("latitude"), data.get("longitude")
        if isinstance(latitude, int | float) and isinstance(longitude, int | float):
            place.append(f"{latitude:.5f}, {longitude:.5f}")
        return [part for part in place if part]
    if kind in ("contacts", "contact"):
        cards = data.get("contacts")
        names = [_card(card) for card in cards[:3]] if isinstance(cards, list) else []
        return [name for name in names if name]
    if kind == "system":
        event = _said(data, "event")
        return [words.notice(event)] if event else []
    if kind in ("interactive", "button", "template", "referral", "unsupported", "unknown"):
        said = next((text for name in ("title", "name", "headline", "type") if (text := _said(data, name))), "")
        return [said] if said else []
    return []


def _said(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return line(value, 80) if isinstance(value, str) else ""


def _card(card: object) -> str:
    if not isinstance(card, Mapping):
        return ""
    name = card.get("name")
    if isinstance(name, Mapping):
        name = name.get("formatted_name")
    return line(name, 60) if isinstance(name, str) else ""
