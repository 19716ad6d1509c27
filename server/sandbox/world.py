"""The demo's world: stand-ins for all providers and the simulated customers, set going, calmed, and asked what really
happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import msgspec

from server.sandbox.members import Deck, cast
from server.sandbox.members_past import Talk, plan
from server.sandbox.world_ledger import Ledger, Record
from server.sandbox.world_life import Life
from server.sandbox.world_providers import Providers
from server.sandbox.world_web import Browser

#: seconds between two new stories
BETWEEN = (1.2, 3.2)
#: seconds between two breaks of somebody's line
BREAKS = (12.0, 30.0)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the business is: the address of its server.

    `past`: what `world_past` wrote down has happened, and some are in the middle of a conversation. `trouble`: the
    channel whose provider refuses what is sent.
    """

    server: str
    past: bool = False
    trouble: str = ""


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """How the world is. `settled`: calm, and nothing is on its way from or to anybody."""

    begun: bool
    calm: bool
    settled: bool
    talking: int
    stories: int
    told: int


class World:
    """`customers` members of the cooperative of `seed`. `pace`: above 1 slower, below 1 quicker."""

    def __init__(self, seed: int, customers: int, *, pace: float = 1.0, faults: bool = True) -> None:
        self.ledger = Ledger()
        self.providers = Providers(seed, self.ledger)
        self.seed = seed
        self.pace = pace
        self.calm = False
        self.members = cast(seed, customers)
        self._rng = random.Random(f"world {seed}")
        self._deck = Deck(seed)
        self._lives: list[Life] = []
        self._stories = self._told = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults = faults

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The providers listen; whatever was begun ends with the block."""
        try:
            async with self.providers.serving():
                yield
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.gather(*(life.line.close() for life in self._lives))
            await self.providers.graph.close()

    # ---------------------------------------------------------------- steering

    def begin(self, place: Place) -> None:
        """Let them write to this business from now on. A second call changes nothing.

        Raises KeyError for trouble with a channel that has no provider.
        """
        if self._lives:
            return
        self.providers.connect(place.server)
        if self._faults:
            self.providers.spoil()
        if place.trouble:
            self.providers.trouble(place.trouble)
        for member in self.members:
            rng = random.Random(f"life {self.seed} {member.n}")
            line = self.providers.line(member, rng)
            life = Life(member, line, rng, pace=self.pace, quiet=lambda: self.calm)
            self._lives.append(life)
            self._spawn(life.line.open())  # somebody may get an answer to what they wrote another day
            self._spawn(life.listen())
        if place.past:
            self._go_on()
        self._spawn(self._conduct())
        self._spawn(self._break_lines())

    def _go_on(self) -> None:
        """Let them remember what they wrote another day, and some be in the middle of it."""
        for talk in plan(self.seed, self.members):
            for step in talk.steps:
                if step.act == "in":
                    self._lives[talk.member.n].line.recall(step.id_of(talk.member), step.text)
            if talk.going:
                self._deck.told(talk.member, talk.story)
                self._begin(self._lives[talk.member.n], talk)

    def rest(self) -> None:
        """Nobody says anything new; what is on its way arrives, and they go on reading."""
        self.calm = True
        self.providers.mend()

    def pulse(self) -> Pulse:
        """How it is now."""
        quiet = not any(life.sending or life.reading for life in self._lives) and not self.providers.busy
        return Pulse(
            begun=bool(self._lives),
            calm=self.calm,
            settled=self.calm and quiet,
            talking=sum(life.busy for life in self._lives),
            stories=self._stories,
            told=self._told,
        )

    def record(self) -> Record:
        """The ledger."""
        return Record(
            offers=list(self.ledger.offers.values()),
            arrivals=self.ledger.arrivals,
            doubled=self.providers.doubled(),
            accepted=self.providers.accepted(),
            stories=self._stories,
            told=self._told,
        )

    # ---------------------------------------------------------------- inside

    async def _conduct(self) -> None:
        """Begin stories, at first one in every place, then one after the other, while there is somebody free."""
        first = {life.member.place: life for life in reversed(self._lives) if not life.busy}
        for life in self._rng.sample(list(first.values()), len(first)):
            self._begin(life)
            await asyncio.sleep(self._rng.uniform(0.02, 0.25) * self.pace)
        loop = asyncio.get_running_loop()
        while not self.calm:
            await asyncio.sleep(self._rng.uniform(*BETWEEN) * self.pace)
            free = [life for life in self._lives if not life.busy and life.resting_until <= loop.time()]
            if free and not self.calm:
                # Whoever has not written yet comes before those who come back.
                new = [life for life in free if life.resting_until == 0.0]
                self._begin(self._rng.choice(new or free))

    def _begin(self, life: Life, talk: Talk | None = None) -> None:
        """Let somebody begin a story, or go on with what they began before there was a demo."""
        self._stories += 1
        life.busy = True
        self._spawn(self._tell(life, talk))

    async def _tell(self, life: Life, talk: Talk | None) -> None:
        if talk is None:
            await life.tell(self._deck.deal(life.member))
        else:
            await life.go_on(talk.story, answered=talk.answered)
        self._told += 1

    async def _break_lines(self) -> None:
        """Now and then a visitor's network goes away for a moment."""
        while not self.calm:
            await asyncio.sleep(self._rng.uniform(*BREAKS) * self.pace)
            talking = [life for life in self._lives if life.busy and isinstance(life.line, Browser)]
            if talking and not self.calm:
                await self._rng.choice(talking).line.lose(self._rng.uniform(1, 4) * self.pace)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "the world has a fault", "exception": error})
