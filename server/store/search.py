"""Full-text search over messages and contacts: newest first, never ranked over the whole history."""

from __future__ import annotations

import re

from server.store import merges, whispers
from server.store.filters import Where
from server.store.store import Snapshot
from server.store.words import match_of, quoted

#: message hits looked at for one search
HITS = 500
#: the same, when the conversations have to fulfil more than to match
HITS_FILTERED = 20_000
#: conversations asked about at once
AT_ONCE = 500
#: conversations a search gives at most
CONVERSATIONS = 200


def _newest(read: Snapshot, sql: str, table: str, words: list[str], limit: int) -> list[int]:
    """What `sql` finds in `table` for FTS5 strings, newest first: each must occur, the last one may be unfinished.

    A whole word is read along its own list of places, newest first, as far as needed. For the beginning of a word the
    lists of all that begin so are merged whole, which for frequent ones takes long. So whole words are asked for first,
    and a last word that occurs more than `limit` times by itself counts as finished.
    """
    if not words:
        return []
    found = [int(row[0]) for row in read.all(sql, (" ".join(words), limit))]
    if len(found) >= limit or len(words[-1]) < 5 or " " in words[-1]:
        return found
    if len(words) > 1:
        alone = read.all(f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?", (words[-1], limit))
        if len(alone) >= limit:
            return found
    return [int(row[0]) for row in read.all(sql, (" ".join(words) + "*", limit))]


def conversations(
    read: Snapshot, texts: list[tuple[str, bool]], only: Where | None = None, reader: int | None = None
) -> list[int]:
    """Ids of conversations whose messages (of whispers, those that `reader` may read) or whose contact match, newest
    hit first.

    `texts`: (words, whether they are a phrase), all of which must occur in one message. `only`: a condition on the
    conversation `c` besides; then more hits are looked at, until enough conversations fulfil it.
    """
    words = [word for text, phrase in texts for word in ([match_of(text, True)] if phrase else quoted(text)) if word]
    most = HITS if only is None else HITS_FILTERED
    hits = _newest(
        read,
        "SELECT m.conversation_id FROM messages_fts f JOIN messages m ON m.id = f.rowid"
        f" WHERE messages_fts MATCH ? AND {whispers.visible('f.rowid', reader)} ORDER BY f.rowid DESC LIMIT ?",
        "messages_fts",
        words,
        most,
    )
    found = dict.fromkeys(hits)
    people = contacts(read, " ".join(text for text, _ in texts), 50)
    if people:
        marks = ", ".join("?" * len(people))
        for row in read.all(
            f"SELECT id FROM conversations WHERE contact_id IN ({marks}) ORDER BY id DESC LIMIT ?",
            (*people, CONVERSATIONS),
        ):
            found.setdefault(row["id"])
    ids = list(found)
    if only is not None:
        ids = _fulfilling(read, ids, only)
    return ids[:CONVERSATIONS]


def _fulfilling(read: Snapshot, ids: list[int], only: Where) -> list[int]:
    """Those of `ids` that fulfil a condition, in their order, until there are enough."""
    found: list[int] = []
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        names = {f"i{n}": id for n, id in enumerate(some)}
        marks = ", ".join(f":{name}" for name in names)
        sql = f"SELECT c.id FROM conversations c WHERE c.id IN ({marks}) AND ({only.sql})"
        good = {row["id"] for row in read.all(sql, {**only.params, **names})}
        found += [id for id in some if id in good]
        if len(found) >= CONVERSATIONS:
            break
    return found


def contacts(read: Snapshot, text: str, limit: int) -> list[int]:
    """Ids of contacts whose name or region matches, or one of whose addresses is the text (digits of a phone)."""
    if not quoted(text):
        return []
    found = dict.fromkeys(
        _newest(
            read,
            "SELECT rowid FROM contacts_fts WHERE contacts_fts MATCH ? ORDER BY rowid DESC LIMIT ?",
            "contacts_fts",
            quoted(text),
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
    live = merges.lives(read, found)  # who was merged is found by the name they had, too
    return list(dict.fromkeys(live[id] for id in found))
