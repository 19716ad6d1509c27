"""The newest events, encoded, in memory; and pages of older ones from the store, shared by all who catch up."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from server.feed.frames import Payload

Encoded = tuple[int, Payload]

#: events in the ring, and the bytes they may take together
EVENTS = 8192
BYTES = 24 * 1024 * 1024
#: events in a page, and pages kept
PAGE = 256
PAGES = 32


class Ring:
    """The newest events in a row: seqs `first`..`last` without a gap (empty: `last` == `first` - 1)."""

    def __init__(self, events: int = EVENTS, size: int = BYTES) -> None:
        self._slots: list[Payload | None] = [None] * events
        self._bytes = 0
        self._limit = size
        self.first = 1
        self.last = 0

    def clear(self, head: int) -> None:
        """Forget everything; the next event will be `head` + 1."""
        if self._bytes:
            self._slots = [None] * len(self._slots)
            self._bytes = 0
        self.first, self.last = head + 1, head

    def append(self, payload: Payload) -> None:
        """Add the event that follows `last`."""
        if self.last - self.first + 1 == len(self._slots):
            self._drop()
        self.last += 1
        self._slots[self.last % len(self._slots)] = payload
        self._bytes += len(payload)
        while self._bytes > self._limit and self.first < self.last:
            self._drop()

    def after(self, cursor: int, limit: int) -> list[Encoded] | None:
        """Up to `limit` events after `cursor`; None if the ring has moved on past it."""
        if cursor + 1 < self.first:
            return None
        found: list[Encoded] = []
        for seq in range(cursor + 1, min(self.last, cursor + limit) + 1):
            payload = self._slots[seq % len(self._slots)]
            assert payload is not None
            found.append((seq, payload))
        return found

    def _drop(self) -> None:
        slot = self.first % len(self._slots)
        self._bytes -= len(self._slots[slot] or b"")
        self._slots[slot] = None
        self.first += 1


class Pages:
    """Events from the store in pages that start at multiples of `PAGE`: after a restart hundreds of clients ask for
    nearly the same ones, and each page is read and encoded once for all of them."""

    def __init__(self, read: Callable[[int, int], Awaitable[Sequence[Encoded]]]) -> None:
        """`read(since, limit)` gives the events after `since` in order, from the store."""
        self._read = read
        self._full: OrderedDict[int, Sequence[Encoded]] = OrderedDict()
        self._reading: dict[int, asyncio.Task[Sequence[Encoded]]] = {}

    async def after(self, cursor: int) -> list[Encoded]:
        """Some events after `cursor`, at least one if there is one."""
        start = cursor - cursor % PAGE
        page = self._full.get(start)
        if page is None:
            task = self._reading.get(start)
            if task is None:
                task = asyncio.create_task(self._fetch(start))
                self._reading[start] = task
                task.add_done_callback(lambda _: self._reading.pop(start, None))
            # One who leaves must not take the read from those who wait for it too.
            page = await asyncio.shield(task)
        else:
            self._full.move_to_end(start)
        return [encoded for encoded in page if encoded[0] > cursor]

    async def _fetch(self, start: int) -> Sequence[Encoded]:
        page = await self._read(start, PAGE)
        if len(page) == PAGE:  # no event can join it any more
            self._full[start] = page
            while len(self._full) > PAGES:
                self._full.popitem(last=False)
        return page
