"""What can be asked: lists (keyset pages only), single things, the journal, and what sign-in and feed need."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server import wire
from server.commands import protocol, shapes, transfer_ends
from server.commands.contacts import likely, shown
from server.commands.door import Actor, Need, Query, Refusal, not_found
from server.commands.reminder_book import open_with
from server.desk import discretion
from server.facts import Address
from server.store import channels, contacts, conversations, joined, journal, labels, messages, people, transfers
from server.store.store import Row, Snapshot

#: items on a page at most
MOST = 200


def _limit(limit: int) -> int:
    return max(1, min(limit, MOST))


def number(cursor: str | None) -> int | None:
    """A cursor that is an id."""
    if cursor is None:
        return None
    try:
        return int(cursor)
    except ValueError:
        raise Refusal(422, "invalid", detail="not a cursor of this list") from None


# ---------------------------------------------------------------- conversations


class GetConversation(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Conversation:
        conv = conversations.load(read, self.id)
        if conv is None:
            raise not_found("conversation", self.id)
        contact = contacts.get(read, conv.contact_id)
        assert contact is not None
        row = shapes.row(conversations.rows(read, [self.id], actor.id)[0])
        return wire.Conversation(
            row=row,
            contact=shown(read, contact),
            capabilities=shapes.capabilities(row.channel_kind, row.surface),
            campaign=shapes.campaign(conv.campaign),
            outcome=conv.outcome,
            resolved_at=conv.resolved_at,
            draft=conversations.draft(read, actor.id, self.id),
            followed=labels.follows(read, self.id, actor.id),
            suggestions=likely(read, conv.contact_id),
            merged=joined.parts(read, self.id)[1:],
            checklist=protocol.items_of(read, conv),
            ending=protocol.ending_of(read, conv),
            reminders=open_with(read, conv.contact_id),
            transfers=[transfer_ends.shown(row) for row in transfers.pending_of(read, self.id)],
        )


class ListMessages(Query, kw_only=True):
    """A page of the thread, oldest first (the newest page without a cursor). `next`: older ones, `previous`: newer."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    before: str | None = None
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Message]:
        if conversations.load(read, self.conversation) is None:
            raise not_found("conversation", self.conversation)
        limit = _limit(self.limit)
        before, after = number(self.before), number(self.after)
        reader = None if actor.at_least("supervisor") else actor.id
        found = messages.thread(read, self.conversation, before, after, limit, reader)
        more, found = len(found) > limit, found[:limit]
        if after is None:
            found.reverse()
        items = shapes.message_list(read, found)
        older = str(items[0].id) if items and (more if after is None else True) else None
        newer = str(items[-1].id) if items and (more if after is not None else before is not None) else None
        return wire.Page(items=items, next=older, previous=newer, as_of=read.head())


class History(Query, kw_only=True):
    """The same customer's other conversations on every channel, newest first."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    limit: int = 20

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.PastConversation]:
        conv = conversations.load(read, self.conversation)
        if conv is None:
            raise not_found("conversation", self.conversation)
        found = conversations.history(read, conv.contact_id, conv.id, _limit(self.limit))
        return wire.Page(items=[wire.PastConversation(**dict(r)) for r in found], as_of=read.head())


def _counts(rows: list[tuple[str, str, int]], me: str) -> wire.Counts:
    return wire.Counts(
        mine=sum(n for who, state, n in rows if who == me and me and state != "snoozed"),
        unassigned=sum(n for who, state, n in rows if not who and state != "snoozed"),
        open=sum(n for _, _, n in rows),
        waiting=sum(n for _, state, n in rows if state == "waiting"),
    )


def _work(read: Snapshot) -> list[tuple[str, str, int]]:
    return [(r["assignee"], r["state"], r["n"]) for r in conversations.open_work(read)]


class GetCounts(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Counts:
        return _counts(_work(read), actor.name)


class AllCounts(Query, kw_only=True):
    """Everybody's counts by sign-in name; "" has those of whoever has nothing of their own."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> dict[str, wire.Counts]:
        rows = _work(read)
        rest = _counts(rows, "")
        mine: dict[str, int] = {}
        for who, _, n in rows:
            mine[who] = mine.get(who, 0) + n
        return {
            "": rest,
            **{who: msgspec.structs.replace(rest, mine=n) for who, n in mine.items() if who},
        }


# ---------------------------------------------------------------- people


class ListUsers(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.User]:
        return wire.Page(items=[shapes.user(r) for r in people.users(read)])


class GetUser(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> wire.User:
        row = people.user(read, self.name)
        if row is None:
            raise not_found("user", self.name)
        return shapes.user(row)


class ListTeams(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Team]:
        return wire.Page(items=[shapes.team(r) for r in people.teams(read)])


class Credentials(msgspec.Struct, kw_only=True):
    """What sign-in compares a password with."""

    id: int
    name: str
    password_hash: str
    active: bool


class FindCredentials(Query, kw_only=True):
    needs: ClassVar[Need] = "system"

    user: str

    def run(self, read: Snapshot, actor: Actor) -> Credentials | None:
        row = people.user(read, self.user)
        if row is None:
            return None
        return Credentials(
            id=row["id"], name=row["name"], password_hash=row["password_hash"], active=bool(row["active"])
        )


class WhoHasToken(Query, kw_only=True):
    """The person a valid token belongs to."""

    needs: ClassVar[Need] = "system"

    token_hash: str

    def run(self, read: Snapshot, actor: Actor) -> Actor | None:
        row = people.token_owner(read, self.token_hash)
        return None if row is None else Actor("user", row["id"], row["name"], row["role"])


# ---------------------------------------------------------------- journal, deliveries, files


class ListEvents(Query, kw_only=True):
    """The journal after `since`, in order; `next` is the seq to go on from.

    Lines that the reader may not read (see `desk.discretion`) are left out of a conversation's, and stand in the whole
    journal as `withheld`.
    """

    needs: ClassVar[Need] = "advisor"

    since: int = 0
    conversation: int | None = None
    limit: int = 100

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Event]:
        limit = max(1, min(self.limit, 1000))
        found = journal.since(read, self.since, limit + 1, self.conversation)
        more, found = len(found) > limit, found[:limit]
        items = [event if _may_read(event, actor) else discretion.withheld(event) for event in map(shapes.event, found)]
        if self.conversation is not None:
            items = [event for event in items if event.conversation is not None]
        return wire.Page(items=items, next=str(found[-1]["seq"]) if more else None, as_of=read.head())


def _may_read(event: wire.Event, actor: Actor) -> bool:
    audience = discretion.audience(event.kind, event.actor, event.data)
    return audience is None or audience.has(actor.name, actor.role)


def frames(read: Snapshot, found: list[Row]) -> list[wire.FeedEvent]:
    """Lines of the journal as the feed sends them: rows and messages in one query each, as they are now."""
    events = [shapes.event(r) for r in found]
    rows: dict[int, wire.ConversationRow] = {}
    for r in conversations.rows(read, sorted({e.conversation for e in events if e.conversation is not None})):
        rows[r["id"]] = shapes.row(r, mine=False)
    told = sorted({e.data["message"] for e in events if e.data.get("message")})
    spoken = {m.id: m for m in shapes.message_list(read, messages.rows(read, told))}
    return [
        wire.FeedEvent(
            seq=e.seq,
            at=e.at,
            kind=e.kind,
            conversation=e.conversation,
            actor=e.actor,
            data=e.data,
            row=rows.get(e.conversation or 0),
            message=spoken.get(e.data.get("message", 0)),
        )
        for e in events
    ]


class FeedFrames(Query, kw_only=True):
    """Events after `since` as the feed sends them."""

    needs: ClassVar[Need] = "system"

    since: int
    limit: int

    def run(self, read: Snapshot, actor: Actor) -> list[wire.FeedEvent]:
        return frames(read, journal.since(read, self.since, self.limit))


class Head(Query, kw_only=True):
    """(newest seq, epoch) of the journal."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> tuple[int, str]:
        return read.head(), journal.epoch(read)


class ListDeliveries(Query, kw_only=True):
    """Raw provider calls, newest first. `state` "bad": all that were not read in full."""

    needs: ClassVar[Need] = "admin"

    state: str | None = None
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Delivery]:
        limit = _limit(self.limit)
        found = channels.deliveries(read, self.state, number(self.after), limit)
        more, found = len(found) > limit, found[:limit]
        items = [wire.Delivery(**dict(r)) for r in found]
        return wire.Page(items=items, next=str(items[-1].id) if more else None, as_of=read.head())


class StoredFile(msgspec.Struct, kw_only=True):
    """A file of the media folder."""

    sha256: str
    mime: str
    file_name: str
    size: int


class GetAttachment(Query, kw_only=True):
    """Where a stored attachment lies."""

    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, read: Snapshot, actor: Actor) -> StoredFile:
        row = messages.attachment(read, self.id)
        if row is None:
            raise not_found("attachment", self.id)
        if row["state"] != "stored":
            raise Refusal(409, "not_stored", state=row["state"], error=row["error"])
        return StoredFile(sha256=row["sha256"], mime=row["mime"], file_name=row["file_name"], size=row["size"] or 0)


class LastIn(msgspec.Struct, kw_only=True):
    """The customer's newest message, and where they are written to."""

    channel_id: int
    external_id: str
    to: tuple[Address, ...]


class LastInbound(Query, kw_only=True):
    """The customer's newest message in a conversation, to mark it read; None where nobody is told of that (public
    ones)."""

    needs: ClassVar[Need] = "system"

    conversation: int

    def run(self, read: Snapshot, actor: Actor) -> LastIn | None:
        row = messages.last_inbound(read, self.conversation)
        if row is None:
            return None
        conv = conversations.load(read, row["home_id"] or self.conversation)
        if conv is None or conv.surface != "direct":
            return None
        return LastIn(
            channel_id=row["channel_id"],
            external_id=row["external_id"],
            to=contacts.addresses(read, conv.handle_id),
        )
