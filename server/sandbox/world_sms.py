"""A simulated customer who has no data, or likes it plain: text messages only."""

from __future__ import annotations

import random

from server.sandbox.members import Member
from server.sandbox.members_story import Part
from server.sandbox.sms import Message, Twilio
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Line

#: characters of one segment of a text that does not fit the GSM alphabet, alone and as a part of several
_ONE, _PART = 70, 67


class Texter(Line):
    """One customer's telephone."""

    def __init__(self, member: Member, twilio: Twilio, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng, twilio.state.clock)
        self._twilio = twilio

    async def open(self) -> None:
        self._twilio.state.customer(self.member.address).reachable = self.member.reachable

    async def _say(self, part: Part, target: str, at: int) -> None:
        times, length = self._times(), len(part.text)
        segments = 1 if length <= _ONE else -(-length // _PART)
        sid = await self._twilio.write(
            self.member.address, part.text, at=at, times=times, wait=False, NumSegments=str(segments)
        )
        self._offer(sid, part, at, times=times)
        self._taken(sid, times)

    def receive(self, message: Message) -> None:
        """A message of the business is on the screen."""
        self._arrive(message.sid, message.body, ref=message.ref)
