"""What the other commands need of reminders: how one is shown and told, and what a conversation knows of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from server.commands import alerts
from server.desk import reminders as rules
from server.store import joined, people, reminders
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

#: open reminders of one customer that are shown with each of their conversations
MOST = 20


def shown(r: Row) -> wire.Reminder:
    return wire.Reminder(
        id=r["id"],
        conversation=r["conversation_id"],
        contact=r["contact_id"],
        contact_name=r["contact_name"],
        channel_kind=r["channel_kind"],
        kind=r["kind"],
        text=r["text"],
        phone=r["phone"],
        due_at=r["due_at"],
        user=r["user"],
        user_name=r["user_name"] or "",
        team=r["team"],
        made_by=r["made_by"],
        made_at=r["made_at"],
        attempts=r["attempts"],
        told_at=r["told_at"],
        late_at=r["late_at"],
        done_at=r["done_at"],
        done_by=r["done_by"],
        outcome=r["outcome"],
        cancelled_at=r["cancelled_at"],
    )


def tell(tx: Tx, what: str, id: int, **more: Any) -> wire.Reminder:
    """Write it into the journal, with the whole reminder, so that a console can show it without asking."""
    row = reminders.get(tx, id)
    assert row is not None
    reminder = shown(row)
    tx.emit(f"reminder.{what}", reminder.conversation, reminder=msgspec.to_builtins(reminder), **more)
    return reminder


def refresh(tx: Tx, conv: Conversation) -> None:
    """Note in a conversation when its next reminder is due, and which one is due already; the caller saves."""
    rows = reminders.open_of(tx, joined.parts(tx, conv.id))
    conv.remind_at = rows[0]["due_at"] if rows else None
    conv.reminded_at = next((row["due_at"] for row in rows if row["told_at"] is not None), None)


def is_late(tx: Tx, row: Row, conv: Conversation) -> None:
    """Alert somebody of a promise that is late; `conv` is where it is looked after now."""
    if row["kind"] not in rules.PROMISED:
        return
    alerts.raise_(
        tx,
        "promise_late",
        conv,
        about=about(row["id"]),
        user_id=row["user_id"],
        team_id=row["team_id"],
        reminder=row["id"],
        text=row["text"],
        due_at=row["due_at"],
    )


def over(tx: Tx, id: int) -> None:
    """It is not late any more: it was done, moved or cancelled."""
    alerts.over(tx, "promise_late", about(id))


def about(id: int) -> str:
    """What an alert about a reminder is about."""
    return f"reminder:{id}"


def follow(tx: Tx, conv: Conversation, before: int | None) -> None:
    """The conversation has another advisor, or none: what `before` was to do in it goes with it. A promise to the
    customer is the conversation's, not the person's."""
    if conv.remind_at is None or before is None or before == conv.assignee_id:
        return
    if conv.assignee_id is None and conv.team_id is None:
        return
    user = people.user_by_id(tx, before)
    for row in reminders.open_of(tx, joined.parts(tx, conv.id), before):
        team = None if conv.assignee_id is not None else conv.team_id
        reminders.change(tx, row["id"], user_id=conv.assignee_id, team_id=team)
        tell(tx, "given", row["id"], was=user["name"] if user is not None else "", how="followed")


def open_with(read: Snapshot, contact_id: int) -> list[wire.Reminder]:
    """What is open with a customer, the earliest first."""
    return [shown(row) for row in reminders.of_contact(read, contact_id, MOST)]
