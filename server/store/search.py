"""How a query is answered: which conversations are asked whether they fulfil it, and what they are asked.

One rule: if a term of the query names few conversations by an index of its own, those are asked and put into the list's
order; otherwise the list is followed in its order and each row asked. Words that many messages have are the exception:
the newest of these messages name the conversations, and when those are through, the next newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

from server.query import Every, Node, Term
from server.store import filters, merges, named
from server.store.filters import NEWEST, Context, Part, Where, Words, addresses_in
from server.store.store import Snapshot
from server.store.words import begun, seek


@dataclass(slots=True)
class Plan:
    """`ids`: the conversations to ask; None for those of the list. `only`: what to ask. `older`, `newer`: the parts of
    the history beside the one that `ids` are from, if there are such."""

    ids: set[int] | None
    only: Where
    older: Part | None = None
    newer: Part | None = None


def plan(read: Snapshot, tree: Node, context: Context, part: Part = NEWEST) -> Plan:
    """How to answer a query; one by frequent words, for one part of the history."""
    items = tree.items if isinstance(tree, Every) else (tree,)
    texts = [item for item in items if _is_words(item)]
    others = Every(tuple(item for item in items if not _is_words(item)))
    if not texts:
        return Plan(named.few(read, tree, context), filters.where(tree, context))
    typed = [(term.values[0], term.phrase) for term in texts]
    words = Words(named.unfinished(read, seek(typed)), " ".join(text for text, _ in typed))
    some = named.few(read, others, context) if part == NEWEST else None
    if some is not None and len(some) <= named.HANDFUL:
        return Plan(some, filters.where(others, context, words))
    hits = named.find(read, words.sought, part)
    if some is not None and hits.rest is not None:
        return Plan(some, filters.where(others, context, words))
    found, only = named.of_hits(read, hits, context), filters.where(others, context)
    newer = named.newer(read, words.sought, part) if part != NEWEST else None
    if newer is None:
        return Plan(found | named.addressed(read, words.text), only, hits.rest)
    shown = filters.since(part, words, context)  # what a newer part has already, is not in this one
    only = Where(f"({only.sql}) AND NOT ({shown.sql})", only.params | shown.params, only.along)
    return Plan(found, only, hits.rest, newer)


def _is_words(node: Node) -> TypeGuard[Term]:
    """Whether these are words that one message has to say together with all others of their kind."""
    return isinstance(node, Term) and node.field == "text" and len(node.values) == 1


def contacts(read: Snapshot, text: str, limit: int) -> list[int]:
    """Ids of contacts whose name or region has these beginnings of words, or one of whose addresses is the text."""
    sought, found = begun(text), dict[int, None]()
    if not sought:
        return []
    sql = "SELECT rowid FROM contacts_fts WHERE contacts_fts MATCH ? ORDER BY rowid DESC LIMIT ?"
    for each in (sought.finished(), sought):  # whole words cost less, and come first
        if len(found) < limit:
            found |= {row["rowid"]: None for row in read.all(sql, (each.match, limit))}
    values = addresses_in(text)
    marks = ", ".join("?" * len(values))
    for row in read.all(f"SELECT contact_id FROM identities WHERE value IN ({marks}) LIMIT ?", (*values, limit)):
        found.setdefault(row["contact_id"])
    live = merges.lives(read, found)  # who was merged is found by the name they had, too
    return list(dict.fromkeys(live[id] for id in found))
