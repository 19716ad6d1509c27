"""SQL of service-level clocks. The running one is also on its conversation, for lists."""

from __future__ import annotations

import sqlite3

from server.desk import sla
from server.store.store import Snapshot, Tx


def default_policy(read: Snapshot) -> sla.Policy:
    """The policy that applies where no other does."""
    row = read.one("SELECT first_response_ms, next_response_ms, warn_percent FROM sla_policies WHERE is_default = 1")
    return sla.DEFAULT if row is None else sla.Policy(*row)


def create_policy(tx: Tx, name: str, policy: sla.Policy) -> None:
    tx.run(
        "INSERT INTO sla_policies (id, name, first_response_ms, next_response_ms, warn_percent, is_default, created_at)"
        " VALUES (?, ?, ?, ?, ?, 1, ?)",
        (
            tx.short_id("sla_policy"),
            name,
            policy.first_response_ms,
            policy.next_response_ms,
            policy.warn_percent,
            tx.now,
        ),
    )


def start(tx: Tx, conversation_id: int, clock: sla.Clock) -> None:
    tx.run(
        "INSERT INTO sla_clocks (id, conversation_id, target, started_at, warn_at, due_at) VALUES (?, ?, ?, ?, ?, ?)",
        (tx.time_id(), conversation_id, clock.target, clock.started_at, clock.warn_at, clock.due_at),
    )


def stop(tx: Tx, conversation_id: int, outcome: str, message_id: int | None) -> None:
    """Stop the running clock, if one runs. `message_id`: the answer that did it.

    `outcome`: met, missed, stopped or superseded.
    """
    tx.run(
        "UPDATE sla_clocks SET stopped_at = ?, outcome = ?, stopped_by = ?"
        " WHERE conversation_id = ? AND stopped_at IS NULL",
        (tx.now, outcome, message_id, conversation_id),
    )


def restart(tx: Tx, message_id: int, conversation_id: int) -> sqlite3.Row | None:
    """Let the clock that this answer stopped run on as if it never had; the clock's row, if there was one.

    A clock that started since gives way: the customer waits for the older promise.
    """
    row = tx.one("SELECT * FROM sla_clocks WHERE stopped_by = ?", (message_id,))
    if row is not None:
        stop(tx, conversation_id, "superseded", None)
        resume(tx, row["id"], conversation_id)
    return row


def resume(tx: Tx, id: int, conversation_id: int) -> None:
    """Let a clock run (on) as this conversation's, which has none that runs."""
    tx.run(
        "UPDATE sla_clocks SET stopped_at = NULL, outcome = '', stopped_by = NULL, conversation_id = ? WHERE id = ?",
        (conversation_id, id),
    )


def running(read: Snapshot, conversation_id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM sla_clocks WHERE conversation_id = ? AND stopped_at IS NULL", (conversation_id,))


def superseded(read: Snapshot, id: int, since: int) -> sqlite3.Row | None:
    """A clock, if it gave way to another one since that moment (UTC ms)."""
    return read.one("SELECT * FROM sla_clocks WHERE id = ? AND outcome = 'superseded' AND stopped_at >= ?", (id, since))


def due(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """Running clocks that have to warn or to breach now: (id, conversation_id, target, due_at, warn_at, breach 0/1)."""
    return read.all(
        "SELECT id, conversation_id, target, started_at, warn_at, due_at, 1 AS breach FROM (SELECT * FROM sla_clocks"
        " WHERE stopped_at IS NULL AND breached_at IS NULL AND due_at <= :now ORDER BY due_at LIMIT :limit) b"
        " UNION ALL "
        "SELECT id, conversation_id, target, started_at, warn_at, due_at, 0 AS breach FROM (SELECT * FROM sla_clocks"
        " WHERE stopped_at IS NULL AND warned_at IS NULL AND warn_at <= :now AND due_at > :now"
        " ORDER BY warn_at LIMIT :limit) w",
        {"now": read.now, "limit": limit},
    )


def next_due(read: Snapshot) -> int | None:
    """When the next clock has something to say (UTC ms)."""
    row = read.one(
        "SELECT (SELECT min(due_at) FROM sla_clocks WHERE stopped_at IS NULL AND breached_at IS NULL) AS due,"
        " (SELECT min(warn_at) FROM sla_clocks WHERE stopped_at IS NULL AND warned_at IS NULL) AS warn"
    )
    assert row is not None
    times = [time for time in (row["due"], row["warn"]) if time is not None]
    return min(times) if times else None


def mark(tx: Tx, id: int, breach: bool) -> bool:
    """Note once that a clock warned or breached; False if it is stopped or that was noted before."""
    if breach:
        return (
            tx.run(
                "UPDATE sla_clocks SET breached_at = ?, warned_at = coalesce(warned_at, ?)"
                " WHERE id = ? AND stopped_at IS NULL AND breached_at IS NULL",
                (tx.now, tx.now, id),
            )
            > 0
        )
    return (
        tx.run(
            "UPDATE sla_clocks SET warned_at = ? WHERE id = ? AND stopped_at IS NULL AND warned_at IS NULL",
            (tx.now, id),
        )
        > 0
    )
