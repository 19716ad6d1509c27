"""How reminders, help and supervision look, kept as pictures: three sizes, both languages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.i18n import zone
from agent_console.presentation import moments
from server import wire
from tests.console import sample
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.test_coaching import ROSA
from tests.console.test_customer_form import CONTACT
from tests.console.test_reminders import TEAMS, USERS, reminder
from tests.console.test_snapshots_work import come

Scene = Callable[[Pilot[None], FakeSession], Awaitable[None]]

LISTED = [
    reminder(1, kind="promise", text="mandarle el contrato", due_at=sample.NOW - sample.HOUR, late_at=sample.NOW),
    reminder(2, kind="callback", text="confirmar la cita", phone="+50370124421", due_at=sample.NOW - 60_000,
             contact_name="Pupusería Lita", channel_kind="messenger"),
    reminder(3, text="ver si entró el abono", due_at=sample.NOW + 2 * sample.HOUR, user=None, user_name="",
             team="Créditos", contact_name="Ferretería El Sol", channel_kind="email"),
]  # fmt: skip


async def sheet(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("b", *"llamarla", "tab", *"viernes", "space", *"10:00", "tab", "l")
    await come(pilot)


async def refused(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("b", "tab", *"ayer", "enter")
    await come(pilot)


async def listed(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("B")
    await come(pilot)


async def pending(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("enter")
    thread = session.mirror.thread(1)
    assert thread is not None and thread.about is not None
    at = moments.read("viernes 10:00", session.clock(), zone())
    assert at is not None
    due = [LISTED[1], reminder(user="luis", user_name="Luis", due_at=at)]
    session._tell_now(session.mirror.load_conversation(msgspec.structs.replace(thread.about, reminders=due)))
    row = msgspec.structs.replace(sample.rows()[0], version=90, flag="amenaza con irse", flagged_at=sample.NOW)
    session.event("conversation.flagged", row, actor="user:ana", data={"reason": "amenaza con irse"})
    other = msgspec.structs.replace(sample.rows()[1], version=90, remind_at=sample.NOW - 60_000)
    data = {"reminder": msgspec.to_builtins(LISTED[1]), "late_ms": 60_000}
    session.event("reminder.due", other, actor="system", data=data)
    await come(pilot)


async def customer(pilot: Pilot[None], session: FakeSession) -> None:
    session.fake_api.answers["GET", "/contacts/"] = CONTACT
    await pilot.press("enter", "ctrl+e")
    await come(pilot)
    await pilot.press("tab", "tab", "tab", "ctrl+u", *"empresa")


async def looking_on(pilot: Pilot[None], session: FakeSession) -> None:
    session.mirror.me = ROSA
    session.fake_api.answers["POST", "/conversations/1/observe"] = None
    await pilot.press("O")
    await come(pilot)
    said = sample.message(9_000, "note", "ofrézcale el plan B", sample.NOW, author="rosa", author_name="Rosa",
                          status="note", data={"whisper": True, "to": "ana"})  # fmt: skip
    row = msgspec.structs.replace(sample.rows()[0], version=91)
    session.event("supervision.whispered", row, message=said, actor="user:rosa", data={"to": "ana"})
    await come(pilot)


async def whispering(pilot: Pilot[None], session: FakeSession) -> None:
    session.mirror.me = ROSA
    await pilot.press("I", *"ofrezca", "space", *"el", "space", *"plan")
    await come(pilot)


SCENES: dict[str, Scene] = {
    scene.__name__: scene for scene in (sheet, refused, listed, pending, customer, looking_on, whispering)
}
CASES = cases(SCENES)


def _app(lang: str) -> ConsoleApp:
    clock = Clock()

    def make(*args: Any, **more: Any) -> FakeSession:
        session = FakeSession(*args, clock=clock, **more)
        answers = session.fake_api.answers
        answers["GET", "/users"] = wire.Page(items=USERS)
        answers["GET", "/teams"] = wire.Page(items=TEAMS)
        answers["GET", "/reminders"] = wire.Page(items=LISTED)
        return session

    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make))


@pytest.mark.parametrize(("name", "size", "lang"), CASES)
def test_screen(name: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    async def set_up(pilot: Pilot[None]) -> None:
        session = pilot.app.session  # type: ignore[attr-defined]
        assert isinstance(session, FakeSession)
        await pilot.pause()
        pilot.app.inbox.acts.prepare()  # type: ignore[attr-defined]
        await come(pilot)
        await SCENES[name](pilot, session)
        await come(pilot)
        pilot.app.inbox.tick()  # type: ignore[attr-defined]  # whoever has lost the keys is painted so
        await come(pilot)

    assert snap_compare(_app(lang), terminal_size=size, run_before=set_up)
