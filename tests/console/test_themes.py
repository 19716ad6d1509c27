"""The inbox in every set of colours, small and large, in both languages; and how one changes between them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.presentation import palette
from agent_console.settings import Remembered
from tests.console import sample
from tests.console.desk import Desk, console
from tests.console.fake import Clock, FakeSession
from tests.console.quick import alone


def app(lang: str, **more: Any) -> ConsoleApp:
    clock = Clock()
    make = partial(FakeSession, clock=clock)
    return ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=make, **more)


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "none"])
@pytest.mark.parametrize(("size", "lang"), alone())
def test_inbox(theme: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    """The list with all its signs; on the large screen a conversation and the customer beside it."""

    async def set_up(pilot: Pilot[None]) -> None:
        session = pilot.app.session  # type: ignore[attr-defined]
        await pilot.pause()
        session.presence(3, customer_typing=True)
        session.presence(5, viewing=["luis"])
        await pilot.press(*(("enter",) if size[0] >= 120 else ("j",)))
        await pilot.pause()

    assert snap_compare(app(lang, theme=theme), terminal_size=size, run_before=set_up)


@pytest.mark.parametrize("theme", sorted(palette.NATIVE))
async def test_no_colour_of_our_own_is_painted_where_the_terminals_are_used(theme: str) -> None:
    async with app("es", theme=theme).run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "r", *"hola")
        await pilot.pause()
        for strip in pilot.app.screen._compositor.render_strips():
            for segment in strip:
                for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert colour is None or colour.triplet is None, segment
                    if theme == palette.WITHOUT_COLOUR:
                        assert colour is None or colour.is_default, segment


async def test_each_theme_can_be_chosen_and_is_remembered() -> None:
    memory = Remembered()
    console = app("en", remembered=memory)
    async with console.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        desk = Desk(console, pilot, console._clock)  # type: ignore[arg-type]
        for name in ("light", "contrast", "none", "ansi", "dark"):
            await desk.press("ctrl+p")
            await desk.write("set of colours")
            await desk.press("enter")
            assert console.theme == palette.NAMES[name] and memory.theme == name
            assert desk.status == f"Colours: {name}"
        await desk.press(":")
        await desk.write("colours light")
        await desk.press("enter")
        assert memory.theme == "light"
    again = app("en", remembered=memory)
    assert again.theme == palette.NAMES["light"]
    assert app("en", remembered=memory, theme="contrast").theme == palette.NAMES["contrast"], "this time only"
    assert memory.theme == "light"


async def test_who_wants_no_colour_gets_none_whatever_the_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console() as desk:
        assert desk.app.theme == palette.WITHOUT_COLOUR
        desk.app.next_theme()
        await desk.pilot.pause()
        assert desk.app.theme == palette.WITHOUT_COLOUR
        assert desk.status.startswith("NO_COLOR is set")


@pytest.mark.parametrize("lang", ["es", "en"])
async def test_what_colours_say_is_said_by_signs_and_words_too(lang: str) -> None:
    """Every row's state can be told from its characters alone."""
    async with console((120, 40), rows=sample.rows(), lang=lang) as desk:
        shown = "\n".join(desk.shown())
        for sign in ("▲-02:14", "! 01:38", "●", "✗", "‖", "WA", "FB", "EM", "▌"):
            assert sign in shown, sign
        assert re.search(r"▲ 1 .*! 2 .*✗ 1", desk.shown()[0])
