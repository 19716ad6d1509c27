"""SQL of who has begun to write, for asking providers what they are called."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot


def newest(read: Snapshot) -> int:
    """The number of the newest conversation."""
    return int(read.value("SELECT coalesce(max(id), 0) FROM conversations"))


def begun(read: Snapshot, channel_ids: list[int], after: int, limit: int) -> list[sqlite3.Row]:
    """Conversations on these channels after number `after`, in order: (id, channel_id, handle_id, name)."""
    marks = ", ".join("?" * len(channel_ids))
    return read.all(
        "SELECT c.id, c.channel_id, c.handle_id, k.name FROM conversations c JOIN contacts k ON k.id = c.contact_id"
        f" WHERE c.id > ? AND c.channel_id IN ({marks}) ORDER BY c.id LIMIT ?",
        (after, *channel_ids, limit),
    )
