"""The countdown in business time: what is left stands still while it is closed, and when it is paused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console import i18n
from agent_console.plain import wording
from agent_console.presentation import sla
from agent_console.presentation.times import promise
from server import wire
from tests.console import sample
from tests.console.sample import HOUR, MINUTE, NOW


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = i18n.language()
    i18n.set_language("en")
    i18n.set_zone("America/El_Salvador")
    yield
    i18n.set_language(before)


def over_night(left: int = 40 * MINUTE, **more: object) -> wire.Sla:
    """Asked this evening, due tomorrow morning: `left` of business time, of which half an hour is this evening's."""
    closes, opens = sample.at(17, 0), sample.at(8, 0, day=15)
    due = opens + left - 30 * MINUTE
    fields: dict[str, object] = {
        "target": "first_response",
        "started_at": closes - 30 * MINUTE,
        "warn_at": due - 15 * MINUTE,
        "due_at": due,
        "span_ms": left,
        "closed": [(closes, opens)],
    }
    return wire.Sla(**{**fields, **more})  # type: ignore[arg-type]


def test_what_is_left_stands_still_over_night() -> None:
    clock = over_night()
    assert sla.left(clock, sample.at(16, 30)) == 40 * MINUTE
    assert sla.left(clock, sample.at(17, 0)) == sla.left(clock, sample.at(23, 59)) == 10 * MINUTE
    assert sla.left(clock, sample.at(8, 4, day=15)) == 6 * MINUTE
    assert sla.sign(clock, "open", sample.at(16, 30)).text == "  40:00"
    assert sla.sign(clock, "open", sample.at(22, 0)).text.strip() == "10:00"


def test_a_pause_is_a_sign_of_its_own_and_never_late() -> None:
    clock = wire.Sla(
        target="resolution", started_at=NOW - HOUR, warn_at=NOW - 2, due_at=NOW - 1, paused_at=NOW - 30 * MINUTE
    )
    assert sla.sign(clock, "waiting", NOW) == sla.PAUSED
    assert promise(clock, NOW)[0][0] == "resolution ‖ 29 min left"
    assert wording.promise(clock, NOW) == "the clock stands still"


def test_the_header_says_the_moment_on_the_wall() -> None:
    ways, tone = promise(over_night(), sample.at(16, 30))
    assert ways[0] == "1st reply 40 min of business time (15 Oct 8:10)" and tone == "calm"
    i18n.set_language("es")
    assert promise(over_night(), sample.at(16, 30))[0][0] == "1ª respuesta 40 min hábiles (15 oct 8:10)"
    assert wording.promise(over_night(), sample.at(16, 30)) == "quedan 40 minutos de tiempo hábil"


@given(st.integers(1, 100), st.integers(0, 200), st.integers(0, 100))
def test_left_is_never_more_than_the_time_until_then(minutes: int, gone: int, shut: int) -> None:
    begin = NOW + 10 * MINUTE
    due = NOW + minutes * MINUTE + shut * MINUTE
    clock = wire.Sla(
        target="next_response",
        started_at=NOW,
        warn_at=due,
        due_at=due,
        span_ms=minutes * MINUTE,
        closed=[(begin, begin + shut * MINUTE)] if shut and minutes > 10 else [],
    )
    now = NOW + gone * MINUTE
    assert sla.left(clock, now) <= due - now
    assert len(sla.sign(clock, "open", now).text) == sla.WIDTH
