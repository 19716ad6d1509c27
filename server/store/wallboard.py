"""SQL of the wallboard: open work now, the journal's lines that its day is counted from, and limits that are passed."""

from __future__ import annotations

import sqlite3

import msgspec

from server.store.store import Snapshot, Tx

_PASSED = "limits.passed"


def open_work(read: Snapshot) -> list[sqlite3.Row]:
    """What is not resolved, summed by team, channel, campaign and advisor (0: none). Reads open work only."""
    return read.all(
        "SELECT coalesce(c.team_id, 0) AS team, c.channel_id AS channel, coalesce(c.campaign_id, 0) AS campaign,"
        " coalesce(c.assignee_id, 0) AS user, count(*) AS open,"
        " sum(CASE WHEN c.waiting_since IS NOT NULL THEN 1 ELSE 0 END) AS waiting,"
        " sum(CASE WHEN c.assignee_id IS NULL THEN 1 ELSE 0 END) AS unassigned,"
        " sum(CASE WHEN c.state = 'snoozed' THEN 1 ELSE 0 END) AS snoozed,"
        " min(c.waiting_since) AS oldest,"
        " min(CASE WHEN c.paused_at IS NULL THEN c.sla_due_at END) AS due_at,"
        " sum(CASE WHEN c.paused_at IS NULL AND c.sla_warn_at <= :now AND c.sla_due_at > :now THEN 1 ELSE 0 END)"
        " AS warned,"
        " sum(CASE WHEN c.paused_at IS NULL AND c.sla_due_at <= :now THEN 1 ELSE 0 END) AS breached,"
        " sum(CASE WHEN c.flagged_at IS NOT NULL THEN 1 ELSE 0 END) AS flagged"
        " FROM conversations c WHERE c.state <> 'resolved' AND c.merged_into IS NULL GROUP BY 1, 2, 3, 4",
        {"now": read.now},
    )


def facts(read: Snapshot, since: int, until: int, kinds: tuple[str, ...]) -> list[sqlite3.Row]:
    """Events of `kinds` after `since` up to `until`: (seq, at, kind, conversation, its team, channel and campaign, the
    user who acted (ids, 0: none), data)."""
    marks = ", ".join("?" * len(kinds))
    return read.all(
        "SELECT e.seq, e.at, e.kind, coalesce(e.conversation_id, 0), coalesce(c.team_id, 0),"
        " coalesce(c.channel_id, 0), coalesce(c.campaign_id, 0), coalesce(u.id, 0), e.data"
        " FROM events e LEFT JOIN conversations c ON c.id = e.conversation_id"
        " LEFT JOIN users u ON u.name = substr(e.actor, 6) AND e.actor LIKE 'user:%'"
        f" WHERE e.seq > ? AND e.seq <= ? AND e.kind IN ({marks}) ORDER BY e.seq",
        (since, until, *kinds),
    )


def passed(read: Snapshot) -> set[str]:
    """The limits that were passed when they were last looked at."""
    value = read.value("SELECT value FROM meta WHERE key = ?", (_PASSED,))
    return set() if value is None else msgspec.json.decode(value, type=set[str])


def note_passed(tx: Tx, limits: set[str]) -> None:
    """These limits are passed now."""
    tx.run(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_PASSED, msgspec.json.encode(sorted(limits)).decode()),
    )
