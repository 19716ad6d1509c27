"""The organisation's time zone, told with every answer to somebody signed in: programs show times in it, wherever they
run, without asking for it."""

from __future__ import annotations

from server.commands.door import SYSTEM, Door
from server.commands.organisation import GetOrganisation
from server.routes.problems import Headers
from server.wire import ZONE_HEADER

KINDS = frozenset({"organisation.updated"})


class Zone:
    """The header that tells it, read anew when it may have changed."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._told: Headers | None = None
        self._generation = 0
        door.on_commit(self._forget, KINDS)

    async def header(self) -> Headers:
        """The header, as an answer carries it."""
        if self._told is not None:
            return self._told
        generation = self._generation
        zone: str = (await self._door.ask(SYSTEM, GetOrganisation())).zone
        told = [(ZONE_HEADER.lower().encode(), zone.encode())]
        # What was read before a change must not be remembered after it.
        if generation == self._generation:
            self._told = told
        return told

    def _forget(self, seq: int) -> None:
        self._generation += 1
        self._told = None
