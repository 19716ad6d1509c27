"""SQL of the journal, of idempotency keys and of what the feed needs beside an event."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx


def since(read: Snapshot, seq: int, limit: int, conversation_id: int | None = None) -> list[sqlite3.Row]:
    """Events after `seq`, in order."""
    if conversation_id is not None:
        return read.all(
            "SELECT * FROM events WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            (conversation_id, seq, limit),
        )
    return read.all("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))


def last_of_kind(read: Snapshot, conversation_id: int, kinds: tuple[str, ...], after: int) -> list[sqlite3.Row]:
    """Events of these kinds in one conversation after `after`, newest first."""
    marks = ", ".join("?" * len(kinds))
    return read.all(
        f"SELECT * FROM events WHERE conversation_id = ? AND seq > ? AND kind IN ({marks}) ORDER BY seq DESC LIMIT 20",
        (conversation_id, after, *kinds),
    )


def seq_before(read: Snapshot, at: int) -> int:
    """The newest seq whose moment lies before `at` (UTC ms), found by halving: the journal is in the order of time."""
    low, high = 0, read.head()
    while low < high:
        middle = (low + high + 1) // 2
        row = read.one("SELECT seq, at FROM events WHERE seq >= ? ORDER BY seq LIMIT 1", (middle,))
        if row is None or row["at"] >= at:
            high = middle - 1
        else:
            low = row["seq"]
    return low


def epoch(read: Snapshot) -> str:
    return str(read.value("SELECT value FROM meta WHERE key = 'epoch'"))


# ---------------------------------------------------------------- idempotency keys


def answered(tx: Tx, actor: str, key: str) -> tuple[str, str] | None:
    """(request digest, answer as JSON) of a command that was done under this key."""
    row = tx.one("SELECT request, answer FROM idempotency WHERE actor = ? AND key = ?", (actor, key))
    return None if row is None else (row["request"], row["answer"])


def remember(tx: Tx, actor: str, key: str, request: str, answer: str) -> None:
    tx.run(
        "INSERT INTO idempotency (actor, key, request, answer, created_at) VALUES (?, ?, ?, ?, ?)",
        (actor, key, request, answer, tx.now),
    )


def forget_keys(tx: Tx, before: int, limit: int) -> int:
    """Drop keys older than `before` (UTC ms), `limit` at most; how many went."""
    return tx.run(
        "DELETE FROM idempotency WHERE (actor, key) IN"
        " (SELECT actor, key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?)",
        (before, limit),
    )
