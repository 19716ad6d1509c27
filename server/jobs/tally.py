"""Keeps the day's figures for the wallboard, and minds its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from server import wire
from server.commands.door import SYSTEM, Actor, Door
from server.commands.service import GetServiceSettings
from server.commands.wallboard import CheckLimits, DayBegan, Facts, ShowBoard, TallyBegins, TallyFacts
from server.desk import limits
from server.desk.tally import KINDS, STEP, STEPS, Tally
from server.jobs.work import Job

#: how often limits are looked at when nothing happens (ms)
EVERY = 5_000
#: a board is shown again to whoever asks this soon after (ms): however many look, it is made a few times a second
FRESH = 400

Where = Callable[[], dict[str, tuple[int, bool]]]


class DayTally(Job):
    """Follows the journal. The figures are a fold over it, so a new start counts them anew from this morning on."""

    name = "tally"
    kinds = frozenset(KINDS)
    rest = 1.0

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._tally: Tally | None = None
        self._seq = 0
        self._board: wire.Board | None = None
        self._making = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._passed: set[str] | None = None
        #: who looks at what, as the feed knows it
        self.where: Where = dict

    async def step(self) -> int | None:
        tally = await self._caught_up()
        thresholds = cast(wire.ServiceSettings, await self.ask(GetServiceSettings())).thresholds
        passed = (
            limits.passed(await self.door.ask(SYSTEM, ShowBoard(tally=tally, where={})), thresholds)
            if thresholds
            else []
        )
        if {each.about for each in passed} != self._passed:
            await self.do(CheckLimits(passed=passed))
            self._passed = {each.about for each in passed}
        return self.now() + EVERY

    async def board(self, actor: Actor) -> wire.Board:
        """The wallboard, at most `FRESH` ms old. Raises Refusal if the actor may not see it."""
        self.door.admit(actor, ShowBoard)
        async with self._making:
            if self._board is None or self.now() - self._board.at > FRESH:
                tally = await self._caught_up()
                self._board = await self.door.ask(actor, ShowBoard(tally=tally, where=self.where()))
            return self._board

    async def _caught_up(self) -> Tally:
        """The tally, told of everything that is committed."""
        async with self._reading:
            if self._tally is None:
                day, self._seq = cast("tuple[int, int]", await self.ask(TallyBegins(back=STEP * STEPS)))
                self._tally = Tally(day)
            self._tally.begin_day(cast(int, await self.ask(DayBegan())))
            while True:
                found = cast(Facts, await self.ask(TallyFacts(since=self._seq)))
                for fact in found.facts:
                    self._tally.take(fact)
                self._seq = found.until
                if not found.more:
                    return self._tally
