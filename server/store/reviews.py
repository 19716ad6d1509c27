"""SQL of reviews: each team's rule, and the answers that wait for a reviewer."""

from __future__ import annotations

import sqlite3

import msgspec

from server.store.store import Snapshot, Tx
from server.wire import ReviewRule

_decode = msgspec.json.Decoder(ReviewRule).decode
_encode = msgspec.json.Encoder().encode


# ---------------------------------------------------------------- rules


def rules(read: Snapshot) -> dict[int, ReviewRule]:
    """Every team's rule, by the team's id; most organisations have none."""
    rows = read.all("SELECT r.team_id, r.content, t.name FROM review_rules r JOIN teams t ON t.id = r.team_id")
    return {row["team_id"]: msgspec.structs.replace(_decode(row["content"]), team=row["name"]) for row in rows}


def put_rule(tx: Tx, team_id: int, rule: ReviewRule) -> None:
    tx.run(
        "INSERT INTO review_rules (team_id, content, updated_at) VALUES (?, ?, ?)"
        " ON CONFLICT (team_id) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at",
        (team_id, _encode(rule).decode(), tx.now),
    )


def remove_rule(tx: Tx, team_id: int) -> bool:
    """Whether there was one."""
    return tx.run("DELETE FROM review_rules WHERE team_id = ?", (team_id,)) > 0


# ---------------------------------------------------------------- what waits

_REVIEWS = "SELECT r.*, t.name AS team FROM reviews r LEFT JOIN teams t ON t.id = r.team_id"


def ask(tx: Tx, message_id: int, team_id: int, author_id: int, why: str, due_at: int) -> None:
    tx.run(
        "INSERT INTO reviews (message_id, team_id, author_id, why, state, requested_at, due_at)"
        " VALUES (?, ?, ?, ?, 'pending', ?, ?)",
        (message_id, team_id, author_id, why, tx.now, due_at),
    )


def get(read: Snapshot, message_id: int) -> sqlite3.Row | None:
    return read.one(f"{_REVIEWS} WHERE r.message_id = ?", (message_id,))


def pending(read: Snapshot, team_ids: list[int] | None, limit: int) -> list[sqlite3.Row]:
    """What waits for a reviewer (of these teams' rules, or of all), the most urgent first."""
    if team_ids is None:
        return read.all(f"{_REVIEWS} WHERE r.state = 'pending' ORDER BY r.due_at, r.message_id LIMIT ?", (limit,))
    marks = ", ".join("?" * len(team_ids))
    return read.all(
        f"{_REVIEWS} WHERE r.state = 'pending' AND r.team_id IN ({marks}) ORDER BY r.due_at, r.message_id LIMIT ?",
        (*team_ids, limit),
    )


def waiting_in(read: Snapshot, conversation_id: int) -> int:
    """How many answers of a conversation wait for a reviewer."""
    return int(
        read.value(
            "SELECT count(*) FROM reviews r JOIN messages m ON m.id = r.message_id"
            " WHERE r.state = 'pending' AND m.conversation_id = ?",
            (conversation_id,),
        )
    )


def decide(tx: Tx, message_id: int, state: str, by: str, remark: str = "", original: str = "") -> bool:
    """End a review; whether it was still open."""
    return (
        tx.run(
            "UPDATE reviews SET state = ?, decided_at = ?, decided_by = ?, remark = ?, original = ?"
            " WHERE message_id = ? AND state = 'pending'",
            (state, tx.now, by, remark, original, message_id),
        )
        > 0
    )


def late(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """What has waited longer than it may, and nobody was told yet."""
    return read.all(
        f"{_REVIEWS} WHERE r.state = 'pending' AND r.late_at IS NULL AND r.due_at <= ? ORDER BY r.due_at LIMIT ?",
        (read.now, limit),
    )


def next_late(read: Snapshot) -> int | None:
    """When the next one has waited too long (UTC ms)."""
    value: int | None = read.value("SELECT min(due_at) FROM reviews WHERE state = 'pending' AND late_at IS NULL")
    return value


def set_late(tx: Tx, message_id: int) -> None:
    tx.run("UPDATE reviews SET late_at = ? WHERE message_id = ?", (tx.now, message_id))
