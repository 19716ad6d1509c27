"""How a simulated customer and the business reach each other, whichever the channel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from server.sandbox.graph_state import now_ms
from server.sandbox.members import Line as Channel
from server.sandbox.members import Member
from server.sandbox.members_story import Kind, Part, Story
from server.sandbox.world_ledger import Arrival, Ledger, Offer

#: share of messages that a provider delivers twice, and again some seconds later; every third member's first message
#: comes twice for certain, so that no demo goes without
TWICE = 0.1
LATER = 0.06
#: kinds that speak of another message
ABOUT = frozenset[Kind]({"reaction", "edit", "revoke"})


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A message that reached the customer. `id` as the channel calls it; a reaction's `text` is its emoji."""

    id: str
    text: str
    kind: str = "text"


class Line:
    """One customer's phone or browser. `heard` gets what arrives, in the order in which it does."""

    #: what can be sent here
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    #: two messages can change places on the way, and tell by their times that they did
    swaps: ClassVar[bool] = False
    #: how much longer than in a chat people wait here before they ask again
    patience: ClassVar[float] = 1.0

    def __init__(self, member: Member, ledger: Ledger, rng: random.Random, clock: Callable[[], int] = now_ms) -> None:
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()
        self.member = member
        self._ledger = ledger
        self._rng = rng
        self._clock = clock
        #: their own newest message, and the business's
        self._own = self._theirs = ""

    @property
    def channel(self) -> Channel:
        """The kind of channel."""
        return self.member.line

    # ---------------------------------------------------------------- for whoever uses it

    async def open(self) -> None:
        """Be there. Until then nothing can be sent or heard."""

    def recall(self, id: str, text: str) -> None:
        """They wrote this before there was a stand-in."""

    def begin(self, story: Story, *, anew: bool = True) -> None:
        """They are about to tell this, or (not `anew`) to go on with it."""

    def bundle(self, parts: Sequence[Part]) -> list[Part]:
        """What is said in one go, as it is sent here."""
        return list(parts)

    async def send(self, part: Part) -> None:
        """Send one part, if this channel carries such; returns when the channel has it."""
        await self._send(part, self._clock())

    async def send_swapped(self, first: Part, second: Part) -> None:
        """Send two parts so that the second is there first, if that can happen here."""
        now = self._clock()
        if not self.swaps:
            await self._send(first, now)
            await self._send(second, now)
            return
        # Written a second apart, for some channels tell times in seconds.
        before, self._own = self._own, ""
        await self._send(second, now)
        newest, self._own = self._own, before
        await asyncio.sleep(self._rng.uniform(0.2, 0.9))
        await self._send(first, now - 1000)
        self._own = newest

    async def show_typing(self, on: bool) -> None:
        """Let the business see that something is being written, where the channel can."""

    async def read(self, message: Heard) -> None:
        """Tell the channel that the customer read this, where it can be told."""

    async def lose(self, seconds: float) -> None:
        """Be without a network for a moment."""

    async def close(self) -> None:
        """Be gone."""

    # ---------------------------------------------------------------- for each channel

    async def _send(self, part: Part, at: int) -> None:
        target = self._theirs if part.about == "theirs" else self._own if part.about == "own" else ""
        if part.kind in self.kinds and (target or part.kind not in ABOUT):
            await self._say(part, target, at)

    async def _say(self, part: Part, target: str, at: int) -> None:
        """Send what this channel carries; `target`: the message that it speaks of."""
        raise NotImplementedError

    def _times(self) -> int:
        """How often the provider delivers the next message."""
        certain = not self._own and self.member.n % 3 == 1
        return 2 if self._rng.random() < TWICE or certain else 1

    def _offer(self, id: str, part: Part, at: int, *, target: str = "", times: int = 1) -> None:
        """Write down what is about to be offered; it is their newest message, if it is one of its own."""
        about = part.kind in ABOUT
        self._ledger.offer(
            Offer(
                channel=self.channel,
                id=id,
                who=self.member.key,
                kind=part.kind,
                text=part.text,
                at=at,
                target=target if about else "",
            )
        )
        self._ledger.offered(id, times)
        if not about:
            self._own = id

    def _taken(self, id: str, times: int = 1) -> None:
        self._ledger.taken(id, self._clock(), times)

    def _arrive(
        self, id: str, text: str, *, kind: str = "text", at: int = 0, ref: str = "", confirmed: bool = True
    ) -> None:
        """A message of the business is on the screen."""
        self._ledger.arrived(
            Arrival(
                channel=self.channel,
                id=id,
                who=self.member.key,
                text=text,
                at=at or self._clock(),
                ref=ref,
                confirmed=confirmed,
            )
        )
        if kind != "reaction":
            self._theirs = id
        self.heard.put_nowait(Heard(id=id, text=text, kind=kind))
