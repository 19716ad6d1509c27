"""SQL of notes that only some may read. There are few: what is asked of each message costs one look into a small table.

Wherever messages are read for a person, `visible` is among the conditions; `reader` is their id, None for whoever reads
everything (a supervisor).
"""

from __future__ import annotations

from server.store.store import Tx


def add(tx: Tx, message_id: int, to_id: int, author_id: int) -> None:
    """Only these two, and supervisors, may read a message."""
    tx.run("INSERT INTO whispers (message_id, to_id, author_id) VALUES (?, ?, ?)", (message_id, to_id, author_id))


def visible(message: str, reader: int | None) -> str:
    """The condition under which `reader` may read the message whose id is in the column `message`."""
    if reader is None:
        return "1 = 1"
    return (
        f"NOT EXISTS (SELECT 1 FROM whispers w WHERE w.message_id = {message}"
        f" AND {reader:d} NOT IN (w.to_id, w.author_id))"
    )


def common(message: str) -> str:
    """The condition under which everybody may read it."""
    return f"NOT EXISTS (SELECT 1 FROM whispers w WHERE w.message_id = {message})"
