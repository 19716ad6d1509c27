"""SQL of teams' protocols, of what was ticked in conversations, and of how they ended."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx


def of_team(read: Snapshot, team_id: int | None) -> str | None:
    """What a team's protocol says, as JSON; None for a team without one."""
    if team_id is None:
        return None
    content = read.value("SELECT content FROM protocols WHERE team_id = ?", (team_id,))
    return None if content is None else str(content)


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """(team, content, updated_at) of every protocol."""
    return read.all(
        "SELECT t.name AS team, p.content, p.updated_at FROM protocols p JOIN teams t ON t.id = p.team_id"
        " ORDER BY t.name"
    )


def put(tx: Tx, team_id: int, content: str) -> None:
    tx.run(
        "INSERT INTO protocols (team_id, content, updated_at) VALUES (?, ?, ?) ON CONFLICT (team_id) DO UPDATE SET"
        " content = excluded.content, updated_at = excluded.updated_at",
        (team_id, content, tx.now),
    )


def remove(tx: Tx, team_id: int) -> bool:
    """Whether there was one."""
    return tx.run("DELETE FROM protocols WHERE team_id = ?", (team_id,)) > 0


# ---------------------------------------------------------------- in a conversation


def ticks(read: Snapshot, conversation_id: int) -> dict[str, sqlite3.Row]:
    """What was ticked, by item, with `who` (a sign-in name) and `at`."""
    rows = read.all(
        "SELECT k.item, k.at, coalesce(u.name, '') AS who FROM ticks k LEFT JOIN users u ON u.id = k.user_id"
        " WHERE k.conversation_id = ?",
        (conversation_id,),
    )
    return {row["item"]: row for row in rows}


def tick(tx: Tx, conversation_id: int, item: str, user_id: int | None) -> bool:
    """Whether it was not ticked yet."""
    return (
        tx.run(
            "INSERT INTO ticks (conversation_id, item, user_id, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (conversation_id, item, user_id, tx.now),
        )
        > 0
    )


def untick(tx: Tx, conversation_id: int, items: list[str]) -> int:
    """How many of them were ticked."""
    if not items:
        return 0
    marks = ", ".join("?" * len(items))
    return tx.run(f"DELETE FROM ticks WHERE conversation_id = ? AND item IN ({marks})", (conversation_id, *items))


def ending(read: Snapshot, conversation_id: int) -> sqlite3.Row | None:
    """(amount, currency, reason) of a conversation's outcome."""
    return read.one("SELECT amount, currency, reason FROM endings WHERE conversation_id = ?", (conversation_id,))


def end(tx: Tx, conversation_id: int, amount: int | None, currency: str, reason: str, user_id: int | None) -> None:
    tx.run(
        "INSERT INTO endings (conversation_id, amount, currency, reason, user_id, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (conversation_id) DO UPDATE SET amount = excluded.amount, currency = excluded.currency,"
        " reason = excluded.reason, user_id = excluded.user_id, at = excluded.at",
        (conversation_id, amount, currency, reason, user_id, tx.now),
    )


def forget_ending(tx: Tx, conversation_id: int) -> None:
    tx.run("DELETE FROM endings WHERE conversation_id = ?", (conversation_id,))


def last_event(read: Snapshot, conversation_id: int, kind: str) -> sqlite3.Row | None:
    """The newest event of a kind in a conversation."""
    return read.one(
        "SELECT seq, at, actor, data FROM events WHERE conversation_id = ? AND kind = ? ORDER BY seq DESC LIMIT 1",
        (conversation_id, kind),
    )


def steps(read: Snapshot, conversation_id: int, kinds: tuple[str, ...], limit: int = 100) -> list[sqlite3.Row]:
    """The newest events of these kinds in a conversation, oldest first."""
    marks = ", ".join("?" * len(kinds))
    newest = f"SELECT * FROM events WHERE conversation_id = ? AND kind IN ({marks}) ORDER BY seq DESC LIMIT ?"
    return read.all(f"SELECT * FROM ({newest}) ORDER BY seq", (conversation_id, *kinds, limit))
