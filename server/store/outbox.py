"""SQL of the outbox: what has to leave, in order per conversation, paced per recipient, every attempt on record."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx


def put(tx: Tx, message_id: int, conversation_id: int, channel_id: int, recipient: int, due_at: int) -> None:
    """Queue a message. `recipient`: the handle it goes to, for pacing. `due_at`: it leaves no earlier (UTC ms)."""
    tx.run(
        "INSERT INTO outbox (message_id, conversation_id, channel_id, recipient, state, due_at, created_at)"
        " VALUES (?, ?, ?, ?, 'queued', ?, ?)",
        (message_id, conversation_id, channel_id, recipient, due_at, tx.now),
    )


def get(read: Snapshot, message_id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM outbox WHERE message_id = ?", (message_id,))


def under_way(read: Snapshot, conversation_id: int, kind: str, text: str) -> sqlite3.Row | None:
    """The oldest message of this kind and text that left, or may have, and whose provider's id is not known yet."""
    return read.one(
        "SELECT * FROM messages WHERE conversation_id = ? AND direction = 'out' AND status IN ('sending', 'unknown')"
        " AND external_id IS NULL AND kind = ? AND text = ? ORDER BY id LIMIT 1",
        (conversation_id, kind, text),
    )


#: due, first of its conversation, and its recipient may be written to again
_READY = """
FROM outbox o
JOIN channels ch ON ch.id = o.channel_id
LEFT JOIN pacing p ON p.channel_id = o.channel_id AND p.recipient = o.recipient AND ch.pair_interval_ms > 0
WHERE o.state = 'queued'
  AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id
                  AND e.message_id < o.message_id AND e.state IN ('queued', 'sending'))
"""


def ready(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """What may leave now, oldest due first."""
    return read.all(
        f"SELECT o.*, ch.pair_interval_ms {_READY} AND o.due_at <= :now AND coalesce(p.next_at, 0) <= :now"
        " ORDER BY o.due_at LIMIT :limit",
        {"now": read.now, "limit": limit},
    )


def next_due(read: Snapshot) -> int | None:
    """When the next message may leave (UTC ms), None if nothing waits."""
    due: int | None = read.value(
        f"SELECT min(CASE WHEN coalesce(p.next_at, 0) > o.due_at THEN p.next_at ELSE o.due_at END) {_READY}"
    )
    return due


def lease(tx: Tx, message_id: int, until: int) -> int:
    """Write the attempt down before it is made; its number (1, 2, …)."""
    tx.run(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = ? WHERE message_id = ?",
        (until, message_id),
    )
    n = int(tx.value("SELECT attempts FROM outbox WHERE message_id = ?", (message_id,)))
    tx.run(
        "INSERT INTO attempts (message_id, n, at, channel_id) SELECT message_id, attempts, ?, channel_id FROM outbox"
        " WHERE message_id = ?",
        (tx.now, message_id),
    )
    return n


def pace(tx: Tx, channel_id: int, recipient: int, next_at: int) -> None:
    """Nothing more to this recipient before `next_at` (UTC ms)."""
    tx.run(
        "INSERT INTO pacing (channel_id, recipient, next_at) VALUES (?, ?, ?)"
        " ON CONFLICT (channel_id, recipient) DO UPDATE SET next_at = excluded.next_at",
        (channel_id, recipient, next_at),
    )


def pace_from_now(tx: Tx, message_id: int) -> None:
    """The message may just have reached its recipient's provider: the pause after it counts from here."""
    tx.run(
        "INSERT INTO pacing (channel_id, recipient, next_at)"
        " SELECT c.channel_id, c.handle_id, :now + ch.pair_interval_ms FROM messages m"
        " JOIN conversations c ON c.id = m.conversation_id JOIN channels ch ON ch.id = c.channel_id"
        " WHERE m.id = :id AND ch.pair_interval_ms > 0"
        " ON CONFLICT (channel_id, recipient) DO UPDATE SET next_at = excluded.next_at",
        {"id": message_id, "now": tx.now},
    )


def end_attempt(tx: Tx, message_id: int, n: int, outcome: str, detail: str = "", reason: str = "") -> None:
    """How an attempt went: sent, refused, retry or unknown; `reason` one of `server.facts.REASONS`."""
    tx.run(
        "UPDATE attempts SET ended_at = ?, outcome = ?, reason = ?, detail = ? WHERE message_id = ? AND n = ?",
        (tx.now, outcome, reason, detail[:500], message_id, n),
    )


def requeue(tx: Tx, message_id: int, due_at: int) -> None:
    tx.run(
        "UPDATE outbox SET state = 'queued', due_at = ?, lease_until = NULL WHERE message_id = ?", (due_at, message_id)
    )


def set_unknown(tx: Tx, message_id: int) -> None:
    tx.run("UPDATE outbox SET state = 'unknown', lease_until = NULL WHERE message_id = ?", (message_id,))


def remove(tx: Tx, message_id: int) -> bool:
    """It left, or never will. False if it was not there."""
    return tx.run("DELETE FROM outbox WHERE message_id = ?", (message_id,)) > 0


def cancel(tx: Tx, message_id: int) -> bool:
    """Take a message back that nobody tried to send yet. False if it is too late."""
    return tx.run("DELETE FROM outbox WHERE message_id = ? AND state = 'queued' AND attempts = 0", (message_id,)) > 0


def leased(read: Snapshot, before: int) -> list[sqlite3.Row]:
    """Attempts that should have ended by `before` and did not."""
    return read.all("SELECT * FROM outbox WHERE state = 'sending' AND lease_until < ?", (before,))


def depth(read: Snapshot) -> list[sqlite3.Row]:
    """(channel, state, n) of what waits."""
    return read.all(
        "SELECT ch.name AS channel, o.state, count(*) AS n FROM outbox o JOIN channels ch ON ch.id = o.channel_id"
        " GROUP BY ch.name, o.state"
    )


def continue_counting(tx: Tx, message_id: int) -> None:
    """A message that goes again keeps the numbers of its earlier attempts."""
    tx.run(
        "UPDATE outbox SET attempts = (SELECT coalesce(max(n), 0) FROM attempts WHERE message_id = :id)"
        " WHERE message_id = :id",
        {"id": message_id},
    )
