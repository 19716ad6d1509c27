"""Keeps promises true when their rules change, holidays known ahead, and tells customers who write after hours."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

from server.commands.after_hours import ClosedNow, TellClosed, WhoWrote, Wrote
from server.commands.calendars import HolidaysDue, KeepHolidays, years
from server.commands.door import Door, Refusal
from server.commands.slas import Reapplied, ReapplyRules, RulesChanged
from server.desk import public_days
from server.jobs.work import Job
from server.store.ids import first_of

#: how often it is looked whether a year has begun (ms)
DAILY = 24 * 3_600_000
#: who wrote longer ago (ms) is not told any more that it is closed
LATE = 10 * 60_000


class Reapply(Job):
    """Computes open clocks anew after policies or calendars changed, some at a time; from the start if they change
    again meanwhile."""

    name = "reapply"
    kinds = frozenset(
        {
            "calendar.created",
            "calendar.removed",
            "calendar.updated",
            "sla.policy_created",
            "sla.policy_removed",
            "sla.policy_updated",
            "team.updated",
        }
    )

    async def step(self) -> int | None:
        last, by = 0, await self.ask(RulesChanged())
        while by is not None:
            done = cast(Reapplied, await self.do(ReapplyRules(after=last)))
            now = await self.ask(RulesChanged())
            last = done.last or 0 if now == by else 0
            by = now
        return None


class Holidays(Job):
    """Works out holidays as the years go by."""

    name = "holidays"

    async def step(self) -> int | None:
        for id, country, subdivision in cast(list[tuple[int, str, str]], await self.ask(HolidaysDue())):
            ahead = years(self.now())
            try:
                found = await asyncio.to_thread(public_days.holidays_of, country, subdivision, ahead)
            except public_days.UnknownPlace:  # a country that a newer package no longer knows
                continue
            await self.do(KeepHolidays(id=id, holidays=found))
        return self.now() + DAILY


class AfterHours(Job):
    """Tells customers who write while it is closed when it opens again."""

    name = "after hours"
    kinds = frozenset({"message.received"})
    rest = 0.5

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._last = first_of(self.now() - LATE)

    async def step(self) -> int | None:
        if not await self.ask(ClosedNow()):
            self._last = max(self._last, first_of(self.now() - LATE))
            return None
        while wrote := cast(list[Wrote], await self.ask(WhoWrote(after=self._last))):
            for each in wrote:
                with contextlib.suppress(Refusal):
                    await self.do(TellClosed(message=each.message))
            self._last = wrote[-1].message
        return None
