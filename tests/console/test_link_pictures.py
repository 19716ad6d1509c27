"""How links look while they are offered, chosen and asked about, kept as pictures (see test_snapshots)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from tests.console import sample, sample_links
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.settled import settled

Scene = Callable[[Pilot[None]], Awaitable[None]]


async def offered(pilot: Pilot[None]) -> None:
    await pilot.press("r", *"vea", "space", *"http")
    await settled(pilot)


async def chosen(pilot: Pilot[None]) -> None:
    await pilot.press("f2")
    await settled(pilot)


async def asked(pilot: Pilot[None]) -> None:
    await pilot.press("f2", *"premios", "ctrl+o")
    await settled(pilot)


SCENES: dict[str, Scene] = {scene.__name__: scene for scene in (offered, chosen, asked)}
#: that of what is offered is in the guide, too
CASES = cases(SCENES) + cases(("offered",), (((120, 40), "es"), ((120, 40), "en")))


def _app(lang: str) -> ConsoleApp:
    clock = Clock()

    def make(*args: Any, **more: Any) -> FakeSession:
        session = FakeSession(*args, clock=clock, **more)
        sample_links.serve(session.fake_api)
        return session

    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(make))


@pytest.mark.parametrize(("name", "size", "lang"), CASES)
def test_screen(
    name: str, size: tuple[int, int], lang: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "messages", sample_links.conversation)

    async def set_up(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await SCENES[name](pilot)

    assert snap_compare(_app(lang), terminal_size=size, run_before=set_up)
