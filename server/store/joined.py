"""SQL of conversations that became part of another one: whose messages were whose, and what to restore."""

from __future__ import annotations

from server.store.store import Snapshot, Tx


def across(read: Snapshot, one: int, other: int) -> tuple[int, int] | None:
    """(conversation, the one that is part of it) where the first belongs to one contact and the second to the other."""
    row = read.one(
        "SELECT i.id, c.id FROM conversations c JOIN conversations i ON i.id = c.merged_into"
        " WHERE c.merged_into IS NOT NULL AND c.contact_id IN (?, ?) AND i.contact_id <> c.contact_id LIMIT 1",
        (one, other),
    )
    return None if row is None else (row[0], row[1])


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


# ---------------------------------------------------------------- messages


def move_messages(tx: Tx, other: int, into: int) -> None:
    """All messages that show in `other` show in `into` from now on; each remembers where it was at home."""
    tx.run(
        "UPDATE messages SET conversation_id = ?, home_id = coalesce(home_id, ?), version = version + 1"
        " WHERE conversation_id = ?",
        (into, other, other),
    )
    tx.run("UPDATE outbox SET conversation_id = ? WHERE conversation_id = ?", (into, other))


def return_messages(tx: Tx, into: int, other: int, parts: list[int]) -> None:
    """Those at home in `other`, or in its `parts`, show there again."""
    marks = ", ".join("?" * len(parts))
    tx.run(
        f"UPDATE messages SET conversation_id = ?, home_id = CASE WHEN home_id = ? THEN NULL ELSE home_id END,"
        f" version = version + 1 WHERE conversation_id = ? AND home_id IN ({marks})",
        (other, other, into, *parts),
    )
    tx.run(
        "UPDATE outbox SET conversation_id = ? WHERE conversation_id = ? AND message_id IN"
        " (SELECT o.message_id FROM outbox o JOIN messages m ON m.id = o.message_id WHERE m.conversation_id = ?)",
        (other, into, other),
    )


def inbound(read: Snapshot, id: int) -> int:
    """How many of the customer's messages that somebody waits for show in a conversation."""
    return int(read.value("SELECT count(*) FROM messages WHERE conversation_id = ? AND direction = 'in'", (id,)))
