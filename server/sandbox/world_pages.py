"""A simulated customer's Messenger or Instagram: direct messages, and comments that everybody can read."""

from __future__ import annotations

import random
from typing import Any, ClassVar, NamedTuple

from server.channels.meta_entry import digest, made_id
from server.sandbox import graph_pages_hooks as hooks
from server.sandbox.graph_pages import Comment, Pages, Person, Received
from server.sandbox.members import Member
from server.sandbox.members_story import Campaign, Kind, Part, Story
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Heard, Line
from server.sandbox.world_things import pdf, picture

#: what Meta calls what people send
_TYPES = {"image": "image", "audio": "audio", "document": "file", "sticker": "sticker"}
#: the cooperative's Page and its Instagram account
ACCOUNTS = {"messenger": "104567890123456", "instagram": "17841405822304914"}
#: posts of the cooperative that people comment on
_POSTS = 3


class Sign(NamedTuple):
    """What a word about another message is, and the id it has here (Meta gives it none)."""

    type: str
    id: str


class _Person(Line):
    """Somebody with an account there."""

    def __init__(self, member: Member, pages: Pages, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng, pages.state.clock)
        self._pages = pages
        self._person: Person | None = None

    async def open(self) -> None:
        self._person = self._pages.person(
            self.member.address,
            name=self.member.name,
            username=self.member.username,
            reachable=self.member.reachable,
            reads=False,  # they do read, when they look: see `read`
            open_window=True,
        )

    def receive(self, received: Received) -> None:
        """A message of the business, or its public answer, is on the screen."""
        confirmed = received.type == "comment" or self._pages.settings.kind == "messenger"
        self._arrive(
            received.id, received.text, kind=received.type, at=received.at, ref=received.ref, confirmed=confirmed
        )


class Chatter(_Person):
    """Somebody who writes directly."""

    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"text", "image", "audio", "document", "sticker", "reaction", "edit", "revoke"}
    )
    swaps = True

    def __init__(self, member: Member, pages: Pages, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, pages, ledger, rng)
        self._campaign: Campaign | None = None

    def begin(self, story: Story, *, anew: bool = True) -> None:
        self._campaign = story.campaign

    def recall(self, id: str, text: str) -> None:
        self._pages.state.messages[id] = self.member.address

    # ---------------------------------------------------------------- out

    async def _say(self, part: Part, target: str, at: int) -> None:
        if sign := self._sign(part, target, at):
            self._offer(sign.id, part, at, target=target)
            await self._pages.write(self.member.address, part.text, type=sign.type, reply_to=target, at=at)
            self._taken(sign.id)
            return
        if part.kind in _TYPES:
            data = picture(part.picture) if part.kind == "image" else None
            if part.kind == "document":
                data = pdf(part.picture)
            file = Part(kind=part.kind)
            await self._write(file, at, type=_TYPES[part.kind], reply_to=target, **({"data": data} if data else {}))
        if part.text:  # a file has no caption here
            await self._write(Part(text=part.text), at, text=part.text, reply_to=target)

    async def _write(self, part: Part, at: int, **content: Any) -> None:
        id, times = self._pages.state.mid(), self._times()
        if self._campaign is not None:
            content["referral"] = _referral(self._campaign)
            self._campaign = None
        self._offer(id, part, at, times=times)
        await self._pages.write(self.member.address, message_id=id, at=at, times=times, **content)
        self._taken(id, times)

    def _sign(self, part: Part, target: str, at: int) -> Sign | None:
        if part.kind == "reaction":
            return Sign("reaction", made_id("reaction", target, self.member.address, at, part.text))
        if part.kind == "edit":
            return Sign("edit", made_id("edit", target, 1, digest(part.text)))
        return Sign("unsend", made_id("delete", target)) if part.kind == "revoke" else None

    # ---------------------------------------------------------------- in

    async def read(self, message: Heard) -> None:
        state = self._pages.state
        accepted = next((one for one in reversed(state.accepted) if one.id == message.id), None)
        if accepted is None or self._person is None or not self.member.reads:
            return
        now = state.clock()
        await self._pages.deliver(hooks.read(state, self._person, accepted, now), 1, self.member.address)
        # Messenger tells up to when everything was read, Instagram tells which message was.
        until = now if self._pages.settings.kind == "messenger" else 0
        self._ledger.read(self.channel, message.id, now, who=self.member.key, until=until)


class Commenter(_Person):
    """Somebody who writes below one of the cooperative's posts."""

    swaps = False
    patience = 3.0

    def __init__(self, member: Member, pages: Pages, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, pages, ledger, rng)
        self._post = post_of(member)
        self._top = ""

    def begin(self, story: Story, *, anew: bool = True) -> None:
        if anew:
            self._top = ""

    def recall(self, id: str, text: str) -> None:
        self._top = id
        self._pages.state.comments[id] = Comment(
            id=id, author=self.member.address, post=self._post, parent="", text=text, at=self._clock()
        )

    async def _say(self, part: Part, target: str, at: int) -> None:
        id, times = self._pages.state.comment_id(self._post), self._times()
        self._offer(id, part, at, times=times)
        await self._pages.comment(
            self.member.address, part.text, post=self._post, parent=self._top, comment_id=id, at=at, times=times
        )
        self._taken(id, times)
        self._top = self._top or id


def post_of(member: Member) -> str:
    """The post that a member comments on."""
    number = 900_000_000_001 + member.n % _POSTS
    return f"{ACCOUNTS['messenger']}_{number}" if member.line == "messenger" else str(number)


def _referral(campaign: Campaign) -> dict[str, Any]:
    about = {"ad_title": campaign.headline, "photo_url": campaign.url}
    return {"source": "ADS", "type": "OPEN_THREAD", "ad_id": campaign.id, "ads_context_data": about}
