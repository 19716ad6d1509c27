"""SQL of automation: rules, how far they have followed the journal, how often they fired, and who waits for whom."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from server.desk.automation import Side
from server.store.store import Snapshot, Tx
from server.wire import NewRule

_SEQ = "automation.seq"
_decode = msgspec.json.Decoder(NewRule).decode
_encode = msgspec.json.Encoder().encode


# ---------------------------------------------------------------- rules

_RULES = (
    "SELECT r.*, coalesce(sum(d.fired), 0) AS fired, coalesce(sum(d.refused), 0) AS refused,"
    " coalesce(sum(d.limited), 0) AS limited FROM rules r LEFT JOIN rule_days d ON d.rule_id = r.id"
)


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """All rules with how often they did what, in the order in which they go."""
    return read.all(f"{_RULES} GROUP BY r.id ORDER BY r.place, r.name")


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one(f"{_RULES} WHERE r.name = ? GROUP BY r.id", (name,))


def every(read: Snapshot) -> list[sqlite3.Row]:
    """All rules, without what they did."""
    return read.all("SELECT * FROM rules ORDER BY place, name")


def active(read: Snapshot) -> list[sqlite3.Row]:
    """The rules that are switched on, in the order in which they go."""
    return read.all("SELECT * FROM rules WHERE active = 1 ORDER BY place, name")


def any_active(read: Snapshot) -> bool:
    return read.value("SELECT 1 FROM rules WHERE active = 1 LIMIT 1") is not None


def content(row: sqlite3.Row) -> NewRule:
    return _decode(row["content"])


def create(tx: Tx, rule: NewRule) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("rule")
    tx.run(
        "INSERT INTO rules (id, name, content, place, active, created_at, updated_at) VALUES (?, ?, ?, ?, 0, ?, ?)",
        (id, rule.name, _encode(rule).decode(), rule.place, tx.now, tx.now),
    )
    return id


def update(tx: Tx, id: int, rule: NewRule) -> None:
    tx.run(
        "UPDATE rules SET content = ?, place = ?, active = ?, updated_at = ? WHERE id = ?",
        (_encode(rule).decode(), rule.place, int(rule.active), tx.now, id),
    )


def begin(tx: Tx, id: int, seq: int) -> None:
    """The rule minds what happens from now on: events after `seq`, waits that pass their time after this moment."""
    tx.run("UPDATE rules SET from_seq = ? WHERE id = ?", (seq, id))


def remove(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM rules WHERE id = ?", (id,))


# ---------------------------------------------------------------- following the journal


def place(read: Snapshot) -> int:
    """The newest event that the rules are done with."""
    return int(read.value("SELECT value FROM meta WHERE key = ?", (_SEQ,)) or 0)


def advance(tx: Tx, seq: int) -> None:
    """The rules are done with everything up to `seq`; never backwards."""
    if seq > place(tx):
        tx.run(
            "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_SEQ, str(seq)),
        )


def events(read: Snapshot, since: int, until: int, kinds: frozenset[str], limit: int) -> list[sqlite3.Row]:
    """Events after `since` up to `until` of these kinds that no rule wrote, in order."""
    marks = ", ".join(f":k{n}" for n in range(len(kinds))) or "''"
    params: dict[str, Any] = {f"k{n}": kind for n, kind in enumerate(sorted(kinds))}
    return read.all(
        f"SELECT seq, at, kind, conversation_id, data FROM events WHERE seq > :since AND seq <= :until"
        f" AND kind IN ({marks}) AND actor NOT LIKE 'rule:%' AND conversation_id IS NOT NULL ORDER BY seq LIMIT :limit",
        {**params, "since": since, "until": until, "limit": limit},
    )


def some(read: Snapshot, seqs: list[int]) -> list[sqlite3.Row]:
    """These events, in order."""
    marks = ", ".join("?" * len(seqs)) or "0"
    return read.all(
        f"SELECT seq, at, kind, conversation_id, data FROM events WHERE seq IN ({marks}) ORDER BY seq", seqs
    )


# ---------------------------------------------------------------- how often


def firings(read: Snapshot, rule_id: int, conversation_id: int, since: int) -> list[sqlite3.Row]:
    """(at, limited) of a rule in a conversation since a moment (UTC ms)."""
    return read.all(
        "SELECT at, limited FROM rule_firings WHERE rule_id = ? AND conversation_id = ? AND at > ?",
        (rule_id, conversation_id, since),
    )


def note(tx: Tx, rule_id: int, conversation_id: int, day: str, outcome: str) -> None:
    """Count a firing. `outcome`: fired, refused or limited; refused ones count as firings for the limit."""
    tx.run(
        "INSERT INTO rule_firings (rule_id, conversation_id, at, limited) VALUES (?, ?, ?, ?)",
        (rule_id, conversation_id, tx.now, int(outcome == "limited")),
    )
    count_limited(tx, rule_id, day) if outcome == "limited" else _count(tx, rule_id, day, outcome)
    if outcome == "fired":
        tx.run("UPDATE rules SET last_at = ? WHERE id = ?", (tx.now, rule_id))


def count_limited(tx: Tx, rule_id: int, day: str) -> None:
    """A firing that was held back, and not the first one of its hour."""
    _count(tx, rule_id, day, "limited")


def _count(tx: Tx, rule_id: int, day: str, outcome: str) -> None:
    column = {"fired": "fired", "refused": "refused", "limited": "limited"}[outcome]
    tx.run(
        f"INSERT INTO rule_days (rule_id, day, {column}) VALUES (?, ?, 1) ON CONFLICT (rule_id, day)"
        f" DO UPDATE SET {column} = rule_days.{column} + 1",
        (rule_id, day),
    )


def forget_firings(tx: Tx, before: int) -> None:
    """Drop what no limit asks for any more."""
    tx.run("DELETE FROM rule_firings WHERE at <= ?", (before,))


def days(read: Snapshot, rule_id: int, limit: int) -> list[sqlite3.Row]:
    """What a rule did by day, newest first."""
    return read.all(
        "SELECT day, fired, refused, limited FROM rule_days WHERE rule_id = ? ORDER BY day DESC LIMIT ?",
        (rule_id, limit),
    )


# ---------------------------------------------------------------- who waits for whom


def side(read: Snapshot, conversation_id: int) -> Side | None:
    value: Side | None = read.value("SELECT side FROM rule_waits WHERE conversation_id = ?", (conversation_id,))
    return value


def begin_wait(tx: Tx, conversation_id: int, side: str, since: int) -> None:
    tx.run(
        "INSERT INTO rule_waits (conversation_id, side, since) VALUES (?, ?, ?)"
        " ON CONFLICT (conversation_id) DO UPDATE SET side = excluded.side, since = excluded.since",
        (conversation_id, side, since),
    )


def end_wait(tx: Tx, conversation_id: int) -> None:
    tx.run("DELETE FROM rule_waits WHERE conversation_id = ?", (conversation_id,))


def fill_waits(tx: Tx) -> None:
    """Begin to keep who waits, with what the open conversations tell of it."""
    tx.run("DELETE FROM rule_waits")
    tx.run(
        "INSERT INTO rule_waits (conversation_id, side, since)"
        " SELECT id, CASE preview_direction WHEN 'in' THEN 'waits' ELSE 'silent' END,"
        " CASE preview_direction WHEN 'in' THEN coalesce(sla_started_at, last_in_at) ELSE last_at END"
        " FROM conversations WHERE state <> 'resolved' AND state <> 'bot' AND merged_into IS NULL"
        " AND (preview_direction <> 'in' OR coalesce(sla_started_at, last_in_at) IS NOT NULL)"
    )


def waiting(read: Snapshot, side: str, after: tuple[int, int], until: int, limit: int) -> list[sqlite3.Row]:
    """(conversation_id, since) of who waits on a side since `until` (UTC ms) or longer, after a place, in order."""
    return read.all(
        "SELECT conversation_id, since FROM rule_waits WHERE side = ? AND (since, conversation_id) > (?, ?)"
        " AND since <= ? ORDER BY since, conversation_id LIMIT ?",
        (side, *after, until, limit),
    )


def next_wait(read: Snapshot, side: str, after: tuple[int, int]) -> int | None:
    """Since when the next one after a place waits (UTC ms)."""
    value: int | None = read.value(
        "SELECT min(since) FROM rule_waits WHERE side = ? AND (since, conversation_id) > (?, ?)", (side, *after)
    )
    return value


def waited(tx: Tx, rule_id: int, at: int, conversation_id: int) -> None:
    """A rule is done with every wait up to this place."""
    tx.run("UPDATE rules SET waited_at = ?, waited_id = ? WHERE id = ?", (at, conversation_id, rule_id))
