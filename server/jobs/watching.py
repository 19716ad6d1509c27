"""Looks after every channel a few times an hour: do its settings still work, when does its token end, which message
templates has its provider approved."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from server.channels.base import SendError
from server.commands.approved import NoteApproved
from server.commands.channel_health import ListWatched, NoteCheck, Watched, first_problem
from server.commands.channels import OpenChannels, Opened
from server.commands.door import Door
from server.jobs.work import Job
from server.wire import ApprovedTemplate

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

#: how often a channel is looked after (ms)
EVERY_MS = 15 * 60_000
#: how soon a channel is that is new, was changed, or has not been for long; and one that did not answer (ms)
SOON_MS = 60_000
#: channels looked after at once
AT_ONCE = 4
#: seconds a provider may take to answer
SECONDS = 30.0


class Watching(Job):
    """Each channel has its own moment, so that they are not all tried at once. Only a provider that twice did not
    answer counts as down."""

    name = "watching"
    kinds = frozenset({"channel.created", "channel.updated", "channel.removed", "channel.notice"})
    rest = 1.0

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http
        self._plan: dict[int, tuple[int, int]] = {}  # channel → (version, when)
        self._silent: set[int] = set()

    async def step(self) -> int | None:
        watched = {channel.id: channel for channel in cast(list[Watched], await self.ask(ListWatched()))}
        self._plan = {id: plan for id, plan in self._plan.items() if id in watched}
        for channel in watched.values():
            known = self._plan.get(channel.id)
            if known is None or known[0] != channel.version:
                self._plan[channel.id] = (channel.version, self._first(channel, changed=known is not None))
            elif channel.checked_at is None and channel.id not in self._silent:
                self._plan[channel.id] = (channel.version, min(known[1], self._soon()))
        due = sorted((at, id) for id, (_, at) in self._plan.items() if at <= self.now())
        await asyncio.gather(*(self._look_after(id) for _, id in due[:AT_ONCE]))
        return min((at for _, at in self._plan.values()), default=None)

    def _first(self, channel: Watched, changed: bool) -> int:
        soon = self._soon()
        if changed or channel.checked_at is None:
            return soon
        return max(soon, channel.checked_at + EVERY_MS)

    def _soon(self) -> int:
        return self.now() + int(SOON_MS * random.uniform(0.2, 1.0))

    async def _look_after(self, id: int) -> None:
        channel = await self._channels.by_id(id)
        again = EVERY_MS
        if channel is not None and channel.active and not await self._try(channel):
            again = SOON_MS
        version, _ = self._plan[id]
        self._plan[id] = (version, self.now() + int(again * random.uniform(0.9, 1.1)))

    async def _try(self, channel: Opened) -> bool:
        """Try one channel and note what was found; False if it has to be tried again before that can be said."""
        found: Sequence[ApprovedTemplate] | None = None
        try:
            async with asyncio.timeout(SECONDS):
                problem, detail = first_problem(await channel.adapter.check(self._http))
                ends = None if problem else await channel.adapter.token_expiry(self._http)
                found = None if problem else await self._approved(channel)
        except Exception as error:
            log.info("channel %s could not be tried: %s", channel.name, error)
            problem, detail, ends = "provider_down", f"{type(error).__name__}: {error}", None
        silent = problem == "provider_down"
        if silent and channel.id not in self._silent:
            self._silent.add(channel.id)
            return False
        if not silent:
            self._silent.discard(channel.id)
        await self.do(NoteCheck(channel_id=channel.id, problem=problem, detail=detail, token_expires_at=ends))
        if found is not None:
            await self.do(NoteApproved(channel_id=channel.id, templates=list(found)))
        return True

    async def _approved(self, channel: Opened) -> Sequence[ApprovedTemplate] | None:
        """The templates its provider has approved. That they cannot be had is no fault of the channel's."""
        try:
            return await channel.adapter.approved(self._http)
        except SendError as error:
            log.info("the templates of %s cannot be had: %s", channel.name, error)
            return None
