"""SQL of transfers and consults. At most one transfer of a conversation is pending; the database holds that."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from server.store import whispers
from server.store.ids import first_of
from server.store.store import Snapshot, Tx

_ROWS = (
    "SELECT t.*, coalesce(k.name, '') AS contact_name, s.name AS sender, s.display_name AS sender_name,"
    " u.name AS to_user, coalesce(u.display_name, '') AS to_name, coalesce(g.name, t.to_team) AS team,"
    " r.name AS responsible, r.display_name AS responsible_name, a.name AS answered_name"
    " FROM transfers t JOIN users s ON s.id = t.from_id JOIN users r ON r.id = t.responsible_id"
    " LEFT JOIN users u ON u.id = t.to_user_id LEFT JOIN teams g ON g.id = t.to_team_id"
    " LEFT JOIN users a ON a.id = t.answered_by"
    " LEFT JOIN conversations c ON c.id = t.conversation_id LEFT JOIN contacts k ON k.id = c.contact_id"
)
#: whom a transfer waits for: who it is offered to, any of the team but its sender, who is responsible
_FOR = (
    "t.from_id <> :me AND (t.to_user_id = :me OR t.responsible_id = :me"
    " OR t.to_team_id IN (SELECT team_id FROM team_members WHERE user_id = :me))"
)


@dataclass(slots=True, kw_only=True)
class New:
    """A transfer, or a consult, to keep."""

    kind: str
    conversation_id: int
    from_id: int
    to_user_id: int | None
    to_team_id: int | None = None
    to_team: str = ""
    responsible_id: int
    reason: str
    summary: str = ""
    promised: str = ""
    mood: str = ""
    tell_customer: bool = False
    note_id: int | None = None
    expires_at: int | None = None


def create(tx: Tx, new: New) -> int | None:
    """Keep it; its id, or None if one is pending already."""
    id = tx.time_id()
    added = tx.run(
        "INSERT INTO transfers (id, kind, state, conversation_id, from_id, to_user_id, to_team_id, to_team,"
        " responsible_id, reason, summary, promised, mood, tell_customer, note_id, made_at, expires_at)"
        " VALUES (?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            id,
            new.kind,
            new.conversation_id,
            new.from_id,
            new.to_user_id,
            new.to_team_id,
            new.to_team,
            new.responsible_id,
            new.reason,
            new.summary,
            new.promised,
            new.mood,
            int(new.tell_customer),
            new.note_id,
            tx.now,
            new.expires_at,
        ),
    )
    return id if added else None


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one(f"{_ROWS} WHERE t.id = ?", (id,))


def last(read: Snapshot, conversation_id: int) -> sqlite3.Row | None:
    """A conversation's newest transfer."""
    return read.one(
        f"{_ROWS} WHERE t.conversation_id = ? AND t.kind = 'transfer' ORDER BY t.id DESC LIMIT 1", (conversation_id,)
    )


def consult_of(read: Snapshot, conversation_id: int, to_user_id: int) -> sqlite3.Row | None:
    """What a colleague is asked in a conversation, and has not answered."""
    return read.one(
        f"{_ROWS} WHERE t.conversation_id = ? AND t.to_user_id = ? AND t.kind = 'consult' AND t.state = 'pending'",
        (conversation_id, to_user_id),
    )


def pending_of(read: Snapshot, conversation_id: int) -> list[sqlite3.Row]:
    """All that waits for an answer in a conversation: the transfer and the consults."""
    return read.all(
        f"{_ROWS} WHERE t.conversation_id = ? AND t.state = 'pending' ORDER BY t.id LIMIT 50", (conversation_id,)
    )


def is_for(read: Snapshot, id: int, user_id: int) -> bool:
    """Whether somebody may answer it."""
    return read.value(f"SELECT 1 FROM transfers t WHERE t.id = :id AND {_FOR}", {"id": id, "me": user_id}) is not None


def end(
    tx: Tx,
    id: int,
    state: str,
    *,
    by: int | None = None,
    reason: str = "",
    ping_pong: bool = False,
    told: str = "",
    answer_id: int | None = None,
) -> bool:
    """End a pending one; whether it was pending."""
    return (
        tx.run(
            "UPDATE transfers SET state = ?, answered_at = ?, answered_by = ?, decline_reason = ?, ping_pong = ?,"
            " told = ?, answer_id = ? WHERE id = ? AND state = 'pending'",
            (state, tx.now, by, reason, int(ping_pong), told, answer_id, id),
        )
        > 0
    )


def accepted_before(read: Snapshot, conversation_id: int) -> list[tuple[int, int]]:
    """(sender, receiver) of the transfers accepted in a conversation, newest first."""
    rows = read.all(
        "SELECT from_id, answered_by FROM transfers WHERE conversation_id = ? AND kind = 'transfer'"
        " AND state = 'accepted' ORDER BY id DESC LIMIT 50",
        (conversation_id,),
    )
    return [(row["from_id"], row["answered_by"]) for row in rows]


def promised(read: Snapshot, conversation_id: int, limit: int) -> list[str]:
    """What was promised when the conversation was handed on before, oldest first."""
    rows = read.all(
        "SELECT promised FROM transfers WHERE conversation_id = ? AND promised <> '' AND state = 'accepted'"
        " ORDER BY id DESC LIMIT ?",
        (conversation_id, limit),
    )
    return [row["promised"] for row in reversed(rows)]


def due(read: Snapshot, limit: int) -> list[sqlite3.Row]:
    """Pending ones that come back now."""
    return read.all(
        f"{_ROWS} WHERE t.state = 'pending' AND t.expires_at <= ? ORDER BY t.expires_at LIMIT ?", (read.now, limit)
    )


def next_due(read: Snapshot) -> int | None:
    """When the next one comes back (UTC ms)."""
    value: int | None = read.value(
        "SELECT min(expires_at) FROM transfers WHERE state = 'pending' AND expires_at IS NOT NULL"
    )
    return value


def members(read: Snapshot, team_id: int) -> list[tuple[int, int]]:
    """(person, load of their open work) of a team's active members."""
    rows = read.all(
        "SELECT u.id, coalesce((SELECT sum(w.load) FROM open_work w WHERE w.assignee_id = u.id), 0) AS load"
        " FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = ? AND u.active = 1 ORDER BY u.id",
        (team_id,),
    )
    return [(row["id"], row["load"]) for row in rows]


def begun_since(read: Snapshot, contact_id: int, since: int, limit: int) -> int:
    """How many conversations a contact began since a moment (UTC ms), up to `limit`."""
    return int(
        read.value(
            "SELECT count(*) FROM (SELECT 1 FROM (SELECT id, created_at, merged_into FROM conversations"
            " WHERE contact_id = ? ORDER BY id DESC LIMIT ?) WHERE created_at >= ? AND merged_into IS NULL)",
            (contact_id, limit, since),
        )
    )


# ---------------------------------------------------------------- lists


@dataclass(slots=True, kw_only=True)
class Filter:
    """Which ones. `since`: made at or after (UTC ms). `waiting`: pending, for `me` to answer. `person`: who sent it, is
    to answer it or answered it. `before`: id of the row it goes on from."""

    since: int = 0
    conversation_id: int | None = None
    person_id: int | None = None
    state: str | None = None
    kind: str | None = None
    waiting: bool = False
    me: int = 0
    before: int | None = None
    limit: int = 50


def _from(moment: int) -> int:
    """The smallest id of what was made at or after a moment (UTC ms)."""
    return max(0, first_of(moment))


def listing(read: Snapshot, want: Filter) -> list[sqlite3.Row]:
    """`limit` + 1 of them, newest first."""
    where: list[str] = []
    params: dict[str, Any] = {"me": want.me, "limit": want.limit + 1}
    for condition, name, value in (
        ("t.id >= :since", "since", _from(want.since) if want.since else None),
        ("t.conversation_id = :conversation", "conversation", want.conversation_id),
        ("(t.from_id = :person OR t.responsible_id = :person OR t.answered_by = :person)", "person", want.person_id),
        ("t.state = :state", "state", want.state),
        ("t.kind = :kind", "kind", want.kind),
        ("t.id < :before", "before", want.before),
    ):
        if value is not None:
            where.append(condition)
            params[name] = value
    if want.waiting:
        where.append(f"t.state = 'pending' AND {_FOR}")
    asked = f" WHERE {' AND '.join(where)}" if where else ""
    return read.all(f"{_ROWS}{asked} ORDER BY t.id DESC LIMIT :limit", params)


def totals(read: Snapshot, since: int) -> list[sqlite3.Row]:
    """(kind, state, ping_pong, sender, responsible, who answered, n) of those made since a moment (UTC ms)."""
    return read.all(
        "SELECT t.kind, t.state, t.ping_pong, s.name AS sender, s.display_name AS sender_name, r.name AS responsible,"
        " r.display_name AS responsible_name, a.name AS answered, coalesce(a.display_name, '') AS answered_name, t.n"
        " FROM (SELECT kind, state, ping_pong, from_id, responsible_id, answered_by, count(*) AS n FROM transfers"
        " WHERE id >= ? GROUP BY kind, state, ping_pong, from_id, responsible_id, answered_by) t"
        " JOIN users s ON s.id = t.from_id JOIN users r ON r.id = t.responsible_id"
        " LEFT JOIN users a ON a.id = t.answered_by",
        (_from(since),),
    )


def to_and_fro(read: Snapshot, since: int, limit: int) -> list[sqlite3.Row]:
    """The conversations that were handed on most, of those that were so more than once."""
    return read.all(
        "SELECT g.conversation_id AS conversation, coalesce(k.name, '') AS contact_name, g.transfers, g.declined,"
        " g.expired, g.ping_pong FROM (SELECT conversation_id, count(*) AS transfers,"
        " sum(CASE state WHEN 'declined' THEN 1 ELSE 0 END) AS declined,"
        " sum(CASE state WHEN 'expired' THEN 1 ELSE 0 END) AS expired, sum(ping_pong) AS ping_pong"
        " FROM transfers WHERE id BETWEEN ? AND ? AND kind = 'transfer' GROUP BY conversation_id HAVING count(*) > 1) g"
        " JOIN conversations c ON c.id = g.conversation_id LEFT JOIN contacts k ON k.id = c.contact_id"
        " ORDER BY g.ping_pong DESC, g.transfers DESC, g.conversation_id LIMIT ?",
        (_from(since), 2**62, limit),
    )


# ---------------------------------------------------------------- what a summary is made from


def said(read: Snapshot, conversation_id: int, direction: str, limit: int) -> list[sqlite3.Row]:
    """The newest messages of one direction that everybody may read, oldest first, with what their author is called."""
    rows = read.all(
        "SELECT m.id, m.at, m.kind, m.text, coalesce(u.display_name, '') AS author FROM messages m"
        " LEFT JOIN users u ON u.id = m.author_id WHERE m.conversation_id = ? AND m.direction = ?"
        " AND m.status NOT IN ('cancelled', 'failed') AND m.revoked_at IS NULL"
        " AND m.kind NOT IN ('reaction', 'edit', 'revoke', 'hide', 'unhide', 'delete')"
        " AND m.data NOT LIKE '%\"automatic\":true%'"
        f" AND {whispers.common('m.id')} ORDER BY m.id DESC LIMIT ?",
        (conversation_id, direction, limit),
    )
    return list(reversed(rows))
