"""Tells outgoing webhooks of the journal's events: each hook by a task of its own, in order, until it takes them.

A slow or dead receiver delays nobody else: nothing is queued for it, its place in the journal simply stays behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from typing import TYPE_CHECKING, cast

import httpx
import msgspec

from server import wire
from server.channels.standard_webhooks import headers
from server.channels.webhook import retry_after_ms
from server.commands.door import Door, Unavailable
from server.commands.event_hooks import ActiveEventHooks, Batch, NextEvents, NoteTold, NoteUntold, Receiver
from server.commands.queries import Head
from server.jobs.work import LONGEST_SLEEP, PAUSE, Job

if TYPE_CHECKING:
    from server.commands.door import Command

log = logging.getLogger(__name__)

#: events looked at together
BATCH = 256
#: seconds a receiver may take for one call
PATIENCE = 15.0
#: how often a hook's place is written down (s), and after how many events that are none of its own
NOTE_EVERY = 1.0
SKIPPED = 1000

_encode = msgspec.json.Encoder().encode


class Untold(Exception):
    """The receiver did not take a call. `gone`: it says that it is no more (410)."""

    def __init__(self, why: str, *, gone: bool = False, after_ms: int | None = None) -> None:
        super().__init__(why)
        self.gone = gone
        self.after_ms = after_ms


async def tell(http: httpx.AsyncClient, receiver: Receiver, id: str, event: wire.Event, now: int) -> None:
    """One signed call, made at `now` (UTC ms). Raises Untold."""
    body = _encode(event)
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await http.post(
                receiver.url,
                content=body,
                headers=headers(receiver.keys, id, now, body),
                timeout=PATIENCE,
                follow_redirects=False,
            )
    except (httpx.HTTPError, TimeoutError) as error:
        raise Untold(f"{type(error).__name__}: {error}"[:200]) from None
    if not (answer.is_success or answer.status_code == 409):
        raise Untold(f"HTTP {answer.status_code}", gone=answer.status_code == 410, after_ms=retry_after_ms(answer))


class _Follower:
    """One hook's task, and what wakes it: news in the journal, a change of the hook."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def sleep(self, seconds: float, until: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await until.wait()

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


class EventHooks(Job):
    """Keeps one task for each hook in service."""

    name = "event hooks"
    kinds = frozenset({"hook.created", "hook.updated", "hook.removed", "hook.disabled"})

    def __init__(self, door: Door, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._http = http
        self._followers: dict[int, _Follower] = {}
        self._epoch = ""

    def start(self) -> None:
        self.door.on_commit(self._on_commit)
        super().start()

    def _on_commit(self, seq: int) -> None:
        for follower in self._followers.values():
            follower.news.set()

    async def step(self) -> int | None:
        self._epoch = self._epoch or cast("tuple[int, str]", await self.ask(Head()))[1]
        wanted = set(cast("list[int]", await self.ask(ActiveEventHooks())))
        for id, follower in list(self._followers.items()):
            follower.changed.set()
            if id not in wanted or (follower.task is not None and follower.task.done()):
                await self._followers.pop(id).end()
        for id in wanted - set(self._followers):
            follower = self._followers[id] = _Follower()
            follower.task = asyncio.create_task(self._follow(id, follower), name=f"event hook {id}")
        return None

    async def stop(self) -> None:
        await super().stop()
        for follower in self._followers.values():
            await follower.end()

    async def _follow(self, id: int, follower: _Follower) -> None:
        """Tell one hook of everything, for ever, or until it is out of service."""
        seen = noted = 0
        while True:
            follower.news.clear()
            follower.changed.clear()
            try:
                batch = cast("Batch | None", await self.ask(NextEvents(id=id, since=seen, limit=BATCH)))
                if batch is None:
                    return
                if batch.next_at is not None and batch.next_at > self.now():
                    pause = min(LONGEST_SLEEP, (batch.next_at - self.now()) / 1000)
                    await follower.sleep(pause, follower.changed)
                elif batch.events:
                    seen = noted = await self._tell(id, batch)
                elif batch.last > seen:
                    seen = batch.last
                else:
                    await follower.sleep(NOTE_EVERY if seen > noted else LONGEST_SLEEP, follower.news)
                    if seen - noted >= SKIPPED or (seen > noted and not follower.news.is_set()):
                        noted = seen
                        await self.do(NoteTold(id=id, seq=seen, skipped=True))
            except Unavailable:  # the disk is full: what was told is told again later
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("event hook %d failed and goes on", id)
                await asyncio.sleep(PAUSE)

    async def _tell(self, id: int, batch: Batch) -> int:
        """Tell of a batch; the newest event that is done with."""
        told, noted = 0, time.monotonic()
        outcome: Command | None = None
        for event in batch.events:
            try:
                await tell(self._http, batch.receiver, self._name_of(event.seq), event, self.now())
            except Untold as error:
                outcome = NoteUntold(
                    id=id, problem=str(error), chance=random.random(), gone=error.gone, after_ms=error.after_ms
                )
                break
            told = event.seq
            if time.monotonic() - noted >= NOTE_EVERY:
                noted = time.monotonic()
                await self.do(NoteTold(id=id, seq=told))
        if told:
            await self.do(NoteTold(id=id, seq=told if outcome is not None else batch.last))
        if outcome is not None:
            await self.do(outcome)
        return told if outcome is not None else batch.last

    def _name_of(self, seq: int) -> str:
        """What receivers know an event by: the same at every try, another one after a restored backup."""
        return f"evt_{self._epoch[:12]}_{seq}"
