"""Two consoles in two terminals at one real server: a conversation is handed on and declined, handed on and accepted,
taken back, and a colleague is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.console.test_at_a_server import console, typed
from tests.routes.desk import Desk, open_desk, until

__all__ = ["console"]

pytestmark = [pytest.mark.pty, pytest.mark.timeout(200)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        desk.add_user("luis")
        yield desk


def holder(desk: Desk, conversation: int) -> str | None:
    found = desk.read(
        "SELECT u.name FROM conversations c LEFT JOIN users u ON u.id = c.assignee_id WHERE c.id = ?", conversation
    )
    return None if found[0]["name"] is None else str(found[0]["name"])


def states(desk: Desk) -> list[str]:
    return [row["state"] for row in desk.read("SELECT state FROM transfers ORDER BY id")]


def test_declined_then_accepted(desk: Desk, console: Callable[..., Terminal]) -> None:
    id = desk.receive("me pueden refinanciar mi deuda de $2,400", "50370001001")
    ana, luis = console("ana"), console("luis")
    typed(ana, b"2", "refinanciar")
    typed(ana, b"c", "is yours now")
    # handed on with the summary that was made from the conversation
    typed(ana, b"t", "Pide: ")
    typed(ana, b"luis\t", "Reason")
    typed(ana, b"needs an approval\x13", "offered to luis")
    assert until(lambda: states(desk) == ["pending"])
    assert holder(desk, id) == "ana"
    # luis hears of it, reads the card, says no
    luis.wait_for("⇢ 1")
    typed(luis, b"y", "y accept")
    luis.wait_for("refinanciar mi deuda")
    typed(luis, b"n", "Why not")
    typed(luis, b"not my region\r", "declined")
    ana.wait_for("luis declines")
    ana.wait_for("not my region")
    assert states(desk) == ["declined"]
    assert holder(desk, id) == "ana"
    # once more; this time he takes it
    typed(ana, b"t", "Pide: ")
    typed(ana, b"luis\t", "Reason")
    typed(ana, b"it is your region now\x13", "offered to luis")
    luis.wait_for("⇢ 1")
    typed(luis, b"y", "y accept")
    typed(luis, b"y", "is yours now")
    ana.wait_for("luis has taken")
    assert until(lambda: holder(desk, id) == "luis")
    assert states(desk) == ["declined", "accepted"]


@pytest.mark.slow
def test_taken_back_and_asked(desk: Desk, console: Callable[..., Terminal]) -> None:
    id = desk.receive("¿cuál es la tasa para socios nuevos?", "50370001002")
    ana, luis = console("ana"), console("luis")
    typed(ana, b"2", "cuál es la tasa")
    typed(ana, b"c", "is yours now")
    typed(ana, b"t", "Pide: ")
    typed(ana, b"luis\t", "Reason")
    typed(ana, b"by mistake\x13", "takes it back")
    luis.wait_for("⇢ 1")
    typed(ana, b"z", "it stays with you")
    assert until(lambda: states(desk) == ["withdrawn"])
    luis.wait_for(lambda screen: "⇢ 1" not in screen)
    typed(luis, b"y", "Nothing waits for your answer.")
    # only asked: the conversation stays where it is
    ana.write(b"t")  # what was written is there again, and to whom
    ana.wait_for(lambda screen: "Hand María on" in screen and "by mistake" in screen.partition("Reason")[2])
    typed(ana, b"\x14", "Question")
    typed(ana, b"which rate is it?\x13", "is asked about")
    luis.wait_for("⇢ 1")
    typed(luis, b"y", "y answer")
    typed(luis, b"y", "Your answer")
    typed(luis, b"fourteen percent\x13", "gets a note")
    ana.wait_for("calls you in a note")
    assert holder(desk, id) == "ana"
    assert states(desk) == ["withdrawn", "accepted"]
