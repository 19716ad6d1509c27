"""A server as small as can be, to check the mirror against: the same acts, events, versions and lists, in memory.

It follows the rules of `server` that the mirror depends on, and nothing else: every change has an event with the next
`seq`, rows and messages carry a version that grows with each change, pages are snapshots.
"""

from __future__ import annotations

from typing import Any

import msgspec

from agent_console.backend.overlay import (
    AssignTo,
    Change,
    Claim,
    Note,
    React,
    Reopen,
    Reply,
    Resolve,
    Seen,
    SetStatus,
)
from agent_console.backend.views import ListSpec, belongs, place_of
from server import wire
from server.desk.inbox import sort_key

ME = "ana"
LUIS = "luis"
ANA = wire.User(id=1, name=ME, display_name="Ana Morales", role="advisor")
EPOCH = "epoch-1"


class Refused(Exception):
    """The server says no."""


class Model:
    """One server. `events` has (kind, conversation, actor, data) at position seq - 1."""

    def __init__(self) -> None:
        self.now = 1_000_000
        self.rows: dict[int, wire.ConversationRow] = {}
        self.messages: dict[int, wire.Message] = {}
        self.seen: dict[int, int] = {}
        self.events: list[tuple[str, int | None, str, dict[str, Any]]] = []
        self._next_message = 100
        self._next_conversation = 1

    @property
    def head(self) -> int:
        return len(self.events)

    # ------------------------------------------------------------ acts

    def tick(self, ms: int = 1_000) -> int:
        self.now += ms
        return self.now

    def _emit(self, kind: str, conversation: int | None, actor: str, **data: Any) -> None:
        self.events.append((kind, conversation, actor, data))

    def _change(self, conversation: int, **fields: Any) -> None:
        row = self.rows[conversation]
        row = msgspec.structs.replace(row, version=row.version + 1, **fields)
        due = row.sla.due_at if row.sla else None
        key = sort_key(row.state, due, row.last_at, self.now if row.state == "resolved" else None)
        self.rows[conversation] = msgspec.structs.replace(row, sort_key=key)

    def _say(self, conversation: int, direction: wire.Direction, text: str, author: str) -> wire.Message:
        self._next_message += 1
        status: wire.Status = {"in": "received", "out": "queued", "note": "note"}[direction]  # type: ignore[assignment]
        message = self.messages[self._next_message] = wire.Message(
            id=self._next_message,
            conversation=conversation,
            direction=direction,
            kind="text",
            text=text,
            author=author,
            at=self.now,
            received_at=self.now,
            status=status,
            version=1,
        )
        return message

    def write(self, conversation: int | None = None, text: str = "hola") -> int:
        """The customer writes, in a new conversation when there is none."""
        self.tick()
        if conversation is None:
            conversation = self._next_conversation
            self._next_conversation += 1
            self.rows[conversation] = wire.ConversationRow(
                id=conversation,
                version=1,
                state="queued",
                channel="whatsapp",
                channel_kind="whatsapp",
                contact=1000 + conversation,
                contact_name=f"Cliente {conversation}",
                created_at=self.now,
                last_at=self.now,
            )
            self._emit("conversation.created", conversation, f"contact:{1000 + conversation}")
        row = self.rows[conversation]
        message = self._say(conversation, "in", text, "")
        clock = wire.Sla(
            target="first_response", started_at=self.now, warn_at=self.now + 45_000, due_at=self.now + 60_000
        )
        self._change(
            conversation,
            state="open" if row.assignee else "queued",
            inbound=row.inbound + 1,
            last_at=self.now,
            sla=row.sla or clock,
            preview=text,
            preview_direction="in",
            preview_author="",
        )
        self._emit("message.received", conversation, f"contact:{row.contact}", message=message.id)
        return conversation

    def rename(self, conversation: int, name: str) -> None:
        contact = self.rows[conversation].contact
        for each in list(self.rows.values()):
            if each.contact == contact:
                self.rows[each.id] = msgspec.structs.replace(each, contact_name=name)
        self._emit("contact.updated", None, "system", contact=contact, name=name)

    def report(self, message: int, status: wire.Status) -> None:
        """The provider says what became of a message."""
        held = self.messages[message]
        self.messages[message] = msgspec.structs.replace(held, status=status, version=held.version + 1)
        self._emit("message.status", held.conversation, "system", message=message, status=status)

    def do(self, change: Change, who: str = ME) -> wire.ConversationRow | wire.Message | None:
        """What an advisor does. Raises Refused."""
        self.tick()
        id, actor = change.conversation, f"user:{who}"
        row = self.rows.get(id)
        if row is None:
            raise Refused("not_found")
        match change:
            case Claim():
                if row.state == "resolved" or row.assignee not in (None, who):
                    raise Refused("already_assigned")
                if row.assignee is None:
                    self._change(id, assignee=who, state=_assigned(row.state, True))
                    self._emit("conversation.claimed", id, actor)
                return self.row(id)
            case AssignTo(user=user, team=team):
                if row.state == "resolved":
                    raise Refused("already_resolved")
                self._change(id, assignee=user, team=team or row.team, state=_assigned(row.state, user is not None))
                self._emit("conversation.assigned", id, actor)
                return self.row(id)
            case Resolve():
                if row.state == "resolved":
                    raise Refused("already_resolved")
                self._change(id, state="resolved", sla=None, assignee=row.assignee or who)
                self._emit("conversation.resolved", id, actor)
                return self.row(id)
            case Reopen():
                if row.state != "resolved":
                    raise Refused("not_resolved")
                self._change(id, state="open" if row.assignee else "queued", last_at=self.now)
                self._emit("conversation.reopened", id, actor)
                return self.row(id)
            case Reply(text=text):
                message = self._say(id, "out", text, who)
                self._change(
                    id,
                    state="waiting",
                    sla=None,
                    assignee=row.assignee or who,
                    last_at=self.now,
                    preview=text,
                    preview_direction="out",
                    preview_author=who,
                )
                self._emit("message.queued", id, actor, message=message.id)
                return message
            case Note(text=text):
                message = self._say(id, "note", text, who)
                self._change(id)
                self._emit("note.added", id, actor, message=message.id)
                return message
            case React(message=target, emoji=emoji):
                held = self.messages[target]
                reactions = {**held.reactions, "us": emoji}
                self.messages[target] = msgspec.structs.replace(held, reactions=reactions, version=held.version + 1)
                self._emit("message.reacted", id, actor, message=target)
                return None
            case SetStatus(message=target):
                held = self.messages[target]
                if held.status != "queued":
                    raise Refused("already_sent")
                self.messages[target] = msgspec.structs.replace(held, status="cancelled", version=held.version + 1)
                self._change(id)
                self._emit("message.cancelled", id, actor, message=target)
                return self.messages[target]
            case Seen(inbound=inbound):
                self.seen[id] = max(self.seen.get(id, 0), min(inbound, row.inbound))
                return None
        raise AssertionError(f"a change this model does not know: {change}")

    # ------------------------------------------------------------ answers

    def row(self, conversation: int, mine: bool = True) -> wire.ConversationRow:
        row = self.rows[conversation]
        return msgspec.structs.replace(row, seen=self.seen.get(conversation, 0)) if mine else row

    def frame(self, seq: int) -> wire.FeedEvent:
        """The event as the feed sends it now."""
        kind, conversation, actor, data = self.events[seq - 1]
        return wire.FeedEvent(
            seq=seq,
            at=self.now,
            kind=kind,
            conversation=conversation,
            actor=actor,
            data=data,
            row=None if conversation is None else self.row(conversation, mine=False),
            message=self.messages.get(data.get("message", 0)),
        )

    def since(self, seq: int) -> list[wire.FeedEvent]:
        """What a client that holds `seq` missed."""
        return [self.frame(each) for each in range(seq + 1, self.head + 1)]

    def listed(self, spec: ListSpec) -> list[wire.ConversationRow]:
        found = [self.row(each) for each in self.rows if belongs(spec, self.rows[each], ME)]
        return sorted(found, key=place_of)

    def page(
        self, spec: ListSpec, *, after: str | None = None, before: str | None = None, limit: int = 1_000
    ) -> wire.Page[wire.ConversationRow]:
        rows = self.listed(spec)
        if before is not None:
            rows = [row for row in rows if place_of(row) < _place(before)]
            items, more_before, more_after = rows[-limit:], len(rows) > limit, True
        else:
            rows = [row for row in rows if after is None or place_of(row) > _place(after)]
            items, more_before, more_after = rows[:limit], after is not None, len(rows) > limit
        return wire.Page(
            items=items,
            next=_cursor(items[-1]) if items and more_after else None,
            previous=_cursor(items[0]) if items and more_before else None,
            as_of=self.head,
        )

    def thread(self, conversation: int, before: str | None = None, limit: int = 1_000) -> wire.Page[wire.Message]:
        found = sorted(
            (each for each in self.messages.values() if each.conversation == conversation), key=lambda each: each.id
        )
        found = [each for each in found if before is None or each.id < int(before)]
        items = found[-limit:]
        return wire.Page(items=items, next=str(items[0].id) if len(found) > limit else None, as_of=self.head)

    def about(self, conversation: int) -> wire.Conversation:
        row = self.row(conversation)
        contact = wire.Contact(id=row.contact, name=row.contact_name)
        return wire.Conversation(row=row, contact=contact, capabilities=wire.Capabilities())

    def counts(self) -> wire.Counts:
        def count(view: wire.View) -> int:
            return len(self.listed(ListSpec(view)))

        return wire.Counts(
            mine=count("mine"), unassigned=count("unassigned"), open=count("open"), waiting=count("waiting")
        )


def _assigned(state: wire.State, assigned: bool) -> wire.State:
    if state in ("waiting", "snoozed", "resolved"):
        return state
    return "open" if assigned else "queued"


def _cursor(row: wire.ConversationRow) -> str:
    return f"{row.sort_key}-{row.id}"


def _place(cursor: str) -> tuple[int, int]:
    key, id = cursor.split("-")
    return int(key), int(id)
