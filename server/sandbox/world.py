"""The demo's world: Graph's stand-in and the simulated customers, set going, calmed, and asked what really happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import msgspec

from server.sandbox.graph import Customer, Fault, Graph, Received, Settings
from server.sandbox.graph_state import now_ms
from server.sandbox.members import Deck, Member, cast
from server.sandbox.members_past import Talk, plan
from server.sandbox.world_ledger import Ledger, Record
from server.sandbox.world_life import Life
from server.sandbox.world_line import Line
from server.sandbox.world_phone import Phone
from server.sandbox.world_web import Browser

#: customers who write in the first moments, so that nobody looks at an empty inbox
AT_ONCE = 5
#: seconds between two new stories
BETWEEN = (1.2, 3.2)
#: seconds between two breaks of somebody's line
BREAKS = (12.0, 30.0)

#: what goes wrong, all of which must leave no trace: answers lost after the message was taken, passing errors of Graph,
#: statuses backwards, slow answers (their statuses come before them: see `world_http.Slow`)
FAULTS = (
    Fault(kind="cut", rate=0.02),
    Fault(kind="error", code=131000, rate=0.02),
    Fault(kind="reorder", rate=0.1),
)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the business is: the WhatsApp channel's hook, and the web chat's address (`…/chat/NAME`).

    `past`: what `world_past` wrote down has happened, and some are in the middle of a conversation.
    """

    hook_url: str
    chat_url: str
    past: bool = False


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
        settings = Settings(verified_name="Cooperativa Maquilishuat", sent_after=40, delivered_after=250)
        self.graph = Graph(settings, seed=seed)
        self.ledger = Ledger()
        self.seed = seed
        self.pace = pace
        self.calm = False
        self.members = cast(seed, customers)
        self._rng = random.Random(f"world {seed}")
        self._deck = Deck(seed)
        self._lives: list[Life] = []
        self._phones: dict[str, Phone] = {}
        self._stories = self._told = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults = faults
        self.graph.on_received(self._received)

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Whatever was begun ends with the block."""
        try:
            yield
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.gather(*(life.line.close() for life in self._lives))
            await self.graph.close()

    # ---------------------------------------------------------------- steering

    def begin(self, place: Place) -> None:
        """Let them write to this business from now on. A second call changes nothing."""
        if self._lives:
            return
        self.graph.settings.hook_url = place.hook_url
        if self._faults:
            self.graph.faults.add(*(msgspec.structs.replace(fault) for fault in FAULTS))
        for member in self.members:
            rng = random.Random(f"life {self.seed} {member.n}")
            life = Life(member, self._line(member, place, rng), rng, pace=self.pace, quiet=lambda: self.calm)
            self._lives.append(life)
            self._spawn(life.line.open())  # somebody may get an answer to what they wrote another day
            self._spawn(life.listen())
        if place.past:
            for talk in plan(self.seed, self.members):
                if talk.going:
                    self._deck.told(talk.member, talk.story)
                    self._begin(self._lives[talk.member.n], talk)
        self._spawn(self._conduct())
        self._spawn(self._break_lines())

    def rest(self) -> None:
        """Nobody says anything new; what is on its way arrives, and they go on reading."""
        self.calm = True
        self.graph.faults.clear()

    def pulse(self) -> Pulse:
        """How it is now."""
        quiet = not any(life.sending or life.reading for life in self._lives) and not self.graph.busy
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
            doubled=self.graph.state.doubled(),
            undeliverable=sum(1 for one in self.graph.state.accepted if one.failed),
            stories=self._stories,
            told=self._told,
        )

    # ---------------------------------------------------------------- inside

    def _line(self, member: Member, place: Place, rng: random.Random) -> Line:
        if member.line == "web":
            return Browser(member, place.chat_url, self.ledger, rng, now_ms)
        phone = Phone(member, self.graph, self.ledger, rng)
        self._phones[member.key] = phone
        return phone

    def _received(self, customer: Customer, received: Received) -> None:
        for key in (customer.phone, customer.user_id):
            if phone := self._phones.get(key):
                phone.receive(received)
                return

    async def _conduct(self) -> None:
        """Begin stories, at first a few at once, then one after the other, while there is somebody free."""
        first = [life for life in self._lives if not life.busy][: AT_ONCE + 3]
        for life in self._rng.sample(first, min(AT_ONCE, len(first))):
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
