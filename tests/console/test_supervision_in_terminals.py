"""An advisor and a supervisor in two terminals at a real server: flag, whisper, silent look, taking over; a reminder
that comes due while one works; the customer edited in place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
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
        yield desk


def events(desk: Desk, kind: str) -> list[dict[str, Any]]:
    rows = desk.read("SELECT actor, data FROM events WHERE kind = ? ORDER BY seq", kind)
    return [{"actor": row["actor"], **msgspec.json.decode(row["data"])} for row in rows]


def row(desk: Desk, conversation: int) -> Any:
    return desk.read("SELECT * FROM conversations WHERE id = ?", conversation)[0]


def seen_by(desk: Desk, user: str) -> int:
    sql = "SELECT 1 FROM last_seen s JOIN users u ON u.id = s.user_id WHERE u.name = ?"
    return len(desk.read(sql, user))


def shown(terminal: Terminal) -> str:
    return "\n".join(terminal.screen())


def test_help_from_the_flag_to_taking_over(desk: Desk, console: Callable[..., Terminal]) -> None:
    conversation = desk.receive("¡llevo tres días esperando!")
    ana, sofia = console("ana"), console("sofia")
    # the supervisor looks on silently while the advisor works
    typed(sofia, b"3", "tres")
    typed(sofia, b"O", "Looking on silently")
    sofia.wait_for("looking on silently")
    assert until(lambda: events(desk, "supervision.observed")) == [{"actor": "user:sofia"}]
    typed(ana, b"2", "tres")
    typed(ana, b"c", "is yours now")
    typed(ana, b"\r", "Reply by")
    assert seen_by(desk, "sofia") == 0, "a silent look marks nothing as read"
    assert "sofia" not in shown(ana), "and nobody sees it"
    # help is asked for
    typed(ana, b"F", "Ask a supervisor for help")
    typed(ana, b"amenaza con irse\r", "help asked for")
    assert until(lambda: row(desk, conversation)["flag"]) == "amenaza con irse"
    sofia.wait_for("asks for help")
    # and comes as a whisper
    typed(sofia, b"I", "Whisper to ana")
    typed(sofia, "ofrézcale el plan B\r".encode(), "Whispered to ana")
    ana.wait_for("whisper (sofia to you)")
    ana.wait_for("ofrézcale")
    assert until(lambda: row(desk, conversation)["flagged_at"] is None)
    assert "◉ sofia" not in shown(ana)
    # at last the supervisor takes it
    typed(sofia, b"Y", "Take it from ana")
    typed(sofia, b"lo veo yo\r", "is yours now")
    (taken,) = until(lambda: events(desk, "supervision.took_over"))
    assert taken == {"actor": "user:sofia", "was": "ana", "reason": "lo veo yo"}
    typed(sofia, b"z", "ana")
    assert until(lambda: len(events(desk, "conversation.assigned")) == 2)


def test_a_reminder_comes_due_while_one_works(desk: Desk, console: Callable[[], Terminal]) -> None:
    conversation = desk.receive("llámenme por favor")
    ana = console()
    typed(ana, b"2", "por favor")
    typed(ana, b"c", "is yours now")
    typed(ana, b"b", "Remind:")
    typed(ana, b"call about the card\t", "thursday 10:00")
    typed(ana, b"2h", "= ")
    typed(ana, b"\tc", "Number")
    typed(ana, b"\r", "takes it back")
    (made,) = until(lambda: desk.read("SELECT * FROM reminders"))
    assert (made["kind"], made["text"], made["phone"]) == ("callback", "call about the card", "+50370001111")
    # put aside and forgotten; its moment comes
    typed(ana, b"s", "tomorrow")
    typed(ana, b"\x1b[B\x1b[B\r", "takes it back")
    assert until(lambda: row(desk, conversation)["state"] == "snoozed")
    with desk.client("advisor") as client:
        due = int(time.time() * 1000) + 1_200
        client.patch(f"/reminders/{made['id']}", json={"due_at": due}).raise_for_status()
    ana.wait_for("call +503 7000 1111: call about the card")
    typed(ana, b"1", "◷")
    assert until(lambda: row(desk, conversation)["state"] == "open")
    # done from the list, with how the call ended
    typed(ana, b"B", "My reminders")
    ana.wait_for("call about the card")
    typed(ana, b"d", "How did the call end?")
    time.sleep(0.5)  # a question takes no answer at once
    typed(ana, b"r", "reached")
    (done,) = until(lambda: desk.read("SELECT * FROM reminders WHERE done_at IS NOT NULL"))
    assert (done["outcome"], done["done_by"]) == ("reached", "ana")
    assert row(desk, conversation)["remind_at"] is None


def test_the_customer_is_edited_where_they_are_shown(desk: Desk, console: Callable[[], Terminal]) -> None:
    desk.receive("hola")
    ana = console()
    typed(ana, b"2", "hola")
    typed(ana, b"\r", "Reply by")
    typed(ana, b"\x05", "Customer:")
    typed(ana, b"\t", "Region")
    typed(ana, b"San Miguel\t\tsocia\tdui = 0123\r", "noted")
    contact = until(lambda: desk.read("SELECT * FROM contacts WHERE region = 'San Miguel'"))[0]
    assert msgspec.json.decode(contact["attributes"]) == {"profile": "socia", "dui": "0123"}
    ana.wait_for("San Miguel")
    ana.write(b"z")
    until(lambda: desk.read("SELECT 1 FROM contacts WHERE region = '' AND attributes NOT LIKE '%socia%'"))
