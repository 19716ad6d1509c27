"""SQL of topics."""

from __future__ import annotations

import sqlite3

from server.desk.words import plain
from server.store.store import Snapshot, Tx

_TOPICS = "SELECT p.*, t.name AS team FROM topics p LEFT JOIN teams t ON t.id = p.team_id"


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """All topics, by name."""
    return read.all(f"{_TOPICS} ORDER BY p.plain, p.id")


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_TOPICS} WHERE p.id = ?", (id,))


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    """By name, whatever its case and accents."""
    return read.one(f"{_TOPICS} WHERE p.plain = ?", (plain(name),))


def create(tx: Tx, name: str, content: str, team_id: int | None) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("topic")
    tx.run(
        "INSERT INTO topics (id, name, plain, content, team_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, name, plain(name), content, team_id, tx.now, tx.now),
    )
    return id


def update(tx: Tx, id: int, content: str, team_id: int | None) -> None:
    tx.run("UPDATE topics SET content = ?, team_id = ?, updated_at = ? WHERE id = ?", (content, team_id, tx.now, id))


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM topics WHERE id = ?", (id,))


def used(tx: Tx, id: int) -> None:
    """A person chose it once more."""
    tx.run("UPDATE topics SET uses = uses + 1 WHERE id = ?", (id,))
