"""A morning's work in a terminal at a real server: found by a search, tagged, put aside, done together, undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.commands.labels import CreateTag
from tests.console.terminal import Terminal
from tests.console.test_at_a_server import console, typed
from tests.routes.desk import Desk, open_desk, until

__all__ = ["console"]

pytestmark = [pytest.mark.pty, pytest.mark.timeout(200)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        yield desk


def state_of(desk: Desk, conversation: int) -> str:
    return str(desk.read("SELECT state FROM conversations WHERE id = ?", conversation)[0]["state"])


def tags_of(desk: Desk) -> int:
    return len(desk.read("SELECT 1 FROM conversation_tags"))


def test_a_search_is_worked_through(desk: Desk, console: Callable[[], Terminal]) -> None:
    desk._do(CreateTag(name="mora"))
    found = [desk.receive(f"mi tarjeta retenida {n}", f"5037000100{n}") for n in range(3)]
    other = desk.receive("¿a qué hora abren?", "50370009999")
    terminal = console()
    # as one types, without Enter
    typed(terminal, b"/", "Tab  from:")
    typed(terminal, b"tarjeta ret", "mi tarjeta retenida 2")
    terminal.wait_for(lambda screen: "abren" not in screen)
    # a word that is none is said at once
    typed(terminal, b" canl:x", "There is no field canl")
    terminal.write(b"\x17")
    terminal.wait_for(lambda screen: "There is no field" not in screen)
    typed(terminal, b"\r", "back · / change")
    # all of them get a tag, then are put aside, together
    typed(terminal, b"*", "3 marked")
    typed(terminal, b"L", "mora")
    terminal.write(b"\r")
    assert until(lambda: tags_of(desk) == 3)
    typed(terminal, b"\x1b", "3 marked")
    typed(terminal, b"s", "tomorrow")
    typed(terminal, b"\x1b[B\x1b[B\r", "takes it back")
    assert until(lambda: all(state_of(desk, each) == "snoozed" for each in found))
    assert state_of(desk, other) == "queued"
    # undone as one act each
    terminal.write(b"z")
    assert until(lambda: all(state_of(desk, each) == "queued" for each in found))
    # a colleague's word changes what the search finds, without a key
    desk.receive("ah, y mi tarjeta retenida también", "50370009999")
    terminal.wait_for("ah, y mi tarjeta")
    typed(terminal, b"\x1b", "All answered.")
