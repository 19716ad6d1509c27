"""How handing on looks, kept as pictures, at the small and the wide size, in both languages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from server import wire
from tests.console import sample
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.sample_transfers import answers, arrives, question, transfer

Scene = Callable[[Pilot[None], FakeSession], Awaitable[None]]


def painted(pilot: Pilot[None]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def come(pilot: Pilot[None], text: str) -> None:
    async with asyncio.timeout(10):
        while text not in painted(pilot):
            await pilot.pause(0.01)


async def choosing(pilot: Pilot[None], session: FakeSession) -> None:
    await pilot.press("t")
    await come(pilot, "Identidad")
    await come(pilot, "Luis Batres")


async def filled(pilot: Pilot[None], session: FakeSession) -> None:
    await choosing(pilot, session)
    await pilot.press(*"rosa", "tab", *"aprobar", "tab")
    await come(pilot, "aprobar")


async def asking(pilot: Pilot[None], session: FakeSession) -> None:
    await choosing(pilot, session)
    await pilot.press("ctrl+t", *"luis", "tab", *"tasa?")
    await come(pilot, "tasa?")


async def offered(pilot: Pilot[None], session: FakeSession) -> None:
    arrives(session, "conversation.transferred", transfer())
    await come(pilot, "⇢ 1")


async def card(pilot: Pilot[None], session: FakeSession) -> None:
    arrives(session, "conversation.transferred", transfer(tell_customer=True))
    await pilot.press("y")
    await come(pilot, "4 pm")


async def declining(pilot: Pilot[None], session: FakeSession) -> None:
    await card(pilot, session)
    await pilot.press("n", *"otra", "space", *"zona")


async def asked(pilot: Pilot[None], session: FakeSession) -> None:
    arrives(session, "conversation.consulted", question())
    await pilot.press("y")
    await come(pilot, "socio nuevo")


async def underneath(pilot: Pilot[None], session: FakeSession) -> None:
    about = sample.conversation(session.changed_row(2, transfer=6))
    about.transfers = [transfer(), question(8, 2)]
    await pilot.press("j", "enter")
    session._tell_now(session.mirror.load_conversation(about))
    await come(pilot, "⇢ Luis")


SCENES: dict[str, Scene] = {
    scene.__name__: scene for scene in (choosing, filled, asking, offered, card, declining, asked, underneath)
}
CASES = cases(SCENES)


def _app(lang: str) -> ConsoleApp:
    clock = Clock()

    def make(*args: Any, **more: Any) -> FakeSession:
        session = FakeSession(*args, clock=clock, **more)
        answers(session)
        session.fake_api.answers["GET", "/alerts"] = wire.Page(items=[])
        return session

    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make))


@pytest.mark.parametrize(("name", "size", "lang"), CASES)
def test_screen(name: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    async def set_up(pilot: Pilot[None]) -> None:
        session = pilot.app.session  # type: ignore[attr-defined]
        assert isinstance(session, FakeSession)
        await pilot.pause()
        pilot.app.inbox.acts.prepare()  # type: ignore[attr-defined]
        await SCENES[name](pilot, session)
        for _ in range(5):  # what others ask for has come, too
            await pilot.pause()
        pilot.app.inbox.notices.hush()  # type: ignore[attr-defined]
        pilot.app.inbox.sync_bars()  # type: ignore[attr-defined]
        await pilot.pause()

    assert snap_compare(_app(lang), terminal_size=size, run_before=set_up)
