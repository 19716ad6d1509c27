"""Each advisor's counts, told again when they change: one read for everybody, a few times a second at most."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping

from server import wire
from server.commands.door import SYSTEM, Door
from server.commands.queries import AllCounts
from server.feed.client import Client
from server.feed.frames import encode_frame, framed

log = logging.getLogger(__name__)

#: seconds between two reads at least; a read that takes long is repeated ten times its length later
ROUND = 0.2
#: the beginnings of journal kinds after which a count may be another
KINDS = ("conversation.", "message.received", "message.queued", "message.cancelled", "team.")


class Counting:
    """Reads the counts when woken and tells each client its own if they differ from what it was told last."""

    def __init__(self, door: Door, clients: Callable[[], Collection[Client]]) -> None:
        self._door = door
        self._clients = clients
        self._stale = asyncio.Event()

    def wake(self) -> None:
        """Some count may have changed, or somebody came who knows none."""
        self._stale.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._stale.wait()
            self._stale.clear()
            started = time.monotonic()
            if self._clients():
                try:
                    self._tell(await self._door.ask(SYSTEM, AllCounts()))
                except Exception:
                    log.exception("counting failed")
                    self._stale.set()
            await asyncio.sleep(max(ROUND, 10 * (time.monotonic() - started)))

    def _tell(self, table: Mapping[str, wire.Counts]) -> None:
        """`table` has the counts by user name, and under "" those of whoever has nothing of their own."""
        encoded: dict[tuple[int, int, int, int], tuple[bytes, bytes]] = {}
        for client in self._clients():
            counts = table.get(client.actor.name) or table[""]
            if counts == client.counts:
                continue
            client.counts = counts
            key = (counts.mine, counts.unassigned, counts.open, counts.waiting)
            if key not in encoded:
                payload = encode_frame(wire.ServerFrame(counts=counts))
                encoded[key] = payload, framed([payload])
            payload, data = encoded[key]
            client.tell([("counts", payload)], data)
