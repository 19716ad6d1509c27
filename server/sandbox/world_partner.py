"""A simulated customer in the cooperative's own app, which is a webhook channel: signed calls in both directions."""

from __future__ import annotations

import asyncio
import random
import secrets
from typing import Any, ClassVar

from server.sandbox.members import Member
from server.sandbox.members_story import Kind, Part
from server.sandbox.webhook import Partner, Received
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Heard, Line
from server.sandbox.world_things import CENTRE, PLACES


class AppUser(Line):
    """One customer with the app open. The app knows their mail address, and says so."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"text", "location", "reaction", "edit", "revoke"})
    swaps = True

    def __init__(self, member: Member, partner: Partner, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng, partner.clock)
        self._partner = partner

    # ---------------------------------------------------------------- out

    async def _say(self, part: Part, target: str, at: int) -> None:
        id, times = f"app-{secrets.token_hex(6)}", self._times()
        self._offer(id, part, at, target=target, times=times)
        if part.kind in ("reaction", "edit", "revoke"):
            word = "delete" if part.kind == "revoke" else part.kind
            said = {"emoji": part.text} if part.kind == "reaction" else {"text": part.text}
            body = {"type": word, "id": id, "from": {"id": self.member.address}, "message": target, "at": at, **said}
            await self._partner.deliver(body, id, times)
        else:
            await self._partner.write(
                self.member.address, part.text, times=times, id=id, at=at, **self._person(), **_content(part, target)
            )
        self._taken(id, times)

    def _person(self) -> dict[str, Any]:
        facts = self.member.facts
        return {
            "name": self.member.name,
            "email": self.member.mail,
            "language": facts.language,
            "region": facts.town,
        }

    # ---------------------------------------------------------------- in

    async def receive(self, received: Received) -> None:
        """A message of the business is on the screen; the app says so."""
        self._arrive(received.id, received.text, kind=received.type, at=received.at)
        await asyncio.sleep(self._rng.uniform(0.02, 0.1))
        await self._report(received.id, "delivered")

    async def read(self, message: Heard) -> None:
        if self.member.reads:
            await self._report(message.id, "read")
            self._ledger.read(self.channel, message.id, self._clock())

    async def _report(self, message: str, status: str) -> None:
        body = {"type": "status", "message": message, "status": status, "at": self._clock()}
        times = 2 if self._partner.faults.take("duplicate") else 1
        await self._partner.deliver(body, f"{message}.{status}", times)


def _content(part: Part, target: str) -> dict[str, Any]:
    content: dict[str, Any] = {"reply_to": target} if target else {}
    if part.kind == "location":
        latitude, longitude = PLACES.get(part.text, CENTRE)
        content["location"] = {"latitude": latitude, "longitude": longitude, "name": part.text}
    return content
