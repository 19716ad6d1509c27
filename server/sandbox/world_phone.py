"""A simulated customer's WhatsApp: what they write goes out as Meta's signed webhooks; Graph brings the answers."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from server.sandbox.graph import Customer, Graph, Received
from server.sandbox.graph_hooks import status
from server.sandbox.graph_state import wamid
from server.sandbox.members import Member
from server.sandbox.members_story import Campaign, Part
from server.sandbox.world_ledger import Arrival, Ledger, Offer
from server.sandbox.world_line import Heard, Line
from server.sandbox.world_things import CENTRE, PLACES, pdf, picture

#: share of messages that Meta delivers twice at once, and again some seconds later; every third member's first
#: message comes twice for certain, so that no demo goes without
TWICE = 0.1
LATER = 0.06


class Phone(Line):
    """One customer's phone. `campaign` is told with the next message only."""

    def __init__(self, member: Member, graph: Graph, ledger: Ledger, rng: random.Random) -> None:
        super().__init__()
        self.member = member
        self.campaign: Campaign | None = None
        self._graph = graph
        self._ledger = ledger
        self._rng = rng
        self._own = self._theirs = ""
        self._person: Customer | None = None

    async def open(self) -> None:
        self._person = self._graph.customer(
            self.member.phone,
            self.member.user_id,
            name=self.member.name,
            username=self.member.username,
            reachable=self.member.reachable,
            reads=False,  # they do read, when they look at the phone: see `read`
            open_window=True,  # they may have written before this stand-in was there
        )

    # ---------------------------------------------------------------- out

    async def send(self, part: Part) -> None:
        await self._send(part, self._graph.state.clock())

    async def send_swapped(self, first: Part, second: Part) -> None:
        # Written a second apart, for Meta tells times in seconds.
        now = self._graph.state.clock()
        before, self._own = self._own, ""
        await self._send(second, now)
        newest, self._own = self._own, before
        await asyncio.sleep(self._rng.uniform(0.2, 0.9))
        await self._send(first, now - 1000)
        self._own = newest

    async def _send(self, part: Part, at: int) -> None:
        target = self._theirs if part.about == "theirs" else self._own if part.about == "own" else ""
        if part.kind in ("reaction", "edit", "revoke") and not target:
            return
        id = wamid(self.member.key, outbound=False)
        certain = not self._own and self.member.n % 3 == 1
        times = 2 if self._rng.random() < TWICE or certain else 1
        offer = Offer(
            channel="whatsapp",
            id=id,
            who=self.member.key,
            kind=part.kind,
            text=part.text,
            at=at,
            target=target if part.kind in ("reaction", "edit", "revoke") else "",
        )
        self._ledger.offer(offer)
        content: dict[str, Any] = {"type": part.kind, "reply_to": target, **self._content(part)}
        if self.campaign is not None:
            content["message"] = {"referral": _referral(self.campaign)}
            self.campaign = None
        if part.kind not in ("reaction", "edit", "revoke"):
            self._own = id
        await self._offer(id, times, at, part.text, content)
        if part.kind == "text" and self._rng.random() < LATER:
            self._graph.spawn(self._offer_again(id, at, part.text, content))

    async def _offer(self, id: str, times: int, at: int, text: str, content: dict[str, Any]) -> None:
        self._ledger.offered(id, times)
        await self._graph.write(
            self.member.phone, text, user_id=self.member.user_id, message_id=id, at=at, times=times, **content
        )
        self._ledger.taken(id, self._graph.state.clock(), times)

    async def _offer_again(self, id: str, at: int, text: str, content: dict[str, Any]) -> None:
        """The provider did not see our answer, it seems: the same once more, later."""
        await asyncio.sleep(self._rng.uniform(2, 5))
        await self._offer(id, 1, at, text, content)

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
        self._ledger.arrived(
            Arrival(
                channel="whatsapp",
                id=received.id,
                who=self.member.key,
                text=received.text,
                at=received.at,
                ref=received.ref,
            )
        )
        if received.type != "reaction":
            self._theirs = received.id
        self.heard.put_nowait(Heard(id=received.id, text=received.text, kind=received.type))

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
