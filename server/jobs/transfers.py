"""Brings transfers back that nobody answered."""

from __future__ import annotations

from typing import cast

from server.commands.transfers import ReturnDue, TransfersDue
from server.jobs.work import Job


class Returning(Job):
    """Sleeps until the next transfer comes back; new ones wake it."""

    name = "transfers"
    kinds = frozenset({"conversation.transferred"})

    async def step(self) -> int | None:
        while True:
            due = cast("int | None", await self.ask(TransfersDue()))
            if due is None or due > self.now():
                return due
            await self.do(ReturnDue())
