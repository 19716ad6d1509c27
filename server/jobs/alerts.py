"""Passes alerts on that nobody acknowledges."""

from __future__ import annotations

from typing import cast

from server.commands.alerts import Escalate, EscalationsDue
from server.jobs.work import Job


class Escalation(Job):
    """Sleeps until the next alert goes on to the next level; new alerts wake it."""

    name = "escalation"
    kinds = frozenset({"alert.raised"})

    async def step(self) -> int | None:
        while True:
            due = cast("int | None", await self.ask(EscalationsDue()))
            if due is None or due > self.now():
                return due
            await self.do(Escalate())
