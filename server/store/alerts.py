"""SQL of alerts. At most one is open for a kind and what it is about; the database holds that."""

from __future__ import annotations

import sqlite3
from typing import Any

from server.store.store import Snapshot, Tx

_ROWS = (
    "SELECT a.id, a.kind, a.about, a.level, a.conversation_id, a.data, a.raised_at, a.escalate_at, a.ended_at,"
    " a.ended_by, a.how, a.user_id, a.team_id, coalesce(k.name, '') AS contact_name, t.name AS team, u.name AS user"
    " FROM alerts a LEFT JOIN conversations c ON c.id = a.conversation_id LEFT JOIN contacts k ON k.id = c.contact_id"
    " LEFT JOIN teams t ON t.id = a.team_id LEFT JOIN users u ON u.id = a.user_id"
)


def raise_(
    tx: Tx,
    kind: str,
    about: str,
    level: str,
    *,
    conversation_id: int | None,
    team_id: int | None,
    user_id: int | None,
    data: str,
    escalate_at: int | None,
) -> int | None:
    """Open an alert; its id, or None if one of this kind is open about the same."""
    id = tx.time_id()
    added = tx.run(
        "INSERT INTO alerts (id, kind, about, conversation_id, team_id, user_id, level, data, raised_at, escalate_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, about) WHERE ended_at IS NULL DO NOTHING",
        (id, kind, about, conversation_id, team_id, user_id, level, data, tx.now, escalate_at),
    )
    return id if added else None


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE a.id = ?", (id,))


def open_about(read: Snapshot, kind: str, about: str) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE a.kind = ? AND a.about = ? AND a.ended_at IS NULL", (kind, about))


def abouts(read: Snapshot, kind: str) -> list[str]:
    """What the open alerts of a kind are about."""
    return [row["about"] for row in read.all("SELECT about FROM alerts WHERE kind = ? AND ended_at IS NULL", (kind,))]


def listing(read: Snapshot, me: int, levels: list[str], limit: int) -> list[sqlite3.Row]:
    """Open alerts, newest first: those of `me` or of a team of theirs, and those that have got to one of `levels`."""
    marks = ", ".join(f":l{n}" for n in range(len(levels))) or "''"
    params: dict[str, Any] = {f"l{n}": level for n, level in enumerate(levels)}
    return read.all(
        f"{_ROWS} WHERE a.ended_at IS NULL AND (a.user_id = :me OR a.level IN ({marks}) OR (a.user_id IS NULL"
        " AND a.team_id IN (SELECT team_id FROM team_members WHERE user_id = :me)))"
        " ORDER BY a.id DESC LIMIT :limit",
        {**params, "me": me, "limit": limit},
    )


def end(tx: Tx, id: int, by: str, how: str) -> bool:
    """Close an alert; whether it was open."""
    return (
        tx.run(
            "UPDATE alerts SET ended_at = ?, ended_by = ?, how = ?, escalate_at = NULL"
            " WHERE id = ? AND ended_at IS NULL",
            (tx.now, by, how, id),
        )
        > 0
    )


def due(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """Open alerts that have to go on to the next level."""
    return read.all(
        f"{_ROWS} WHERE a.ended_at IS NULL AND a.escalate_at <= ? ORDER BY a.escalate_at LIMIT ?", (read.now, limit)
    )


def next_due(read: Snapshot) -> int | None:
    """When the next alert goes on (UTC ms)."""
    value: int | None = read.value(
        "SELECT min(escalate_at) FROM alerts WHERE ended_at IS NULL AND escalate_at IS NOT NULL"
    )
    return value


def escalate(tx: Tx, id: int, level: str, escalate_at: int | None) -> None:
    tx.run("UPDATE alerts SET level = ?, escalate_at = ? WHERE id = ?", (level, escalate_at, id))
