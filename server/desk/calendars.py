"""Business time: when an organisation is open, by the clock on its own wall. Pure.

A calendar has periods for each day of the week, several a day, and days of its own (closed or with other periods);
holidays are days without periods. A period belongs to the day on which it begins and may pass midnight. The wall clock
decides: a moment is in business time if a clock in the calendar's zone shows a time within a period. So an hour that
daylight saving skips never comes, and one that it repeats counts twice.

Moments are UTC ms, lengths ms. Times of day are minutes since midnight; an end after midnight is above `DAY_MINUTES`.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

#: (begin, end) in minutes since midnight; `0 <= begin < DAY_MINUTES`, `begin < end <= begin + DAY_MINUTES`
Period = tuple[int, int]
#: (begin, end) in UTC ms
Span = tuple[int, int]

DAY_MINUTES: Final = 1440
_MINUTE: Final = 60_000
_DAY: Final = DAY_MINUTES * _MINUTE
#: open hours are computed for this long at a time (ms)
_STRETCH: Final = 7 * _DAY
#: how far ahead opening hours are looked for; who is closed longer is taken to be open from then on
_HORIZON: Final = 260
#: stretches kept by a calendar
_KEPT: Final = 128
_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Opening hours in a zone (IANA name). `week`: the periods of Monday to Sunday; `days`: those of single days (by
    `date.toordinal()`), instead of their weekday's. Raises ZoneInfoNotFoundError for an unknown zone when it is used.
    """

    zone: str
    week: tuple[tuple[Period, ...], ...]
    days: Mapping[int, tuple[Period, ...]] = field(default_factory=dict)
    _known: dict[int, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False)

    def periods(self, day: int) -> tuple[Period, ...]:
        """The periods that begin on a day (`date.toordinal()`)."""
        own = self.days.get(day)
        return self.week[(day - 1) % 7] if own is None else own

    def stretch(self, number: int) -> tuple[Span, ...]:
        """The open spans in the `number`-th stretch of time since 1970, in order, apart from each other."""
        found = self._known.get(number)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[number] = _open_spans(self, number * _STRETCH, (number + 1) * _STRETCH)
        return found


#: open day and night
ALWAYS: Final = Calendar("UTC", (((0, DAY_MINUTES),),) * 7)


@lru_cache(maxsize=64)
def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """The zone of that name. Raises ZoneInfoNotFoundError or ValueError."""
    return zoneinfo.ZoneInfo(name)


def is_open(calendar: Calendar, at: int) -> bool:
    """Whether this moment is in business time."""
    return any(begin <= at < end for begin, end in calendar.stretch(at // _STRETCH))


def next_opening(calendar: Calendar, at: int) -> int | None:
    """When business time begins next; `at` itself if it is open then. None: not within years."""
    for begin, end in _spans(calendar, at):
        if end > at:
            return max(begin, at)
    return None


def next_closing(calendar: Calendar, at: int) -> int | None:
    """When business time that runs at `at`, or begins next, ends. None: not within years."""
    last: int | None = None
    for begin, end in _spans(calendar, at):
        if end <= at:
            continue
        if last is not None and begin > last:
            return last
        last = end
    return last if last is not None and last < _end_of_view(at) else None


def add(calendar: Calendar, at: int, ms: int) -> int:
    """The moment at which `ms` of business time have passed since `at`; `at` itself for none."""
    if ms <= 0:
        return at
    for begin, end in _spans(calendar, at):
        begin = max(begin, at)
        if begin >= end:
            continue
        if ms <= end - begin:
            return begin + ms
        ms -= end - begin
    return max(at, _end_of_view(at)) + ms


def between(calendar: Calendar, start: int, end: int) -> int:
    """How much business time lies between two moments; 0 if the second is not later."""
    total = 0
    for opened, closed in _spans(calendar, start):
        if opened >= end:
            break
        total += max(0, min(closed, end) - max(opened, start))
    return total + max(0, end - max(start, _end_of_view(start)))


def closed_spans(calendar: Calendar, start: int, end: int) -> list[Span]:
    """The spans between two moments that are not business time, in order."""
    found: list[Span] = []
    at = start
    for begin, closing in _spans(calendar, start):
        if begin > at:
            found.append((at, min(begin, end)))
        at = max(at, closing)
        if at >= end:
            return [span for span in found if span[0] < span[1]]
    return [*found, (at, end)] if at < end else found


# ---------------------------------------------------------------- inside


def _end_of_view(at: int) -> int:
    return (at // _STRETCH + _HORIZON) * _STRETCH


def _spans(calendar: Calendar, at: int) -> Iterator[Span]:
    """Open spans from the stretch of `at` on, as far as is looked. One that goes on in the next stretch is in two."""
    first = at // _STRETCH
    for number in range(first, first + _HORIZON):
        yield from calendar.stretch(number)


def _open_spans(calendar: Calendar, start: int, end: int) -> tuple[Span, ...]:
    zone = zone_of(calendar.zone)
    found: list[Span] = []
    for begin, until, offset in _offsets(zone, start, end):
        wall, wall_end = begin + offset, until + offset
        for day in range(wall // _DAY - 1, (wall_end - 1) // _DAY + 1):
            midnight = day * _DAY
            for opens, closes in calendar.periods(day + _EPOCH):
                a = max(midnight + opens * _MINUTE, wall)
                b = min(midnight + closes * _MINUTE, wall_end)
                if a < b:
                    found.append((a - offset, b - offset))
    return _joined(sorted(found))


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """The same without overlaps and seams."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _offsets(zone: zoneinfo.ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(begin, end, offset from UTC in ms): the stretch, cut where the zone changes its clocks."""
    here, offset = start, _offset(zone, start)
    for at in range(start, end, _DAY):
        later = min(at + _DAY, end)
        after = _offset(zone, later)
        if after != offset:
            change = _change(zone, at, later, offset)
            yield here, change, offset
            here, offset = change, after
    yield here, end, offset


def _change(zone: zoneinfo.ZoneInfo, before: int, after: int, offset: int) -> int:
    """The moment, to the second, at which a zone leaves `offset`."""
    while after - before > 1000:
        middle = (before + after) // 2000 * 1000
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: zoneinfo.ZoneInfo, at: int) -> int:
    offset = datetime.datetime.fromtimestamp(at // 1000, zone).utcoffset()
    return 0 if offset is None else offset // datetime.timedelta(milliseconds=1)
