"""Brings conversations back when what was promised in them is due, and counts what is late."""

from __future__ import annotations

from typing import cast

from server.commands.reminding import RemindDue, RemindersDue
from server.jobs.work import Job


class Reminders(Job):
    """Sleeps until the next reminder is due or late; new and moved ones wake it."""

    name = "reminders"
    kinds = frozenset({"reminder.made", "reminder.moved", "reminder.tried", "reminder.restored", "service.updated"})

    async def step(self) -> int | None:
        while True:
            due = cast("int | None", await self.ask(RemindersDue()))
            if due is None or due > self.now():
                return due
            await self.do(RemindDue())
