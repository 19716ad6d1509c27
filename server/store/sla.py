"""SQL of service-level policies and clocks. The clock that is most urgent is also on its conversation, for lists."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from server.desk import sla
from server.desk.calendars import ALWAYS, Calendar
from server.store import calendars
from server.store.conversations import Conversation
from server.store.store import Snapshot, Tx

_RULES, _APPLIED = "sla.rules", "sla.applied"
_decode = msgspec.json.Decoder(dict[str, list[str]]).decode


# ---------------------------------------------------------------- policies


class Rules(NamedTuple):
    """All policies, in the order in which they are tried, and all calendars. `about`: which facts they ask about.
    `after_hours`: channel id (0: any other) → (calendar id, texts by language)."""

    policies: list[sla.Policy]
    calendars: dict[int, Calendar]
    about: frozenset[str]
    after_hours: dict[int, tuple[int, dict[str, str]]]

    def policy(self, id: int) -> sla.Policy | None:
        return next((each for each in self.policies if each.id == id), None)


#: rules by their stamp, which never comes twice: what was read once is true for ever
_read: dict[str, Rules] = {}
_KEPT = 4


def stamp(read: Snapshot) -> str:
    """Which rules hold now."""
    return str(read.value("SELECT value FROM meta WHERE key = ?", (_RULES,)))


def rules(read: Snapshot) -> Rules:
    """The rules that hold now: one small query, unless they have changed."""
    now = stamp(read)
    found = _read.get(now)
    if found is None:
        found = _load(read)
        while len(_read) >= _KEPT:
            _read.pop(next(iter(_read)), None)
        _read[now] = found
    return found


def changed(tx: Tx) -> None:
    """Policies, calendars or after-hours messages are others from now on."""
    tx.run("UPDATE meta SET value = ? WHERE key = ?", (uuid.uuid4().hex, _RULES))


def applied(read: Snapshot) -> str:
    """By which rules the open clocks were computed last."""
    return str(read.value("SELECT value FROM meta WHERE key = ?", (_APPLIED,)))


def set_applied(tx: Tx, stamp: str) -> None:
    tx.run("UPDATE meta SET value = ? WHERE key = ?", (stamp, _APPLIED))


def _load(read: Snapshot) -> Rules:
    hours = {row["id"]: calendars.hours(row) for row in calendars.listing(read)}
    found = [policy(row, hours) for row in policies(read)]
    about = frozenset(name for each in found for name in each.when)
    texts = {
        row["channel_id"]: (row["calendar_id"], msgspec.json.decode(row["texts"])) for row in calendars.messages(read)
    }
    return Rules(sla.ordered(found), hours, about, texts)


def policy(row: sqlite3.Row, hours: Mapping[int, Calendar]) -> sla.Policy:
    """The rules of a policy's row."""
    return sla.Policy(
        row["id"],
        row["name"],
        {target: row[f"{target}_ms"] for target in sla.TARGETS if row[f"{target}_ms"] is not None},
        {name: tuple(values) for name, values in _decode(row["conditions"]).items() if values},
        row["warn_percent"],
        hours.get(row["calendar_id"], ALWAYS),
        bool(row["pause"]),
        bool(row["is_default"]),
    )


def policies(read: Snapshot) -> list[sqlite3.Row]:
    return read.all(
        "SELECT p.*, k.name AS calendar FROM sla_policies p LEFT JOIN calendars k ON k.id = p.calendar_id ORDER BY p.id"
    )


def policy_by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one(
        "SELECT p.*, k.name AS calendar FROM sla_policies p LEFT JOIN calendars k ON k.id = p.calendar_id"
        " WHERE p.name = ?",
        (name,),
    )


def put_policy(
    tx: Tx,
    id: int | None,
    *,
    name: str,
    targets: Mapping[sla.Target, int],
    conditions: str = "{}",
    warn_percent: int = 75,
    pause: bool = True,
    calendar_id: int | None = None,
    is_default: bool = False,
) -> int:
    """Write a policy down, a new one without `id`; its id."""
    values: tuple[Any, ...] = (
        name,
        conditions,
        *(targets.get(target) for target in sla.TARGETS),
        warn_percent,
        pause,
        calendar_id,
    )
    if id is None:
        id = tx.short_id("sla_policy")
        tx.run(
            "INSERT INTO sla_policies (name, conditions, first_response_ms, next_response_ms, resolution_ms,"
            " transfer_ms, warn_percent, pause, calendar_id, id, is_default, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, id, is_default, tx.now),
        )
    else:
        tx.run(
            "UPDATE sla_policies SET name = ?, conditions = ?, first_response_ms = ?, next_response_ms = ?,"
            " resolution_ms = ?, transfer_ms = ?, warn_percent = ?, pause = ?, calendar_id = ? WHERE id = ?",
            (*values, id),
        )
    return id


def set_conditions(tx: Tx, id: int, conditions: str) -> None:
    tx.run("UPDATE sla_policies SET conditions = ? WHERE id = ?", (conditions, id))


def remove_policy(tx: Tx, id: int) -> None:
    tx.run("DELETE FROM sla_policies WHERE id = ?", (id,))
    tx.run("UPDATE conversations SET policy_id = NULL WHERE policy_id = ? AND state <> 'resolved'", (id,))


def facts(read: Snapshot, conv: Conversation) -> tuple[sla.Facts, int | None]:
    """What is known of a conversation that policies ask about, and the policy (id) that is prescribed for it."""
    row = read.one(
        "SELECT ch.name, ch.kind, coalesce(t.name, '') AS team, k.attributes, g.name AS campaign,"
        " p.id AS policy"
        " FROM channels ch JOIN contacts k ON k.id = ? LEFT JOIN teams t ON t.id = ?"
        " LEFT JOIN campaigns g ON g.id = ? LEFT JOIN sla_policies p ON p.name = g.policy WHERE ch.id = ?",
        (conv.contact_id, conv.team_id, conv.campaign_id, conv.channel_id),
    )
    assert row is not None
    profile = msgspec.json.decode(row["attributes"]).get("profile")
    known = sla.Facts(
        channel=(row["name"], row["kind"]),
        team=row["team"],
        priority=conv.priority,
        profile=str(profile or ""),
        campaign=row["campaign"] or "",
    )
    return known, conv.policy_id or row["policy"]


# ---------------------------------------------------------------- clocks


def clock(row: sqlite3.Row) -> sla.Clock:
    return sla.Clock(
        row["target"],
        row["started_at"],
        row["warn_at"],
        row["due_at"],
        row["span_ms"],
        row["since_at"],
        row["left_ms"],
        row["policy_id"],
        row["paused_at"],
    )


def start(tx: Tx, conversation_id: int, clock: sla.Clock) -> None:
    tx.run(
        "INSERT INTO sla_clocks (id, conversation_id, target, started_at, warn_at, due_at, span_ms, since_at, left_ms,"
        " policy_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            tx.time_id(),
            conversation_id,
            clock.target,
            clock.started_at,
            clock.warn_at,
            clock.due_at,
            clock.span_ms,
            clock.since_at,
            clock.left_ms,
            clock.policy,
        ),
    )


def put(tx: Tx, id: int, clock: sla.Clock, paused_by: int | None = None) -> None:
    """Write a running clock back. One that is due later than now has not breached (nor warned, if that is later)."""
    tx.run(
        "UPDATE sla_clocks SET warn_at = :warn, due_at = :due, span_ms = :span, since_at = :since, left_ms = :left,"
        " policy_id = :policy, paused_at = :paused, paused_by = :by,"
        " warned_at = CASE WHEN :warn > :now THEN NULL ELSE warned_at END,"
        " breached_at = CASE WHEN :due > :now THEN NULL ELSE breached_at END WHERE id = :id",
        {
            "warn": clock.warn_at,
            "due": clock.due_at,
            "span": clock.span_ms,
            "since": clock.since_at,
            "left": clock.left_ms,
            "policy": clock.policy,
            "paused": clock.paused_at,
            "by": paused_by,
            "now": tx.now,
            "id": id,
        },
    )


def stop(tx: Tx, id: int, outcome: str, message_id: int | None = None) -> None:
    """Stop a running clock. `message_id`: the answer that did it. `outcome`: met, missed, stopped or superseded."""
    tx.run(
        "UPDATE sla_clocks SET stopped_at = ?, outcome = ?, stopped_by = ? WHERE id = ?",
        (tx.now, outcome, message_id, id),
    )


def resume(tx: Tx, id: int, conversation_id: int) -> None:
    """Let a stopped clock run (on) as this conversation's, which has none of its kind that runs."""
    tx.run(
        "UPDATE sla_clocks SET stopped_at = NULL, outcome = '', stopped_by = NULL, conversation_id = ? WHERE id = ?",
        (conversation_id, id),
    )


def unpause(tx: Tx, id: int) -> None:
    """A clock that stood still runs on as if it never had."""
    tx.run("UPDATE sla_clocks SET paused_at = NULL, paused_by = NULL WHERE id = ?", (id,))


def running(read: Snapshot, conversation_id: int) -> list[sqlite3.Row]:
    """The clocks that run, or stand still, on a conversation: one of a kind at most."""
    return read.all(
        "SELECT * FROM sla_clocks WHERE conversation_id = ? AND stopped_at IS NULL ORDER BY id", (conversation_id,)
    )


def get(read: Snapshot, ids: list[int]) -> list[sqlite3.Row]:
    """These clocks, running or not."""
    marks = ", ".join("?" * len(ids))
    return read.all(f"SELECT * FROM sla_clocks WHERE id IN ({marks}) ORDER BY id", ids) if ids else []


def stopped_by(read: Snapshot, message_id: int) -> sqlite3.Row | None:
    """The clock that this answer stopped."""
    return read.one("SELECT * FROM sla_clocks WHERE stopped_by = ?", (message_id,))


def superseded(read: Snapshot, id: int, since: int) -> sqlite3.Row | None:
    """A clock, if it gave way to another one since that moment (UTC ms)."""
    return read.one("SELECT * FROM sla_clocks WHERE id = ? AND outcome = 'superseded' AND stopped_at >= ?", (id, since))


def due(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """Running clocks that have to warn or to breach now: (id, conversation_id, target, due_at, warn_at, breach 0/1)."""
    return read.all(
        "SELECT id, conversation_id, target, started_at, warn_at, due_at, 1 AS breach FROM (SELECT * FROM sla_clocks"
        " WHERE stopped_at IS NULL AND breached_at IS NULL AND paused_at IS NULL AND due_at <= :now"
        " ORDER BY due_at LIMIT :limit) b"
        " UNION ALL "
        "SELECT id, conversation_id, target, started_at, warn_at, due_at, 0 AS breach FROM (SELECT * FROM sla_clocks"
        " WHERE stopped_at IS NULL AND warned_at IS NULL AND paused_at IS NULL AND warn_at <= :now AND due_at > :now"
        " ORDER BY warn_at LIMIT :limit) w",
        {"now": read.now, "limit": limit},
    )


def next_due(read: Snapshot) -> int | None:
    """When the next clock has something to say (UTC ms)."""
    row = read.one(
        "SELECT (SELECT min(due_at) FROM sla_clocks WHERE stopped_at IS NULL AND breached_at IS NULL"
        " AND paused_at IS NULL) AS due, (SELECT min(warn_at) FROM sla_clocks WHERE stopped_at IS NULL"
        " AND warned_at IS NULL AND paused_at IS NULL) AS warn"
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


def unresolved(read: Snapshot, after: int, limit: int) -> list[int]:
    """Ids of conversations that are not resolved, above `after`, ascending."""
    return [
        row["id"]
        for row in read.all(
            "SELECT id FROM conversations WHERE state <> 'resolved' AND id > ? ORDER BY id LIMIT ?", (after, limit)
        )
    ]
