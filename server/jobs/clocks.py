"""Makes service-level clocks warn and breach at their moment, and forgets what has been kept long enough."""

from __future__ import annotations

from typing import cast

from server.commands.door import Door
from server.commands.snoozing import SnoozesDue, WakeDue
from server.commands.timekeeping import ClocksDue, ForgetOld, Forgotten, MarkClocks
from server.jobs.work import Job

#: how often old raw calls are looked for (ms)
EVERY = 10 * 60_000


class Clocks(Job):
    """Sleeps until the next clock warns or breaches. New clocks wake it, so it is never later than its own commit."""

    name = "clocks"
    kinds = frozenset(
        {"sla.started", "sla.changed", "sla.resumed", "message.cancelled", "message.status", "conversation.split"}
    )

    async def step(self) -> int | None:
        while True:
            due = cast("int | None", await self.ask(ClocksDue()))
            if due is None or due > self.now():
                return due
            await self.do(MarkClocks())


class Alarm(Job):
    """Brings conversations back at the moment until which they were put aside."""

    name = "alarm"
    kinds = frozenset({"conversation.snoozed"})

    async def step(self) -> int | None:
        while True:
            due = cast("int | None", await self.ask(SnoozesDue()))
            if due is None or due > self.now():
                return due
            await self.do(WakeDue())


class Housekeeping(Job):
    """Drops raw calls and idempotency keys past their time, a little at a time."""

    name = "housekeeping"

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._last = 0

    async def step(self) -> int | None:
        done = cast(Forgotten, await self.do(ForgetOld(after=self._last)))
        self._last = done.last
        return self.now() + (1_000 if done.more else EVERY)
