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
from rich.segment import Segment
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
    """Wait until everything that was asked for has come: the screen stays as it is, colours too."""
    same, before = 0, painted(desk)
    async with asyncio.timeout(20):
        while same < 8:
            await desk.pilot.pause(0.01)
            now = painted(desk)
            same, before = (same + 1 if now == before else 0), now


def painted(desk: Desk) -> list[list[Segment]]:
    return [list(strip) for strip in desk.app.screen._compositor.render_strips()]


async def press(desk: Desk, *keys: str) -> None:
    """One key after the other, each when what the one before asked for is there."""
    for key in keys:
        await desk.press(key)
        await settle(desk)


async def shows(desk: Desk, text: str) -> None:
    """Wait until the screen says so."""
    async with asyncio.timeout(10):
        while text not in desk.screen:
            await desk.pilot.pause(0.01)


# ---------------------------------------------------------------- getting started


async def tour(desk: Desk) -> None:
    """What somebody sees who signs in for the first time."""


async def inbox(desk: Desk) -> None:
    desk.session.presence(3, customer_typing=True)
    desk.session.presence(5, viewing=["luis"])
    await press(desk, "j")


async def reply(desk: Desk) -> None:
    await press(desk, "enter", "r")
    await desk.write("Listo María, su usuario quedó desbloqueado.")
    await press(desk, "enter")
    await desk.write("Pruebe de nuevo y me cuenta.")


async def undo(desk: Desk) -> None:
    await press(desk, "enter", "r")
    await desk.write("Listo María, su usuario quedó desbloqueado.")
    await press(desk, "ctrl+s")


async def status(desk: Desk) -> None:
    await press(desk, "enter", "A")


# ---------------------------------------------------------------- a day


async def search(desk: Desk) -> None:
    await press(desk, "enter", "/")
    await desk.write("app tag:mora")
    await shows(desk, "María Ramos")


async def templates(desk: Desk) -> None:
    await press(desk, "enter", "semicolon")
    await press(desk, "c", "r")


async def fields(desk: Desk) -> None:
    await press(desk, "enter", "semicolon")
    await press(desk, *"cuota", "enter", *"2400")


async def note(desk: Desk) -> None:
    await press(desk, "enter", "i")
    await desk.write("la agencia la llama hoy, @")


async def tags(desk: Desk) -> None:
    await press(desk, "enter", "L")


async def snooze(desk: Desk) -> None:
    await press(desk, "enter", "s")
    await desk.write("lunes 10:00")


async def several(desk: Desk) -> None:
    await press(desk, "x", "x", "x")


async def later(desk: Desk) -> None:
    await press(desk, "enter", "r")
    await desk.write("Le llamo como quedamos.")
    await press(desk, "f8")
    await desk.write("5 pm")


async def mail(desk: Desk) -> None:
    desk.inbox.thelist.go_to(FERRETERIA)
    await press(desk, "enter", "r")
    await desk.write("Recibido, gracias. Le confirmo hoy.")
    letter = Letter(bcc=("archivo@coop.example",), subject="Balance recibido", files=tuple(mails()[3].attachments))
    desk.inbox.composer.change(letter)


async def comment(desk: Desk) -> None:
    desk.inbox.thelist.go_to(COMMENTER)
    await press(desk, "enter", "r")
    await desk.write("Hola, con gusto le cuento.")
    await press(desk, "ctrl+l")


async def reminder(desk: Desk) -> None:
    await press(desk, "enter", "b")
    await desk.write("llamarla")
    await press(desk, "tab")
    await desk.write("viernes 10:00")
    await press(desk, "tab", "l")


async def reminders(desk: Desk) -> None:
    await press(desk, "enter", "B")


async def classify(desk: Desk) -> None:
    await press(desk, "enter", "d")


async def checklist(desk: Desk) -> None:
    await press(desk, "enter", "P")


async def people(desk: Desk) -> None:
    await press(desk, "enter")
    thread = desk.session.mirror.thread(1)
    assert thread is not None and thread.about is not None
    contact = msgspec.structs.replace(thread.about.contact, merges=merges())
    thread.about = msgspec.structs.replace(thread.about, contact=contact, suggestions=likely())
    desk.inbox.customer.sync()
    await press(desk, "m")


# ---------------------------------------------------------------- together


async def transfer(desk: Desk) -> None:
    await press(desk, "enter", "t")
    await shows(desk, "Identidad")
    await shows(desk, "Luis Batres")
    await desk.write("luis")
    await press(desk, "tab")
    await desk.write("necesita aprobación de refinanciamiento")
    await press(desk, "tab")


async def card(desk: Desk) -> None:
    await press(desk, "j", "enter")
    sample_transfers.arrives(desk.session, "conversation.transferred", sample_transfers.transfer(tell_customer=True))
    await press(desk, "y")
    await shows(desk, "4 pm")


async def consult(desk: Desk) -> None:
    await press(desk, "j", "j", "enter")
    sample_transfers.arrives(desk.session, "conversation.consulted", sample_transfers.question())
    await press(desk, "y")
    await shows(desk, "socio nuevo")


async def help_and_whisper(desk: Desk) -> None:
    """The advisor asked for help; the supervisor whispers."""
    await press(desk, "enter")
    flag = msgspec.structs.replace(rows()[0], version=90, flag="amenaza con irse", flagged_at=sample.NOW)
    desk.session.event("conversation.flagged", flag, actor="user:ana", data={"reason": "amenaza con irse"})
    said = sample.message(9_000, "note", "ofrézcale el plan B", sample.NOW, author="rosa", author_name="Rosa",
                          status="note", data={"whisper": True, "to": "ana"})  # fmt: skip
    row = msgspec.structs.replace(flag, version=91)
    desk.session.event("supervision.whispered", row, message=said, actor="user:rosa", data={"to": "ana"})


async def review(desk: Desk) -> None:
    Queue(desk)
    await press(desk, "enter", "f4")


async def why(desk: Desk) -> None:
    await press(desk, "enter", "comma")


# ---------------------------------------------------------------- supervising, administering


async def give(desk: Desk) -> None:
    await press(desk, "x", "x", "a")


async def observing(desk: Desk) -> None:
    desk.session.mirror.me = SOFIA
    desk.session.fake_api.answers["POST", "/conversations/1/observe"] = None
    await press(desk, "O")


async def channels(desk: Desk) -> None:
    desk.session.fake_api.channels = [
        channel(1, "whatsapp", "wa-principal", state="down", problem="token", detail="Error validating access token",
                since=sample.at(9, 12), waiting=7, attempts=40, failed=12),
        channel(2, "email", "correo"),
        channel(3, "sms", "sms-tigo", state="warning", problem="failing", since=sample.at(8, 2)),
        channel(4, "telegram", "tg", hint="quiet"),
    ]  # fmt: skip
    await press(desk, "enter", "C")


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (tour, inbox, reply, undo, status, search, templates, fields, note, tags, snooze, several, later, mail,
                  comment, reminder, reminders, classify, checklist, people, transfer, card, consult, help_and_whisper,
                  review, why, give, observing, channels)
}  # fmt: skip


@pytest.mark.slow
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
        desk = Desk(app, pilot, clock)
        await settle(desk)
        await SCENES[scene](desk)
        await settle(desk)
        await desk.pass_time(0)  # the console's own second comes, and with it what was left to repaint

    memory = Remembered() if scene == "tour" else None
    app = ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make), remembered=memory)
    assert snap_compare(app, terminal_size=SIZE, run_before=set_up)
