"""A simulated customer's WhatsApp: what they write goes out as Meta's signed webhooks; Graph brings the answers."""

from __future__ import annotations

import asyncio
import random
from typing import Any, ClassVar

from server.sandbox.graph import Customer, Graph, Received
from server.sandbox.graph_hooks import status
from server.sandbox.graph_state import wamid
from server.sandbox.members import Member
from server.sandbox.members_story import Campaign, Kind, Part, Story
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import LATER, Heard, Line
from server.sandbox.world_things import CENTRE, PLACES, pdf, picture


class Phone(Line):
    """One customer's phone."""

    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"text", "image", "audio", "document", "location", "sticker", "contacts", "reaction", "edit", "revoke"}
    )
    swaps = True

    def __init__(self, member: Member, graph: Graph, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng, graph.state.clock)
        self._graph = graph
        self._campaign: Campaign | None = None
        self._person: Customer | None = None
        self._who = ("", member.address) if member.hidden else (member.address, "")

    async def open(self) -> None:
        phone, user_id = self._who
        self._person = self._graph.customer(
            phone,
            user_id,
            name=self.member.name,
            username=self.member.username if self.member.hidden else "",
            reachable=self.member.reachable,
            reads=False,  # they do read, when they look at the phone: see `read`
            open_window=True,  # they may have written before this stand-in was there
        )

    def begin(self, story: Story, *, anew: bool = True) -> None:
        self._campaign = story.campaign  # it is told with the next message only

    # ---------------------------------------------------------------- out

    async def _say(self, part: Part, target: str, at: int) -> None:
        id, times = wamid(self.member.address, outbound=False), self._times()
        content: dict[str, Any] = {"type": part.kind, "reply_to": target, **self._content(part)}
        if self._campaign is not None:
            content["message"] = {"referral": _referral(self._campaign)}
            self._campaign = None
        self._offer(id, part, at, target=target, times=times)
        await self._write(id, times, at, part.text, content)
        if part.kind == "text" and self._rng.random() < LATER:
            self._graph.spawn(self._write_again(id, at, part.text, content))

    async def _write(self, id: str, times: int, at: int, text: str, content: dict[str, Any]) -> None:
        phone, user_id = self._who
        await self._graph.write(phone, text, user_id=user_id, message_id=id, at=at, times=times, **content)
        self._taken(id, times)

    async def _write_again(self, id: str, at: int, text: str, content: dict[str, Any]) -> None:
        """The provider did not see our answer, it seems: the same once more, later."""
        await asyncio.sleep(self._rng.uniform(2, 5))
        self._ledger.offered(id)
        await self._write(id, 1, at, text, content)

    def _content(self, part: Part) -> dict[str, Any]:
        if part.kind == "image":
            return {"data": picture(part.picture), "mime": "image/png"}
        if part.kind == "document":
            return {"data": pdf(part.picture), "mime": "application/pdf", "file_name": part.picture}
        if part.kind == "location":
            latitude, longitude = PLACES.get(part.text, CENTRE)
            return {"content": {"latitude": latitude, "longitude": longitude, "name": part.text}}
        if part.kind == "contacts":
            number = f"+503 7{self._rng.randrange(10**3):03d} {self._rng.randrange(10**4):04d}"
            return {"content": [{"name": {"formatted_name": part.text}, "phones": [{"phone": number}]}]}
        return {}

    # ---------------------------------------------------------------- in

    def receive(self, received: Received) -> None:
        """A message of the business is on the screen."""
        self._arrive(received.id, received.text, kind=received.type, at=received.at, ref=received.ref)

    async def read(self, message: Heard) -> None:
        if not self.member.reads or self._person is None:
            return
        state = self._graph.state
        accepted = next((one for one in reversed(state.accepted) if one.id == message.id), None)
        if accepted is None:
            return
        await self._graph.hook.deliver(status(state, self._person, accepted, "read", state.clock()))
        self._ledger.read("whatsapp", message.id, state.clock())


def _referral(campaign: Campaign) -> dict[str, Any]:
    return {
        "source_url": campaign.url,
        "source_type": "ad",
        "source_id": campaign.id,
        "headline": campaign.headline,
        "body": campaign.body,
        "media_type": "image",
        "ctwa_clid": f"demo-{campaign.id}",
    }
