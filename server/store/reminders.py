"""SQL of reminders, promises and callbacks. What is open is found by index, whatever has been done before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from server.store.store import Snapshot, Tx

_OPEN = "r.done_at IS NULL AND r.cancelled_at IS NULL"
_ROWS = (
    "SELECT r.*, c.contact_id, k.name AS contact_name, ch.kind AS channel_kind, u.name AS user,"
    " u.display_name AS user_name, t.name AS team FROM reminders r JOIN conversations c ON c.id = r.conversation_id"
    " JOIN contacts k ON k.id = c.contact_id JOIN channels ch ON ch.id = c.channel_id"
    " LEFT JOIN users u ON u.id = r.user_id LEFT JOIN teams t ON t.id = r.team_id"
)
_MY_TEAMS = "(SELECT team_id FROM team_members WHERE user_id = :me)"
_WHOSE = {
    "mine": f"(r.user_id = :me OR (r.user_id IS NULL AND r.team_id IN {_MY_TEAMS}))",
    "team": (
        f"(r.team_id IN {_MY_TEAMS} OR r.user_id IN"
        f" (SELECT user_id FROM team_members WHERE team_id IN {_MY_TEAMS} OR user_id = :me))"
    ),
    "all": "1 = 1",
}
_STATES = {"open": "1 = 1", "due": "r.due_at <= :now", "late": "r.late_at IS NOT NULL"}


def create(
    tx: Tx,
    conversation_id: int,
    *,
    user_id: int | None,
    team_id: int | None,
    kind: str,
    text: str,
    phone: str,
    due_at: int,
    made_by: str,
) -> int:
    id = tx.short_id("reminder")
    tx.run(
        "INSERT INTO reminders (id, conversation_id, user_id, team_id, kind, text, phone, due_at, made_by, made_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id, conversation_id, user_id, team_id, kind, text, phone, due_at, made_by, tx.now),
    )
    return id


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE r.id = ?", (id,))


def change(tx: Tx, id: int, **columns: Any) -> None:
    """Set columns of a reminder (names of ours, never foreign ones)."""
    names = ", ".join(f"{name} = ?" for name in columns)
    tx.run(f"UPDATE reminders SET {names} WHERE id = ?", (*columns.values(), id))


def listing(
    read: Snapshot, me: int, whose: str, state: str, after: tuple[int, int] | None, limit: int
) -> list[sqlite3.Row]:
    """Open reminders, the earliest first, after (due_at, id)."""
    params: dict[str, Any] = {"me": me, "now": read.now, "limit": limit}
    where = [_OPEN, _WHOSE[whose], _STATES[state]]
    if after is not None:
        where.append("(r.due_at, r.id) > (:due, :id)")
        params |= {"due": after[0], "id": after[1]}
    return read.all(f"{_ROWS} WHERE {' AND '.join(where)} ORDER BY r.due_at, r.id LIMIT :limit", params)


def of_conversation(read: Snapshot, conversation_id: int, before: int, limit: int) -> list[sqlite3.Row]:
    """All that were ever made in a conversation, the newest first, before an id."""
    return read.all(
        f"{_ROWS} WHERE r.conversation_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?",
        (conversation_id, before, limit),
    )


def of_contact(read: Snapshot, contact_id: int, limit: int) -> list[sqlite3.Row]:
    """What is open with a customer, in whichever conversation, the earliest first."""
    return read.all(
        f"{_ROWS} WHERE r.conversation_id IN (SELECT id FROM conversations WHERE contact_id = ?) AND {_OPEN}"
        " ORDER BY r.due_at, r.id LIMIT ?",
        (contact_id, limit),
    )


def open_of(read: Snapshot, conversations: Iterable[int], user_id: int | None = None) -> list[sqlite3.Row]:
    """What is open in these conversations (and is a user's), the earliest first."""
    ids = list(conversations)
    marks = ", ".join("?" * len(ids))
    whose = "" if user_id is None else " AND r.user_id = ?"
    params = ids if user_id is None else [*ids, user_id]
    return read.all(f"{_ROWS} WHERE r.conversation_id IN ({marks}) AND {_OPEN}{whose} ORDER BY r.due_at, r.id", params)


def untold(read: Snapshot, limit: int) -> list[int]:
    """Those whose moment has come, the earliest first."""
    rows = read.all(
        f"SELECT r.id FROM reminders r WHERE {_OPEN} AND r.told_at IS NULL AND r.due_at <= ?"
        " ORDER BY r.due_at, r.id LIMIT ?",
        (read.now, limit),
    )
    return [row["id"] for row in rows]


def unlate(read: Snapshot, until: int, limit: int) -> list[int]:
    """Those that were due by `until` and are not counted as late yet."""
    rows = read.all(
        f"SELECT r.id FROM reminders r WHERE {_OPEN} AND r.late_at IS NULL AND r.due_at <= ?"
        " ORDER BY r.due_at, r.id LIMIT ?",
        (until, limit),
    )
    return [row["id"] for row in rows]


def next_due(read: Snapshot) -> int | None:
    """When the next one is due that nobody was told of."""
    found: int | None = read.value(f"SELECT min(r.due_at) FROM reminders r WHERE {_OPEN} AND r.told_at IS NULL")
    return found


def next_unlate(read: Snapshot) -> int | None:
    """When the next one was due that is not counted as late yet."""
    found: int | None = read.value(f"SELECT min(r.due_at) FROM reminders r WHERE {_OPEN} AND r.late_at IS NULL")
    return found


def phone_of(read: Snapshot, contact_id: int) -> str:
    """A telephone number of a customer's, of the channel they came by first; empty if none is known."""
    value = read.value(
        "SELECT value FROM identities WHERE contact_id = ? AND kind = 'phone' ORDER BY created_at, id LIMIT 1",
        (contact_id,),
    )
    return str(value or "")
