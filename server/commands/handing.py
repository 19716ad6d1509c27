"""What can be asked about transfers: a proposed summary, the list, and the counts."""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

from server import wire
from server.commands.door import Actor, Need, Query, not_found
from server.commands.queries import MOST, number
from server.commands.replies import load
from server.commands.routing import about_contact
from server.commands.transfer_ends import shown
from server.desk import mood
from server.desk.summary import Known, Said, summary
from server.store import channels, contacts, organisation, people, protocol, reminders, transfers
from server.store.conversations import Conversation
from server.store.store import Snapshot

#: messages that a summary is made from, of each direction; and how far back it counts the customer's conversations (ms)
READ, OFTEN_SINCE, OFTEN_MOST = 60, 30 * 24 * 3_600_000, 50
#: promises that a summary names, and conversations that the counts name
PROMISES, NAMED = 3, 10


class ProposeTransfer(Query, kw_only=True):
    """A summary of a conversation, made by rule in its reader's language, to be edited."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Proposal:
        conv = load(read, self.conversation)
        user = people.user_by_id(read, actor.id)
        known = facts(read, conv)
        return wire.Proposal(
            summary=summary(known, user["language"] if user is not None else "es", _zone(read)),
            promised="; ".join(known.promises),
            mood=mood.of([each.text for each in known.asked]),
        )


def facts(read: Snapshot, conv: Conversation) -> Known:
    """What is known of a conversation, as its summary needs it."""
    contact = contacts.get(read, conv.contact_id)
    channel = channels.get(read, conv.channel_id)
    assert contact is not None and channel is not None
    asked, answered, notes = (
        [Said(at=row["at"], text=row["text"], author=row["author"], kind=row["kind"]) for row in rows]
        for rows in (transfers.said(read, conv.id, direction, READ) for direction in ("in", "out", "note"))
    )
    return Known(
        name=contact["name"],
        profile=about_contact(contact)["profile"],
        region=contact["region"],
        channel=channel["kind"],
        topic=conv.topic,
        complexity=conv.complexity,
        times=transfers.begun_since(read, conv.contact_id, read.now - OFTEN_SINCE, OFTEN_MOST),
        asked=asked,
        answered=answered,
        notes=notes,
        identity=ticked["who"] if (ticked := protocol.ticks(read, conv.id).get("identity")) is not None else "",
        promises=_promises(read, conv),
    )


def _promises(read: Snapshot, conv: Conversation) -> list[str]:
    """What the customer was told will happen: promises that are still open, and what was handed on."""
    noted = [
        row["text"] for row in reminders.of_contact(read, conv.contact_id, 2 * PROMISES) if row["kind"] == "promise"
    ]
    return list(dict.fromkeys([*noted, *transfers.promised(read, conv.id, PROMISES)]))[:PROMISES]


def _zone(read: Snapshot) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(organisation.get(read).get("zone", "UTC"))


class ListTransfers(Query, kw_only=True):
    """Transfers and consults, newest first. `since`: made at or after (UTC ms). `person`: who sent it, is to answer it,
    or did. `waiting`: only those that wait for the asker's answer."""

    needs: ClassVar[Need] = "advisor"

    since: int = 0
    conversation: int | None = None
    person: str | None = None
    state: str | None = None
    kind: str | None = None
    waiting: bool = False
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Transfer]:
        limit = max(1, min(self.limit, MOST))
        person = None
        if self.person is not None:
            row = people.user(read, self.person)
            if row is None:
                raise not_found("user", self.person)
            person = row["id"]
        want = transfers.Filter(
            since=self.since,
            conversation_id=self.conversation,
            person_id=person,
            state=self.state,
            kind=self.kind,
            waiting=self.waiting,
            me=actor.id,
            before=number(self.after),
            limit=limit,
        )
        found = transfers.listing(read, want)
        items = [shown(row) for row in found[:limit]]
        return wire.Page(items=items, next=str(items[-1].id) if len(found) > limit else None, as_of=read.head())


class CountTransfers(Query, kw_only=True):
    """What became of the transfers made since a moment (UTC ms): all, by person, and what went to and fro."""

    needs: ClassVar[Need] = "advisor"

    since: int = 0

    def run(self, read: Snapshot, actor: Actor) -> wire.TransferTotals:
        totals = wire.TransferTotals(since=self.since)
        counted: dict[str, wire.PersonTransfers] = {}

        def of(user: str | None, name: str) -> wire.PersonTransfers:
            key = user or ""
            return counted.setdefault(key, wire.PersonTransfers(user=key, name=name))

        for row in transfers.totals(read, self.since):
            n, state = row["n"], row["state"]
            sender, asked = of(row["sender"], row["sender_name"]), of(row["responsible"], row["responsible_name"])
            if row["kind"] == "consult":
                totals.consults += n
                sender.consults += n
                asked.consulted += n
                continue
            totals.transfers += n
            sender.sent += n
            setattr(totals, state, getattr(totals, state) + n)
            if state != "pending":
                setattr(sender, state, getattr(sender, state) + n)
            if state == "expired":
                asked.missed += n
            if row["answered"] is not None and state in ("accepted", "declined"):
                by = of(row["answered"], row["answered_name"])
                by.received += n if state == "accepted" else 0
                by.refused += n if state == "declined" else 0
            if row["ping_pong"]:
                totals.ping_pong += n
                sender.ping_pong += n
        totals.people = sorted(counted.values(), key=lambda each: (-(each.sent + each.received), each.user))
        totals.conversations = [
            wire.ConversationTransfers(**dict(row)) for row in transfers.to_and_fro(read, self.since, NAMED)
        ]
        return totals
