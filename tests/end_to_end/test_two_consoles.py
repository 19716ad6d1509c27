"""A supervisor and an advisor at work together: two consoles in real terminals, one server, keys alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console.terminal import Terminal
from tests.routes.desk import Desk, open_desk, until

ROOT = Path(__file__).resolve().parent.parent.parent
ENTER, ESC, SEND = b"\r", b"\x1b", b"\x13"
F3 = b"\x1bOR"

pytestmark = [pytest.mark.pty, pytest.mark.timeout(200)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        yield desk


@pytest.fixture
def console(desk: Desk, tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    opened: list[Terminal] = []

    def start(user: str) -> Terminal:
        home = tmp_path / user
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
        terminal.wait_for(lambda screen: "loading" not in screen and "? keys" in screen, timeout=60)
        return terminal

    yield start
    for terminal in opened:
        terminal.kill()


def claimed(desk: Desk, text: str, phone: str, token: str) -> int:
    """A customer writes and the owner of the token takes the conversation."""
    conversation = desk.receive(text, phone)
    with desk.client(token=token) as client:
        assert client.post(f"/conversations/{conversation}/claim").is_success
    return conversation


def test_help_is_asked_for_seen_on_the_wallboard_and_given_in_a_whisper(
    desk: Desk, console: Callable[[str], Terminal]
) -> None:
    conversation = claimed(desk, "quiero hablar con gerencia", "50370001111", desk.tokens["advisor"])
    ana = console("ana")
    ana.wait_for("gerencia")
    sofia = console("sofia")

    ana.write(b"F")
    ana.wait_for("Ask a supervisor for help")
    ana.write(b"pide gerencia" + ENTER)
    until(lambda: desk.read("SELECT 1 FROM conversations WHERE flagged_at IS NOT NULL"), "the flag")
    sofia.wait_for("◆ 1")

    sofia.write(F3)
    sofia.wait_for("Advisor ")
    sofia.wait_for("⚑")
    sofia.write(ESC)
    sofia.wait_for("? keys")
    sofia.write(b"U")
    sofia.wait_for("pide gerencia")
    sofia.write(ENTER)
    sofia.wait_for("quiero hablar con gerencia")
    sofia.write(b"I")
    sofia.wait_for("Whisper to ana")
    sofia.write("ofrézcale una cita mañana".encode() + ENTER)
    until(lambda: desk.read("SELECT 1 FROM messages WHERE direction = 'note' AND text LIKE '%cita%'"), "the whisper")

    ana.write(ENTER)
    ana.wait_for("whisper (sofia to you)")
    with desk.client("advisor") as client:
        kept = client.get(f"/conversations/{conversation}/messages").json()["items"]
    assert any("cita" in message["text"] for message in kept)


def test_ten_are_given_to_somebody_else_at_once(desk: Desk, console: Callable[[str], Terminal]) -> None:
    for n in range(10):
        claimed(desk, f"consulta número {n}", f"5037000{n:04}", desk.tokens["advisor"])
    desk.add_user("luis")
    luis = console("luis")
    sofia = console("sofia")
    sofia.write(F3)
    sofia.wait_for("Advisor ")
    # down to ana's row, whichever it is
    for _ in range(20):
        if any("▌" in row and "ana" in row for row in sofia.screen()):
            break
        sofia.write(b"j")
        sofia.settle()
    sofia.write(b"A")
    sofia.wait_for("10 conversations", timeout=30)
    sofia.write(b"luis")
    sofia.wait_for("› luis")
    sofia.write(ENTER)
    until(
        lambda: desk.read(
            "SELECT 1 FROM conversations c JOIN users u ON u.id = c.assignee_id WHERE u.name = 'luis'"
            " GROUP BY u.id HAVING count(*) = 10"
        ),
        "the new owner of all ten",
    )
    luis.wait_for("Mine 10")


def test_an_advisor_is_watched_without_being_marked_as_read(desk: Desk, console: Callable[[str], Terminal]) -> None:
    conversation = claimed(desk, "¿mi tarjeta ya está lista?", "50370001111", desk.tokens["advisor"])
    sofia = console("sofia")
    sofia.write(f":{conversation}".encode() + ENTER)
    sofia.wait_for("¿mi tarjeta")
    sofia.write(b"O")
    sofia.wait_for("Looking on silently")
    seen = "SELECT 1 FROM last_seen s JOIN users u ON u.id = s.user_id WHERE u.name = 'sofia' AND s.inbound > 1"
    desk.receive("¿hola?", "50370001111")
    sofia.wait_for("¿hola?")
    assert desk.read(seen) == []
    ana = console("ana")
    ana.write(ENTER)
    ana.wait_for("¿hola?")
    assert "sofia" not in "\n".join(ana.screen()).replace("◉ ana", "")
