"""SQL of conversations. Every change goes through `save`, which keeps the sort key and the counts true."""

from __future__ import annotations

import sqlite3
from typing import Any

from server.desk import inbox
from server.store import conversation_row as columns
from server.store.conversation_row import Conversation as Conversation
from server.store.filters import Where
from server.store.store import Named, Snapshot, Tx

_BY_ID = f"SELECT {columns.COLUMNS} FROM conversations WHERE id = ?"
_IN_THREAD = f"SELECT {columns.COLUMNS} FROM conversations WHERE channel_id = ? AND thread = ?"
_OPEN, _LAST = f"{_IN_THREAD} AND state <> 'resolved'", f"{_IN_THREAD} ORDER BY id DESC LIMIT 1"


def load(tx: Snapshot, id: int) -> Conversation | None:
    row = tx.one(_BY_ID, (id,))
    return None if row is None else Conversation(*row)


def shows_failed(read: Snapshot, id: int) -> bool:
    """Whether a conversation's row bears the sign of a failed message."""
    return bool(read.value("SELECT failed FROM conversations WHERE id = ?", (id,)))


def find_open(tx: Tx, channel_id: int, thread: str) -> Conversation | None:
    """The one open conversation of a thread."""
    row = tx.one(_OPEN, (channel_id, thread))
    return None if row is None else Conversation(*row)


def find_last(tx: Tx, channel_id: int, thread: str) -> Conversation | None:
    """The newest conversation of a thread, open or not."""
    row = tx.one(_LAST, (channel_id, thread))
    return None if row is None else Conversation(*row)


def unresolved_of(read: Snapshot, contact_id: int) -> list[int]:
    """A contact's conversations that are not resolved."""
    sql = "SELECT id FROM conversations WHERE contact_id = ? AND state <> 'resolved' ORDER BY id"
    return [row["id"] for row in read.all(sql, (contact_id,))]


def create(
    tx: Tx, channel_id: int, contact_id: int, handle_id: int, thread: str, team_id: int | None, surface: str = "direct"
) -> Conversation:
    """A new queued conversation. IntegrityError if the thread has an open one."""
    conv = Conversation(
        id=tx.short_id("conversation"),
        channel_id=channel_id,
        contact_id=contact_id,
        handle_id=handle_id,
        thread=thread,
        state="queued",
        created_at=tx.now,
        last_at=tx.now,
        sort_key=inbox.sort_key("queued", None, tx.now, None),
        team_id=team_id,
        surface=surface,
    )
    tx.run(columns.INSERT, columns.values(conv))
    _count(tx, None, conv.state, 1, conv.weight)
    return conv


def save(tx: Tx, conv: Conversation) -> None:
    """Write a changed conversation back, as its next version."""
    conv.version += 1
    conv.sort_key = inbox.sort_key(conv.state, conv.ticking, conv.last_at, conv.resolved_at, conv.reminded_at)
    if conv.state != "snoozed":
        conv.snoozed_until = None
    before, served = conv._was
    after, serves = conv._was = columns.indexed(conv), columns.service(conv)
    names: list[str] = []
    values = list(columns.quiet(conv))
    if served != serves:
        names += columns.SERVICE
        values += serves
    if before != after:
        moved = [(name, now) for name, was, now in zip(columns.INDEXED, before, after, strict=True) if was != now]
        names += [name for name, _ in moved]
        values += [value for _, value in moved]
    tx.run(columns.update(tuple(names)), (*values, conv.id))
    if (before[:2], served[-1]) != (after[:2], serves[-1]):
        _count(tx, before[1], before[0], -1, -served[-1])
        _count(tx, conv.assignee_id, conv.state, 1, conv.weight)


def _count(tx: Tx, assignee_id: int | None, state: str, by: int, load: int) -> None:
    """Keep the counts and the load of open work; resolved conversations are not counted. 0 stands for nobody."""
    if state == "resolved":
        return
    tx.run(
        "INSERT INTO open_work (assignee_id, state, n, load) VALUES (?, ?, ?, ?) ON CONFLICT (assignee_id, state)"
        " DO UPDATE SET n = open_work.n + excluded.n, load = open_work.load + excluded.load",
        (assignee_id or 0, state, by, load),
    )


def open_work(read: Snapshot) -> list[sqlite3.Row]:
    """(assignee's name or '', state, n) of everything not resolved: a handful of rows at any size of the store."""
    return read.all(
        "SELECT coalesce(u.name, '') AS assignee, w.state, w.n FROM open_work w"
        " LEFT JOIN users u ON u.id = w.assignee_id WHERE w.n <> 0"
    )


# ---------------------------------------------------------------- lists

#: a list's rows, as `lists` puts `page` into it: a sub-select of conversations, already limited, so that it is never
#: flattened and the index decides the order
ROWS = """
SELECT c.id, c.version, c.state, ch.name AS channel, ch.kind AS channel_kind, c.contact_id, k.name AS contact_name,
       k.region, c.subject, c.preview, c.preview_kind, c.preview_direction, c.preview_author, u.name AS assignee,
       t.name AS team, c.priority, c.campaign, c.created_at, c.last_at, c.inbound, c.failed, c.sla_target,
       c.sla_started_at, c.sla_warn_at, c.sla_due_at, c.sort_key, c.surface, c.merged_into, c.window_from,
       ch.window_ms, s.inbound AS seen, c.snoozed_until, c.stage, c.topic, c.complexity, c.paused_at, c.flag,
       c.flagged_at, c.transfer_id, c.remind_at, c.reviewing, c.waiting_since, c.sla_time,
       p.name AS campaign_name, p.title AS campaign_title,
       (SELECT group_concat(g.name, char(31)) FROM conversation_tags x JOIN tags g ON g.id = x.tag_id
        WHERE x.conversation_id = c.id) AS tags
FROM ({page}) c
JOIN channels ch ON ch.id = c.channel_id
JOIN contacts k ON k.id = c.contact_id
LEFT JOIN users u ON u.id = c.assignee_id
LEFT JOIN teams t ON t.id = c.team_id
LEFT JOIN campaigns p ON p.id = c.campaign_id
LEFT JOIN last_seen s ON s.conversation_id = c.id AND s.user_id = :me
"""


def fulfils(read: Snapshot, id: int, only: Where) -> bool:
    """Whether a conversation is as a condition says."""
    sql = f"SELECT 1 FROM conversations c WHERE c.id = :the_id AND ({only.sql})"
    return read.value(sql, {**only.params, "the_id": id}) is not None


def rows(read: Snapshot, ids: list[int], me: int = 0) -> list[Named]:
    """The rows of these conversations, in no order."""
    if not ids:
        return []
    marks = ", ".join(f":i{n}" for n in range(len(ids)))
    params: dict[str, Any] = {f"i{n}": id for n, id in enumerate(ids)}
    page = f"SELECT * FROM conversations WHERE id IN ({marks})"
    return read.named(ROWS.format(page=page), {**params, "me": me})


def history(read: Snapshot, contact_id: int, but: int, limit: int) -> list[sqlite3.Row]:
    """A contact's other conversations on every channel, newest first, but those that are part of another."""
    return read.all(
        "SELECT c.id, ch.name AS channel, ch.kind AS channel_kind, c.state, c.created_at, c.resolved_at, c.outcome,"
        " u.name AS assignee, c.preview FROM conversations c JOIN channels ch ON ch.id = c.channel_id"
        " LEFT JOIN users u ON u.id = c.assignee_id WHERE c.contact_id = ? AND c.id <> ? AND c.merged_into IS NULL"
        " ORDER BY c.id DESC LIMIT ?",
        (contact_id, but, limit),
    )


def mark_seen(tx: Tx, user_id: int, conversation_id: int, inbound: int) -> bool:
    """Remember how far somebody has read; never backwards. Whether it changed anything."""
    return (
        tx.run(
            "INSERT INTO last_seen (user_id, conversation_id, inbound, at) VALUES (:u, :c, :n, :now)"
            " ON CONFLICT (user_id, conversation_id) DO UPDATE SET inbound = excluded.inbound, at = excluded.at"
            " WHERE last_seen.inbound < excluded.inbound",
            {"u": user_id, "c": conversation_id, "n": inbound, "now": tx.now},
        )
        > 0
    )


def save_draft(tx: Tx, user_id: int, conversation_id: int, text: str) -> None:
    """Keep an unfinished text; an empty one forgets it."""
    if not text:
        tx.run("DELETE FROM drafts WHERE user_id = ? AND conversation_id = ?", (user_id, conversation_id))
        return
    tx.run(
        "INSERT INTO drafts (user_id, conversation_id, text, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_id, conversation_id) DO UPDATE SET text = excluded.text, at = excluded.at",
        (user_id, conversation_id, text, tx.now),
    )


def draft(read: Snapshot, user_id: int, conversation_id: int) -> str:
    return (
        read.value("SELECT text FROM drafts WHERE user_id = ? AND conversation_id = ?", (user_id, conversation_id))
        or ""
    )
