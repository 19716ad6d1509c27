"""SQL of conversations that became part of another one: whose messages are whose, and what to restore.

A message shows in `conversation_id`; `home_id` says which conversation it belongs to, where that is part of the one it
shows in. The part keeps its channel, handle and thread: what is written there, and answers to it, still go by them.
"""

from __future__ import annotations

from server.store.messages import ABOUT
from server.store.store import Snapshot, Tx

_UNANSWERED = (
    "conversation_id = :id AND direction = 'in' AND data NOT LIKE '%\"automatic\":true%'"
    f" AND kind NOT IN ('system', {', '.join(repr(kind) for kind in ABOUT)})"
)


# ---------------------------------------------------------------- which is part of which


def point(tx: Tx, other: int, into: int | None) -> None:
    """Note that a conversation is part of another one, or (None) of none."""
    tx.run("UPDATE conversations SET merged_into = ? WHERE id = ?", (into, other))


def root(read: Snapshot, id: int) -> int:
    """The conversation that this one is part of, in the end; itself if it is part of none."""
    into: int | None = id
    while into is not None:
        id = into
        into = read.value("SELECT merged_into FROM conversations WHERE id = ?", (id,))
    return id


def parts(read: Snapshot, id: int) -> list[int]:
    """A conversation and all that are part of it, directly or not."""
    found = [id]
    for here in found:
        found += [r["id"] for r in read.all("SELECT id FROM conversations WHERE merged_into = ? ORDER BY id", (here,))]
    return found


def across(read: Snapshot, one: int, other: int) -> tuple[int, int] | None:
    """(conversation, the one that is part of it) where the first belongs to one contact and the second to the other."""
    row = read.one(
        "SELECT i.id, c.id FROM conversations c JOIN conversations i ON i.id = c.merged_into"
        " WHERE c.merged_into IS NOT NULL AND c.contact_id IN (?, ?) AND i.contact_id <> c.contact_id LIMIT 1",
        (one, other),
    )
    return None if row is None else (row[0], row[1])


# ---------------------------------------------------------------- what was before


def remember(tx: Tx, other: int, into: int, before: str, user_id: int | None) -> None:
    """Keep what a split restores."""
    tx.run(
        "INSERT INTO conversation_merges (id, other_id, into_id, before, user_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        (tx.time_id(), other, into, before, user_id, tx.now),
    )


def undo(tx: Tx, other: int) -> str:
    """The same back; the merge is over."""
    row = tx.one("SELECT id, before FROM conversation_merges WHERE other_id = ? AND undone_at IS NULL", (other,))
    assert row is not None
    tx.run("UPDATE conversation_merges SET undone_at = ? WHERE id = ?", (tx.now, row["id"]))
    return str(row["before"])


def remembered(read: Snapshot, into: int) -> list[str]:
    """What was before, of all that are part of a conversation directly."""
    sql = "SELECT before FROM conversation_merges WHERE into_id = ? AND undone_at IS NULL"
    return [r["before"] for r in read.all(sql, (into,))]


def journals(read: Snapshot, ids: list[int]) -> list[int]:
    """These conversations and all that they are, or were, part of: their messages' events are of one of those."""
    found = list(ids)
    for here in found:
        rows = read.all("SELECT DISTINCT into_id AS id FROM conversation_merges WHERE other_id = ?", (here,))
        found += [row["id"] for row in rows if row["id"] not in found]
    return found


# ---------------------------------------------------------------- messages


def move_messages(tx: Tx, other: int, into: int) -> None:
    """All messages that show in `other` show in `into` from now on."""
    tx.run(
        "UPDATE messages SET conversation_id = ?, home_id = coalesce(home_id, ?), version = version + 1"
        " WHERE conversation_id = ?",
        (into, other, other),
    )
    tx.run("UPDATE outbox SET conversation_id = ? WHERE conversation_id = ?", (into, other))


def return_messages(tx: Tx, into: int, other: int, parts: list[int]) -> None:
    """Those at home in `other`, or in its `parts`, show in `other` again."""
    marks = ", ".join("?" * len(parts))
    tx.run(
        f"UPDATE messages SET conversation_id = ?, home_id = CASE WHEN home_id = ? THEN NULL ELSE home_id END,"
        f" version = version + 1 WHERE conversation_id = ? AND home_id IN ({marks})",
        (other, other, into, *parts),
    )
    tx.run(
        "UPDATE outbox SET conversation_id = :other WHERE conversation_id = :into AND EXISTS"
        " (SELECT 1 FROM messages m WHERE m.id = outbox.message_id AND m.conversation_id = :other)",
        {"other": other, "into": into},
    )


def came_after(read: Snapshot, id: int, message: int) -> int:
    """How many of the customer's messages after this one somebody has to answer."""
    sql = f"SELECT count(*) FROM messages WHERE {_UNANSWERED} AND id > :after"
    return int(read.value(sql, {"id": id, "after": message}))


def came_first(read: Snapshot, id: int, since: int, message: int) -> int | None:
    """When the first of the customer's messages after this one, since a moment, came that somebody has to answer."""
    sql = f"SELECT min(received_at) FROM messages WHERE {_UNANSWERED} AND id > :after AND received_at >= :since"
    when: int | None = read.value(sql, {"id": id, "since": since, "after": message})
    return when


def last_time(read: Snapshot, id: int) -> int | None:
    """When the newest message of a conversation came or was written (UTC ms)."""
    when: int | None = read.value(
        "SELECT received_at FROM messages WHERE conversation_id = ? ORDER BY id DESC LIMIT 1", (id,)
    )
    return when


def answered_after(read: Snapshot, id: int, message: int) -> bool:
    """Whether something was sent, or is on its way, after this message."""
    return (
        read.value(
            "SELECT 1 FROM messages WHERE conversation_id = ? AND direction = 'out' AND id > ?"
            " AND status NOT IN ('failed', 'cancelled') LIMIT 1",
            (id, message),
        )
        is not None
    )


# ---------------------------------------------------------------- who has read what

#: what people have read is found by who they are; of one conversation it is found by asking for each of them
_ANYBODY = "user_id IN (SELECT id FROM users)"


def join_seen(tx: Tx, into: int, other: int) -> None:
    """What each reader has read of the two together."""
    tx.run(
        "INSERT INTO last_seen (user_id, conversation_id, inbound, at)"
        f" SELECT user_id, ?, inbound, at FROM last_seen WHERE conversation_id = ? AND {_ANYBODY}"
        " ON CONFLICT (user_id, conversation_id) DO UPDATE SET inbound = last_seen.inbound + excluded.inbound",
        (into, other),
    )
    tx.run(f"UPDATE last_seen SET inbound = 0 WHERE conversation_id = ? AND {_ANYBODY}", (other,))


def part_seen(tx: Tx, into: int, other: int, left: int, gone: int) -> None:
    """Of a thread that falls into `left` and `gone` messages of the customer's, nobody has read more than before: what
    was unread together is unread in both."""
    for id, n in ((other, gone), (into, left)):
        tx.run(
            "INSERT INTO last_seen (user_id, conversation_id, inbound, at)"
            " SELECT user_id, :id, CASE WHEN inbound + :n > :all THEN inbound + :n - :all ELSE 0 END, :now"
            f" FROM last_seen WHERE conversation_id = :into AND {_ANYBODY}"
            " ON CONFLICT (user_id, conversation_id) DO UPDATE SET inbound = excluded.inbound",
            {"id": id, "n": n, "all": left + gone, "into": into, "now": tx.now},
        )
