"""SQL of how channels are: what is wrong with each, since when, and whether the outbox leaves it alone for now."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx

#: how exact the time of the last successful fetch is, in ms
PULLED_STEP = 30_000
#: parts of a channel that can be in trouble, each by itself: sending, fetching, its settings, its token's time
PARTS = ("send", "pull", "check", "token")


def get(read: Snapshot, channel_id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM channel_health WHERE channel_id = ?", (channel_id,))


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
