"""Tells customers that their message was read, and that an answer is being written. Best effort, nothing waits."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from server.commands.channels import OpenChannels
from server.commands.door import SYSTEM, Door
from server.commands.queries import LastIn, LastInbound, ListEvents

if TYPE_CHECKING:
    import httpx

    from server import wire

log = logging.getLogger(__name__)

#: marks on their way at once
AT_ONCE = 8
#: a provider shows "typing" for 25 s (WhatsApp); repeating it more often than this is noise
TYPING_EVERY_MS = 20_000


class ReadMarks:
    """Follows `conversation.seen` in the journal, and typing as the feed tells it.

    Only the advisor who has the conversation marks it read (the command sees to that): looking leaves no trace.
    """

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        self._door = door
        self._channels = channels
        self._http = http
        self._since: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._typed: dict[int, int] = {}

    def start(self) -> None:
        self._door.on_commit(self._on_seen, frozenset({"conversation.seen"}))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def typing(self, conversation: int) -> None:
        """An advisor writes in this conversation now."""
        now = self._door.store.clock()
        if now - self._typed.get(conversation, 0) < TYPING_EVERY_MS:
            return
        if len(self._typed) > 1000:
            self._typed = {c: at for c, at in self._typed.items() if now - at < TYPING_EVERY_MS}
        self._typed[conversation] = now
        self._spawn(self._mark(conversation, typing=True))

    def _on_seen(self, seq: int) -> None:
        since = self._since if self._since is not None else seq - 1
        self._since = seq
        self._spawn(self._follow(since))

    async def _follow(self, since: int) -> None:
        page = cast("wire.Page[wire.Event]", await self._door.ask(SYSTEM, ListEvents(since=since, limit=1000)))
        seen = {event.conversation for event in page.items if event.kind == "conversation.seen"}
        for conversation in sorted(id for id in seen if id is not None):
            self._spawn(self._mark(conversation, typing=False))

    async def _mark(self, conversation: int, typing: bool) -> None:
        async with self._gate:
            last = cast("LastIn | None", await self._door.ask(SYSTEM, LastInbound(conversation=conversation)))
            if last is None:
                return
            channel = await self._channels.by_id(last.channel_id)
            if channel is not None and channel.active:
                await channel.adapter.mark_read(last.to, last.external_id, typing, self._http)

    def _spawn(self, work: object) -> None:
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, work: object) -> None:
        try:
            await work  # type: ignore[misc]
        except Exception as error:
            log.info("a read mark was not passed on: %s", error)
