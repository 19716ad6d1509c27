"""How a simulated customer and the business reach each other, whichever the channel."""

from __future__ import annotations

import asyncio

import msgspec

from server.sandbox.members_story import Part


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A message that reached the customer. `id` as the channel calls it; a reaction's `text` is its emoji."""

    id: str
    text: str
    kind: str = "text"


class Line:
    """One customer's phone or browser. `heard` gets what arrives, in the order in which it does."""

    #: whether the customer can send more than text here
    rich = True

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()

    async def open(self) -> None:
        """Be there. Until then nothing can be sent or heard."""

    async def send(self, part: Part) -> None:
        """Send one part; returns when the channel has it."""
        raise NotImplementedError

    async def send_swapped(self, first: Part, second: Part) -> None:
        """Send two parts so that the second is there first."""
        await self.send(first)
        await self.send(second)

    async def show_typing(self, on: bool) -> None:
        """Let the business see that something is being written, where the channel can."""

    async def read(self, message: Heard) -> None:
        """Tell the channel that the customer read this."""

    async def lose(self, seconds: float) -> None:
        """Be without a network for a moment."""

    async def close(self) -> None:
        """Be gone."""
