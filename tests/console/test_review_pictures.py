"""How the reviewer's queue looks, kept as pictures: three sizes, both languages."""

from __future__ import annotations

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
from tests.console.test_reviews import MINUTE, review
from tests.console.test_snapshots_work import come

Scene = Callable[[Pilot[None]], Awaitable[None]]
ROWS = sample.rows()
WAITING = [
    review(901, ROWS[0], "Buenos días, María. Ya pedí que desbloqueen su usuario; en unos minutos pruebe.",
           -2 * MINUTE, late_at=sample.NOW),
    review(902, ROWS[1], "ok, ya le aviso", 70_000),
    review(903, ROWS[3], "Con gusto. Para la línea de crédito necesita dos referencias y sus estados de cuenta.",
           9 * MINUTE),
]  # fmt: skip


async def queue(pilot: Pilot[None]) -> None:
    await pilot.press("f4")


async def changing(pilot: Pilot[None]) -> None:
    await pilot.press("f4")
    await come(pilot)
    await pilot.press("j", "e", *", hoy", "space", *"mismo")


async def returning(pilot: Pilot[None]) -> None:
    await pilot.press("f4")
    await come(pilot)
    await pilot.press("r", *"diga", "space", *"cuándo")


SCENES: dict[str, Scene] = {scene.__name__: scene for scene in (queue, changing, returning)}
CASES = cases(SCENES)


def _app(lang: str) -> ConsoleApp:
    clock = Clock()

    def make(*args: Any, **more: Any) -> FakeSession:
        session = FakeSession(*args, clock=clock, **more)
        session.fake_api.answers["GET", "/reviews"] = wire.Page(items=WAITING)
        return session

    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make))


@pytest.mark.parametrize(("name", "size", "lang"), CASES)
def test_screen(name: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    async def set_up(pilot: Pilot[None]) -> None:
        await pilot.pause()
        pilot.app.inbox.acts.prepare()  # type: ignore[attr-defined]
        await come(pilot)
        await SCENES[name](pilot)
        await come(pilot)
        pilot.app.inbox.tick()  # type: ignore[attr-defined]
        await come(pilot)

    assert snap_compare(_app(lang), terminal_size=size, run_before=set_up)
