"""The start: painted first, connected afterwards; nothing that is slow holds anything up."""

from __future__ import annotations

import asyncio
from functools import partial

from agent_console.app import ConsoleApp
from agent_console.backend.views import ListSpec
from tests.console.desk import Desk, console
from tests.console.fake import Clock, FakeSession


class Waiting(FakeSession):
    """A server that never answers."""

    async def start(self, spec: ListSpec | None = None) -> None:
        await asyncio.Event().wait()


async def test_a_server_that_does_not_answer_holds_nothing_up() -> None:
    clock = Clock()
    app = ConsoleApp("http://test", "t", lang="en", clock=clock, make_session=partial(Waiting, clock=clock))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        await desk.press("j", "enter")
        assert "Pupusería Lita" in desk.shown()[1]
        await desk.press("escape", "q")
        assert not app.is_running


async def test_an_inbox_that_is_not_loaded_yet_says_so() -> None:
    clock = Clock()
    make = partial(Waiting, clock=clock, loaded=False)
    app = ConsoleApp("http://test", "t", lang="en", clock=clock, make_session=make)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        assert "loading…" in desk.screen
        desk.session._tell_now(desk.session.fill(desk.session.mirror.window.spec))
        await pilot.pause()
        assert desk.shown()[1].startswith("▌▲-02:14 WA ● María Ramos")


async def test_a_drawer_has_the_footer_to_itself() -> None:
    async with console((120, 40)) as desk:
        await desk.press("?")
        assert desk.shown()[-1].strip() == "Esc back"
        await desk.press("escape")
        assert "Enter open" in desk.shown()[-1]


async def test_ctrl_c_says_how_to_leave() -> None:
    async with console() as desk:
        await desk.press("ctrl+c")
        assert desk.status == "q closes the console."
        await desk.press("enter", "ctrl+c")
        assert desk.status == "q closes the console."
        assert desk.app.is_running


async def test_a_picture_for_the_readme() -> None:
    clock = Clock()
    app = ConsoleApp("http://test", "t", lang="en", clock=clock, make_session=partial(FakeSession, clock=clock))
    svg = await app.screenshot((120, 40), settle=0.1)
    assert svg.startswith("<svg") and "Pupusería" in svg.replace("&#160;", " ")
