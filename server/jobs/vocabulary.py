"""Learns the words of messages as they come, and once those of the whole history, a little at a time."""

from __future__ import annotations

from typing import cast

from server.commands.vocabulary import Hear, Heard, Learn
from server.jobs.work import Job


class Vocabulary(Job):
    """Ten million messages take it three quarters of an hour, a few hundredths of the machine."""

    name = "vocabulary"
    kinds = frozenset({"message.received", "message.queued", "message.echo", "note.added"})
    rest = 0.5

    async def step(self) -> int | None:
        heard = cast("Heard | None", await self.ask(Hear()))
        if heard is None:
            return None
        await self.do(Learn(heard=heard))
        return self.now() if heard.more else None
