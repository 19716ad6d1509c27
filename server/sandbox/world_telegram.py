"""A simulated customer's Telegram: what they write waits until the channel fetches it."""

from __future__ import annotations

import random
from typing import Any, ClassVar

from server.sandbox.members import Member
from server.sandbox.members_story import Kind, Part
from server.sandbox.telegram import BotApi, Fault, Received
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Line
from server.sandbox.world_things import CENTRE, PLACES, pdf, picture

#: what Telegram calls what people send
_TYPES = {"image": "photo", "audio": "voice", "contacts": "contact"}


class Chat(Line):
    """One customer's chat with the bot."""

    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"text", "image", "album", "audio", "document", "location", "sticker", "contacts", "reaction", "edit"}
    )

    def __init__(self, member: Member, bot: BotApi, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng, bot.state.clock)
        self._bot = bot
        self._chat = int(member.address)

    async def open(self) -> None:
        first, _, last = self.member.name.partition(" ")
        about = {"first_name": first, "last_name": last, "language_code": self.member.facts.language}
        self._bot.state.chat(self._chat, username=self.member.username, blocked=not self.member.reachable, **about)

    def recall(self, id: str, text: str) -> None:
        self._bot.state.messages[self._chat, _number(id)] = text

    # ---------------------------------------------------------------- out

    async def _say(self, part: Part, target: str, at: int) -> None:
        if part.kind in ("reaction", "edit"):
            await self._about(part, target, at)
        elif part.kind == "album":
            group = {"media_group_id": str(at)}
            for n, name in enumerate(part.picture.split()):
                one = Part(kind="image", text="" if n else part.text, picture=name)
                await self._write(one, at, message=group)
        else:
            await self._write(part, at, reply_to=_number(target))

    async def _about(self, part: Part, target: str, at: int) -> None:
        # The id of the update that tells of it belongs to its id.
        id = f"{target}:{part.kind}:{self._bot.state.next_update}"
        self._offer(id, part, at, target=target)
        change = self._bot.react if part.kind == "reaction" else self._bot.edit
        await change(self._chat, _number(target), part.text)
        self._taken(id)

    async def _write(self, part: Part, at: int, **more: Any) -> None:
        times = self._times()
        if times > 1:
            self._bot.faults.active.insert(0, Fault(kind="duplicate", times=1))
        kind = _TYPES.get(part.kind, part.kind)
        number = await self._bot.write(self._chat, part.text, type=kind, at=at, **self._content(part), **more)
        id = f"{self._chat}:{number}"
        self._offer(id, part, at, times=times)
        self._taken(id, times)

    def _content(self, part: Part) -> dict[str, Any]:
        if part.kind == "image":
            return {"data": picture(part.picture)}
        if part.kind == "document":
            return {"data": pdf(part.picture), "file_name": part.picture}
        if part.kind == "location":
            latitude, longitude = PLACES.get(part.text, CENTRE)
            return {"content": {"latitude": latitude, "longitude": longitude}}
        return {}

    # ---------------------------------------------------------------- in

    def receive(self, received: Received) -> None:
        """A message of the bot's is in the chat."""
        id = f"{self._chat}:{received.id}"
        self._arrive(id, received.text, kind=received.type, at=received.at, confirmed=False)


def _number(id: str) -> int:
    """The message's number in an id of ours, 0 for none."""
    return int(id.rpartition(":")[2] or 0)
