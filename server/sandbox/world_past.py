"""Writes a demo's past into an empty data folder, with the same commands that write everything else.

`python -m server.sandbox.world_past --data DIR --seed N --customers N`, a JSON `Staff` on standard input. One
transaction; each command runs with the clock of its own moment, in the order of time. No server may be running.
"""

from __future__ import annotations

import argparse
import hashlib
import secrets
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from server import wire
from server.channels.registry import adapter_class
from server.commands.accounts import CreateTeam, CreateUser
from server.commands.acts import Claim, MarkSeen, ResolveConversation
from server.commands.channels import CreateChannel
from server.commands.delivering import Attempt, LeaseOutbox, RecordRefused, RecordSent
from server.commands.door import SYSTEM, Actor, Command, Door, Need
from server.commands.receive import Receive
from server.commands.replies import AddNote, SendReply
from server.commands.setup import SetUp
from server.facts import Address, MessageFact, Party, StatusFact
from server.routes.passwords import hash_password
from server.sandbox.graph_state import wamid
from server.sandbox.members import Line, Member, cast
from server.sandbox.members_past import DAY, SECOND, Step, Talk, plan
from server.sandbox.world_pages import post_of
from server.store import conversations, messages
from server.store.store import Store, Tx

#: how long ago the cooperative began to use this
FOUNDED = 90 * DAY


class Staff(msgspec.Struct, kw_only=True):
    """Who works at the cooperative, and over which channels (one of each kind). The first team is the admin's. One
    password for all."""

    admin: str
    password: str
    language: str = "es"
    teams: list[str]
    users: list[wire.NewUser]
    channels: list[wire.NewChannel]


class WriteDown(Command, kw_only=True):
    """Found the cooperative and let its past happen; `now` is the moment the demo begins (UTC ms)."""

    needs: ClassVar[Need] = "system"

    staff: Staff
    password_hash: str
    talks: list[Talk]
    now: int

    def run(self, tx: Tx, actor: Actor) -> None:
        people, channels = self._found(tx)
        steps = [(step, talk) for talk in self.talks for step in talk.steps]
        newest: dict[int, int] = {}
        for step, talk in sorted(steps, key=lambda each: -each[0].ago):
            moment = _Moment(tx, self.now - step.ago, people, channels[talk.member.line])
            moment.happen(step, talk, newest)
        tx.now = self.now

    def _found(self, tx: Tx) -> tuple[dict[str, Actor], dict[str, int]]:
        tx.now = self.now - FOUNDED
        staff = self.staff
        SetUp(admin=staff.admin, password_hash=self.password_hash, team=staff.teams[0], language=staff.language).run(
            tx, SYSTEM
        )
        for team in staff.teams[1:]:
            CreateTeam(team=wire.NewTeam(name=team)).run(tx, SYSTEM)
        people = {}
        for new in staff.users:
            user: wire.User = CreateUser(user=new, password_hash=self.password_hash).run(tx, SYSTEM)
            people[user.name] = Actor("user", user.id, user.name, user.role)
        channels = {new.kind: int(CreateChannel(channel=new).run(tx, SYSTEM).id) for new in staff.channels}
        return people, channels


class _Moment:
    """One moment of the past: the transaction with its clock set to it."""

    def __init__(self, tx: Tx, at: int, people: dict[str, Actor], channel: int) -> None:
        self.tx = tx
        self.at = at
        self.people = people
        self.channel = channel
        tx.now = max(tx.now, at)  # statuses of the step before may be a second ahead

    def happen(self, step: Step, talk: Talk, newest: dict[int, int]) -> None:
        """Let one step happen; `newest` remembers which conversation a member's newest talk is."""
        member = talk.member
        if step.act == "in":
            newest[member.n] = self._write(talk, step)
            return
        conversation, who = newest[member.n], self.people[step.by]
        if step.act == "claim":
            self._do(who, Claim(conversation=conversation))
        elif step.act == "note":
            self._do(who, AddNote(conversation=conversation, note=wire.Note(text=step.text)))
        elif step.act == "resolve":
            self._do(who, ResolveConversation(conversation=conversation, resolve=wire.Resolve(outcome=step.text)))
        else:
            self._answer(member, conversation, who, step.text, fails=step.act == "fails")

    def _do(self, actor: Actor, command: Command) -> Any:
        self.tx.actor = str(actor)
        return command.run(self.tx, actor)

    def _write(self, talk: Talk, step: Step) -> int:
        """The customer writes; which conversation that is."""
        member = talk.member
        fact = MessageFact(
            external_id=_inbound_id(member, step),
            party=_party(member),
            at=self.at,
            kind="text",
            text=step.text,
            **_place(talk, step),
        )
        received = self._do(SYSTEM, Receive(channel_id=self.channel, body=b"", facts=[fact], received_at=self.at))
        row = messages.get(self.tx, received.messages[0])
        assert row is not None
        return int(row["home_id"] or row["conversation_id"])

    def _answer(self, member: Member, conversation: int, who: Actor, text: str, fails: bool) -> None:
        """An advisor answers, and it arrives and is read as far as the channel tells, or it does not."""
        self._do(who, SendReply(conversation=conversation, reply=wire.Reply(text=text)))
        known = conversations.load(self.tx, conversation)
        assert known is not None
        self._do(who, MarkSeen(conversation=conversation, seen=wire.Seen(inbound=known.inbound)))
        self.tx.now = max(self.tx.now, self.at + SECOND)
        attempts: list[Attempt] = self._do(SYSTEM, LeaseOutbox(limit=10, media=""))
        for attempt in attempts:
            if fails:
                gone = RecordRefused(message=attempt.message, n=attempt.n, reason="undeliverable", detail="131026")
                self._do(SYSTEM, gone)
                continue
            id = _outbound_id(member, attempt.out.client_ref)
            self._do(SYSTEM, RecordSent(message=attempt.message, n=attempt.n, external_id=id))
            told = adapter_class(member.line).can(attempt.out.surface).receipts
            facts = [
                StatusFact(external_id=id, status=status, at=self.at + wait)
                for status, wait in (("delivered", 2 * SECOND), ("read", 3 * SECOND))
                if status in told
            ]
            self.tx.now = max(self.tx.now, self.at + 3 * SECOND)
            self._do(SYSTEM, Receive(channel_id=self.channel, body=b"", facts=list(facts), received_at=self.tx.now))


def _visitor(member: Member) -> str:
    return hashlib.sha256(member.address.encode()).hexdigest()


def _inbound_id(member: Member, step: Step) -> str:
    if member.line == "webchat":
        return f"{_visitor(member)[:16]}:{secrets.token_urlsafe(12)}"
    return wamid(member.address, outbound=False) if member.line == "whatsapp" else step.id_of(member)


def _outbound_id(member: Member, ref: str) -> str:
    if member.line == "whatsapp":
        return wamid(member.address, outbound=True)
    if member.line == "telegram":
        return f"{member.address}:{10**9 + secrets.randbelow(10**9)}"
    if member.line == "email":
        return f"{ref}@coop.example"
    return f"wc-{ref}" if member.line == "webchat" else ref if member.line == "webhook" else secrets.token_hex(12)


#: what each channel calls the addresses it knows people by
_KINDS: dict[Line, str] = {
    "messenger": "psid",
    "instagram": "igsid",
    "telegram": "telegram",
    "sms": "phone",
    "email": "email",
    "webhook": "user",
}


def _party(member: Member) -> Party:
    if member.line == "webchat":
        return Party(addresses=(Address("visitor", _visitor(member)),), name=member.name)
    if member.line == "whatsapp":
        kind, name = "bsuid" if member.hidden else "phone", member.name
        return Party(addresses=(Address(kind, member.address),), name=name, username=member.username)
    return Party(
        addresses=(Address(_KINDS[member.line], member.address.removeprefix("+")),),
        name="" if member.line == "sms" else member.name,
        username=member.username if member.line in ("instagram", "telegram") else "",
        attributes={"email": member.mail} if member.line == "webhook" else {},
    )


def _place(talk: Talk, step: Step) -> dict[str, Any]:
    """What places a message, where that is not the person alone."""
    member, subject = talk.member, talk.story.subject
    if member.public:
        post, id = post_of(member), step.id_of(member)
        data = {"post_id": post, "comment_id": id}
        return {"surface": "comment", "thread": f"post:{post}:{member.address}", "data": data}
    if member.line == "email":
        # each mail answers the one before it
        thread = f"mail:{talk.steps[0].id_of(member)}"
        letter: dict[str, Any] = {"subject": subject, "from": [member.address], "to": ["servicio@coop.example"]}
        return {"subject": subject, "thread": thread, "data": letter}
    return {}


def write(data: Path, staff: Staff, seed: int, customers: int, now: int) -> None:
    """Make the store in `data` and write the past into it. Raises Refusal, Unavailable."""
    talks = plan(seed, cast(seed, customers))
    store = Store(data, readers=1)
    try:
        past = WriteDown(staff=staff, password_hash=hash_password(staff.password), talks=talks, now=now)
        Door(store).do_now(SYSTEM, past)
    finally:
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m server.sandbox.world_past")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--customers", type=int, default=24)
    given = parser.parse_args()
    staff = msgspec.json.decode(sys.stdin.buffer.read(), type=Staff)
    write(given.data, staff, given.seed, given.customers, time.time_ns() // 1_000_000)


if __name__ == "__main__":
    main()
