"""What several commands share: how a conversation changes when somebody writes, answers, or a report comes in."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from server.commands import availability, clocks, protocol
from server.commands.door import Refusal
from server.desk import inbox, status
from server.facts import Address, Party
from server.store import contacts, conversations, joined, messages, outbox, people
from server.store.conversations import Conversation
from server.store.protocol import last_event
from server.store.store import Row, Tx

#: a customer who writes again this soon after the end continues the conversation (ms)
REOPEN_WITHIN = 24 * 3_600_000
#: how long after it was resolved who did it can take that back (ms)
UNDO_WITHIN = 60_000
#: how long a failed message marks its conversation (ms)
FAILED_SHOWN_FOR = 7 * 24 * 3_600_000
#: under this key the data of a message that was written for later says when it is to leave (UTC ms)
SCHEDULED = "scheduled"
#: characters of a message that lists show
PREVIEW = 200


class Duplicate(Exception):
    """The item was taken in before."""


class Place(NamedTuple):
    """Where a message shows: the conversation and, if its own one is part of that, its own as `home`.

    `begun`: the message makes it a new one, or opens it again.
    """

    conv: Conversation
    home: Conversation | None = None
    begun: Literal["", "new", "again"] = ""

    @property
    def home_id(self) -> int | None:
        return None if self.home is None else self.home.id


def group_party(thread: str) -> Party:
    """A group as one party: its conversation is its own, never that of whoever wrote in it."""
    kind, _, value = thread.partition(":")
    return Party(addresses=(Address(kind, value or thread),))


def not_merged(conv: Conversation) -> None:
    """Nothing is done any more with a conversation that is part of another one."""
    if conv.merged_into is not None:
        raise Refusal(409, "merged", into=conv.merged_into)


def not_resolved(conv: Conversation) -> None:
    """Nor, for most acts, with one that has ended."""
    not_merged(conv)
    if conv.state == "resolved":
        raise Refusal(409, "already_resolved", at=conv.resolved_at)


def newest(tx: Tx, channel_id: int, thread: str) -> Place | None:
    """Where the messages of a thread's newest conversation show."""
    last = conversations.find_last(tx, channel_id, thread)
    if last is None or last.merged_into is None:
        return None if last is None else Place(last)
    conv = conversations.load(tx, joined.root(tx, last.id))
    assert conv is not None
    return Place(conv, last)


def open_again(
    tx: Tx, channel: Row, handle: contacts.Handle, thread: str, silent: bool, surface: str = "direct"
) -> Place:
    """The conversation a message begins: the last one, if it was resolved a short while ago, else a new one.

    One that is part of another follows that: while the other is open it takes what is written in this thread too.
    """
    last = None if handle.begins(thread) else newest(tx, channel["id"], thread)
    if last is not None and last.conv.resolved_at is None:
        return last
    if last is not None and tx.now - (last.conv.resolved_at or 0) < REOPEN_WITHIN and _may_open(tx, last):
        if silent:
            return last
        reopen(tx, last.conv, by="contact")
        return last._replace(begun="again")
    conv = conversations.create(
        tx, channel["id"], handle.contact_id, handle.handle_id, thread, channel["team_id"], surface
    )
    availability.weigh(tx, conv, channel["kind"])
    tx.emit("conversation.created", conv.id, f"contact:{conv.contact_id}", channel=channel["name"])
    return Place(conv, begun="new")


def _may_open(tx: Tx, place: Place) -> bool:
    """Whether the conversation's own thread has no newer open one; where it is the newest itself, it has none."""
    return place.home is None or conversations.find_open(tx, place.conv.channel_id, place.conv.thread) is None


def reopen(tx: Tx, conv: Conversation, by: str) -> None:
    """Back among the open ones, with whoever had it if they are there; the next answer counts as a first one."""
    tx.emit("conversation.reopened", conv.id, f"contact:{conv.contact_id}" if by == "contact" else "", by=by)
    if by != "reminder":  # that says itself whose it is
        availability.on_reopen(tx, conv, by)
    conv.state = "open" if conv.assignee_id is not None else "queued"
    conv.resolved_at = None
    protocol.reopened(tx, conv, by)
    conv.first_reply_at = None
    conv.opened_at = None


def unresolve(tx: Tx, conv: Conversation) -> bool:
    """Take back that a conversation was resolved: it stands where it stood, its clocks and its place in lists too.
    The caller saves. False, and nothing is changed, if it was not this actor who resolved it just now."""
    last = last_event(tx, conv.id, "conversation.resolved")
    if last is None or (last["at"], last["actor"]) != (conv.resolved_at, tx.actor) or tx.now - last["at"] > UNDO_WITHIN:
        return False
    was = msgspec.json.decode(last["data"]).get("was")
    if was is None:  # written by an older version
        return False
    conv.state = "waiting" if was["state"] == "waiting" else "open" if conv.assignee_id is not None else "queued"
    conv.resolved_at = None
    protocol.reopened(tx, conv, "advisor")
    tx.emit("conversation.reopened", conv.id, by="advisor", undo=True)
    clocks.go_on(tx, conv, was["clocks"], was["waiting_since"])
    return True


def customer_wrote(tx: Tx, place: Place, at: int) -> None:
    """The customer is waiting now: state, unread, reply window and clock."""
    conv, home = place.conv, place.home
    if conv.state == "waiting":
        availability.taken_up(tx, conv)
    wake(tx, conv, "contact")
    conv.state = inbox.after_inbound(conv.state, conv.assignee_id is not None)
    conv.inbound += 1
    conv.last_in_at = tx.now
    written_from = max((home or conv).window_from or 0, min(at, tx.now))
    if home is not None:
        home.window_from = written_from
        conversations.save(tx, home)
    if home is None or (home.channel_id, home.handle_id) == (conv.channel_id, conv.handle_id):
        conv.window_from = max(conv.window_from or 0, written_from)
    clocks.customer_waits(tx, conv)


def wake(tx: Tx, conv: Conversation, why: str) -> bool:
    """Bring a conversation back that was put aside; `why`: time, contact, sla or advisor. Whether it was."""
    if conv.state != "snoozed":
        return False
    if why != "advisor":
        availability.taken_up(tx, conv)
    conv.state = "open" if conv.assignee_id is not None else "queued"
    conv.snoozed_until = None
    tx.emit("conversation.woken", conv.id, "" if why == "advisor" else "system", why=why)
    clocks.settle(tx, conv)
    return True


def answered(tx: Tx, conv: Conversation, message_id: int) -> None:
    """The customer has an answer: the clock stops, we wait for them."""
    if conv.first_reply_at is None:
        conv.first_reply_at = tx.now
    protocol.advance(tx, conv, "answered", message=message_id)
    if conv.state in ("queued", "open", "bot", "snoozed"):
        conv.state = "waiting"
    clocks.answered(tx, conv, message_id)


def show(conv: Conversation, text: str, kind: str, direction: str, author: str, via: str = "") -> None:
    """What lists show of the conversation's newest message."""
    conv.preview = " ".join(text[: PREVIEW * 2].split())[:PREVIEW]
    conv.preview_kind = kind
    conv.preview_direction = direction
    conv.preview_author = author or via


def show_last(tx: Tx, conv: Conversation) -> None:
    """The same, read back from the thread."""
    row = messages.last_shown(tx, conv.id)
    if row is not None:
        text = "" if row["revoked_at"] else row["text"]
        show(conv, text, row["kind"], row["direction"], row["author"] or "", row["via"])


def reported(tx: Tx, message: Row, word: str, failure: str = "", detail: str = "") -> None:
    """Apply a report about an outbound message, forward only; the outbox lets go of what has left."""
    if message["direction"] != "out":
        return
    new = status.after(message["status"], word)
    if new == message["status"]:
        return
    messages.set_status(tx, message["id"], new, failure if new == "failed" else "", detail if new == "failed" else "")
    outbox.remove(tx, message["id"])
    if new == "failed":
        _still_waiting(tx, message)
    elif status.RANK[new] >= status.RANK["sent"] > status.RANK.get(message["status"], 0):
        _left_late(tx, message)
    note_failures(tx, message["conversation_id"])
    tx.emit(
        "message.status",
        message["conversation_id"],
        "system",
        message=message["id"],
        status=new,
        **({"reason": failure} if new == "failed" else {}),
    )


def hidden(tx: Tx, message: Row, hide: bool) -> None:
    """A public message is hidden from others now, or shown again."""
    data: dict[str, Any] = msgspec.json.decode(message["data"]) if message["data"] else {}
    if hide:
        data["hidden"] = True
    else:
        data.pop("hidden", None)
    messages.set_data(tx, message["id"], data)


def _still_waiting(tx: Tx, message: Row) -> None:
    """An answer that never arrived was none: its clock runs on."""
    conv = conversations.load(tx, message["conversation_id"])
    assert conv is not None
    if unanswered(tx, conv, message["id"]):
        conversations.save(tx, conv)


def unanswered(tx: Tx, conv: Conversation, message_id: int) -> bool:
    """Undo what `answered` did for this message, if its clock can run on. Whether anything changed."""
    if conv.state == "resolved":
        return False
    moved = protocol.unanswered(tx, conv, message_id)
    target = clocks.unanswered(tx, conv, message_id)
    if target is None:
        return moved
    if target == "first_response":
        conv.first_reply_at = None
    if conv.state == "waiting":
        conv.state = "open" if conv.assignee_id is not None else "queued"
        clocks.settle(tx, conv)
    return True


def _left_late(tx: Tx, message: Row) -> None:
    """A message has left; where it was scheduled (see `scheduling`), the customer has their answer only now."""
    data: dict[str, Any] = msgspec.json.decode(message["data"]) if message["data"] else {}
    if SCHEDULED not in data:
        return
    conv = conversations.load(tx, message["conversation_id"])
    assert conv is not None
    if conv.state != "resolved":
        answered(tx, conv, message["id"])
    author = people.user_by_id(tx, message["author_id"]) if message["author_id"] is not None else None
    conv.last_at = tx.now
    show(conv, message["text"], message["kind"], "out", author["name"] if author is not None else "")
    conversations.save(tx, conv)


def note_failures(tx: Tx, conversation_id: int) -> None:
    """Keep the sign of a failed message on its conversation's row true."""
    failed = messages.any_failed(tx, conversation_id, tx.now - FAILED_SHOWN_FOR)
    if failed == conversations.shows_failed(tx, conversation_id):
        return
    conv = conversations.load(tx, conversation_id)
    assert conv is not None
    conv.failed = int(failed)
    conversations.save(tx, conv)
