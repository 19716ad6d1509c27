"""Who has a conversation: the one place where that changes, whoever asks for it."""

from __future__ import annotations

from typing import Any

from server.commands import alerts, clocks, reminder_book, transfer_ends
from server.desk import inbox
from server.store import availability, people
from server.store.conversations import Conversation
from server.store.store import Tx


def claim(tx: Tx, conv: Conversation, user_id: int, name: str, how: str) -> None:
    """An advisor takes what nobody has. `how`: claim, reply, resolve or accept."""
    _hold(tx, conv, user_id)
    tx.emit("conversation.claimed", conv.id, by=name, how=how)
    transfer_ends.claimed(tx, conv, user_id)


def assign(
    tx: Tx, conv: Conversation, user: str | None, team: str | None, *, actor: str = "", how: str = "hand", **why: Any
) -> bool:
    """Give a conversation to a user, or back to a team's queue (`user` None); `team` None leaves it with its team.

    `how`: hand (a person did), auto (the rules of assignment), route, transfer, returned, left (its advisor went away);
    `why` goes into the journal, for whoever asks why it came to them, with who had it (`was`). The caller saves.
    Whether anything changed.
    """
    row = people.user(tx, user) if user is not None else None
    queue = people.team(tx, team) if team is not None else None
    new = (row["id"] if row is not None else None, queue["id"] if queue is not None else conv.team_id)
    if new == (conv.assignee_id, conv.team_id):
        return False
    before = people.user_by_id(tx, conv.assignee_id) if conv.assignee_id not in (None, new[0]) else None
    if before is not None:
        why["was"] = before["name"]
    moved, conv.team_id = new[1] != conv.team_id, new[1]
    _hold(tx, conv, new[0])
    tx.emit("conversation.assigned", conv.id, actor, user=user, team=team, how=how, **why)
    transfer_ends.assigned(tx, conv, how)
    if moved:
        clocks.reapply(tx, conv)
    return True


def _hold(tx: Tx, conv: Conversation, user_id: int | None) -> None:
    if user_id != conv.assignee_id:
        conv.assigned_at = tx.now if user_id is not None else None
        alerts.helped(tx, conv, "assigned")  # help was asked for by whoever had it
        if user_id is not None:
            availability.got_one(tx, user_id)
    before, conv.assignee_id = conv.assignee_id, user_id
    conv.state = inbox.after_assignment(conv.state, user_id is not None)
    reminder_book.follow(tx, conv, before)
