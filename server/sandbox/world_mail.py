"""A simulated customer's mail program: letters with a subject, quotes and a signature, and what machines answer."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from email import message_from_bytes, policy
from typing import Any, ClassVar

from server.sandbox.mail import Delivered, MailWorld
from server.sandbox.members import Member
from server.sandbox.members_story import Kind, Part, Story
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Line
from server.sandbox.world_things import pdf, picture

#: what a mail program writes by itself, by language: while its owner is away
_AWAY = {
    "es": "Estoy fuera de la oficina hasta el lunes. Si es urgente, escriba a gerencia@oficina.example.",
    "en": "I am out of the office until Monday.",
}
_FILES = frozenset({"image", "document"})


class Correspondent(Line):
    """One customer who writes mails."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"text", "image", "document"})
    patience = 8.0

    def __init__(self, member: Member, world: MailWorld, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng, world.state.clock)
        self._world = world
        self._subject = ""
        self._answered: Delivered | None = None
        self._excused = False

    def begin(self, story: Story, *, anew: bool = True) -> None:
        self._subject = story.subject
        if anew:
            self._answered, self._own = None, ""

    def recall(self, id: str, text: str) -> None:
        self._own = id

    def bundle(self, parts: Sequence[Part]) -> list[Part]:
        """What is said in one go is one mail."""
        told = [part for part in parts if part.kind in self.kinds]
        if not told:
            return []
        file = next((part for part in told if part.kind in _FILES), Part())
        text = "\n\n".join(part.text for part in told if part.text)
        return [Part(kind=file.kind, text=text or file.picture, picture=file.picture)]

    # ---------------------------------------------------------------- out

    async def _say(self, part: Part, target: str, at: int) -> None:
        times = self._times()
        about: dict[str, Any] = {"files": self._files(part), "at": at, "name": self.member.name}
        self._mail(part, self._signed(part.text), times, at, about)

    def _mail(self, part: Part, text: str, times: int, at: int, about: dict[str, Any]) -> None:
        """Hand a mail in, `times` times: the same one, as when a server did not hear that the other had it."""
        id = f"{secrets.token_hex(8)}@{self.member.address.partition('@')[2]}"
        before = self._own
        self._offer(id, part, at, times=times)
        if self._answered is not None:
            raw = self._world.reply(self._answered, text, message_id=id, **about)
        else:
            chain = {"In-Reply-To": f"<{before}>", "References": f"<{before}>"} if before else {}
            subject = f"Re: {self._subject}" if before else self._subject
            raw = self._world.write(
                self.member.address, subject=subject, text=text, message_id=id, headers=chain, **about
            )
        for _ in range(times - 1):
            self._world.put(raw)
        self._taken(id, times)

    def _signed(self, text: str) -> str:
        facts = self.member.facts
        return f"{text}\n\n-- \n{facts.full}\nTel. {facts.phone}\n{facts.town}\n"

    def _files(self, part: Part) -> list[tuple[str, str, bytes]]:
        if part.kind == "document":
            return [(part.picture, "application/pdf", pdf(part.picture))]
        return [(f"{part.picture}.png", "image/png", picture(part.picture))] if part.kind == "image" else []

    # ---------------------------------------------------------------- in

    def receive(self, delivered: Delivered) -> None:
        """A mail of the business is there; or the mailbox is full, and whoever runs it says so."""
        if self.member.full:
            self._machine(self._world.bounce(delivered, status="5.2.2", words="mailbox full"))
            return
        mail = message_from_bytes(delivered.raw, policy=policy.default)
        body = mail.get_body(("plain",))
        text = str(body.get_content() if body is not None else "")
        self._answered = delivered
        self._arrive(str(mail["Message-ID"]).strip("<>"), text, at=delivered.at, confirmed=False)
        if self.member.away and not self._excused:
            self._excused = True
            headers = {"Auto-Submitted": "auto-replied", "Precedence": "bulk"}
            self._machine(self._world.reply(delivered, _AWAY[self.member.facts.language], headers=headers))

    def _machine(self, raw: bytes) -> None:
        """Write down what a machine wrote in their name."""
        id = str(message_from_bytes(raw, policy=policy.default)["Message-ID"]).strip("<>")
        own = self._own
        self._offer(id, Part(kind="document"), self._clock())
        self._own = own  # nobody goes on from there
        self._taken(id)
