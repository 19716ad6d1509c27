"""Author and reviewer at two consoles of one server: an answer waits, comes back with a remark, waits again, leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import wire
from server.commands.accounts import UpdateTeam
from server.commands.reviews import SetReviewRule
from server.facts import Address
from tests.console.terminal import Terminal
from tests.console.test_at_a_server import ROOT, answers, channel, comes_in, footer, open_first, send
from tests.routes.desk import Desk, open_desk, until

pytestmark = [pytest.mark.pty, pytest.mark.slow, pytest.mark.timeout(200)]

Start = Callable[[str], Terminal]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        yield desk


@pytest.fixture
def console(desk: Desk, tmp_path: Path) -> Iterator[Start]:
    opened: list[Terminal] = []

    def start(user: str) -> Terminal:
        home = tmp_path / f"home-{user}"
        home.mkdir(exist_ok=True)
        env = {
            "HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "AGENT_CONSOLE_SERVER": desk.url,
            "AGENT_CONSOLE_TOKEN": desk.sign_in(user),
            "AGENT_CONSOLE_LANG": "en",
            "TZ": "America/El_Salvador",
        }
        terminal = Terminal([sys.executable, "-m", "agent_console"], 120, 40, env)
        opened.append(terminal)
        terminal.wait_for("0 skips this")  # the first steps would stand where news is told
        terminal.write(b"0")
        return terminal

    yield start
    for terminal in opened:
        terminal.kill()


def test_there_and_back_and_out(desk: Desk, console: Start) -> None:
    desk._do(UpdateTeam(name="General", change=wire.ChangeTeam(members=["ana"])))
    desk._do(SetReviewRule(team="General", rule=wire.ReviewRule(everybody=True)))
    conversation = comes_in(desk, channel(desk, "webhook"), Address("user", "u-1"), "¿ya está mi tarjeta?", "Rita")
    ana, sofia = console("ana"), console("sofia")
    open_first(ana, "Rita")
    ana.write(b"r")
    footer(ana, "ctrl+s")
    send(ana, b"No se")
    ana.wait_for("waits for review")
    sofia.wait_for("an answer to Rita waits for review")
    assert desk.read("SELECT count(*) AS n FROM outbox")[0]["n"] == 0

    sofia.write(b"\x1bOS")  # F4
    sofia.wait_for("Waits for review · 1")
    sofia.wait_for("¿ya está mi tarjeta?")
    sofia.write(b"r")
    sofia.wait_for("Why it goes back")
    sofia.write(b"diga cuando")
    sofia.wait_for("diga cuando")
    sofia.write(b"\r")
    sofia.wait_for("Nothing waits for your review.")
    ana.wait_for("gave your answer to Rita back: diga cuando")
    ana.write(b"r")
    ana.wait_for("▌ No se")  # the words are in the composer again
    send(ana, b", pero hoy le aviso")
    sofia.wait_for("Waits for review · 1")
    sofia.wait_for("No se, pero hoy le aviso")
    sofia.write(b"s")
    sofia.wait_for("Sent as it was.")
    ana.wait_for("Your answer to Rita was reviewed and sent")
    until(lambda: desk.read("SELECT 1 FROM outbox") or desk.read("SELECT 1 FROM attempts"), "the answer to leave")
    first, second = answers(desk, conversation)
    assert (first["status"], first["data"]["review"]["state"]) == ("cancelled", "returned")
    assert (second["text"], second["data"]["review"]["state"]) == ("No se, pero hoy le aviso", "sent")
    kinds = [row["kind"] for row in desk.read("SELECT kind FROM events WHERE kind LIKE 'review.%' ORDER BY seq")]
    assert kinds == ["review.rule", "review.requested", "review.returned", "review.requested", "review.sent"]
