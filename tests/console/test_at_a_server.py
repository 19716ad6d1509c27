"""The console in a terminal at a real server: a mail answered with a copy and a file, a comment answered in public and
in private, a dead letter sent again, customers merged and taken apart."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.commands.channels import CreateChannel
from server.commands.receive import Receive
from server.facts import Address, MessageFact, Party
from server.wire import NewChannel
from tests.console.terminal import Terminal
from tests.routes.desk import Desk, open_desk, until

ROOT = Path(__file__).resolve().parent.parent.parent

pytestmark = [pytest.mark.pty, pytest.mark.timeout(200)]

#: nobody listens there: whatever is sent waits
NOBODY = "127.0.0.1"
SETTINGS: dict[str, dict[str, str]] = {
    "email": {"address": "ayuda@coop.example", "user": "u", "password": "p", "imap_host": NOBODY, "imap_port": "9",
              "smtp_host": NOBODY, "smtp_port": "9"},
    "instagram": {"account_id": "178", "access_token": "t", "app_secret": "s", "verify_token": "v",
                  "graph_url": f"http://{NOBODY}:9/v26.0"},
    "webhook": {"secret": "whsec_" + "c2VjcmV0" * 6},
    "sms": {"account_sid": "AC" + "0" * 32, "auth_token": "t", "number": "+50322220000", "api_url": f"http://{NOBODY}:9",
            "poll": "86400"},
}  # fmt: skip

_numbers = itertools.count(1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        yield desk


@pytest.fixture
def console(desk: Desk, tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    opened: list[Terminal] = []

    def start(user: str = "ana") -> Terminal:
        home = tmp_path / "home"
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
        terminal.wait_for("(2)")  # the list is here, and says where there is work
        return terminal

    yield start
    for terminal in opened:
        terminal.kill()


def channel(desk: Desk, kind: str) -> int:
    new = NewChannel(kind=kind, name=f"canal-{kind}", settings=SETTINGS[kind])
    return int(desk._do(CreateChannel(channel=new)).id)


def comes_in(desk: Desk, channel_id: int, address: Address, text: str, name: str = "Ferretería", **more: Any) -> int:
    """A customer writes; the conversation."""
    now = int(time.time() * 1000)
    party = Party(addresses=(address,), name=name)
    fact = MessageFact(external_id=f"ext-{next(_numbers)}", party=party, at=now, kind="text", text=text, **more)
    desk._do(Receive(channel_id=channel_id, body=b"{}", facts=[fact], received_at=now))
    return int(desk.read("SELECT conversation_id FROM messages ORDER BY id DESC LIMIT 1")[0]["conversation_id"])


def answers(desk: Desk, conversation: int) -> list[dict[str, Any]]:
    rows = desk.read(
        "SELECT id, text, kind, status, data FROM messages WHERE conversation_id = ? AND direction = 'out' ORDER BY id",
        conversation,
    )
    return [{**dict(row), "data": msgspec.json.decode(row["data"]) if row["data"] else {}} for row in rows]


def open_first(terminal: Terminal, seen: str) -> None:
    """Open the first of the unassigned conversations."""
    terminal.write(b"2")
    terminal.wait_for(seen)
    terminal.write(b"\r")
    terminal.wait_for("Reply by")


def typed(terminal: Terminal, keys: bytes, seen: str) -> None:
    terminal.write(keys)
    terminal.wait_for(seen)


def footer(terminal: Terminal, seen: str) -> None:
    """Wait for the keys of where one is."""
    terminal.wait_for(lambda screen: seen in screen.splitlines()[-1])


def send(terminal: Terminal, text: bytes) -> None:
    """Write a text and send it; back to reading."""
    typed(terminal, text, text.decode())
    terminal.write(b"\x13")
    footer(terminal, "r reply")


def test_a_mail_is_answered_with_a_copy_and_a_file(desk: Desk, console: Callable[[], Terminal], tmp_path: Path) -> None:
    mail = channel(desk, "email")
    data = {"subject": "Línea de crédito", "from": ["compras@elsol.example"], "to": ["ayuda@coop.example"],
            "cc": ["contador@pena.example", "ayuda@coop.example"], "folded": "> de antes\n> y más"}  # fmt: skip
    conversation = comes_in(desk, mail, Address("email", "compras@elsol.example"), "Adjunto el balance.", data=data,
                            thread="mail:1", subject="Línea de crédito")  # fmt: skip
    (tmp_path / "requisitos.pdf").write_bytes(b"%PDF-1.7 requisitos")
    terminal = console()
    open_first(terminal, "Ferretería")
    terminal.wait_for("··· 2 quoted lines")
    typed(terminal, b"r", "Cc contador@pena.example")  # a copy to the other one, none to us
    typed(terminal, b"Con gusto.", "Con gusto.")
    typed(terminal, b"\x0f", "Attach files")
    typed(terminal, b"\x1b[200~" + str(tmp_path / "requisitos.pdf").encode() + b"\x1b[201~", "requisitos.pdf · ")
    terminal.write(b"\x1b")
    footer(terminal, "ctrl+s send")
    terminal.write(b"\x13")
    (answer,) = until(lambda: answers(desk, conversation), "the answer")
    assert answer["text"] == "Con gusto." and answer["data"]["options"]["cc"] == ["contador@pena.example"]
    files = desk.read("SELECT file_name, mime, size FROM attachments WHERE message_id = ?", answer["id"])
    assert [tuple(file) for file in files] == [("requisitos.pdf", "application/pdf", 19)]


def test_a_comment_is_answered_in_public_and_in_private(desk: Desk, console: Callable[[], Terminal]) -> None:
    page = channel(desk, "instagram")
    conversation = comes_in(
        desk, page, Address("igsid", "7001"), "y la tasa??", "dulces.nena", surface="comment", thread="post:1:7001",
        subject="Crédito en 24 horas", data={"post_id": "1", "comment_id": "c1"},
    )  # fmt: skip
    terminal = console()
    open_first(terminal, "public · y la tasa??")
    terminal.wait_for("Public comments under: Crédito en 24 horas")
    typed(terminal, b"r", "PUBLIC · everybody can read it")
    send(terminal, b"Desde 11 %")
    until(lambda: answers(desk, conversation), "the public answer")
    terminal.write(b"r")
    footer(terminal, "ctrl+s send")
    typed(terminal, b"\x0c", "IN PRIVATE")
    send(terminal, b"Le cuento")
    until(lambda: len(answers(desk, conversation)) == 2, "both answers")
    in_public, in_private = answers(desk, conversation)
    assert (in_public["text"], in_public["data"]) == ("Desde 11 %", {})
    assert in_private["text"] == "Le cuento" and in_private["data"]["options"]["private"]
    terminal.write(b"r")
    footer(terminal, "ctrl+s send")
    terminal.write(b"\x0c")
    terminal.wait_for("already answered in private")


def test_a_dead_letter_is_sent_again(desk: Desk, console: Callable[[], Terminal]) -> None:
    conversation = comes_in(desk, channel(desk, "webhook"), Address("user", "u-1"), "hola", "Tienda")
    terminal = console()
    open_first(terminal, "Tienda")
    terminal.write(b"r")
    footer(terminal, "ctrl+s send")
    send(terminal, b"buenas")
    until(lambda: [each for each in answers(desk, conversation) if each["status"] == "failed"], "the failure")
    terminal.wait_for("✗ 1")
    terminal.write(b"X")
    terminal.wait_for(lambda screen: "Not sent" in screen and "«buenas»" in screen)
    terminal.write(b"R")
    terminal.wait_for("Sending it again…")
    again = "SELECT seq FROM events WHERE kind = 'message.queued' AND data LIKE '%again%'"
    until(lambda: desk.read(again), "another attempt")


def test_customers_are_merged_and_taken_apart(desk: Desk, console: Callable[[], Terminal]) -> None:
    phone = "50370001111"
    comes_in(desk, channel(desk, "sms"), Address("phone", phone), "hola", "María R.")
    mine = comes_in(desk, channel(desk, "webhook"), Address("phone", phone), "buenas", "María Ramos")
    merges = "SELECT undone_at FROM merges ORDER BY id"
    terminal = console()
    terminal.write(b"2")
    terminal.wait_for("María Ramos")
    while not any("▌" in line and "María Ramos" in line for line in terminal.screen()):
        terminal.press(b"j")
    typed(terminal, b"\r", "Reply by")
    terminal.write(b"m")
    terminal.wait_for("≈ María R.")
    typed(terminal, b"\r", "the same person?")
    time.sleep(0.5)  # a question takes no answer in its first moments
    terminal.write(b"\r")
    until(lambda: desk.read(merges), "the merge")
    terminal.wait_for("Merged into this customer")
    typed(terminal, b"\r", "apart again?")
    time.sleep(0.5)
    terminal.write(b"\r")
    until(lambda: desk.read(merges)[0]["undone_at"], "the un-merge")
    assert mine
