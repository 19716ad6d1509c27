"""SQL of tags, of who follows a conversation, and of who is mentioned in its notes."""

from __future__ import annotations

import sqlite3

from server.store.store import Snapshot, Tx


def by_name(read: Snapshot, name: str) -> sqlite3.Row | None:
    return read.one("SELECT * FROM tags WHERE name = ?", (name,))


def listing(read: Snapshot) -> list[sqlite3.Row]:
    """All tags."""
    return read.all("SELECT * FROM tags ORDER BY name")


def create(tx: Tx, name: str) -> int:
    """IntegrityError if the name is taken."""
    id = tx.short_id("tag")
    tx.run("INSERT INTO tags (id, name, created_at) VALUES (?, ?, ?)", (id, name, tx.now))
    return id


def rename(tx: Tx, id: int, name: str) -> None:
    tx.run("UPDATE tags SET name = ? WHERE id = ?", (name, id))


def remove(tx: Tx, id: int) -> None:
    """Take a tag away from everywhere."""
    tx.run("DELETE FROM conversation_tags WHERE tag_id = ?", (id,))
    tx.run("DELETE FROM tags WHERE id = ?", (id,))


def put_on(tx: Tx, conversation_id: int, tag_id: int) -> bool:
    """Whether the conversation did not have it yet."""
    return (
        tx.run(
            "INSERT INTO conversation_tags (conversation_id, tag_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (conversation_id, tag_id),
        )
        > 0
    )


def take_off(tx: Tx, conversation_id: int, tag_id: int) -> bool:
    """Whether the conversation had it."""
    return (
        tx.run("DELETE FROM conversation_tags WHERE conversation_id = ? AND tag_id = ?", (conversation_id, tag_id)) > 0
    )


def follow(tx: Tx, conversation_id: int, user_id: int, on: bool) -> bool:
    """Whether that changed anything."""
    sql = (
        "INSERT INTO follows (conversation_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        if on
        else "DELETE FROM follows WHERE conversation_id = ? AND user_id = ?"
    )
    return tx.run(sql, (conversation_id, user_id)) > 0


def follows(read: Snapshot, conversation_id: int, user_id: int) -> bool:
    found = read.value("SELECT 1 FROM follows WHERE conversation_id = ? AND user_id = ?", (conversation_id, user_id))
    return found is not None


def mention(tx: Tx, message_id: int, conversation_id: int, user_ids: list[int]) -> None:
    tx.conn.executemany(
        "INSERT INTO mentions (user_id, conversation_id, message_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(user_id, conversation_id, message_id) for user_id in user_ids],
    )
