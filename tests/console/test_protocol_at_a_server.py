"""The protocol in a terminal at a real server: classified in two keys, resolved after what is missing was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import wire
from server.commands.acts import AssignTo
from server.commands.checking import SetProtocol
from server.commands.classifying import CreateTopic
from tests.console.terminal import Terminal
from tests.console.test_at_a_server import console as console
from tests.console.test_at_a_server import open_first, typed
from tests.routes.desk import Desk, open_desk, until

pytestmark = [pytest.mark.pty, pytest.mark.timeout(200)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        yield desk


def test_classified_and_resolved(desk: Desk, console: Callable[[], Terminal]) -> None:
    desk.add_whatsapp()
    desk._do(CreateTopic(topic=wire.NewTopic(name="mora", es=["cuota atrasada"], complexity="medium")))
    items = [
        wire.ProtocolItem(id="identidad", stage="diagnosis", kind="identity"),
        wire.ProtocolItem(id="tema", stage="diagnosis", kind="topic"),
    ]
    desk._do(SetProtocol(team="General", content=wire.ProtocolContent(items=items)))
    conversation = desk.receive("buenos días")
    desk._do(AssignTo(conversation=conversation, assign=wire.Assign(team="General")))
    terminal = console()
    open_first(terminal, "buenos días")
    terminal.wait_for("●○○○○")
    typed(terminal, b"d", "What it is about")
    typed(terminal, b"mc", "Mora · complex")
    until(lambda: desk.read("SELECT topic FROM conversations")[0]["topic"] == "mora", "the topic")
    terminal.wait_for("✓ topic set")  # the checklist beside it fills itself
    typed(terminal, b"e", "something is missing")
    time.sleep(0.5)  # a question that rises takes no answer for a moment: keys may have been meant for what was before
    terminal.write(b"a")
    until(lambda: desk.read("SELECT state FROM conversations")[0]["state"] == "resolved", "the end")
    found = desk.read("SELECT stage FROM conversations")[0]
    assert found["stage"] == "closure"
    data = desk.read("SELECT data FROM events WHERE kind = 'conversation.resolved'")[0]["data"]
    assert '"missing":["identidad"]' in data.replace(" ", "")
