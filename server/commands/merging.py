"""Conversations of one customer made one, and taken apart again.

The one that becomes part of another is closed with the outcome `merged` and points to it; its messages show there, and
so does what the customer writes in its thread while the other is open. Of two running clocks the earlier promise is
kept. Splitting gives it back what is its own, also what came since.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server import wire
from server.commands import flow, protocol, reminder_book, transfer_ends
from server.commands.acts import line, taken
from server.commands.door import Actor, Command, Need, Refusal
from server.commands.replies import load
from server.desk import inbox, sla
from server.store import conversations, joined, messages
from server.store import sla as clocks
from server.store.conversations import Conversation
from server.store.store import Row, Tx

#: how a conversation ends that became part of another one
MERGED = "merged"


class Before(msgspec.Struct, kw_only=True):
    """How two conversations were before they were merged: what a split restores. `clock`, `into_clock`: ids of those
    that ran. `newest`: no message of before has a higher id."""

    state: str
    outcome: str
    resolved_at: int | None
    inbound: int
    clock: int | None
    into_state: str
    into_assignee: int | None
    into_clock: int | None
    newest: int


class MergeConversations(Command, kw_only=True):
    """Make `other` part of `conversation`, which is open. Two that are one already stay so."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    other: int

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        into, other = load(tx, self.conversation), load(tx, self.other)
        if into.id == other.id:
            raise Refusal(422, "invalid", detail="a conversation cannot be merged with itself")
        if joined.root(tx, into.id) == joined.root(tx, other.id):
            return line(tx, joined.root(tx, into.id), actor.id)
        self._check(tx, into, other, actor)
        before = Before(
            state=other.state,
            outcome=other.outcome,
            resolved_at=other.resolved_at,
            inbound=other.inbound,
            clock=_id(clocks.running(tx, other.id)),
            into_state=into.state,
            into_assignee=into.assignee_id,
            into_clock=_id(clocks.running(tx, into.id)),
            newest=tx.time_id(),
        )
        joined.remember(tx, other.id, into.id, msgspec.json.encode(before).decode(), actor.id or None)
        self._take_over(tx, into, other)
        _join_clocks(tx, into, other)
        transfer_ends.over(tx, other, "merged")
        joined.move_messages(tx, other.id, into.id)
        joined.join_seen(tx, into.id, other.id)
        other.state, other.outcome, other.resolved_at = "resolved", MERGED, other.resolved_at or tx.now
        protocol.advance(tx, other, "resolved")
        other.inbound = other.failed = 0
        other.remind_at = other.reminded_at = None
        flow.show_last(tx, into)
        conversations.save(tx, other)
        conversations.save(tx, into)
        joined.point(tx, other.id, into.id)
        reminder_book.refresh(tx, into)
        conversations.save(tx, into)
        for id in (other.id, into.id):
            tx.emit("conversation.merged", id, into=into.id, other=other.id)
        return line(tx, into.id, actor.id)

    def _check(self, tx: Tx, into: Conversation, other: Conversation, actor: Actor) -> None:
        flow.not_merged(into)
        flow.not_merged(other)
        if into.contact_id != other.contact_id:
            raise Refusal(409, "different_contacts", contact=into.contact_id, other=other.contact_id)
        if not into.surface == other.surface == "direct":
            raise Refusal(409, "public_conversation")
        if into.state == "resolved":
            raise Refusal(409, "already_resolved", at=into.resolved_at)
        mine = other.assignee_id in (None, actor.id) or other.state == "resolved"
        if not mine and not actor.at_least("supervisor"):
            raise taken(tx, other)

    def _take_over(self, tx: Tx, into: Conversation, other: Conversation) -> None:
        """What the one knew and the other did not."""
        into.inbound += other.inbound
        into.failed = max(into.failed, other.failed)
        into.last_at = max(into.last_at, other.last_at)
        into.last_in_at = max(into.last_in_at or 0, other.last_in_at or 0) or None
        into.subject = into.subject or other.subject
        into.campaign = into.campaign or other.campaign
        into.campaign_id = into.campaign_id or other.campaign_id
        if (into.channel_id, into.handle_id) == (other.channel_id, other.handle_id):
            into.window_from = max(into.window_from or 0, other.window_from or 0) or None
        if into.assignee_id is None and other.assignee_id is not None and other.state != "resolved":
            into.assignee_id = other.assignee_id
            into.state = inbox.after_assignment(into.state, True)


class SplitConversation(Command, kw_only=True):
    """Undo a merge: `other` stands by itself again, with its own messages and what came in its thread since.

    It is as it was, unless the customer wrote in it or was answered since. Answers with its row.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    other: int

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        into, other = load(tx, self.conversation), load(tx, self.other)
        if other.merged_into != into.id:
            raise Refusal(409, "not_merged", conversation=into.id, other=other.id)
        flow.not_merged(into)
        told = joined.remembered(tx, into.id)
        before = msgspec.json.decode(joined.undo(tx, other.id), type=Before)
        joined.point(tx, other.id, None)
        answered = joined.answered_after(tx, into.id, before.newest)
        joined.return_messages(tx, into.id, other.id, joined.parts(tx, other.id))
        other.inbound = before.inbound + joined.came_after(tx, other.id, before.newest)
        into.inbound -= other.inbound
        joined.part_seen(tx, into.id, other.id, into.inbound, other.inbound)
        waits = self._restore(tx, into, other, before, answered)
        if waits:
            _part_clocks(tx, into, other, before, told)
            if before.into_state == "waiting" or answered:
                _nobody_waits(tx, into)
        if into.assignee_id != before.into_assignee is None and not answered and into.assignee_id == other.assignee_id:
            into.assignee_id = None
            into.state = inbox.after_assignment(into.state, False)
        for conv in (into, other):
            conv.failed = int(messages.any_failed(tx, conv.id, tx.now - flow.FAILED_SHOWN_FOR))
            flow.show_last(tx, conv)
            reminder_book.refresh(tx, conv)
            conversations.save(tx, conv)
            tx.emit("conversation.split", conv.id, into=into.id, other=other.id)
        return line(tx, other.id, actor.id)

    def _restore(self, tx: Tx, into: Conversation, other: Conversation, before: Before, answered: bool) -> bool:
        """The state that the one that goes has from now on; whether anybody can wait in it."""
        other.outcome, other.resolved_at = before.outcome, before.resolved_at
        other.last_at = joined.last_time(tx, other.id) or other.last_at
        written = joined.came_after(tx, other.id, before.newest) > 0
        newer = conversations.find_open(tx, other.channel_id, other.thread)
        if newer is not None or (before.state == "resolved" and not written):
            other.outcome = "" if other.outcome == MERGED else other.outcome
            other.resolved_at = other.resolved_at or tx.now
            return False
        other.resolved_at = None
        protocol.reopened(tx, other, by="advisor")
        other.state = "waiting" if answered or before.state == "resolved" else before.state
        if other.state == "snoozed":  # until when is not known any more
            other.state = "open" if other.assignee_id is not None else "queued"
        if into.sla_target is None and before.clock is not None:
            other.state = "waiting"  # its customer's question was answered, or closed, with the other's
        return True


def _id(row: Row | None) -> int | None:
    return None if row is None else row["id"]


# ---------------------------------------------------------------- clocks


def _join_clocks(tx: Tx, into: Conversation, other: Conversation) -> None:
    """Of the two conversations' clocks the one that is due first runs on."""
    theirs = clocks.running(tx, other.id)
    other.sla_target = other.sla_started_at = other.sla_warn_at = other.sla_due_at = None
    if theirs is None:
        return
    if into.sla_due_at is not None and into.sla_due_at <= theirs["due_at"]:
        clocks.stop(tx, other.id, "superseded", None)
        return
    clocks.stop(tx, into.id, "superseded", None)
    _run(tx, into, theirs)


def _part_clocks(tx: Tx, into: Conversation, other: Conversation, before: Before, told: list[str]) -> None:
    """Who still waits waits in the conversation where they wrote, and for what was promised there."""
    running = clocks.running(tx, into.id)
    if running is None:
        return
    records = [msgspec.json.decode(text, type=Before) for text in told]
    known = {clock for record in records for clock in (record.clock, record.into_clock) if clock is not None}
    clocks.stop(tx, into.id, "superseded", None)
    into.sla_target = into.sla_started_at = into.sla_warn_at = into.sla_due_at = None
    theirs, ours = known & {before.clock}, known - {before.clock}
    since = running["started_at"]
    if running["id"] not in known:  # it began after they were merged
        (theirs if joined.came_first(tx, other.id, since, before.newest) == since else ours).add(running["id"])
    for conv, ids in ((other, theirs), (into, ours)):
        # One that gave way before the running one began is over: its customer was answered.
        rows = [row for id in ids if (row := clocks.superseded(tx, id, since)) is not None]
        if rows:
            _run(tx, conv, min(rows, key=lambda row: (row["due_at"], row["id"] != running["id"])))
        else:
            _start(tx, conv, joined.came_first(tx, conv.id, since, before.newest))


def _nobody_waits(tx: Tx, conv: Conversation) -> None:
    """Unless a clock runs, we wait for the customer."""
    if conv.state in ("open", "queued") and clocks.running(tx, conv.id) is None:
        conv.state = "waiting"


def _run(tx: Tx, conv: Conversation, row: Row) -> None:
    """Let a clock run as this conversation's."""
    clocks.resume(tx, row["id"], conv.id)
    _waits(conv, sla.Clock(row["target"], row["started_at"], row["warn_at"], row["due_at"]))


def _start(tx: Tx, conv: Conversation, since: int | None) -> None:
    """A clock of its own for who waits since then; none if nobody does."""
    if since is not None:
        clock = sla.start(clocks.default_policy(tx), conv.first_reply_at is not None, since)
        clocks.start(tx, conv.id, clock)
        _waits(conv, clock)


def _waits(conv: Conversation, clock: sla.Clock) -> None:
    flow.run_clock(conv, clock)
    conv.state = "open" if conv.assignee_id is not None else "queued"
