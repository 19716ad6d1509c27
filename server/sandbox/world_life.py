"""One simulated customer over time: begins a story when told to, reads what comes, answers at a human pace."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from server.sandbox.members import Member
from server.sandbox.members_story import Mind, Part, Story, asks, nothing_more, react
from server.sandbox.world_line import Heard, Line

#: seconds until somebody who got no word asks whether anybody is there, by how they are
PATIENCE = {"calm": (50, 110), "cheerful": (45, 100), "worried": (28, 60), "hurried": (22, 45), "angry": (18, 35)}
#: seconds between the end of a story and being ready for another
REST = (12.0, 40.0)
#: seconds in which several messages of an advisor count as one
BREATH = 0.9
#: share of openings of which the second message arrives first
SWAPPED = 0.2


class Life:
    """`pace` stretches (above 1) or shortens every pause; `quiet()` tells when nobody may say anything new."""

    def __init__(
        self, member: Member, line: Line, rng: random.Random, *, pace: float, quiet: Callable[[], bool]
    ) -> None:
        self.member = member
        self.line = line
        self.busy = False  # in the middle of a story
        self.sending = 0
        self.resting_until = 0.0
        self._rng = rng
        self._pace = pace
        self._quiet = quiet
        self._said: asyncio.Queue[Heard] = asyncio.Queue()
        self._parted = False  # said, when asked after the end of a story, that there is nothing more
        self._reading: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Look at the phone whenever something comes; runs until cancelled."""
        while True:
            message = await self.line.heard.get()
            task = asyncio.create_task(self._look(message))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    @property
    def reading(self) -> bool:
        """Whether something has come that they have not looked at yet."""
        return bool(self._reading) or not self.line.heard.empty()

    async def _look(self, message: Heard) -> None:
        await self._pause(0.6, 2.5)
        await self.line.read(message)
        if message.kind == "reaction":
            return
        self._said.put_nowait(message)
        if not self.busy and asks(message.text) and not self._quiet() and not self._parted:
            self._parted = True
            part = Part(text=nothing_more(self.member.facts.language, self._rng))
            await self._type(part)
            await self._send(self.line.send(part))

    async def tell(self, story: Story) -> None:
        """Live through one story from its beginning. Returns when it is over for them."""
        mind = Mind(story, self.member.facts, self._rng)
        self.line.begin(story)
        await self._live(mind, story, self._open(mind))

    async def go_on(self, story: Story, answered: bool) -> None:
        """The same from the middle: they have written, and (`answered`) have had an answer."""
        mind = Mind(story, self.member.facts, self._rng)
        mind.heard = int(answered)
        self.line.begin(story, anew=False)
        await self._live(mind, story, None)

    async def _live(self, mind: Mind, story: Story, opening: Coroutine[Any, Any, None] | None) -> None:
        self.busy = True
        self._parted = False
        try:
            await self.line.open()
            while not self._said.empty():
                self._said.get_nowait()
            if opening is not None:
                await opening
            while not mind.over and not self._quiet():
                await self._exchange(mind, story)
            loop = asyncio.get_running_loop()
            self.resting_until = loop.time() + self._rng.uniform(*REST) * self._pace
        finally:
            self.busy = False

    async def _open(self, mind: Mind) -> None:
        parts = self.line.bundle(mind.opening())
        swap = len(parts) > 1 and self._rng.random() < SWAPPED and all(p.kind == "text" for p in parts[:2])
        if swap:
            await self._type(parts[0])
            await self._send(self.line.send_swapped(parts[0], parts[1]))
            parts = parts[2:]
        for n, part in enumerate(parts):
            if n or swap:
                await self._type(part)
            await self._send(self.line.send(part))

    async def _exchange(self, mind: Mind, story: Story) -> None:
        """Wait for an advisor's word and answer it; after a long while ask whether anybody is there."""
        patience = self._rng.uniform(*PATIENCE[story.mood]) * self._pace * self.line.patience
        said = await self._next(patience if mind.heard == 0 else patience * 3)
        parts = mind.hear(said) if said else mind.nudge()
        if said and not parts and not mind.over and self._rng.random() < 0.3:
            parts = [react("👍")]
        for part in self.line.bundle(parts):
            if self._quiet():
                return
            await self._type(part)
            await self._send(self.line.send(part))

    async def _next(self, patience: float) -> str:
        """What the advisor says next, several messages in one; empty if nothing comes for `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                said = [(await self._said.get()).text]
        except TimeoutError:
            return ""
        await self._pause(BREATH, BREATH)
        while not self._said.empty():
            said.append(self._said.get_nowait().text)
        return " ".join(said)

    async def _type(self, part: Part) -> None:
        """The time it takes to write this."""
        await self.line.show_typing(True)
        seconds = 0.7 + 0.035 * len(part.text) if part.kind == "text" else 2.0
        await self._pause(min(seconds, 4.0) * 0.7, min(seconds, 4.0) * 1.3)
        await self.line.show_typing(False)

    async def _send(self, sending: Awaitable[None]) -> None:
        self.sending += 1
        try:
            await sending
        finally:
            self.sending -= 1

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self._rng.uniform(least, most) * self._pace)
