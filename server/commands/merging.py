"""Conversations of one customer made one, and taken apart again.

The one that becomes part of another is closed with the outcome `merged` and points to it; its messages show there, and
so does what the customer writes in its thread while the other is open. Of two running clocks the earlier promise is
kept. Splitting gives it back what is its own, also what came since.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server import wire
from server.commands import (
    alerts,
    assigning,
    availability,
    clocks,
    flow,
    merged_clocks,
    protocol,
    reminder_book,
    transfer_ends,
)
from server.commands.acts import line, taken
from server.commands.door import Actor, Command, Need, Refusal
from server.commands.replies import load
from server.store import conversations, joined, messages, people, reviews
from server.store.conversations import Conversation
from server.store.store import Tx

#: how a conversation ends that became part of another one
MERGED = "merged"


class Before(msgspec.Struct, kw_only=True):
    """How two conversations were before they were merged: what a split restores. `clocks`: those that ran, by
    kind. `newest`: no message of before has a higher id."""

    state: str
    outcome: str
    resolved_at: int | None
    inbound: int
    clocks: dict[str, int]
    into_state: str
    into_assignee: int | None
    into_clocks: dict[str, int]
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
            clocks=merged_clocks.ids(tx, other),
            into_state=into.state,
            into_assignee=into.assignee_id,
            into_clocks=merged_clocks.ids(tx, into),
            newest=tx.time_id(),
        )
        joined.remember(tx, other.id, into.id, msgspec.json.encode(before).decode(), actor.id or None)
        self._take_over(tx, into, other)
        merged_clocks.join(tx, into, other)
        transfer_ends.over(tx, other, "merged")
        joined.move_messages(tx, other.id, into.id)
        joined.join_seen(tx, into.id, other.id)
        other.state, other.outcome, other.resolved_at = "resolved", MERGED, other.resolved_at or tx.now
        protocol.advance(tx, other, "resolved")
        other.inbound = other.failed = 0
        other.remind_at = other.reminded_at = None
        for conv in (into, other):
            conv.reviewing = reviews.waiting_in(tx, conv.id)
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
        """What the one knew and the other did not; help that was asked for in the other is asked for in it."""
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
            advisor = people.user_by_id(tx, other.assignee_id)
            assert advisor is not None
            assigning.assign(tx, into, advisor["name"], None, how="merged", other=other.id)
        if other.flagged_at is not None:
            reason = other.flag
            alerts.helped(tx, other, "merged")
            if into.flagged_at is None:
                alerts.ask_help(tx, into, reason)


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
            records = [msgspec.json.decode(text, type=Before) for text in told]
            known = [kept for record in records for kept in (record.clocks, record.into_clocks)]
            merged_clocks.part(tx, into, other, before.clocks, known, before.newest)
            if before.into_state == "waiting" or answered:
                _nobody_waits(into)
            for conv in (into, other):
                clocks.settle(tx, conv)
        if other.state != "resolved":
            availability.on_reopen(tx, other, by="advisor")
        if into.assignee_id != before.into_assignee is None and not answered and into.assignee_id == other.assignee_id:
            assigning.assign(tx, into, None, None, how="split", other=other.id)
        for conv in (into, other):
            conv.failed = int(messages.any_failed(tx, conv.id, tx.now - flow.FAILED_SHOWN_FOR))
            conv.reviewing = reviews.waiting_in(tx, conv.id)
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
        if into.waiting_since is None and "response" in before.clocks:
            other.state = "waiting"  # its customer's question was answered, or closed, with the other's
        return True


def _nobody_waits(conv: Conversation) -> None:
    """Unless the customer waits, we wait for them."""
    if conv.state in ("open", "queued") and conv.waiting_since is None:
        conv.state = "waiting"
