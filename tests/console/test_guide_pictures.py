"""The pictures of docs/guide: one size, both languages, a calm morning. `tools/pictures.py` copies them to docs/images.

Drawers rise over the conversation that they are about, as they do at the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.backend import searching
from agent_console.backend.overlay import Letter
from agent_console.screens import template_preview
from agent_console.settings import Remembered
from server import wire
from tests.console import sample, sample_templates, sample_transfers
from tests.console.desk import Desk
from tests.console.fake import Clock, FakeSession
from tests.console.sample_channels import channel
from tests.console.sample_letters import COMMENTER, FERRETERIA, likely, mails, merges
from tests.console.test_board import SOFIA
from tests.console.test_protocol import ITEMS, OUTCOMES, TOPICS
from tests.console.test_reminder_pictures import LISTED
from tests.console.test_reviews import Queue
from tests.console.test_why import MISS, ROUTED
from tests.console.test_work import TAGS, USERS, VIEWS

SIZE = (120, 34)
Scene = Callable[[Desk], Awaitable[None]]
MARKS = {1: ["mora", "banca-en-linea"], 2: ["vip"]}


def rows() -> list[wire.ConversationRow]:
    """The inbox of every day; what tests of endurance have in theirs is left out."""
    known = {"topic": "banca en línea/acceso", "complexity": "medium", "stage": "diagnosis"}
    calm = [row for row in sample.rows() if row.id <= 10]
    return [
        msgspec.structs.replace(row, tags=MARKS.get(row.id, []), **(known if row.id == 1 else {})) for row in calm
    ] + sample.team_rows()


def came() -> wire.Why:
    """Why María came to Ana."""
    at = sample.at(9, 31)
    routed = {
        **ROUTED,
        "campaign": "",
        "sign": "",
        "seen": "",
        "when": {"region": ["San Miguel", "La Unión"]},
        "why": [MISS],
    }
    turn = {"user": "ana", "rule": "least_loaded", "out": {"away": 2, "skills": 1}}
    return wire.Why(conversation=1, assignee="ana", team="Oriente", skills=["creditos"], steps=[
        wire.WhyStep(seq=1, at=at, actor="system", code="created", params={"channel": "wa"}),
        wire.WhyStep(seq=2, at=at, actor="system", code="routed.route", params=routed),
        wire.WhyStep(seq=3, at=at + 2_000, actor="system", code="assigned.auto", params=turn),
    ])  # fmt: skip


def serve(session: FakeSession) -> None:
    """What the server of the cooperative says when it is asked."""
    sample_templates.serve(session.fake_api)
    sample_transfers.answers(session)
    listed = wire.Checklist(conversation=1, stage="diagnosis", items=ITEMS, outcomes=OUTCOMES)
    session.fake_api.answers |= {
        ("GET", "/alerts"): wire.Page(items=[]),
        ("GET", "/tags"): wire.Page(items=TAGS),
        ("GET", "/users"): wire.Page(items=USERS),
        ("GET", "/views"): wire.Page(items=VIEWS),
        ("GET", "/topics"): wire.Page(items=TOPICS),
        ("GET", "/reminders"): wire.Page(items=LISTED),
        ("GET", "/conversations"): wire.Page(items=rows()[:2]),
        ("GET", "/conversations/1/checklist"): listed,
        ("GET", "/conversations/1/why"): came(),
    }


async def settle(desk: Desk) -> None:
    for _ in range(5):
        await desk.pilot.pause()


async def shows(desk: Desk, text: str) -> None:
    """Wait until the screen says so."""
    async with asyncio.timeout(10):
        while text not in desk.screen:
            await desk.pilot.pause(0.01)


# ---------------------------------------------------------------- getting started


async def tour(desk: Desk) -> None:
    """What somebody sees who signs in for the first time."""
    await settle(desk)


async def inbox(desk: Desk) -> None:
    desk.session.presence(3, customer_typing=True)
    desk.session.presence(5, viewing=["luis"])
    await desk.press("j")


async def reply(desk: Desk) -> None:
    await desk.press("enter", "r")
    await desk.write("Listo María, su usuario quedó desbloqueado.")
    await desk.press("enter")
    await desk.write("Pruebe de nuevo y me cuenta.")


async def undo(desk: Desk) -> None:
    await desk.press("enter", "r")
    await desk.write("Listo María, su usuario quedó desbloqueado.")
    await desk.press("ctrl+s")


async def status(desk: Desk) -> None:
    await desk.press("enter", "A")
    await settle(desk)


# ---------------------------------------------------------------- a day


async def search(desk: Desk) -> None:
    await desk.press("enter", "/")
    await desk.write("app tag:mora")
    await shows(desk, "María Ramos")


async def templates(desk: Desk) -> None:
    await desk.press("enter", "semicolon")
    await settle(desk)
    await desk.press("c", "r")
    await settle(desk)


async def fields(desk: Desk) -> None:
    await desk.press("enter", "semicolon")
    await settle(desk)
    await desk.press(*"cuota", "enter", *"2400")
    await settle(desk)


async def note(desk: Desk) -> None:
    await desk.press("enter", "i")
    await desk.write("la agencia la llama hoy, @")
    await settle(desk)


async def tags(desk: Desk) -> None:
    await desk.press("enter", "L")
    await settle(desk)


async def snooze(desk: Desk) -> None:
    await desk.press("enter", "s")
    await desk.write("lunes 10:00")
    await settle(desk)


async def several(desk: Desk) -> None:
    await desk.press("x", "x", "x")


async def later(desk: Desk) -> None:
    await desk.press("enter", "r")
    await desk.write("Le llamo como quedamos.")
    await desk.press("f8")
    await desk.write("5 pm")
    await settle(desk)


async def mail(desk: Desk) -> None:
    desk.inbox.thelist.go_to(FERRETERIA)
    await desk.press("enter", "r")
    await desk.write("Recibido, gracias. Le confirmo hoy.")
    letter = Letter(bcc=("archivo@coop.example",), subject="Balance recibido", files=tuple(mails()[3].attachments))
    desk.inbox.composer.change(letter)


async def comment(desk: Desk) -> None:
    desk.inbox.thelist.go_to(COMMENTER)
    await desk.press("enter", "r")
    await desk.write("Hola, con gusto le cuento.")
    await desk.press("ctrl+l")


async def reminder(desk: Desk) -> None:
    await desk.press("enter", "b")
    await desk.write("llamarla")
    await desk.press("tab")
    await desk.write("viernes 10:00")
    await desk.press("tab", "l")
    await settle(desk)


async def reminders(desk: Desk) -> None:
    await desk.press("enter", "B")
    await settle(desk)


async def classify(desk: Desk) -> None:
    await desk.press("enter", "d")
    await settle(desk)


async def checklist(desk: Desk) -> None:
    await desk.press("enter", "P")
    await settle(desk)


async def people(desk: Desk) -> None:
    await desk.press("enter")
    thread = desk.session.mirror.thread(1)
    assert thread is not None and thread.about is not None
    contact = msgspec.structs.replace(thread.about.contact, merges=merges())
    thread.about = msgspec.structs.replace(thread.about, contact=contact, suggestions=likely())
    desk.inbox.customer.sync()
    await desk.press("m")


# ---------------------------------------------------------------- together


async def transfer(desk: Desk) -> None:
    await desk.press("enter", "t")
    await shows(desk, "Identidad")
    await shows(desk, "Luis Batres")
    await desk.write("luis")
    await desk.press("tab")
    await desk.write("necesita aprobación de refinanciamiento")
    await desk.press("tab")
    await settle(desk)


async def card(desk: Desk) -> None:
    await desk.press("j", "enter")
    sample_transfers.arrives(desk.session, "conversation.transferred", sample_transfers.transfer(tell_customer=True))
    await desk.press("y")
    await shows(desk, "4 pm")


async def consult(desk: Desk) -> None:
    await desk.press("j", "j", "enter")
    sample_transfers.arrives(desk.session, "conversation.consulted", sample_transfers.question())
    await desk.press("y")
    await shows(desk, "socio nuevo")


async def help_and_whisper(desk: Desk) -> None:
    """The advisor asked for help; the supervisor whispers."""
    await desk.press("enter")
    flag = msgspec.structs.replace(rows()[0], version=90, flag="amenaza con irse", flagged_at=sample.NOW)
    desk.session.event("conversation.flagged", flag, actor="user:ana", data={"reason": "amenaza con irse"})
    said = sample.message(9_000, "note", "ofrézcale el plan B", sample.NOW, author="rosa", author_name="Rosa",
                          status="note", data={"whisper": True, "to": "ana"})  # fmt: skip
    row = msgspec.structs.replace(flag, version=91)
    desk.session.event("supervision.whispered", row, message=said, actor="user:rosa", data={"to": "ana"})
    await settle(desk)


async def review(desk: Desk) -> None:
    Queue(desk)
    await desk.press("enter", "f4")
    await settle(desk)


async def why(desk: Desk) -> None:
    await desk.press("enter", "comma")
    await settle(desk)


# ---------------------------------------------------------------- supervising, administering


async def give(desk: Desk) -> None:
    await desk.press("x", "x", "a")
    await settle(desk)


async def observing(desk: Desk) -> None:
    desk.session.mirror.me = SOFIA
    desk.session.fake_api.answers["POST", "/conversations/1/observe"] = None
    await desk.press("O")
    await settle(desk)


async def channels(desk: Desk) -> None:
    desk.session.fake_api.channels = [
        channel(1, "whatsapp", "wa-principal", state="down", problem="token", detail="Error validating access token",
                since=sample.at(9, 12), waiting=7, attempts=40, failed=12),
        channel(2, "email", "correo"),
        channel(3, "sms", "sms-tigo", state="warning", problem="failing", since=sample.at(8, 2)),
        channel(4, "telegram", "tg", hint="quiet"),
    ]  # fmt: skip
    await desk.press("enter", "C")


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (tour, inbox, reply, undo, status, search, templates, fields, note, tags, snooze, several, later, mail,
                  comment, reminder, reminders, classify, checklist, people, transfer, card, consult, help_and_whisper,
                  review, why, give, observing, channels)
}  # fmt: skip


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_picture(scene: str, lang: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching.Search.ask, "__defaults__", (0.0,))
    monkeypatch.setattr(template_preview, "REST", 0.0)
    clock = Clock()

    def make(*args: Any, **more: Any) -> FakeSession:
        session = FakeSession(*args, **more, clock=clock, rows=rows())
        serve(session)
        return session

    async def set_up(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ConsoleApp)
        await pilot.pause()
        app.inbox.acts.prepare()  # type: ignore[union-attr]
        await SCENES[scene](Desk(app, pilot, clock))
        await pilot.pause()

    memory = Remembered() if scene == "tour" else None
    app = ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make), remembered=memory)
    assert snap_compare(app, terminal_size=SIZE, run_before=set_up)
