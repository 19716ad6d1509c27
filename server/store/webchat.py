"""SQL of the web chat: what one visitor may see of their conversations. Internal notes are never among it.

A message becomes visible to the visitor with one line of the journal: `message.received` for their own, the
`message.status` that says `sent` for an agent's (until then it is held back, waiting, or taken back). That line's seq
is the message's place in what the visitor reads, and the journal is the cursor they catch up by.

A visitor's conversation may be, or have been, part of another one, whose journal then tells of its messages; and that
other one, or theirs, may hold messages of other channels. What is theirs is what is at home in their conversations.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec

from server.store import joined
from server.store.store import Snapshot

#: states of an agent's message that left
VISIBLE = ("sent", "delivered", "read", "played")
#: kinds of events that change what a visitor sees
KINDS = ("message.received", "message.status", "message.edited", "message.revoked")

_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_VISIBLE = ", ".join(f"'{status}'" for status in VISIBLE)


class Line(NamedTuple):
    """A journal line about a message. `shows`: it is the one that made the message visible. `at` in UTC ms.

    `news`: visitors care; that their own browser confirmed a message is none.
    """

    seq: int
    at: int
    message: int
    shows: bool
    news: bool


class News(NamedTuple):
    """A journal line about a message of a visitor, with whom it concerns."""

    channel_id: int
    visitor: str
    line: Line


class Shown(NamedTuple):
    """A message as far as visitors may see it. `mine`: the visitor's own."""

    id: int
    mine: bool
    text: str
    status: str
    external_id: str
    author: str
    edited: bool
    revoked: bool


class Arrival(NamedTuple):
    """Where a visitor's message was stored, and the journal's line of it."""

    id: int
    conversation_id: int
    line: Line


class _Data(msgspec.Struct):
    message: int = 0
    status: str = ""


_read_data = msgspec.json.Decoder(_Data).decode


def _line(row: sqlite3.Row) -> Line:
    data = _read_data(row["data"])
    shows = row["kind"] == "message.received" or (row["kind"] == "message.status" and data.status == "sent")
    return Line(row["seq"], row["at"], data.message, shows, data.status != "delivered")


def _marks(values: list[int]) -> str:
    return ", ".join("?" * len(values))


def conversations(read: Snapshot, channel_id: int, visitor: str) -> list[int]:
    """Ids of a visitor's conversations, oldest first. `visitor` is the hash they are known by."""
    rows = read.all(
        "SELECT c.id FROM identities i JOIN conversations c"
        " ON c.contact_id = i.contact_id AND c.channel_id = i.channel_id AND c.handle_id = i.handle_id"
        " WHERE i.channel_id = ? AND i.kind = 'visitor' AND i.value = ? ORDER BY c.id",
        (channel_id, visitor),
    )
    return [row["id"] for row in rows]


def shown(read: Snapshot, conversation_ids: list[int], before: int | None, limit: int) -> list[Line]:
    """The newest `limit` lines (before seq `before`) that made a message of these conversations visible."""
    found: dict[int, Line] = {}
    edge = before if before is not None else 2**62
    chunk = 8 * limit
    told_in = joined.journals(read, conversation_ids)
    while conversation_ids and len(found) < limit:
        rows = read.all(
            f"SELECT seq, at, kind, data FROM events WHERE conversation_id IN ({_marks(told_in)})"
            " AND kind IN ('message.received', 'message.status') AND seq < ? ORDER BY seq DESC LIMIT ?",
            (*told_in, edge, chunk),
        )
        for line in _at_home(read, conversation_ids, rows):
            if line.shows and len(found) < limit:
                found.setdefault(line.message, line)
        if len(rows) < chunk:
            break
        edge = rows[-1]["seq"]
    return list(found.values())


def changed(read: Snapshot, conversation_ids: list[int], since: int, limit: int) -> list[Line]:
    """The journal's lines about messages of these conversations after seq `since`, oldest first."""
    found: list[Line] = []
    told_in = joined.journals(read, conversation_ids)
    while conversation_ids and len(found) < limit:
        rows = read.all(
            f"SELECT seq, at, kind, data FROM events WHERE conversation_id IN ({_marks(told_in)})"
            f" AND kind IN ({_KINDS}) AND seq > ? ORDER BY seq LIMIT ?",
            (*told_in, since, limit),
        )
        found += _at_home(read, conversation_ids, rows)
        if len(rows) < limit:
            break
        since = rows[-1]["seq"]
    return found[:limit]


def _at_home(read: Snapshot, conversation_ids: list[int], rows: list[sqlite3.Row]) -> list[Line]:
    """The lines about messages that are at home in these conversations."""
    lines = [_line(row) for row in rows]
    told = list({line.message for line in lines})
    if not told:
        return []
    home = read.all(
        f"SELECT id FROM messages WHERE id IN ({_marks(told)})"
        f" AND coalesce(home_id, conversation_id) IN ({_marks(conversation_ids)})",
        (*told, *conversation_ids),
    )
    theirs = {row["id"] for row in home}
    return [line for line in lines if line.message in theirs]


def news(read: Snapshot, since: int, limit: int) -> tuple[list[News], int | None]:
    """The journal's lines after seq `since` about messages of any visitor, oldest first; and the seq up to which they
    go if there may be more."""
    rows = read.all(
        "SELECT e.seq, e.at, e.kind, e.data FROM events e"
        " JOIN conversations c ON c.id = e.conversation_id"
        " JOIN channels ch ON ch.id = c.channel_id"
        f" WHERE e.seq > ? AND e.kind IN ({_KINDS}) AND (ch.kind = 'webchat'"
        " OR EXISTS (SELECT 1 FROM conversation_merges j WHERE j.into_id = c.id)) ORDER BY e.seq LIMIT ?",
        (since, limit),
    )
    lines = [_line(row) for row in rows]
    told = list({line.message for line in lines})
    whose: dict[int, list[tuple[int, str]]] = {}
    for row in read.all(
        "SELECT m.id, c.channel_id, i.value AS visitor FROM messages m"
        " JOIN conversations c ON c.id = coalesce(m.home_id, m.conversation_id)"
        " JOIN channels ch ON ch.id = c.channel_id AND ch.kind = 'webchat'"
        " JOIN identities i ON i.contact_id = c.contact_id AND i.handle_id = c.handle_id"
        f" AND i.channel_id = c.channel_id AND i.kind = 'visitor' WHERE m.id IN ({_marks(told)})",
        told,
    ):
        whose.setdefault(row["id"], []).append((row["channel_id"], row["visitor"]))
    found = [News(*who, line) for line in lines for who in whose.get(line.message, ())]
    return found, lines[-1].seq if len(lines) == limit else None


def arrival(read: Snapshot, channel_id: int, external_id: str) -> Arrival | None:
    """A message that a visitor sent."""
    row = read.one(
        "SELECT id, conversation_id, coalesce(home_id, conversation_id) AS home, received_at FROM messages"
        " WHERE channel_id = ? AND external_id = ?",
        (channel_id, external_id),
    )
    if row is None:
        return None
    told_in = joined.journals(read, [row["home"]])
    lines = read.all(
        f"SELECT seq, at, kind, data FROM events WHERE conversation_id IN ({_marks(told_in)})"
        " AND kind = 'message.received' AND at = ?",
        (*told_in, row["received_at"]),
    )
    mine = (line for line in map(_line, lines) if line.message == row["id"])
    return next((Arrival(row["id"], row["conversation_id"], line) for line in mine), None)


def messages(read: Snapshot, ids: list[int]) -> dict[int, Shown]:
    """Those of these messages that a visitor may see, by id."""
    if not ids:
        return {}
    rows = read.all(
        "SELECT m.id, m.direction = 'in', m.text, m.status, coalesce(m.external_id, ''),"
        # a display name that is only the sign-in name is nothing to tell the public
        " coalesce(nullif(u.display_name, u.name), ''), m.edited_at IS NOT NULL, m.revoked_at IS NOT NULL"
        " FROM messages m LEFT JOIN users u ON u.id = m.author_id"
        f" WHERE m.id IN ({_marks(ids)}) AND m.kind NOT IN ('reaction', 'edit', 'revoke')"
        f" AND (m.direction = 'in' OR m.direction = 'out' AND m.status IN ({_VISIBLE}))",
        ids,
    )
    return {row[0]: Shown(*row) for row in rows}


def unconfirmed(
    read: Snapshot, conversation_ids: list[int], message_ids: list[int], statuses: tuple[str, ...]
) -> list[str]:
    """External ids of those of these messages that are in one of these conversations, sent by us, in such a status."""
    if not conversation_ids or not message_ids:
        return []
    rows = read.all(
        f"SELECT external_id FROM messages WHERE id IN ({_marks(message_ids)}) AND direction = 'out'"
        f" AND coalesce(home_id, conversation_id) IN ({_marks(conversation_ids)}) AND external_id IS NOT NULL"
        f" AND status IN ({', '.join('?' * len(statuses))})",
        (*message_ids, *conversation_ids, *statuses),
    )
    return [row["external_id"] for row in rows]
