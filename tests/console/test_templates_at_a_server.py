"""Templates in a terminal at a real server: fields, a gap, a macro taken back, an approved one, another editor."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import wire
from server.commands.approved import NoteApproved
from server.commands.channels import CreateChannel
from server.commands.labels import CreateTag
from server.commands.receive import Receive
from server.commands.templates import CreateTemplate
from server.facts import Address, MessageFact, Party
from tests.console.terminal import Terminal
from tests.routes.desk import Desk, open_desk, until

ROOT = Path(__file__).resolve().parent.parent.parent
HOUR = 3_600_000

pytestmark = [pytest.mark.pty, pytest.mark.timeout(200)]

EDITOR = """#!/bin/sh
printf 'EDITING'
read line
printf ' y el editor' >> "$1"
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        yield desk


@pytest.fixture
def console(desk: Desk, tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    opened: list[Terminal] = []

    def start() -> Terminal:
        editor = tmp_path / "editor"
        editor.write_text(EDITOR)
        editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
        env = {
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "AGENT_CONSOLE_SERVER": desk.url,
            "AGENT_CONSOLE_TOKEN": desk.sign_in("ana"),
            "AGENT_CONSOLE_LANG": "en",
            "TZ": "America/El_Salvador",
            "EDITOR": str(editor),
        }
        terminal = Terminal([sys.executable, "-m", "agent_console"], 110, 32, env)
        opened.append(terminal)
        terminal.wait_for("(2)")  # the list is here, and says where there is work
        terminal.write(b"2")
        terminal.wait_for("MARÍA")
        terminal.write(b"\r")
        terminal.wait_for("‹ MARÍA")
        terminal.settle()
        return terminal

    yield start
    for terminal in opened:
        terminal.kill()


def comes_in(desk: Desk, channel: str, ago: int = 0) -> int:
    """María writes; her conversation."""
    found = desk.read("SELECT id FROM channels WHERE name = ?", channel)
    now = int(time.time() * 1000)
    party = Party(addresses=(Address("phone", "50370001111"),), name="MARÍA RAMOS")
    fact = MessageFact(external_id="m1", party=party, at=now - ago, kind="text", text="buenas")
    desk._do(Receive(channel_id=found[0]["id"], body=b"{}", facts=[fact], received_at=now))
    return int(desk.read("SELECT conversation_id FROM messages ORDER BY id DESC LIMIT 1")[0]["conversation_id"])


def by_hook(desk: Desk) -> int:
    settings = {"secret": "whsec_" + "c2VjcmV0" * 6}
    desk._do(CreateChannel(channel=wire.NewChannel(kind="webhook", name="socios", settings=settings)))
    return comes_in(desk, "socios")


def keep(desk: Desk, name: str, text: str, **fields: Any) -> None:
    """A template of everybody's."""
    new = wire.NewTemplate(
        name=name, shortcut=name, scope="all", variants=[wire.Variant(text=text)] if text else [], **fields
    )
    desk._do(CreateTemplate(template=new))


def sent(desk: Desk, conversation: int) -> list[dict[str, Any]]:
    sql = "SELECT kind, text, status, data FROM messages WHERE conversation_id = ? AND direction = 'out' ORDER BY id"
    return [dict(row) for row in desk.read(sql, conversation)]


def test_fields_are_asked_for_and_a_gap_is_refused(desk: Desk, console: Callable[[], Terminal]) -> None:
    conversation = by_hook(desk)
    keep(
        desk,
        "cuota",
        "{{ cliente.primer_nombre }}, son {{ dato.monto|dinero }}. ¿Escribe desde {{ cliente.correo }}?",
        fields=[wire.AskField(name="monto", label="Monto", kind="amount")],
    )
    terminal = console()
    terminal.write(b";")
    terminal.wait_for("asks 1")
    terminal.write(b"cuo")
    terminal.wait_for("son ⟨dato.monto⟩")
    terminal.write(b"\r")
    terminal.wait_for("Monto *")
    terminal.write(b"2,400")
    terminal.wait_for("María, son $2,400.00.")
    terminal.write(b"\r")
    terminal.wait_for("⟨cliente.correo⟩ is not known")
    terminal.write(b"\x13")
    terminal.wait_for("⟨cliente.correo⟩ is not filled in")
    assert sent(desk, conversation) == []
    terminal.write(b"maria@x.sv\x13")  # the gap is selected: what is typed takes its place
    until(lambda: sent(desk, conversation), "the reply")
    assert [each["text"] for each in sent(desk, conversation)] == ["María, son $2,400.00. ¿Escribe desde maria@x.sv?"]
    assert desk.read("SELECT uses FROM templates")[0]["uses"] == 1


def test_a_macro_runs_as_a_whole_and_is_taken_back(desk: Desk, console: Callable[[], Terminal]) -> None:
    conversation = by_hook(desk)
    desk._do(CreateTag(name="acceso"))
    acts = [wire.MacroAct(do="tag", value="acceso"), wire.MacroAct(do="resolve", value="solved")]
    keep(desk, "listo", "Listo, {{ cliente.primer_nombre }}.", acts=acts)
    terminal = console()
    terminal.write(b";")
    terminal.wait_for("Listo, María.")
    terminal.write(b"listo ")  # a shortcut and a space
    terminal.wait_for("It will: tag acceso · resolve it")
    terminal.write(b"\r")

    def state() -> tuple[str, int]:
        row = desk.read("SELECT state FROM conversations WHERE id = ?", conversation)[0]
        return row["state"], len(desk.read("SELECT * FROM conversation_tags"))

    until(lambda: state() == ("resolved", 1), "the macro")
    assert [each["text"] for each in sent(desk, conversation)] == ["Listo, María."]
    terminal.wait_for("What the template listo did")
    terminal.write(b"z")
    terminal.wait_for("undone: resolve it · tag acceso")
    until(lambda: state()[0] != "resolved" and state()[1] == 0, "everything undone")
    assert [each["status"] for each in sent(desk, conversation)] == ["cancelled"]


def test_a_closed_window_takes_an_approved_template(desk: Desk, console: Callable[[], Terminal]) -> None:
    desk.add_whatsapp()
    conversation = comes_in(desk, "wa", ago=30 * HOUR)
    approved = wire.ApprovedTemplate(channel="", name="seguimiento", language="es", status="approved",
                                     body="Hola {{1}}, sobre {{2}}.", parameters=2)  # fmt: skip
    channel = desk.read("SELECT id FROM channels")[0]["id"]
    desk._do(NoteApproved(channel_id=channel, templates=[approved]))
    keep(desk, "saludo", "Hola")
    terminal = console()
    terminal.write(b"r")
    terminal.wait_for("Reply by")
    terminal.settle()
    terminal.write(b"Hola\x13")
    terminal.wait_for("Not sent: the window is closed")
    terminal.write(b"\x1b")
    terminal.wait_for("draft: Hola")
    terminal.write(b";")
    terminal.wait_for("only approved templates can be sent")
    assert "saludo" not in "\n".join(terminal.screen())
    terminal.write(b"\r")
    terminal.wait_for("Hola María, sobre ⟨2⟩.")
    terminal.write(b"\tsu desembolso")
    terminal.wait_for("sobre su desembolso.")
    terminal.write(b"\r")
    until(lambda: sent(desk, conversation), "the template")
    (message,) = sent(desk, conversation)
    assert (message["kind"], message["text"]) == ("template", "Hola María, sobre su desembolso.")
    assert msgspec.json.decode(message["data"])["template"]["parameters"] == ["María", "su desembolso"]


def test_an_editor_has_the_terminal_and_gives_it_back(desk: Desk, console: Callable[[], Terminal]) -> None:
    conversation = by_hook(desk)
    terminal = console()
    terminal.write(b"r")
    terminal.wait_for("Esc back")
    terminal.settle()
    terminal.write(b"Desde la consola")
    terminal.wait_for("Desde la consola")
    terminal.write(b"\x05")
    terminal.wait_for("EDITING")
    terminal.settle()
    terminal.write(b"\r")
    terminal.wait_for("Desde la consola y el editor")
    terminal.write(b"\x13")
    until(lambda: sent(desk, conversation), "the reply")
    assert sent(desk, conversation)[0]["text"] == "Desde la consola y el editor"
