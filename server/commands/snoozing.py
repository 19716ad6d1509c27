"""Conversations put aside until a moment, and what wakes them before it."""

from __future__ import annotations

from typing import ClassVar

from server import wire
from server.commands import flow
from server.commands.acts import line
from server.commands.door import Actor, Command, Need, Query, Refusal
from server.commands.replies import load
from server.store import conversations, snoozes
from server.store.store import Snapshot, Tx

#: the longest a conversation can be put aside (ms)
LONGEST = 400 * 24 * 3_600_000


class Snooze(Command, kw_only=True):
    """Put a conversation aside until a moment (UTC ms), or take it up again (`until` null).

    It comes back by itself then, when the customer writes, and when its SLA clock warns: nothing is forgotten while it
    sleeps. Advisors put aside what is theirs or nobody's; supervisors anything.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    snooze: wire.Snooze

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        if conv.assignee_id not in (None, actor.id) and not actor.at_least("supervisor"):
            raise Refusal(403, "forbidden", needs="supervisor")
        until = self.snooze.until
        if until is None:
            if flow.wake(tx, conv, "advisor"):
                conversations.save(tx, conv)
            return line(tx, conv.id, actor.id)
        if not tx.now < until <= tx.now + LONGEST:
            raise Refusal(422, "bad_moment", at=until)
        conv.state, conv.snoozed_until = "snoozed", until
        conversations.save(tx, conv)
        tx.emit("conversation.snoozed", conv.id, until=until)
        return line(tx, conv.id, actor.id)


class WakeDue(Command, kw_only=True):
    """Bring back what was put aside until now; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 200

    def run(self, tx: Tx, actor: Actor) -> int:
        due = snoozes.due(tx, self.limit)
        for id in due:
            conv = load(tx, id)
            flow.wake(tx, conv, "time")
            conv.last_at = tx.now
            conversations.save(tx, conv)
        return len(due)


class SnoozesDue(Query, kw_only=True):
    """When the next conversation comes back (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return snoozes.next_due(read)
