"""Which conversations a term of a query names through an index of its own, as long as they are few.

What is found here contains all that fulfil the term; whether each one does is asked by its condition (see `filters`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec.json import decode

from server.query import Either, Every, Node, Not, Term
from server.store import whispers
from server.store.filters import LAST, NEWEST, NONE, Context, Part, addresses_in
from server.store.store import Params, Snapshot
from server.store.words import BEGINNING, Run, Sought, begins, begun, seek

#: more than these (conversations, contacts, messages) are not few: following the list finds them sooner
FEW = 4_000
#: so few are asked at once, whatever else may name fewer
HANDFUL = 200
#: words that one beginning stands for, at most
BEGUN = 100
#: messages and contacts that a part of the history has, where words are in more than a few
PART = 1_000

_TAGGED = "SELECT x.conversation_id FROM tags g CROSS JOIN conversation_tags x ON x.tag_id = g.id WHERE g.name = ?"
_OF_CONTACT = "SELECT id FROM conversations WHERE contact_id = ?"
_SNOOZED = "SELECT id FROM conversations WHERE snoozed_until IS NOT NULL"
_TRANSFERRED = "SELECT conversation_id FROM transfers WHERE state = 'pending'"
_REVIEWED = (
    "SELECT m.conversation_id FROM reviews r CROSS JOIN messages m ON m.id = r.message_id WHERE r.state = 'pending'"
)
_DRAFTED = "SELECT conversation_id FROM drafts WHERE user_id = ?"
_MENTIONED = "SELECT DISTINCT conversation_id FROM mentions WHERE user_id = ?"
#: by field and value, what names them, and whether it asks for the reader
_FLAGS: dict[tuple[str, str], tuple[str, bool]] = {
    ("is", "snoozed"): (_SNOOZED, False),
    ("state", "snoozed"): (_SNOOZED, False),
    ("is", "flagged"): ("SELECT id FROM conversations WHERE flagged_at IS NOT NULL", False),
    ("is", "transferred"): (_TRANSFERRED, False),
    ("is", "offered"): (_TRANSFERRED, False),
    ("is", "reviewing"): (_REVIEWED, False),
    ("is", "mentioned"): (_MENTIONED, True),
    ("has", "draft"): (_DRAFTED, True),
}


class Hits(NamedTuple):
    """What the words of a search are found in, newest first. `rest`: what of the part was not looked at, if any."""

    messages: list[int]
    contacts: list[int]
    rest: Part | None


def few(read: Snapshot, node: Node, context: Context) -> set[int] | None:
    """Conversations among which are all that fulfil a tree; None if they are not few, or nothing names them."""
    match node:
        case Term():
            return _together([_of_term(read, node, value, context) for value in node.values])
        case Every():
            return _common(read, node.items, context)
        case Either():
            return _together([few(read, item, context) for item in node.items])
        case Not():
            return None


def _common(read: Snapshot, items: Sequence[Node], context: Context) -> set[int] | None:
    found: set[int] | None = None
    for item in items:
        some = few(read, item, context)
        if some is not None:
            found = some if found is None else found & some
            if len(found) <= HANDFUL:
                break
    return found


def _together(parts: Sequence[set[int] | None]) -> set[int] | None:
    found: set[int] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return _limited(found)


def _of_term(read: Snapshot, term: Term, value: str, context: Context) -> set[int] | None:
    if (term.field, value) in _FLAGS:
        sql, mine = _FLAGS[term.field, value]
        return _ids(read, sql, (context.me,) if mine else ())
    match term.field:
        case "text":
            sought = seek([(value, term.phrase)])
            hits = find(read, sought)
            return None if hits.rest else of_hits(read, hits, context) | addressed(read, value)
        case "from":
            people = _people(read, "name", begun(value))
            return None if people is None else _limited(_of_contacts(read, people) | addressed(read, value))
        case "region":
            people = _people(read, "region", begun(value))
            return None if people is None else _limited(_of_contacts(read, people))
        case "tag":
            return _ids(read, _TAGGED, (value.lstrip("#").casefold(),))
        case "contact" if term.operator == ":":
            return _ids(read, _OF_CONTACT, (int(value),))
        case "id" if term.operator == ":":
            return {int(value)}
    return None


def _ids(read: Snapshot, sql: str, params: tuple[object, ...]) -> set[int] | None:
    return _limited(set(column(read, sql, params, FEW + 1)))


def _limited(found: set[int]) -> set[int] | None:
    return found if len(found) <= FEW else None


# ---------------------------------------------------------------- words


def unfinished(read: Snapshot, sought: Sought) -> Sought:
    """The same with a last word that may be unfinished, unless it is short, part of a phrase, or many words begin so.

    The index reads the messages of each word along a list, newest first. Asked for a beginning, it first merges the
    lists of all words that begin so, whole: so they are asked for by themselves. Of numbers, and while the
    words of the history are not all known, the beginning has to do, unless what is written is a frequent word itself.
    """
    if not sought:
        return sought
    *others, last = sought.runs
    if len(last.words) > 1 or len(last.words[0]) < BEGINNING:
        return sought
    (word,) = last.words
    if begins(word) and read.value("SELECT 1 FROM meta WHERE key = 'words.known'"):
        sql = "SELECT word FROM words WHERE word > ? AND word < ? ORDER BY word LIMIT ?"
        ends = [row[0] for row in read.all(sql, (word, f"{word}{chr(0x10FFFF)}", BEGUN + 1))]
        return sought if len(ends) > BEGUN else Sought((*others, Run(last.words, True, (word, *ends))))
    if len(_match(read, "messages_fts", last.match)) > FEW:
        return sought
    return Sought((*others, Run(last.words, True)))


def find(read: Snapshot, sought: Sought, part: Part = NEWEST) -> Hits:
    """The newest messages of a part, and the newest contacts by their names, that have all that is sought."""
    if not sought:
        return Hits([], [], None)
    most = FEW if part == NEWEST else PART
    messages, message = _slice(read, "messages_fts", sought.match, (part.message, part.message_from), most)
    contacts, contact = _slice(read, "contacts_fts", sought.of_names, (part.contact, part.contact_from), most)
    return Hits(messages, contacts, Part(message, contact) if message or contact else None)


def _slice(read: Snapshot, table: str, match: str, ids: tuple[int, int], most: int) -> tuple[list[int], int]:
    """What matches between two ids, newest first, and below which id the rest lies (0: there is none). A part's worth,
    if there are more than `most`."""
    below, least = ids
    found = _match(read, table, match, below, least, most) if below != NONE else []
    return (found, least) if least or len(found) <= most else (found[:PART], found[PART - 1])


def _match(
    read: Snapshot, table: str, match: str, below: int = LAST, least: int = 0, most: int | None = None
) -> list[int]:
    """What matches between two ids, newest first; one more than `most` (else than are few), if there are."""
    sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid < ? AND rowid >= ? ORDER BY rowid DESC"
    return column(read, sql, (match, below, least), (FEW if most is None else most) + 1)


def newer(read: Snapshot, sought: Sought, part: Part) -> Part | None:
    """The part that ends where this one begins, if there is one."""
    message = _above(read, "messages_fts", sought.match, part.message)
    contact = _above(read, "contacts_fts", sought.of_names, part.contact)
    return None if message == contact == NONE else Part(message, contact, part.message, part.contact)


def _above(read: Snapshot, table: str, match: str, bound: int) -> int:
    sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid >= ? ORDER BY rowid"
    found = column(read, sql, (match, bound), PART + 1)
    return found[PART] if len(found) > PART else LAST if found else NONE


def of_hits(read: Snapshot, hits: Hits, context: Context) -> set[int]:
    """The conversations of what was found."""
    reader = None if context.supervises else context.me
    sql = (
        "SELECT m.conversation_id FROM json_each(?) j CROSS JOIN messages m ON m.id = j.value"
        f" WHERE {whispers.visible('m.id', reader)}"
    )
    return set(column(read, sql, (as_json(hits.messages),))) | _of_contacts(read, hits.contacts)


def addressed(read: Snapshot, text: str) -> set[int]:
    """The conversations of whoever has the text as an address."""
    values = addresses_in(text)
    marks = ", ".join("?" * len(values))
    sql = f"SELECT contact_id FROM identities WHERE value IN ({marks})"
    return _of_contacts(read, column(read, sql, values, FEW))


def _people(read: Snapshot, column: str, sought: Sought) -> list[int] | None:
    """Contacts whose name or region has these beginnings of words. Whole words are asked for first: that costs less,
    and where they name too many, beginnings do so, too."""
    if not sought:
        return []
    for each in (sought.finished(), sought):
        found = _match(read, "contacts_fts", f"{column} : ({each.match})")
        if len(found) > FEW:
            return None
    return found


def _of_contacts(read: Snapshot, people: list[int]) -> set[int]:
    if not people:
        return set()
    sql = (  # who was merged is found by the name they had, too
        "SELECT c.id FROM json_each(?) j CROSS JOIN contacts k ON k.id = j.value"
        " CROSS JOIN conversations c ON c.contact_id = coalesce(k.merged_into, k.id)"
    )
    return set(column(read, sql, (as_json(people),)))


def column(read: Snapshot, sql: str, params: Params, most: int = -1) -> list[int]:
    """The numbers that a statement finds, in its order, `most` at most. They come as one text: thousands of rows would
    be so many objects, and now and then make Python look through all it has."""
    found = read.value(
        f"WITH found (n) AS ({sql}) SELECT json_group_array(n) FROM (SELECT n FROM found LIMIT {most:d})", params
    )
    return decode(found, type=list[int])


def as_json(ids: Iterable[int]) -> str:
    return f"[{','.join(map(str, ids))}]"
