"""What happens at the moment of a reminder: its conversation comes back from wherever it was put aside, also from its
end, and stands among those whose time runs out until somebody says that it is done. What is late is counted.

docs/reminders.md has the rules in words.
"""

from __future__ import annotations

import logging
from typing import ClassVar

from server.commands import assigning, availability, flow, reminder_book
from server.commands.door import Actor, Command, Need, Query
from server.commands.reminders import reminder
from server.commands.replies import load
from server.desk import reminders as rules
from server.store import conversations, joined, people, reminders, service
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx
from server.store.writer import disk_error

log = logging.getLogger(__name__)


class RemindDue(Command, kw_only=True):
    """Bring back what is due by now, and count what is late; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 100

    def run(self, tx: Tx, actor: Actor) -> int:
        due = reminders.untold(tx, self.limit)
        for id in due:
            self._one(tx, id)
        late_ms = service.settings(tx).remind_late_ms
        late = reminders.unlate(tx, tx.now - late_ms, self.limit) if late_ms else []
        for id in late:
            _count_late(tx, reminder(tx, id))
        return len(due) + len(late)

    @staticmethod
    def _one(tx: Tx, id: int) -> None:
        """Bring one back. Where that fails, its owner is told all the same, and no other waits."""
        try:
            with tx.attempt():
                _bring_back(tx, reminder(tx, id))
        except Exception as error:
            if disk_error(error):
                raise
            log.exception("the conversation of reminder %d could not be brought back", id)
            row = reminder(tx, id)
            reminders.change(tx, id, told_at=tx.now)
            reminder_book.tell(tx, "due", id, late_ms=rules.late_by(row["due_at"], tx.now))


class RemindersDue(Query, kw_only=True):
    """When the next reminder is due, or late (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        late_ms = service.settings(read).remind_late_ms
        unlate = reminders.next_unlate(read) if late_ms else None
        moments = [reminders.next_due(read), None if unlate is None else unlate + late_ms]
        return min((at for at in moments if at is not None), default=None)


def _bring_back(tx: Tx, row: Row) -> None:
    conv = _where(tx, row["conversation_id"])
    owner = _at_its_time(tx, row, conv)
    reminders.change(tx, row["id"], told_at=tx.now, conversation_id=conv.id, user_id=owner.user, team_id=owner.team)
    again = conv.state == "resolved"
    if again:
        flow.reopen(tx, conv, by="reminder")
    flow.wake(tx, conv, "reminder")
    conv.last_at = tx.now
    _place_with(tx, conv, row, owner, again)
    reminder_book.refresh(tx, conv)
    conversations.save(tx, conv)
    if conv.id != row["conversation_id"]:
        before = load(tx, row["conversation_id"])
        reminder_book.refresh(tx, before)
        conversations.save(tx, before)
    if owner != (row["user_id"], row["team_id"]):
        reminder_book.tell(tx, "given", row["id"], was=row["user"] or row["team"] or "", how="absent")
    reminder_book.tell(tx, "due", row["id"], late_ms=rules.late_by(row["due_at"], tx.now))


def _where(tx: Tx, id: int) -> Conversation:
    """The conversation in which it can be looked after: of one that is part of another, that one; of one that was
    resolved, the open one that the customer has begun in its place."""
    conv = load(tx, joined.root(tx, id))
    if conv.state != "resolved":
        return conv
    newer = conversations.find_open(tx, conv.channel_id, conv.thread)
    return newer if newer is not None else conv


def _at_its_time(tx: Tx, row: Row, conv: Conversation) -> rules.Owner:
    owner = rules.Owner(row["user_id"], row["team_id"])
    if owner.user is None:
        return owner
    user = people.user_by_id(tx, owner.user)
    there = user is not None and bool(user["active"]) and not availability.absent(tx, owner.user)
    if there:
        return owner
    team = conv.team_id if conv.team_id is not None else next(iter(people.teams_of(tx, owner.user)), None)
    duty = availability.duty(tx, team) if team is not None else None
    return rules.at_its_time(owner, there, duty, team)


def _place_with(tx: Tx, conv: Conversation, row: Row, owner: rules.Owner, again: bool) -> None:
    """The conversation goes to whoever looks after the reminder, unless somebody else is at work in it; to nobody, for
    all to see, if they are switched off and there is no team."""
    if not again and conv.assignee_id not in (None, row["user_id"]):
        return
    user = people.user_by_id(tx, owner.user) if owner.user is not None else None
    teams = {team["id"]: team["name"] for team in people.teams(tx)} if owner.team is not None else {}
    name = user["name"] if user is not None and user["active"] else None
    assigning.assign(tx, conv, name, teams.get(owner.team or 0), actor="system", how="reminder", reminder=row["id"])


def _count_late(tx: Tx, row: Row) -> None:
    reminders.change(tx, row["id"], late_at=tx.now)
    reminder_book.tell(tx, "late", row["id"], late_ms=rules.late_by(row["due_at"], tx.now))
    reminder_book.is_late(tx, row, load(tx, joined.root(tx, row["conversation_id"])))
