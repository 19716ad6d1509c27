"""Letters on everything: every one of them leads where it stands, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.presentation.jump import LETTERS, Target, codes, lettered
from tests.console.desk import Desk, console


@given(st.integers(0, 700))
def test_no_code_is_the_beginning_of_another(count: int) -> None:
    found = codes(count)
    assert len(found) == min(count, len(LETTERS) ** 2) and len(set(found)) == len(found)
    singles = {code for code in found if len(code) == 1}
    assert not any(code[0] in singles for code in found if len(code) == 2)
    if count <= len(LETTERS):
        assert all(len(code) == 1 for code in found)


def test_two_things_in_one_place_have_one_letter() -> None:
    found = lettered([Target(1, 1, list), Target(1, 1, dict), Target(2, 1, list)])
    assert len(found) == 2 and found["a"].go is list


def code_of(desk: Desk, x: int, y: int) -> str:
    """What has to be typed to go to a cell."""
    overlay = desk.inbox.query_one("#jump")
    codes: dict[str, Target] = overlay._codes  # type: ignore[attr-defined]
    return next(code for code, target in codes.items() if (target.x, target.y) == (x, y))


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_to_a_conversation(size: tuple[int, int]) -> None:
    async with console(size) as desk:
        per_row = desk.inbox.thelist.per_row
        await desk.press("ctrl+g")
        await desk.press(*code_of(desk, 0, 1 + 2 * per_row))
        assert desk.inbox.opened == 3 and not desk.inbox.over.open
        assert desk.inbox.place == "thread"


async def test_to_a_message_and_to_what_can_be_clicked() -> None:
    async with console((160, 45)) as desk:
        await desk.press("enter", "ctrl+g")
        thread = desk.inbox.thread
        message, y = thread.in_sight()[-1]
        await desk.press(*code_of(desk, thread.region.x, thread.region.y + y))
        assert thread.marked is not None and thread.marked.id == message
        await desk.press("ctrl+g")
        spot = next(spot for spot in desk.inbox.edges.top.spots if spot.name == "view_open")
        await desk.press(*code_of(desk, spot.start, 0))
        assert desk.session.mirror.window.spec.view == "open"


async def test_what_is_no_letter_closes_it_and_does_nothing() -> None:
    async with console() as desk:
        before = desk.shown()
        for key in ("escape", "1", "enter", "ctrl+g", "ñ"):
            await desk.press("ctrl+g")
            assert desk.inbox.over.open
            await desk.press(key)
            assert not desk.inbox.over.open, key
        assert desk.shown() == before
        assert desk.session.changes_made == []


async def test_while_writing_the_text_stays() -> None:
    async with console((120, 40)) as desk:
        await desk.press("r")
        await desk.write("hola")
        await desk.press("ctrl+g", "escape")
        await desk.write(" niña")
        assert desk.inbox.composer.text == "hola niña"
        await desk.press("ctrl+g")
        await desk.press(*code_of(desk, 0, 3))
        assert desk.inbox.opened == 2 and desk.session.draft_of(1) == "hola niña"


async def test_another_size_takes_the_letters_away() -> None:
    async with console((120, 40)) as desk:
        await desk.press("ctrl+g")
        await desk.pilot.resize_terminal(40, 10)
        await desk.pilot.pause()
        assert not desk.inbox.over.open
