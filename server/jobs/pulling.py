"""Fetches from providers that do not call us (mailboxes, long polling) or may forget to: one task a channel.

A document and the place it was fetched from are committed together; only then is the next one asked for. Whatever
goes wrong is tried again, ever more slowly, and stands in the channel's health until it works.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from typing import TYPE_CHECKING, cast

from server.channels.base import Adapter, Pulled, Refused, SendError, Source, TryAgain
from server.commands.channels import OpenChannels
from server.commands.door import Door, Unavailable
from server.commands.pulling import ListPlaces, NotePull, Place
from server.commands.receive import Receive
from server.facts import Fact, Unreadable
from server.jobs.work import PAUSE, Job

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

#: pauses after failures in a row (s): the first, doubled up to the longest
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
#: pause after a failure that somebody has to mend (s)
REFUSED_PAUSE = 60.0
#: the same when it is the password: servers lock out whoever tries a wrong one ten times in ten minutes
TOKEN_PAUSE = 300.0
#: how often a fetch that works is noted (ms)
NOTE_EVERY_MS = 60_000
#: bytes from which on a document is read in a thread
LARGE = 64 * 1024


class Pulling(Job):
    """Keeps one task for each active channel whose adapter has a source; starts it anew when the channel changes."""

    name = "pulling"
    kinds = frozenset({"channel.created", "channel.updated", "channel.removed"})

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http
        self._tasks: dict[int, tuple[int, asyncio.Task[None]]] = {}

    async def step(self) -> int | None:
        places = {place.id: place for place in cast(list[Place], await self.ask(ListPlaces()))}
        for id, (version, task) in list(self._tasks.items()):
            place = places.get(id)
            if place is None or place.version != version or task.done():
                await self._end(id)
        for place in places.values():
            if place.id in self._tasks:
                continue
            channel = await self._channels.by_id(place.id)
            source = channel.adapter.source(self._http) if channel is not None else None
            if channel is not None and source is not None:
                task = asyncio.create_task(self._follow(place, channel.adapter, source), name=f"pull {channel.name}")
                self._tasks[place.id] = (place.version, task)
        return None

    async def stop(self) -> None:
        await super().stop()
        for id in list(self._tasks):
            await self._end(id)

    async def _end(self, id: int) -> None:
        _, task = self._tasks.pop(id)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _follow(self, place: Place, adapter: Adapter, source: Source) -> None:
        """Fetch and store, for ever."""
        cursor, failures, noted = place.cursor, 0, 0
        try:
            while True:
                try:
                    for pulled in await source.pull(cursor):
                        await self._store(place.id, adapter, pulled)
                        cursor = pulled.cursor
                except Unavailable:  # the disk is full: nothing was taken, so it is all still there
                    await asyncio.sleep(PAUSE)
                    continue
                except Exception as error:
                    failures += 1
                    await self._note(place.id, *_problem(error))
                    noted = 0
                    await asyncio.sleep(_pause(error, failures))
                    continue
                failures = 0
                if self.now() - noted >= NOTE_EVERY_MS:
                    noted = self.now()
                    await self._note(place.id)
        finally:
            with contextlib.suppress(Exception):
                await source.close()

    async def _store(self, channel_id: int, adapter: Adapter, pulled: Pulled) -> None:
        """Commit one document with its place."""
        now = self.now()
        if len(pulled.body) > LARGE:
            facts = await asyncio.to_thread(_read, adapter, pulled.body, now)
        else:
            facts = _read(adapter, pulled.body, now)
        take = Receive(channel_id=channel_id, body=pulled.body, facts=facts, received_at=now, cursor=pulled.cursor)
        await self.do(take)

    async def _note(self, channel_id: int, problem: str = "", detail: str = "") -> None:
        try:
            await self.do(NotePull(channel_id=channel_id, problem=problem, detail=detail))
        except Exception as error:
            log.warning("the health of channel %d was not noted: %s", channel_id, error)


def _read(adapter: Adapter, body: bytes, now: int) -> list[Fact]:
    """The facts in a document. An adapter never raises for content; if one has a fault all the same, the document is
    kept for replay after the repair."""
    if not body:
        return []
    try:
        return adapter.parse(body, now)
    except Exception as error:
        log.exception("an adapter of kind %s could not read a document", adapter.kind)
        return [Unreadable(where="document", why=f"{type(error).__name__}: {error}")]


def _problem(error: Exception) -> tuple[str, str]:
    """(stable code, the provider's words)."""
    if isinstance(error, SendError):
        return error.failure.reason, " ".join(filter(None, (error.failure.code, error.failure.detail)))
    if not isinstance(error, OSError):
        log.error("fetching failed", exc_info=error)
    return "provider_down", f"{type(error).__name__}: {error}"


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, TryAgain) and error.after_ms is not None:
        return min(LONGEST_PAUSE, error.after_ms / 1000)
    if isinstance(error, Refused):
        return TOKEN_PAUSE if error.failure.reason in ("token", "sign_in") else REFUSED_PAUSE
    most = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(failures - 1, 10)))
    return most * random.uniform(0.5, 1.0)
