"""How templates look while they are chosen, filled in and looked at, kept as pictures (see test_snapshots)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.screens import template_preview
from tests.console import sample_templates
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.settled import settled

LIDIA = 9
Scene = Callable[[Pilot[None]], Awaitable[None]]


async def asked(pilot: Pilot[None], words: str, *keys: str) -> None:
    await pilot.press("semicolon")
    await settled(pilot)
    await pilot.press(*words, *keys)
    await settled(pilot)


async def choose(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await asked(pilot, "cr", "down")


async def fields(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await asked(pilot, "cuota", "enter", *"2400", "tab", "tab", *"ayer")
    await pilot.press("enter")
    await settled(pilot)


async def macro(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await asked(pilot, "listo", "enter")


async def gap(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await asked(pilot, "correo", "enter", "ctrl+s")


async def hostile(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await settled(pilot)
    await asked(pilot, "mala")
    await settled(pilot)


async def closed(pilot: Pilot[None]) -> None:
    pilot.app.inbox.thelist.go_to(LIDIA)  # type: ignore[attr-defined]
    await pilot.press("enter")
    await asked(pilot, "", "down")


async def approved(pilot: Pilot[None]) -> None:
    await closed(pilot)
    await pilot.press("enter", "tab", *"su", "space", *"cuota")
    await settled(pilot)


async def to_edit(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await asked(pilot, "listo", "enter", "tab")
    await pilot.press("space", *":coraz")


async def much(pilot: Pilot[None]) -> None:
    await pilot.press("enter", "r")
    pilot.app.inbox.composer.prepare().post_message(events.Paste("línea de texto\n" * 2_000))  # type: ignore[attr-defined]
    await settled(pilot)


SCENES: dict[str, Scene] = {
    scene.__name__: scene for scene in (choose, fields, macro, gap, hostile, closed, approved, to_edit, much)
}


@pytest.mark.parametrize(("name", "size", "lang"), cases(SCENES))
def test_screen(
    name: str, size: tuple[int, int], lang: str, snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_preview, "REST", 0.0)

    async def set_up(pilot: Pilot[None]) -> None:
        sample_templates.serve(pilot.app.session.fake_api)  # type: ignore[attr-defined]
        await pilot.pause()
        await SCENES[name](pilot)
        await settled(pilot)

    clock = Clock()
    app = ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=partial(FakeSession, clock=clock))
    assert snap_compare(app, terminal_size=size, run_before=set_up)
