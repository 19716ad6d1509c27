"""Whatever the server holds of strangers' words, no command lets them move a terminal or pass for a line of its own."""

from __future__ import annotations

import types
import unicodedata
from collections.abc import Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from agent_console.backend.calls import Call
from agent_console.backend.session import Session
from agent_console.i18n import set_language
from agent_console.plain.desk import Desk
from server import wire
from tests.console import hostile
from tests.plain.test_script import SIGNS

TEXTS = (
    "two\nlines\r\nand \x1b[2J\x1b]0;title\x07", "\u202eright to left\u2066", "a\u2028b\x00c\x9bd", *hostile.LINES[:3],
    *hostile.BIDI[:3], *hostile.BROKEN[:3],
)  # fmt: skip
NOW = 1_770_000_000_000
#: commands that read something out
READING = (
    "list", "read", "older", "customer", "history", "why", "view", "template", "about", "link", "copies", "file",
    "quote", "draft", "offers", "classify", "checklist", "stage", "tag", "reminders", "merge", "split", "alerts",
    "reviews", "reviews 1", "unsent", "channels", "board", "presence", "status", "later", "assign",
)  # fmt: skip
#: fields that hold a code of the server's own, not words
CODES = {
    "kind", "channel_kind", "preview_kind", "state", "status", "problem", "hint", "stage", "outcome", "complexity",
    "failure", "why", "priority", "via", "preview_direction", "likeness", "figure", "told",
}  # fmt: skip


class Heard:
    """What a screen reader gets, each line as it is said; nobody answers questions."""

    live = False
    idle = False

    def __init__(self) -> None:
        self.said: list[str] = []
        self.complaints: list[str] = []
        self.rested = self.interrupted = lambda: None

    async def read(self, prompt: str, hidden: bool = False) -> str | None:
        self.said.append(prompt)
        return None

    def say(self, lines: Sequence[str]) -> None:
        self.said += lines

    def complain(self, text: str) -> None:
        self.complaints.append(text)

    def nothing(self) -> None:
        """No bell, no editor."""

    ring = interrupt = suspend = resume = close = nothing


def full_of(kind: Any, text: str, name: str = "") -> Any:
    """A value of a type of the API with `text` wherever words can be."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return args[0]
    if origin in (Union, types.UnionType):
        return full_of(args[0], text, name)
    if origin is list:
        return [full_of(args[0], text)]
    if origin is tuple:
        return tuple(full_of(each, text) for each in args)
    if origin is dict:
        return {text: full_of(args[1], text)}
    if origin is not None and issubclass(origin, msgspec.Struct):
        return wire.Page(items=[full_of(args[0], text)])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind)
        return kind(**{field: full_of(hints[field], text, field) for field in kind.__struct_fields__})
    if kind is str and name in CODES:
        return "unheard_of"
    if kind is int:
        return NOW if name == "at" or name.endswith("_at") else 1
    known = {bool: True, float: 1.0, type(None): None, str: text, bytes: text.encode("utf-8", "replace"), Any: text}
    return known[kind]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
async def test_strangers_words_stay_in_their_place(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_language("en")
    me = msgspec.structs.replace(full_of(wire.User, text), name="ana", role="supervisor")
    heard = Heard()
    desk = Desk(heard, lambda told: Session("http://127.0.0.1:9", "token", listener=told, lang="en", user=me))

    async def send(call: Call[Any]) -> Any:
        return full_of(call.answer, text)

    async def nothing(*_args: object) -> None:
        """Nobody is told."""

    monkeypatch.setattr(desk, "send", send)
    monkeypatch.setattr(desk.session, "renew", nothing)
    desk.session.mirror.me = me
    mirror = desk.session.mirror
    mirror.expect_thread(1)
    mirror.load_conversation(full_of(wire.Conversation, text))
    mirror.load_messages(1, full_of(wire.Page[wire.Message], text))
    desk.here = 1
    for typed in READING:
        heard.said.clear()
        heard.complaints.clear()
        await desk.obey(typed)
        assert not any("Something went wrong" in each for each in heard.complaints), (typed, heard.complaints)
        for line in (*heard.said, *heard.complaints):
            moving = [char for char in line if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")]
            assert not moving and "\u202e" not in line and "\u2066" not in line, (typed, line)
            assert not set(line) & set(SIGNS), (typed, line)
    await desk.session.stop()
