"""Asks providers what people are called whose messages carry no name: once when they begin a conversation."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from server.commands.channels import OpenChannels
from server.commands.door import Door
from server.commands.names import Begun, LearnName, ListNameless, Nameless
from server.jobs.work import Job

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

#: people asked about at once
AT_ONCE = 4
#: seconds a provider may take to answer
SECONDS = 20.0


class Names(Job):
    """Follows the conversations by their numbers. Who could not be asked about is asked about again when they begin
    their next conversation; when the server starts it looks back a little."""

    name = "names"
    kinds = frozenset({"conversation.created"})
    rest = 0.5

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http
        self._after: int | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def step(self) -> int | None:
        found = cast(Begun, await self.ask(ListNameless(after=self._after)))
        self._after = found.up_to
        await asyncio.gather(*(self._name(person) for person in found.people))
        return self.now() if found.more else None

    async def _name(self, person: Nameless) -> None:
        async with self._gate:
            channel = await self._channels.by_id(person.channel_id)
            if channel is None:
                return
            try:
                async with asyncio.timeout(SECONDS):
                    party = await channel.adapter.profile(person.addresses, self._http)
                if party is not None:
                    await self.do(LearnName(handle_id=person.handle_id, party=party))
            except Exception as error:
                log.info("nobody said what a person on %s is called: %s", channel.name, error)
