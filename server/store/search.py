"""Full-text search over messages and contacts: newest first, never ranked over the whole history."""

from __future__ import annotations

import re

from server.store.store import Snapshot

#: message hits looked at for one search
HITS = 500
#: conversations a search gives at most
CONVERSATIONS = 200

_WORDS = re.compile(r"\w+", re.UNICODE)


def _quoted(text: str) -> list[str]:
    """The words people typed, as FTS5 strings."""
    return [f'"{word}"' for word in _WORDS.findall(text)[:12]]


def _newest(read: Snapshot, sql: str, table: str, text: str, limit: int) -> list[int]:
    """What `sql` finds in `table` for a text, newest first: every word must occur, the last one may be unfinished.

    A whole word is read along its own list of places, newest first, as far as needed. For the beginning of a word the
    lists of all that begin so are merged whole, which for frequent ones takes long. So whole words are asked for first,
    and a last word that occurs more than `limit` times by itself counts as finished.
    """
    words = _quoted(text)
    if not words:
        return []
    found = [int(row[0]) for row in read.all(sql, (" ".join(words), limit))]
    if len(found) >= limit or len(words[-1]) < 5:
        return found
    if len(words) > 1:
        alone = read.all(f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?", (words[-1], limit))
        if len(alone) >= limit:
            return found
    return [int(row[0]) for row in read.all(sql, (" ".join(words) + "*", limit))]


def conversations(read: Snapshot, text: str) -> list[int]:
    """Ids of conversations whose messages or whose contact match, newest hit first."""
    hits = _newest(
        read,
        "SELECT m.conversation_id FROM messages_fts f JOIN messages m ON m.id = f.rowid"
        " WHERE messages_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?",
        "messages_fts",
        text,
        HITS,
    )
    found = dict.fromkeys(hits)
    people = contacts(read, text, 50)
    if people:
        marks = ", ".join("?" * len(people))
        for row in read.all(
            f"SELECT id FROM conversations WHERE contact_id IN ({marks}) ORDER BY id DESC LIMIT ?",
            (*people, CONVERSATIONS),
        ):
            found.setdefault(row["id"])
    return list(found)[:CONVERSATIONS]


def contacts(read: Snapshot, text: str, limit: int) -> list[int]:
    """Ids of contacts whose name or region matches, or one of whose addresses is the text (digits of a phone)."""
    if not _quoted(text):
        return []
    found = dict.fromkeys(
        _newest(
            read,
            "SELECT rowid FROM contacts_fts WHERE contacts_fts MATCH ? ORDER BY rowid DESC LIMIT ?",
            "contacts_fts",
            text,
            limit,
        )
    )
    exact = {text.strip(), re.sub(r"\D", "", text)} - {""}
    marks = ", ".join("?" * len(exact))
    for row in read.all(
        f"SELECT i.contact_id FROM channels ch CROSS JOIN identities i ON i.channel_id = ch.id"
        f" WHERE i.kind IN ('phone', 'bsuid', 'email', 'visitor') AND i.value IN ({marks}) LIMIT ?",
        (*exact, limit),
    ):
        found.setdefault(row["contact_id"])
    return list(found)
