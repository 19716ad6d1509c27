"""The sign in front of a row: exact text, one width, right tone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.presentation import sla
from agent_console.presentation.sla import WIDTH, sign
from agent_console.safetext import cells
from server.wire import Sla

START = 1_000_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def clock(length: int, warn: int) -> Sla:
    return Sla(target="first_response", started_at=START, warn_at=START + warn, due_at=START + length)


@pytest.mark.parametrize(
    ("length", "warn", "left", "text", "tone"),
    [
        (HOUR, 50 * MINUTE, 41 * MINUTE + 7_000, "  41:07", "calm"),
        (25 * MINUTE, 20 * MINUTE, 12 * MINUTE + 55_000, "  12:55", "calm"),
        (30 * MINUTE, 20 * MINUTE, 12 * MINUTE + 55_000, "  12:55", "half"),
        (15 * MINUTE, 10 * MINUTE, MINUTE + 38_000, "! 01:38", "warn"),
        (15 * MINUTE, 10 * MINUTE, 1, "! 00:01", "warn"),
        (15 * MINUTE, 10 * MINUTE, 0, "▲-00:00", "breach"),
        (15 * MINUTE, 10 * MINUTE, -(2 * MINUTE + 14_000), "▲-02:14", "breach"),
        (15 * MINUTE, 10 * MINUTE, -(2 * HOUR + 10 * MINUTE), "▲-2h10m", "breach"),
        (15 * MINUTE, 10 * MINUTE, -(23 * HOUR + 10 * MINUTE), "▲  -23h", "breach"),
        (15 * MINUTE, 10 * MINUTE, -(3 * DAY), "▲  -3 d", "breach"),
        (8 * HOUR, 7 * HOUR, 2 * HOUR + 10 * MINUTE, " 2h 10m", "half"),
        (30 * HOUR, 29 * HOUR, 23 * HOUR + 59 * MINUTE, "23h 59m", "calm"),
        (6 * DAY, 5 * DAY, 3 * DAY, "    3 d", "half"),
        (9 * DAY, 1 * DAY, 3 * DAY + 5 * HOUR, "!   3 d", "warn"),
    ],
)
def test_signs(length: int, warn: int, left: int, text: str, tone: str) -> None:
    clocked = clock(length, warn)
    assert sign(clocked, "open", clocked.due_at - left) == (text, tone)


def test_without_a_clock() -> None:
    assert sign(None, "open", START) == ("       ", "none")
    assert sign(None, "resolved", START) == ("       ", "none")
    assert sign(None, "waiting", START) == ("    ‖  ", "paused")
    assert sign(None, "snoozed", START) == ("    ‖  ", "paused")


@given(st.integers(0, 400 * DAY), st.floats(0, 1), st.integers(-400 * DAY, 400 * DAY))
def test_every_sign_has_one_width(length: int, warn: float, at: int) -> None:
    shown = sign(clock(length, int(length * warn)), "open", START + at)
    assert cells(shown.text) == WIDTH


@given(st.integers(1, DAY), st.floats(0, 1), st.integers(0, 2 * DAY), st.integers(0, DAY))
def test_urgency_only_grows(length: int, warn: float, at: int, later: int) -> None:
    order = ["calm", "half", "warn", "breach"]
    clocked = clock(length, int(length * warn))
    assert order.index(sla.tone_of(clocked, START + at)) <= order.index(sla.tone_of(clocked, START + at + later))
