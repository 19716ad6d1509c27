"""Who writes while it is closed is told when it opens: once, by no loop, and it is no answer."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest

from server import wire
from server.commands.after_hours import ClosedNow, TellClosed, WhoWrote
from server.commands.calendars import CreateCalendar
from server.commands.door import SYSTEM, Refusal
from server.commands.replies import SendReply
from server.commands.slas import RemoveAfterHours, SetAfterHours
from server.desk.hours import opening
from server.facts import MessageFact
from tests.commands.office import HOUR, MINUTE, Office, says

ZONE = zoneinfo.ZoneInfo("America/El_Salvador")
TEXTS = {"es": "Estamos cerrados. Le respondemos {opening}.", "en": "We are closed and answer {opening}."}


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


@pytest.fixture
def closed(office: Office) -> Office:
    """A Friday evening, after hours."""
    week: dict[wire.Weekday, list[str]] = {"mon": ["08:00-17:00"], "fri": ["08:00-17:00"], "sat": ["08:00-12:00"]}
    new = wire.NewCalendar(name="oficina", zone="America/El_Salvador", week=week)
    office.do(office.root, CreateCalendar(calendar=new))
    speak(office)
    office.now = at("2026-11-20T18:00")
    return office


def speak(office: Office, channel: str = "", **texts: str) -> None:
    message = wire.AfterHours(channel=channel, calendar="oficina", texts=texts or TEXTS)  # type: ignore[arg-type]
    office.do(office.root, SetAfterHours(message=message))


def write(office: Office, id: str, **more: Any) -> bool:
    """A customer writes; whether they are told that it is closed."""
    before = office.ask(SYSTEM, WhoWrote(after=0))
    office.take_in(says(id, at=office.now, **more))
    told = False
    for each in office.ask(SYSTEM, WhoWrote(after=before[-1].message if before else 0)):
        told = office.do(SYSTEM, TellClosed(message=each.message)) or told
    return told


def said(office: Office, conversation: int = 1) -> list[str]:
    return [message.text for message in office.thread(conversation) if message.direction == "out"]


def test_once_in_each_closed_time_with_the_next_opening(closed: Office) -> None:
    office = closed
    assert write(office, "w1")
    assert said(office) == ["Estamos cerrados. Le respondemos mañana a las 8:00 a. m."]
    office.now += HOUR
    assert not write(office, "w2")
    office.now = at("2026-11-21T12:30")  # the next closed time
    assert write(office, "w3")
    monday = "Estamos cerrados. Le respondemos el lunes 23 de noviembre a las 8:00 a. m."
    assert sorted(said(office)) == sorted(["Estamos cerrados. Le respondemos mañana a las 8:00 a. m.", monday])


def test_while_it_is_open_nothing_is_said(closed: Office) -> None:
    closed.now = at("2026-11-20T16:59")
    assert not closed.ask(SYSTEM, ClosedNow())
    assert not write(closed, "w1")
    closed.now = at("2026-11-20T17:00")
    assert closed.ask(SYSTEM, ClosedNow())


def test_it_is_no_answer(closed: Office) -> None:
    write(closed, "w1")
    events = [event.kind for event in closed.events(conversation=1)]
    assert "sla.met" not in events and "sla.stopped" not in events
    row = closed.store.read_now(lambda read: read.one("SELECT * FROM conversations WHERE id = 1"))
    assert row is not None and row["sla_target"] == "first_response" and row["preview_direction"] == "in"
    assert (row["state"], row["first_reply_at"]) == ("queued", None)
    # nobody is stopped from answering because of it
    closed.do(closed.ana, SendReply(conversation=1, reply=wire.Reply(text="hola", seen_seq=1)))


def test_machines_groups_and_the_public_are_told_nothing(closed: Office) -> None:
    assert not write(closed, "w1", automatic=True)
    assert not write(closed, "w2", shared=True, thread="group:7")
    assert not write(closed, "w3", thread="post:1", surface="comment")
    assert said(closed) == []


def test_who_was_answered_is_told_nothing(closed: Office) -> None:
    closed.take_in(says("w1", at=closed.now))
    closed.do(closed.ana, SendReply(conversation=1, reply=wire.Reply(text="sigo aquí")))
    [wrote] = closed.ask(SYSTEM, WhoWrote(after=0))
    assert not closed.do(SYSTEM, TellClosed(message=wrote.message))


def test_a_channel_speaks_for_itself_or_not_at_all(closed: Office) -> None:
    closed.do(closed.root, SetAfterHours(message=wire.AfterHours(channel="wa", calendar="oficina", texts={})))
    assert not write(closed, "w1")
    closed.do(closed.root, RemoveAfterHours(channel="wa"))
    closed.now += MINUTE
    assert write(closed, "w2")


def test_in_the_customers_language(closed: Office) -> None:
    closed.take_in(says("w1", at=closed.now))
    closed.store.write_now("system", lambda tx: tx.run("UPDATE contacts SET language = 'en-US' WHERE id = 1"))
    [wrote] = closed.ask(SYSTEM, WhoWrote(after=0))
    assert closed.do(SYSTEM, TellClosed(message=wrote.message))
    assert said(closed) == ["We are closed and answer tomorrow at 8:00 a.m."]


def test_what_cannot_leave_is_not_counted_as_said(closed: Office) -> None:
    closed.take_in(
        MessageFact(external_id="w1", party=says("x").party, at=closed.now - 25 * HOUR, kind="text", text="?")
    )
    [wrote] = closed.ask(SYSTEM, WhoWrote(after=0))
    with pytest.raises(Refusal):  # the window is over
        closed.do(SYSTEM, TellClosed(message=wrote.message))
    assert write(closed, "w2")


@pytest.mark.parametrize(
    ("when", "es", "en"),
    [
        ("2026-11-20T19:05", "hoy a las 7:05 p. m.", "today at 7:05 p.m."),
        ("2026-11-21T08:00", "mañana a las 8:00 a. m.", "tomorrow at 8:00 a.m."),
        ("2026-11-23T13:00", "el lunes 23 de noviembre a la 1:00 p. m.", "on Monday, 23 November at 1:00 p.m."),
        ("2027-01-01T00:30", "el viernes 1 de enero a las 12:30 a. m.", "on Friday, 1 January at 12:30 a.m."),
    ],
)
def test_the_next_opening_in_words(when: str, es: str, en: str) -> None:
    now = dt.datetime.fromisoformat("2026-11-20T18:00")
    assert opening(dt.datetime.fromisoformat(when), now, "es") == es
    assert opening(dt.datetime.fromisoformat(when), now, "en") == en
