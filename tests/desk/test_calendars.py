"""Business time against a model that knows nothing of spans: it looks at the clock on the wall, minute by minute."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from server.desk import calendars
from server.desk.calendars import ALWAYS, Calendar, Period

MINUTE = 60_000
DAY = 86_400_000
ZONES = [
    "America/El_Salvador",
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Asia/Kathmandu",  # 5:45
    "America/St_Johns",
    "America/Havana",  # changes at midnight
    "Asia/Beirut",
    "America/Santiago",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Asuncion",
]


def wall(zone: str, at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, zoneinfo.ZoneInfo(zone))


def says_open(calendar: Calendar, at: int) -> bool:
    """The model: what does the clock on the wall show, and is that within a period of today or of last night?"""
    here = wall(calendar.zone, at)
    today, minute = here.toordinal(), here.hour * 60 + here.minute
    for day, time in ((today, minute), (today - 1, minute + 1440)):
        periods = calendar.days[day] if day in calendar.days else calendar.week[dt.date.fromordinal(day).weekday()]
        if any(opens <= time < closes for opens, closes in periods):
            return True
    return False


def moment(zone: str, text: str, fold: int = 0) -> int:
    local = dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold)
    return int(local.timestamp() * 1000)


@st.composite
def periods(draw: st.DrawFn) -> tuple[Period, ...]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, 95)) * 15
        found.append((begin, begin + draw(st.integers(1, 96)) * 15))
    return tuple(found)


@st.composite
def calendars_of(draw: st.DrawFn) -> tuple[Calendar, int]:
    """A calendar, and a moment near a change of its clocks as often as not."""
    zone = draw(st.sampled_from(ZONES))
    year = draw(st.integers(2005, 2037))
    start = moment("UTC", f"{year}-01-01") + draw(st.integers(0, 365 * 1440)) * MINUTE
    if draw(st.booleans()):
        changes = [at for at in range(start, start + 370 * DAY, DAY) if _offset(zone, at) != _offset(zone, at + DAY)]
        if changes:
            start = draw(st.sampled_from(changes)) - draw(st.integers(0, 2000)) * MINUTE
    week = tuple(draw(periods()) for _ in range(7))
    first = wall(zone, start).toordinal()
    days = {first + n: draw(periods()) for n in draw(st.sets(st.integers(-1, 6), max_size=3))}
    return Calendar(zone, week, days), start


def _offset(zone: str, at: int) -> dt.timedelta | None:
    return wall(zone, at).utcoffset()


@settings(max_examples=150, deadline=None)
@given(calendars_of(), st.integers(0, 4 * 1440))
def test_between_counts_the_minutes_that_the_wall_clock_calls_open(made: tuple[Calendar, int], minutes: int) -> None:
    calendar, start = made
    counted = sum(says_open(calendar, start + n * MINUTE) for n in range(minutes))
    assert calendars.between(calendar, start, start + minutes * MINUTE) == counted * MINUTE


@settings(max_examples=150, deadline=None)
@given(calendars_of(), st.integers(1, 900))
def test_add_ends_after_so_many_open_minutes(made: tuple[Calendar, int], minutes: int) -> None:
    calendar, start = made
    at, left = start, minutes
    while left and at < start + 9 * DAY:
        left -= says_open(calendar, at)
        at += MINUTE
    end = calendars.add(calendar, start, minutes * MINUTE)
    if left:
        assert end >= at
    else:
        assert end == at


@settings(max_examples=150, deadline=None)
@given(calendars_of())
def test_opening_and_closing_are_the_next_changes(made: tuple[Calendar, int]) -> None:
    calendar, start = made
    minutes = [says_open(calendar, start + n * MINUTE) for n in range(4 * 1440)]
    assert calendars.is_open(calendar, start) is minutes[0]
    opening = calendars.next_opening(calendar, start)
    first = next((n for n, is_open in enumerate(minutes) if is_open), None)
    if first is not None:
        assert opening == start + first * MINUTE
        closing = next((n for n, is_open in enumerate(minutes) if n > first and not is_open), None)
        if closing is not None:
            assert calendars.next_closing(calendar, start) == start + closing * MINUTE
    else:
        assert opening is None or opening >= start + len(minutes) * MINUTE


@settings(max_examples=100, deadline=None)
@given(calendars_of(), st.integers(0, 10**7), st.integers(0, 10**9), st.integers(0, 10**7))
def test_business_time_adds_up(made: tuple[Calendar, int], one: int, two: int, more: int) -> None:
    """Of calendars that open at least once a week: how far one looks for an opening is bounded."""
    calendar, start = made
    assume(any(calendar.week))
    middle, end = start + one, start + one + two
    whole = calendars.between(calendar, start, end)
    assert whole == calendars.between(calendar, start, middle) + calendars.between(calendar, middle, end)
    closed = sum(b - a for a, b in calendars.closed_spans(calendar, start, end))
    assert whole + closed == end - start
    assert calendars.between(calendar, start, calendars.add(calendar, start, more)) == more
    assert calendars.add(calendar, calendars.add(calendar, start, more), one) == calendars.add(
        calendar, start, more + one
    )


@given(st.integers(0, 2**41), st.integers(0, 10**9))
@example(0, 0)
def test_always_open_is_the_clock_itself(at: int, ms: int) -> None:
    assert calendars.add(ALWAYS, at, ms) == at + ms
    assert calendars.between(ALWAYS, at, at + ms) == ms
    assert calendars.is_open(ALWAYS, at) and calendars.next_opening(ALWAYS, at) == at
    assert calendars.closed_spans(ALWAYS, at, at + ms) == []


NIGHT = Calendar("Europe/Madrid", (((22 * 60, 30 * 60),),) * 7)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-03-27T22:00", 8), ("2026-03-28T22:00", 7), ("2026-10-24T22:00", 9)],
)
def test_a_night_with_daylight_saving_is_an_hour_shorter_or_longer(evening: str, hours: int) -> None:
    start = moment("Europe/Madrid", evening)
    assert calendars.next_closing(NIGHT, start) == start + hours * 60 * MINUTE
    assert calendars.between(NIGHT, start, start + 12 * 60 * MINUTE) == hours * 60 * MINUTE


def test_an_hour_that_comes_twice_counts_twice() -> None:
    calendar = Calendar("America/New_York", (((60, 120),),) * 7)
    midnight = moment("America/New_York", "2026-11-01T00:00")
    assert calendars.between(calendar, midnight, midnight + 6 * 60 * MINUTE) == 120 * MINUTE
    spring = Calendar("America/New_York", (((120, 180),),) * 7)
    midnight = moment("America/New_York", "2026-03-08T00:00")
    assert calendars.between(spring, midnight, midnight + 6 * 60 * MINUTE) == 0


def test_a_day_of_its_own_replaces_its_weekday() -> None:
    friday = dt.date(2026, 12, 25)
    calendar = Calendar("America/El_Salvador", (((480, 1020),),) * 7, {friday.toordinal(): ()})
    eve = moment("America/El_Salvador", "2026-12-24T16:00")
    assert calendars.add(calendar, eve, 2 * 3_600_000) == moment("America/El_Salvador", "2026-12-26T09:00")


def test_who_never_opens_still_ends_a_promise() -> None:
    closed = Calendar("UTC", ((),) * 7)
    assert calendars.next_opening(closed, 0) is None
    assert calendars.add(closed, 0, 1000) > 0
