"""SQL of messages that have not left: what waits, what nobody knows of, and the dead letters. Keyset pages only."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx

#: failed for good and nobody has dealt with it yet: what the partial indexes `messages_failed…` hold
_DEAD = "m.status = 'failed' AND m.dropped_at IS NULL"


def failed(
    read: Snapshot, before: int, limit: int, channel_id: int | None = None, author_id: int | None = None
) -> list[sqlite3.Row]:
    """Dead letters, newest first, `limit` + 1 of them; only a channel's, or only those somebody wrote."""
    channel = " AND m.channel_id = :channel" if channel_id is not None else ""
    author = " AND m.author_id = :author" if author_id is not None else ""
    return read.all(
        "SELECT m.id, m.conversation_id, m.status_at AS at, m.failure AS reason, m.failure_detail AS detail,"
        " (SELECT coalesce(max(a.n), 0) FROM attempts a WHERE a.message_id = m.id) AS attempts, NULL AS next_at"
        f" FROM messages m WHERE {_DEAD} AND m.id < :before{channel}{author} ORDER BY m.id DESC LIMIT :limit",
        {"before": before, "limit": limit + 1, "channel": channel_id, "author": author_id},
    )


def underway(
    read: Snapshot,
    unknown: bool,
    before: int,
    limit: int,
    channel_id: int | None = None,
    author_id: int | None = None,
) -> list[sqlite3.Row]:
    """Messages in the outbox, newest first, `limit` + 1 of them: those of unknown fate, or those that wait."""
    state = "o.state = 'unknown'" if unknown else "o.state IN ('queued', 'sending')"
    channel = " AND o.channel_id = :channel" if channel_id is not None else ""
    author = " AND m.author_id = :author" if author_id is not None else ""
    return read.all(
        "SELECT o.message_id AS id, o.conversation_id, m.status_at AS at, coalesce(a.reason, '') AS reason,"
        " coalesce(a.detail, '') AS detail, o.attempts,"
        " CASE WHEN o.state = 'unknown' THEN o.ask_at WHEN o.state = 'sending' THEN NULL"
        " WHEN h.paused_until > o.due_at THEN h.paused_until ELSE o.due_at END AS next_at"
        " FROM outbox o JOIN messages m ON m.id = o.message_id"
        " LEFT JOIN attempts a ON a.message_id = o.message_id AND a.n = o.attempts"
        " LEFT JOIN channel_health h ON h.channel_id = o.channel_id"
        f" WHERE {state} AND o.message_id < :before{channel}{author} ORDER BY o.message_id DESC LIMIT :limit",
        {"before": before, "limit": limit + 1, "channel": channel_id, "author": author_id},
    )


def oldest(
    read: Snapshot, channel_id: int, after: int, limit: int, reason: str, until: int | None
) -> list[sqlite3.Row]:
    """A channel's dead letters after message `after`, oldest first, `limit` + 1 of them; those with this `reason`
    (empty: any) that failed by `until` (UTC ms)."""
    return read.all(
        f"SELECT m.* FROM messages m WHERE {_DEAD} AND m.channel_id = :channel AND m.id > :after"
        " AND (:reason = '' OR m.failure = :reason) AND m.status_at <= :until ORDER BY m.id LIMIT :limit",
        {
            "channel": channel_id,
            "after": after,
            "reason": reason,
            "until": until if until is not None else read.now,
            "limit": limit + 1,
        },
    )


def drop(tx: Tx, message_id: int, at: int | None) -> None:
    """Somebody has dealt with a dead letter (`at`, UTC ms), or it is none any more (None)."""
    tx.run("UPDATE messages SET dropped_at = ?, version = version + 1 WHERE id = ?", (at, message_id))
