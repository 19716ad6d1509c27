"""Asks providers what became of messages whose fate nobody knows, where the channel has means to know."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from server.channels.base import Uncertain
from server.commands.channels import OpenChannels
from server.commands.door import Command, Door
from server.commands.finding import (
    LeaseQuestions,
    Question,
    QuestionsDue,
    RecordFound,
    RecordNotFound,
    RecordUndecided,
)
from server.jobs.work import Job

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

#: questions asked at once
AT_ONCE = 8
#: seconds a provider may take to answer: less than a question is leased for
SECONDS = 60.0


class Finding(Job):
    """A question that is cut short is asked again when its lease ends; no answer is recorded twice."""

    name = "finding"
    kinds = frozenset({"message.status"})
    rest = 0.5

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http

    async def step(self) -> int | None:
        due = cast("int | None", await self.ask(QuestionsDue()))
        if due is None or due > self.now():
            return due
        lease = LeaseQuestions(limit=AT_ONCE, media=str(self.door.store.media))
        await asyncio.gather(*(self._settle(question) for question in cast(list[Question], await self.do(lease))))
        return self.now()

    async def _settle(self, question: Question) -> None:
        try:
            await self.do(await self._ask(question))
        except Exception as error:
            log.warning("what became of message %d could not be recorded: %s", question.message, error)

    async def _ask(self, question: Question) -> Command:
        """Ask; the command that records the answer."""
        message, n = question.message, question.n
        channel = await self._channels.by_id(question.channel_id)
        if channel is None:
            return RecordUndecided(message=message, n=n)
        try:
            async with asyncio.timeout(SECONDS):
                sent = await channel.adapter.find_sent(question.out, self._http)
        except Uncertain:
            return RecordUndecided(message=message, n=n)
        except Exception as error:
            log.info("nobody could say what became of message %d: %s", message, error)
            return RecordUndecided(message=message, n=n, answered=False)
        return RecordNotFound(message=message, n=n) if sent is None else RecordFound(message=message, n=n, sent=sent)
