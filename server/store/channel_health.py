"""SQL of how channels are: what is wrong with each, since when, and whether the outbox leaves it alone for now."""

from __future__ import annotations

import sqlite3

from server.desk.breaker import CLOSED, Circuit
from server.store.store import Snapshot, Tx

#: how exact the time of the last successful fetch is, in ms
PULLED_STEP = 30_000
#: parts of a channel that can be in trouble, each by itself: sending, fetching, its settings, its token's time
PARTS = ("send", "pull", "check", "token")


def circuit(read: Snapshot, channel_id: int) -> Circuit:
    """Whether the outbox leaves this channel alone, and why."""
    row = read.one(
        "SELECT failures, openings, opened_at, paused_until FROM channel_health WHERE channel_id = ?", (channel_id,)
    )
    return CLOSED if row is None else Circuit(*row)


def set_circuit(tx: Tx, channel_id: int, circuit: Circuit) -> None:
    tx.run(
        "INSERT INTO channel_health (channel_id, failures, openings, opened_at, paused_until) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (channel_id) DO UPDATE SET failures = excluded.failures, openings = excluded.openings,"
        " opened_at = excluded.opened_at, paused_until = excluded.paused_until",
        (channel_id, circuit.failures, circuit.openings, circuit.opened_at, circuit.paused_until),
    )


def problem_of(read: Snapshot, channel_id: int, part: str) -> str:
    """The code of what is wrong with a part of a channel; empty if nothing is."""
    sql = "SELECT problem FROM channel_problems WHERE channel_id = ? AND part = ?"
    return str(read.value(sql, (channel_id, part)) or "")


def set_problem(tx: Tx, channel: sqlite3.Row, part: str, problem: str, detail: str = "") -> None:
    """A part of a channel is in trouble (a stable code), or no longer (empty); the journal says when."""
    before = problem_of(tx, channel["id"], part)
    if problem == before:
        return
    key = (channel["id"], part)
    tx.run("DELETE FROM channel_problems WHERE channel_id = ? AND part = ?", key)
    if problem:
        tx.run(
            "INSERT INTO channel_problems (channel_id, part, problem, detail, since) VALUES (?, ?, ?, ?, ?)",
            (*key, problem, detail[:500], tx.now),
        )
        tx.emit("channel.trouble", channel=channel["name"], part=part, problem=problem, detail=detail[:500])
    else:
        tx.emit("channel.recovered", channel=channel["name"], part=part, problem=before)


def note_pull(tx: Tx, channel: sqlite3.Row, problem: str, detail: str) -> None:
    """How a fetch went. Success ends a problem of fetching."""
    set_problem(tx, channel, "pull", problem, detail)
    if problem:
        return
    tx.run(
        "INSERT INTO channel_health (channel_id, pulled_at) VALUES (:id, :now)"
        " ON CONFLICT (channel_id) DO UPDATE SET pulled_at = :now"
        " WHERE coalesce(channel_health.pulled_at, 0) < :now - :step",
        {"id": channel["id"], "now": tx.now, "step": PULLED_STEP},
    )


def note_check(tx: Tx, channel_id: int, token_expires_at: int | None) -> None:
    """The channel was looked after just now; when its token ends, if the provider says so (UTC ms)."""
    tx.run(
        "INSERT INTO channel_health (channel_id, checked_at, token_expires_at) VALUES (?, ?, ?)"
        " ON CONFLICT (channel_id) DO UPDATE SET checked_at = excluded.checked_at,"
        " token_expires_at = excluded.token_expires_at",
        (channel_id, tx.now, token_expires_at),
    )


def look_soon(tx: Tx, channel_id: int) -> None:
    """What was found when the channel was looked after last is out of date."""
    tx.run("UPDATE channel_health SET checked_at = NULL WHERE channel_id = ?", (channel_id,))


def checked(read: Snapshot) -> dict[int, int]:
    """Channel → when it was looked after last (UTC ms)."""
    rows = read.all("SELECT channel_id, checked_at FROM channel_health WHERE checked_at IS NOT NULL")
    return {row["channel_id"]: row["checked_at"] for row in rows}


def renew(tx: Tx, channel: sqlite3.Row) -> None:
    """What was found was found with other settings: nothing is known of the channel any more."""
    for part in PARTS:
        set_problem(tx, channel, part, "")
    forget(tx, channel["id"])


def forget(tx: Tx, channel_id: int) -> None:
    """A channel that is gone has no health."""
    tx.run("DELETE FROM channel_problems WHERE channel_id = ?", (channel_id,))
    tx.run("DELETE FROM channel_health WHERE channel_id = ?", (channel_id,))


# ---------------------------------------------------------------- all of it, for lists


def listing(read: Snapshot) -> list[sqlite3.Row]:
    return read.all("SELECT * FROM channel_health")


def problems(read: Snapshot) -> list[sqlite3.Row]:
    return read.all("SELECT * FROM channel_problems ORDER BY since")


def traffic(read: Snapshot, since: int) -> list[sqlite3.Row]:
    """(channel_id, attempts, failed, lost) of the attempts made since (UTC ms); `lost` are those that are not made
    again by themselves."""
    return read.all(
        "SELECT channel_id, count(*) AS attempts,"
        " sum(CASE WHEN outcome IN ('refused', 'retry', 'unknown') THEN 1 ELSE 0 END) AS failed,"
        " sum(CASE WHEN outcome IN ('refused', 'unknown') THEN 1 ELSE 0 END) AS lost"
        " FROM attempts WHERE at >= ? AND channel_id IS NOT NULL GROUP BY channel_id",
        (since,),
    )
