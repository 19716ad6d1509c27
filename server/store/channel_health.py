"""SQL of how channels are: what is wrong with each, since when, and whether the outbox leaves it alone for now."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx

#: how exact the time of the last successful fetch is, in ms
PULLED_STEP = 30_000


def get(read: Snapshot, channel_id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM channel_health WHERE channel_id = ?", (channel_id,))


def set_problem(tx: Tx, channel: sqlite3.Row, problem: str, detail: str = "") -> None:
    """Something is wrong with a channel (a stable code), or nothing any more (empty); the journal says when."""
    known = get(tx, channel["id"])
    before = known["problem"] if known is not None else ""
    if problem == before:
        return
    tx.run(
        "INSERT INTO channel_health (channel_id, problem, detail, since) VALUES (:id, :problem, :detail, :since)"
        " ON CONFLICT (channel_id) DO UPDATE SET problem = :problem, detail = :detail, since = :since",
        {
            "id": channel["id"],
            "problem": problem,
            "detail": detail[:500],
            "since": tx.now if problem else None,
        },
    )
    if problem:
        tx.emit("channel.trouble", channel=channel["name"], problem=problem, detail=detail[:500])
    else:
        tx.emit("channel.recovered", channel=channel["name"], problem=before)


def note_pull(tx: Tx, channel: sqlite3.Row, problem: str, detail: str) -> None:
    """How a fetch went. Success ends a problem of fetching."""
    set_problem(tx, channel, problem, detail)
    if problem:
        return
    tx.run(
        "INSERT INTO channel_health (channel_id, pulled_at) VALUES (:id, :now)"
        " ON CONFLICT (channel_id) DO UPDATE SET pulled_at = :now"
        " WHERE coalesce(channel_health.pulled_at, 0) < :now - :step",
        {"id": channel["id"], "now": tx.now, "step": PULLED_STEP},
    )
