"""Ids that sort by the time they were made and fit in 53 bits, so that JavaScript reads them exactly."""

from __future__ import annotations

import threading

#: 2024-01-01T00:00:00Z in UTC ms: 41 bits of milliseconds from here last until 2093
EPOCH_MS = 1_704_067_200_000
_PER_MS_BITS = 12


class TimeOrderedIds:
    """Strictly growing ids: milliseconds since 2024 in the high 41 bits, a counter in the low 12.

    A clock that steps back, or more than 4,096 ids in one millisecond, only makes the ids run ahead of the clock.
    """

    def __init__(self, last: int = 0) -> None:
        self._last = last
        self._lock = threading.Lock()

    def next(self, now: int) -> int:
        """A new id, greater than every one before. `now` in UTC ms."""
        with self._lock:
            self._last = max(self._last + 1, (now - EPOCH_MS) << _PER_MS_BITS)
            return self._last


def time_of(id: int) -> int:
    """The UTC ms in which an id was made."""
    return (id >> _PER_MS_BITS) + EPOCH_MS


def first_of(at: int) -> int:
    """The smallest id that can be made at `at` (UTC ms)."""
    return (at - EPOCH_MS) << _PER_MS_BITS
