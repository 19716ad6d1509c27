"""One console on the feed: a cursor into the journal, and the newest of what is not in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from server.commands.door import Actor
from server.feed.frames import SIGNED_OUT, TOO_SLOW, opened
from server.feed.line import PATIENCE, Line, LineGone, TooSlow
from server.feed.ring import PAGE, Encoded, Pages, Ring
from server.wire import Counts

#: seconds before asking again for an event that should be there
AGAIN = 0.05


class Client:
    """Sends one console everything after `cursor`, in order and once each.

    While it is in step (`idle`) the hub writes straight to its line (`offer`, `tell`). Otherwise `run` catches up: from
    the ring, else from the store. Of each kind of passing frame (`latest`, by key) it sends the newest only.
    """

    def __init__(self, number: int, actor: Actor, token_hash: str, line: Line, cursor: int) -> None:
        self.number = number
        self.actor = actor
        self.token_hash = token_hash
        self.line = line
        self.cursor = cursor
        self.counts: Counts | None = None
        self.latest: dict[object, bytes] = {}
        self.idle = False
        self.patience = PATIENCE
        self.closing: tuple[int, str] | None = None
        self._wake = asyncio.Event()

    def offer(self, previous: int, head: int, data: bytes) -> None:
        """The events after `previous` up to `head`, framed. Never waits."""
        if self.idle and self.cursor == previous and self.line.push(data):
            self.cursor = head
        else:
            self.wake()

    def tell(self, frames: Sequence[tuple[object, bytes]], data: bytes) -> None:
        """Passing frames by their keys, and the same framed. Never waits."""
        if not (self.idle and self.line.push(data)):
            self.latest.update(frames)
            self.wake()

    def wake(self) -> None:
        """Something may be there to send."""
        self.idle = False
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        """End this connection (once; the first reason counts)."""
        if self.closing is None:
            self.closing = (code, reason)
        self.wake()

    def signed_out(self) -> None:
        self.close(SIGNED_OUT, "signed out")

    async def run(self, ring: Ring, pages: Pages) -> None:
        """Send until the connection is gone or shall be closed (`closing` says why)."""
        try:
            while self.closing is None:
                self._wake.clear()
                events = await self._missing(ring, pages)
                passing = list(self.latest.values())
                self.latest.clear()
                if events or passing:
                    await self.line.send(
                        [opened(payload, self.actor) for _, payload in events] + passing, self.patience
                    )
                    if events:
                        self.cursor = events[-1][0]
                elif not self._wake.is_set():
                    # Nothing was awaited since the look at the ring: from here on the hub may write by itself.
                    self.idle = True
                    await self._wake.wait()
        except TooSlow:
            self.closing = (TOO_SLOW, "too slow")
        except LineGone:
            pass
        finally:
            self.idle = False

    async def _missing(self, ring: Ring, pages: Pages) -> Sequence[Encoded]:
        """Some of what this client has not got; nothing if it has everything."""
        if self.cursor >= ring.last:
            return ()
        events = ring.after(self.cursor, PAGE)
        if events is None:
            events = await pages.after(self.cursor)
            if not events:
                await asyncio.sleep(AGAIN)
                self._wake.set()
        return events
