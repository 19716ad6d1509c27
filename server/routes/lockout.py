"""Slow down whoever guesses passwords: exponential back-off per user and per address. Pure, `now` is passed in."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

#: failures that cost nothing: people mistype
FREE = 5
#: the first wait, and the longest one (ms)
FIRST_MS = 1_000
LONGEST_MS = 15 * 60_000
#: failures are forgotten this long after the last one (ms)
MEMORY_MS = 60 * 60_000
#: names or addresses remembered at most; the ones that failed longest ago are forgotten first
BOUND = 10_000


class _Record(msgspec.Struct):
    failures: int
    last_at: int
    locked_until: int


class LockOut:
    """Counts failures by name. `free` failures cost nothing, each further one doubles the wait."""

    def __init__(self, free: int = FREE, bound: int = BOUND) -> None:
        self._free = free
        self._bound = bound
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def wait_ms(self, name: str, now: int) -> int:
        """How long `name` must wait before the next try; 0: may try now. Times in UTC ms."""
        record = self._records.get(name)
        return 0 if record is None else max(0, record.locked_until - now)

    def failed(self, name: str, now: int) -> None:
        """Note a failure."""
        record = self._records.pop(name, None)
        if record is None or now - record.last_at > MEMORY_MS:
            record = _Record(0, now, 0)
        record.failures += 1
        record.last_at = now
        over = record.failures - self._free
        if over >= 0:
            record.locked_until = now + min(LONGEST_MS, FIRST_MS << min(over, 30))
        self._records[name] = record
        while len(self._records) > self._bound:
            self._records.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget what `name` did wrong."""
        self._records.pop(name, None)

    def forgive(self, name: str) -> None:
        """Take one failure back (it was noted before its outcome was known), and the wait that came with it."""
        record = self._records.get(name)
        if record is not None:
            record.failures -= 1
            record.locked_until = min(record.locked_until, record.last_at)
            if record.failures <= 0:
                del self._records[name]
