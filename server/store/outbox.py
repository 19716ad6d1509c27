"""SQL of the outbox: what has to leave, in order per conversation, paced per recipient and per account, every attempt
on record. Each channel is looked at by itself, so that what waits in one costs the others nothing."""

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


def under_way(read: Snapshot, conversation_id: int, channel_id: int, kind: str, text: str) -> sqlite3.Row | None:
    """The oldest message of this kind and text that left, or may have, and whose provider's id is not known yet."""
    return read.one(
        "SELECT * FROM messages WHERE conversation_id = ? AND channel_id = ? AND direction = 'out'"
        " AND status IN ('sending', 'unknown') AND external_id IS NULL AND kind = ? AND text = ? ORDER BY id LIMIT 1",
        (conversation_id, channel_id, kind, text),
    )


#: the recipient under which the pace of a whole account is kept
ACCOUNT = 0


def waiting(read: Snapshot) -> list[sqlite3.Row]:
    """The channels in which something is queued: their limits, and whether they are left alone (`paused_until`,
    `openings`). `ahead`: see `server.desk.pacing`."""
    return read.all(
        "SELECT ch.id, ch.active, ch.pair_interval_ms, ch.account_interval_ms, coalesce(p.next_at, 0) AS ahead,"
        " h.paused_until, coalesce(h.openings, 0) AS openings"
        " FROM channels ch LEFT JOIN pacing p ON p.channel_id = ch.id AND p.recipient = :account"
        " LEFT JOIN channel_health h ON h.channel_id = ch.id"
        " WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.channel_id = ch.id AND o.state = 'queued')",
        {"account": ACCOUNT},
    )


#: how long a message may simply be held back before it leaves (ms); what is to wait longer is scheduled
LONGEST_HOLD = 60_000

#: queued on this channel and first of its conversation; what is scheduled for later does not hold up what is written
#: meanwhile
_FIRST = f"""
FROM outbox o
LEFT JOIN pacing p ON p.channel_id = o.channel_id AND p.recipient = o.recipient AND :pair_interval_ms > 0
WHERE o.channel_id = :id AND o.state = 'queued'
  AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id
                  AND e.message_id < o.message_id AND e.state IN ('queued', 'sending')
                  AND (e.due_at <= o.due_at OR e.attempts > 0 OR e.due_at <= e.created_at + {LONGEST_HOLD}))
"""
#: … and it may leave, and its recipient be written to, by a moment
_BY = " AND o.due_at <= :by AND coalesce(p.next_at, 0) <= :by"


def ready(read: Snapshot, channel: sqlite3.Row, limit: int) -> list[sqlite3.Row]:
    """What may leave on a channel (a row of `waiting`) now, oldest due first."""
    return read.all(
        f"SELECT o.* {_FIRST}{_BY} ORDER BY o.due_at LIMIT :limit", _about(channel) | {"by": read.now, "limit": limit}
    )


def next_due(read: Snapshot, channel: sqlite3.Row, not_before: int) -> int | None:
    """When the next message may leave on a channel that is closed until `not_before` (UTC ms); None if all of them
    wait for what is on its way."""
    if read.value(f"SELECT 1 {_FIRST}{_BY} LIMIT 1", _about(channel) | {"by": not_before}):
        return not_before
    due: int | None = read.value(
        f"SELECT min(CASE WHEN coalesce(p.next_at, 0) > o.due_at THEN p.next_at ELSE o.due_at END) {_FIRST}",
        _about(channel),
    )
    return due


def _about(channel: sqlite3.Row) -> dict[str, int]:
    return {"id": channel["id"], "pair_interval_ms": channel["pair_interval_ms"]}


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


def started_at(read: Snapshot, message_id: int, n: int) -> int:
    """When a message's `n`-th attempt began (UTC ms); 0 if there was none."""
    return int(read.value("SELECT at FROM attempts WHERE message_id = ? AND n = ?", (message_id, n)) or 0)


def pace(tx: Tx, channel_id: int, recipient: int, next_at: int) -> None:
    """Nothing more to this recipient before `next_at` (UTC ms); for `ACCOUNT`, see `server.desk.pacing`."""
    tx.run(
        "INSERT INTO pacing (channel_id, recipient, next_at) VALUES (?, ?, ?)"
        " ON CONFLICT (channel_id, recipient) DO UPDATE SET next_at = excluded.next_at",
        (channel_id, recipient, next_at),
    )


def ahead(read: Snapshot, channel_id: int) -> int:
    """How far a channel's account has used its time up (UTC ms), see `server.desk.pacing`."""
    sql = "SELECT next_at FROM pacing WHERE channel_id = ? AND recipient = ?"
    return int(read.value(sql, (channel_id, ACCOUNT)) or 0)


def pace_from_now(tx: Tx, message_id: int) -> None:
    """The message may just have reached its recipient's provider: the pause after it counts from here."""
    tx.run(
        "INSERT INTO pacing (channel_id, recipient, next_at)"
        " SELECT c.channel_id, c.handle_id, :now + ch.pair_interval_ms FROM messages m"
        " JOIN conversations c ON c.id = coalesce(m.home_id, m.conversation_id)"
        " JOIN channels ch ON ch.id = c.channel_id"
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
        "UPDATE outbox SET state = 'queued', due_at = ?, lease_until = NULL, ask_at = NULL WHERE message_id = ?",
        (due_at, message_id),
    )


def hurry(tx: Tx, channel_id: int) -> None:
    """What was tried in vain on this channel need not wait any longer."""
    tx.run(
        "UPDATE outbox SET due_at = :now WHERE channel_id = :id AND state = 'queued' AND due_at > :now"
        " AND attempts > 0",
        {"id": channel_id, "now": tx.now},
    )


def unpace(tx: Tx, channel_id: int) -> None:
    """A channel's account may be used at once."""
    tx.run("DELETE FROM pacing WHERE channel_id = ? AND recipient = ?", (channel_id, ACCOUNT))


def stuck(read: Snapshot, before: int, limit: int) -> list[sqlite3.Row]:
    """Messages queued before `before` (UTC ms) on channels that let nothing through."""
    return read.all(
        "SELECT o.* FROM channel_health h CROSS JOIN outbox o"
        " WHERE h.openings > 0 AND o.channel_id = h.channel_id AND o.state = 'queued' AND o.created_at < ? LIMIT ?",
        (before, limit),
    )


# ---------------------------------------------------------------- of unknown fate


def set_unknown(tx: Tx, message_id: int, ask_at: int | None) -> None:
    """Nobody knows whether it left. `ask_at`: when the provider is asked (UTC ms), if it can be."""
    tx.run(
        "UPDATE outbox SET state = 'unknown', lease_until = NULL, asked = 0, ask_at = ? WHERE message_id = ?",
        (ask_at, message_id),
    )


def to_ask(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """Messages that their providers may be asked about now."""
    return read.all("SELECT * FROM outbox WHERE ask_at <= ? ORDER BY ask_at LIMIT ?", (read.now, limit))


def next_question(read: Snapshot) -> int | None:
    """When a provider is asked next (UTC ms)."""
    due: int | None = read.value("SELECT min(ask_at) FROM outbox WHERE ask_at IS NOT NULL")
    return due


def set_asked(tx: Tx, message_id: int, asked: int, ask_at: int | None) -> None:
    tx.run("UPDATE outbox SET asked = ?, ask_at = ? WHERE message_id = ?", (asked, ask_at, message_id))


def remove(tx: Tx, message_id: int) -> bool:
    """It left, or never will. False if it was not there."""
    return tx.run("DELETE FROM outbox WHERE message_id = ?", (message_id,)) > 0


def cancel(tx: Tx, message_id: int) -> bool:
    """Take a message back that nobody tried to send yet. False if it is too late."""
    return tx.run("DELETE FROM outbox WHERE message_id = ? AND state = 'queued' AND attempts = 0", (message_id,)) > 0


def scheduled(read: Snapshot, conversation_id: int) -> list[int]:
    """Messages that wait for a moment of their own and have not been tried."""
    rows = read.all(
        "SELECT message_id FROM outbox WHERE conversation_id = ? AND state = 'queued' AND attempts = 0"
        " AND due_at > ? AND due_at > created_at + ? ORDER BY message_id",
        (conversation_id, read.now, LONGEST_HOLD),
    )
    return [int(row["message_id"]) for row in rows]


def leased(read: Snapshot, before: int) -> list[sqlite3.Row]:
    """Attempts that should have ended by `before` and did not."""
    return read.all(
        "SELECT * FROM outbox WHERE channel_id IN (SELECT id FROM channels) AND state = 'sending' AND lease_until < ?",
        (before,),
    )


def depth(read: Snapshot) -> list[sqlite3.Row]:
    """(channel_id, state, n, oldest) of what has not left; `oldest`: when the first of them was queued (UTC ms)."""
    return read.all(
        "SELECT channel_id, state, count(*) AS n, min(created_at) AS oldest FROM outbox GROUP BY channel_id, state"
    )


def continue_counting(tx: Tx, message_id: int) -> None:
    """A message that goes again keeps the numbers of its earlier attempts."""
    tx.run(
        "UPDATE outbox SET attempts = (SELECT coalesce(max(n), 0) FROM attempts WHERE message_id = :id)"
        " WHERE message_id = :id",
        {"id": message_id},
    )
