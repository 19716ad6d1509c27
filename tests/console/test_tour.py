"""The tour: five keys inside the inbox, once per person, skipped with a key, back with another."""

from __future__ import annotations

from functools import partial

import pytest

from agent_console import actions
from agent_console.app import ConsoleApp
from agent_console.i18n import set_language
from agent_console.keymap import Keymap, build
from agent_console.presentation import tour
from agent_console.settings import Remembered, Settings
from tests.console.desk import Desk, console
from tests.console.fake import Clock, FakeSession


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_each_step_fits_in_two_lines(lang: str, width: int) -> None:
    from agent_console.presentation import palette
    from agent_console.presentation.look import Look

    set_language(lang)
    for preset in ("default", "gmail", "vim"):
        actions.use(build(preset).keys)
        for step in range(len(tour.STEPS) + 1):
            lines = tour.lines(step, Look.of(palette.DARK), width)
            assert 1 <= len(lines) <= 2
            assert all(sum(len(segment.text) for segment in line) <= width for line in lines)
    actions.use()


async def test_the_first_time_and_only_then() -> None:
    memory = Remembered()
    for time in (1, 2):
        clock = Clock()
        make = partial(FakeSession, clock=clock)
        app = ConsoleApp("http://test", "t", lang="en", clock=clock, make_session=make, remembered=memory)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            desk = Desk(app, pilot, clock)
            assert desk.inbox.edges.tour.running == (time == 1)
            if time == 1:
                for key, step in (("j", "2/5"), ("enter", "3/5"), ("r", "4/5"), ("escape", "5/5")):
                    await desk.press(key)
                    assert step in desk.screen, key
                assert memory.toured == []
                await desk.press("?", "escape")
                assert memory.toured == ["ana@http://test"]
                assert "That is how it goes." in desk.screen
                await desk.pass_time(13_000)
                assert not desk.inbox.edges.tour.running
            assert desk.session.changes_made == [] or time == 1


async def test_it_is_skipped_with_a_key_and_comes_back_from_the_help() -> None:
    async with console() as desk:
        await desk.press("0")
        assert "1/5" in desk.screen and "0 skips this" in desk.screen
        await desk.press("0")
        assert "1/5" not in desk.screen
        await desk.press("?")
        assert "0 tour" in desk.screen
        await desk.press("0")
        assert "1/5" in desk.screen and not desk.inbox.over.open
        await desk.press("enter", "0", "0")
        assert desk.inbox.place == "list", "where the first of its keys is"


async def test_the_keys_in_force_are_those_that_are_taught() -> None:
    clock = Clock()
    settings = Settings(Keymap(build("vim").keys, ()))
    make = partial(FakeSession, clock=clock)
    app = ConsoleApp("http://test", "t", lang="en", clock=clock, make_session=make, settings=settings)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            desk = Desk(app, pilot, clock)
            assert "i reply" in desk.shown()[-1]
            await desk.press("0", "j", "enter")
            assert "i begins an answer" in desk.screen and "u takes it back" in desk.screen
            await desk.press("escape", "e")
            assert "u takes it back" in desk.status
            await desk.press("Z")
            assert desk.status == "Z …"
            await desk.press("Z")
            assert not app.is_running
    finally:
        actions.use()
