"""How classification, the checklist and the question about what is missing look, as pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.overlay import Resolve
from server import wire
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.settled import settled
from tests.console.test_protocol import ITEMS, MISSING, OUTCOMES, TOPICS

Scene = Callable[[Pilot[None]], Awaitable[None]]


async def head(pilot: Pilot[None]) -> None:
    """Topic, complexity and stage above the conversation, the checklist beside it."""
    await pilot.press("enter")
    await settled(pilot)
    inbox = pilot.app.inbox  # type: ignore[attr-defined]
    thread = inbox.session.mirror.thread(1)
    thread.about = msgspec.structs.replace(
        thread.about, checklist=ITEMS, ending=wire.Ending(outcome="sale", amount=240_000, currency="USD")
    )
    inbox.changed(Changes(threads={1}))


async def topics(pilot: Pilot[None]) -> None:
    await pilot.press("enter", "d")


async def search(pilot: Pilot[None]) -> None:
    await pilot.press("enter", "d")
    await settled(pilot)
    await pilot.press("/", *"ret")


async def depth(pilot: Pilot[None]) -> None:
    await pilot.press("enter", "d")
    await settled(pilot)
    await pilot.press("m")


async def checklist(pilot: Pilot[None]) -> None:
    await pilot.press("enter", "P")


async def outcome(pilot: Pilot[None]) -> None:
    await pilot.press("enter", "P")
    await settled(pilot)
    await pilot.press(*["down"] * 4, "enter", "down", "enter")
    await pilot.press(*"2400")


async def missing(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    problem = wire.Problem(code="checklist_open", status=409, params={"missing": MISSING})
    pilot.app.inbox.changed(Changes(troubles=[Trouble(problem, 1, Resolve(1))]))  # type: ignore[attr-defined]


SCENES: dict[str, Scene] = {
    scene.__name__: scene for scene in (head, topics, search, depth, checklist, outcome, missing)
}


def serve(session: FakeSession) -> None:
    """What the server says of María."""
    listed = wire.Checklist(conversation=1, stage="diagnosis", items=ITEMS, outcomes=OUTCOMES)
    answers = session.fake_api.answers
    answers["GET", "/topics"] = lambda call: wire.Page(items=TOPICS)
    answers["GET", "/conversations/1/checklist"] = lambda call: listed
    row = session.mirror.row(1)
    assert row is not None
    row = msgspec.structs.replace(
        row, topic="banca en línea/acceso", complexity="medium", stage="diagnosis", version=row.version + 1
    )
    session.mirror.know(row)


@pytest.mark.parametrize(("name", "size", "lang"), cases(SCENES))
def test_screen(name: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    async def set_up(pilot: Pilot[None]) -> None:
        serve(pilot.app.session)  # type: ignore[attr-defined]
        await pilot.pause()
        await SCENES[name](pilot)
        await settled(pilot)

    clock = Clock()
    app = ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(FakeSession, clock=clock))
    assert snap_compare(app, terminal_size=size, run_before=set_up)
