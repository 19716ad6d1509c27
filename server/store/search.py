"""Full-text search over messages and contacts: newest first, never ranked over the whole history."""

from __future__ import annotations

import re

from server.store.store import Snapshot

#: message hits looked at for one search
HITS = 500
#: conversations a search gives at most
CONVERSATIONS = 200

_WORDS = re.compile(r"\w+", re.UNICODE)


def match_expression(text: str) -> str:
    """What people type, as an FTS5 query: every word must occur, the last one may be unfinished."""
    words = _WORDS.findall(text)[:12]
    if not words:
        return ""
    quoted = [f'"{word}"' for word in words]
    return " ".join([*quoted[:-1], f"{quoted[-1]}*" if len(words[-1]) > 2 else quoted[-1]])


def conversations(read: Snapshot, text: str) -> list[int]:
    """Ids of conversations whose messages or whose contact match, newest hit first."""
    match = match_expression(text)
    if not match:
        return []
    hits = read.all(
        "SELECT m.conversation_id FROM messages_fts f JOIN messages m ON m.id = f.rowid"
        " WHERE messages_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?",
        (match, HITS),
    )
    found = dict.fromkeys(row["conversation_id"] for row in hits)
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
    match = match_expression(text)
    if not match:
        return []
    found = dict.fromkeys(
        row["rowid"]
        for row in read.all(
            "SELECT rowid FROM contacts_fts WHERE contacts_fts MATCH ? ORDER BY rowid DESC LIMIT ?", (match, limit)
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
