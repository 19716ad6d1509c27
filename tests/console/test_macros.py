"""Keyboard macros: what was done is done again where one is; words are kept only where that was asked for."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from agent_console.app import ConsoleApp
from agent_console.backend.overlay import Claim, Resolve
from agent_console.settings import Remembered
from server import wire
from tests.console import sample
from tests.console.desk import Desk
from tests.console.fake import Clock, FakeSession


def start(memory: Remembered) -> tuple[ConsoleApp, Clock]:
    clock = Clock()
    make = partial(FakeSession, clock=clock)
    memory.toured.append("ana@http://test")
    return ConsoleApp("http://test", "t", lang="en", clock=clock, make_session=make, remembered=memory), clock


async def record(desk: Desk, name: str, *keys: str) -> None:
    await desk.press("Q", *keys, "Q")
    await desk.write(name)
    await desk.press("enter")


async def done(desk: Desk) -> None:
    """Until the macro is through."""
    for _ in range(50):
        await desk.pilot.pause()
        if not desk.inbox.acts.macros._replaying:  # type: ignore[union-attr]
            return


async def test_recorded_kept_and_done_again(tmp_path: Path) -> None:
    memory = Remembered(path=str(tmp_path / "remembered.json"))
    app, clock = start(memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        await record(desk, "away", "j", "e")
        assert [change.conversation for change in desk.changes(Resolve)] == [2]
        kept = json.loads((tmp_path / "remembered.json").read_text())
        assert kept["macros"] == {"away": ["down", "resolve"]}
        before = desk.cursor
        await desk.press("M", "enter")
        await done(desk)
        assert len(desk.changes(Resolve)) == 2
        assert desk.changes(Resolve)[1].conversation not in (2, before)


async def test_a_macro_stops_where_a_step_cannot_be_done() -> None:
    app, clock = start(Remembered(macros={"take": ["claim", "resolve"], "new": ["nothing_like_it"]}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        await desk.press(":")
        await desk.write("replay take")
        await desk.press("enter")
        await done(desk)
        assert not desk.changes(Claim) and not desk.changes(Resolve), "it was mine already: nothing after it happens"
        assert desk.status == "Macro take stopped at step 1: claim"
        await desk.press(":")
        await desk.write("replay new")
        await desk.press("enter")
        await done(desk)
        assert desk.status == "Macro new stopped at step 1: nothing_like_it"


async def test_words_are_not_recorded_unless_it_was_asked_for() -> None:
    memory = Remembered()
    app, clock = start(memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        await desk.press("Q", "enter", "r")
        await desk.write("mi clave es 1234")
        await desk.press("ctrl+s", "Q")
        await desk.write("without")
        await desk.press("enter")
        assert memory.macros == {"without": ["open"]}
        await desk.press(":")
        await desk.write("record-with-text with")
        await desk.press("enter", "r")
        await desk.write("gracias")
        await desk.press("ctrl+s", "Q")
        assert memory.macros["with"] == [":say gracias"]


async def test_a_macro_can_be_deleted_and_nothing_is_recorded_of_macros() -> None:
    memory = Remembered(macros={"a": ["resolve"], "b": ["claim"]})
    app, clock = start(memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        await desk.press("Q", "M", "j", "d", "escape", "?", "escape", "Q")
        assert desk.status == "Nothing was done that could be done again."
        assert memory.macros == {"a": ["resolve"]}
        await desk.press("M", "d")
        assert "No macro yet: Q begins to record one." in desk.screen


async def test_what_is_chosen_in_a_drawer_is_recorded_as_a_command() -> None:
    memory = Remembered()
    app, clock = start(memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        people = [sample.ME, wire.User(id=2, name="luis", display_name="Luis Batres", role="advisor")]
        desk.session.fake_api.answers |= {
            ("GET", "/users"): wire.Page(items=people),
            ("GET", "/teams"): wire.Page(items=[]),
        }
        await desk.press("Q", "a", *"luis", "enter", ":", *"tag", "space", *"mora", "enter", "Q")
        await desk.write("on")
        await desk.press("enter")
        assert memory.macros == {"on": [":assign luis", ":tag mora"]}
