"""SQL of saved views: queries with a name, one's own, a team's or everybody's."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx

_VIEWS = (
    "SELECT v.*, u.name AS owner, t.name AS team FROM saved_views v"
    " LEFT JOIN users u ON u.id = v.owner_id LEFT JOIN teams t ON t.id = v.team_id"
)


def for_user(read: Snapshot, user_id: int) -> list[sqlite3.Row]:
    """The views somebody has: everybody's, their teams', their own, in the order they are shown."""
    return read.all(
        f"{_VIEWS} WHERE v.owner_id = :me OR (v.owner_id IS NULL AND (v.team_id IS NULL OR v.team_id IN"
        " (SELECT team_id FROM team_members WHERE user_id = :me))) ORDER BY v.place, v.id",
        {"me": user_id},
    )


def every(read: Snapshot) -> list[sqlite3.Row]:
    """All views, whoever has them."""
    return read.all(f"{_VIEWS} ORDER BY v.id")


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_VIEWS} WHERE v.id = ?", (id,))


def twin(read: Snapshot, name: str, owner_id: int | None, team_id: int | None, but: int = 0) -> sqlite3.Row | None:
    """Another view of the same people with this name."""
    return read.one(
        "SELECT id FROM saved_views WHERE name = ? AND coalesce(owner_id, 0) = ? AND coalesce(team_id, 0) = ?"
        " AND id <> ?",
        (name, owner_id or 0, team_id or 0, but),
    )


def create(tx: Tx, name: str, query: str, owner_id: int | None, team_id: int | None, place: int) -> int:
    id = tx.short_id("view")
    tx.run(
        "INSERT INTO saved_views (id, name, query, owner_id, team_id, place, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, name, query, owner_id, team_id, place, tx.now),
    )
    return id


def update(tx: Tx, id: int, name: str, query: str, place: int) -> None:
    tx.run("UPDATE saved_views SET name = ?, query = ?, place = ? WHERE id = ?", (name, query, place, id))


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM saved_views WHERE id = ?", (id,))
