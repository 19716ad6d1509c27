"""SQL of conversations that were put aside."""

from __future__ import annotations

from server.store.store import Snapshot


def due(read: Snapshot, limit: int) -> list[int]:
    """Conversations whose moment has come, the earliest first."""
    rows = read.all(
        "SELECT id FROM conversations WHERE snoozed_until IS NOT NULL AND snoozed_until <= ?"
        " ORDER BY snoozed_until LIMIT ?",
        (read.now, limit),
    )
    return [row["id"] for row in rows]


def next_due(read: Snapshot) -> int | None:
    found: int | None = read.value("SELECT min(snoozed_until) FROM conversations WHERE snoozed_until IS NOT NULL")
    return found
