"""How searching and work look, kept as pictures, at the small and the wide size, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.backend import searching
from server import wire
from tests.console import sample
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.test_work import TAGS, TEAMS, USERS, VIEWS

Scene = Callable[[Pilot[None], FakeSession], Awaitable[None]]

#: the inbox of test pictures, with what work leaves on its rows
WORKED = [
    sample.row(1, "María Ramos", "whatsapp", "no me deja entrar a la app", inbound=5, seen=2, priority="urgent",
               sla=sample.due_in(-134_000), tags=["mora", "tarjeta", "banca-en-linea"]),
    sample.row(2, "Pupusería Lita", "messenger", "¿me pueden confirmar si ya salió el crédito?", inbound=1, seen=0,
               priority="high", sla=sample.due_in(98_000), tags=["vip"]),
    sample.row(3, "José Ángel Mejía", "webchat", "buenas", sla=sample.due_in(250_000), priority="low"),
    sample.row(4, "Ferretería El Sol", "email", "Re: línea de crédito", state="snoozed", assignee="luis",
               snoozed_until=sample.at(8, 0, day=15), sort_key=10**14),
    sample.row(6, "Don Neto", "whatsapp", "esta es la boleta", sla=sample.due_in(2_467_000, 60 * sample.MINUTE)),
]  # fmt: skip


async def come(pilot: Pilot[None], until: Callable[[], bool] = lambda: True) -> None:
    for _ in range(4):
        await pilot.pause()
    async with asyncio.timeout(10):
        while not until():
            await asyncio.sleep(0.01)
            await pilot.pause()


async def rows(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("j")
    session.event("note.added", session.changed_row(6), data={"message": 9, "mentions": ["ana"]}, actor="user:luis")


async def typed(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("/", *"tarjeta", "space", *"tag:m")
    await come(pilot, lambda: bool(session.mirror.window.spec.q))


async def wrong(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("/", *"canl:wa", "space", *"tarjeta")


async def kept(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("/", *"tag:mora", "enter")
    await come(pilot, lambda: bool(session.mirror.window.spec.q))


async def nothing(pilot: Pilot[None], session: FakeSession) -> None:
    session.fake_api.answers["GET", "/conversations"] = wire.Page(items=[])
    await pilot.press("/", *"zapatos", "enter")
    await come(pilot, lambda: bool(session.mirror.window.spec.q))


async def tags(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("x", "x", "L")
    await come(pilot)


async def snooze(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("s", *"lunes", "space", *"10:00")


async def marked(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("x", "x", "x")


async def bulk(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("x", "x", "x", "e")
    session.answer()


async def refused(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("x", "x", "x", "e")
    session.refuse("forbidden", needs="supervisor")
    session.answer()
    session.answer()


async def give(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("a")
    await come(pilot)


async def views(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("S")
    await come(pilot)


async def worked(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("enter", "w")


async def called(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("i", *"mire", "space", "@")
    await come(pilot)
    await pilot.press("r")


async def later(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("r", *"Le", "space", *"llamo", "f8", *"5", "space", *"pm", "enter")
    await come(pilot)


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (rows, typed, wrong, kept, nothing, tags, snooze, marked, bulk, refused, give, views, worked, called,
                  later)
}  # fmt: skip
CASES = cases(SCENES)


def _app(lang: str) -> ConsoleApp:
    clock = Clock()

    def make(*args: Any, **more: Any) -> FakeSession:
        session = FakeSession(*args, clock=clock, rows=list(WORKED), **more)
        answers = session.fake_api.answers
        answers["GET", "/tags"] = wire.Page(items=TAGS)
        answers["GET", "/users"] = wire.Page(items=USERS)
        answers["GET", "/teams"] = wire.Page(items=TEAMS)
        answers["GET", "/views"] = wire.Page(items=VIEWS)
        answers["GET", "/conversations"] = wire.Page(items=WORKED[:2])
        return session

    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make))


@pytest.mark.parametrize(("name", "size", "lang"), CASES)
def test_screen(
    name: str, size: tuple[int, int], lang: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching.Search.ask, "__defaults__", (0.0,))

    async def set_up(pilot: Pilot[None]) -> None:
        session = pilot.app.session  # type: ignore[attr-defined]
        assert isinstance(session, FakeSession)
        await pilot.pause()
        pilot.app.inbox.acts.prepare()  # type: ignore[attr-defined]
        await come(pilot)
        await SCENES[name](pilot, session)
        await pilot.pause()

    assert snap_compare(_app(lang), terminal_size=size, run_before=set_up)
