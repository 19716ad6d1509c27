"""SQL of contacts that are one person: which ones, what they show together, and how they come apart again.

Each merge is an edge between two contacts, and contacts that edges connect are one person. One of them, the live one,
has all their addresses and conversations and shows what all of them know; the others point to it (`merged_into`).
Every address remembers the contact it came with (`origin_id`), and every contact what it knew itself (`own`), so that
taking an edge away gives both sides exactly what is theirs, in whatever order merges are undone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from server.desk import likeness
from server.store import organisation
from server.store.store import Snapshot, Tx

Proof = Literal["provider", "advisor"]


class Values(msgspec.Struct, kw_only=True):
    """What is known of a contact. None: nothing; an attribute that is None was taken away on purpose."""

    name: str
    language: str | None = None
    region: str | None = None
    attributes: dict[str, Any] = {}


class Made(NamedTuple):
    """A merge: the other contact with the name it had itself, what proves it, who said so ("" for a provider), when."""

    id: int
    contact: int
    name: str
    proof: Proof
    by: str
    at: int


class Parted(NamedTuple):
    """What an undone merge left: the contact that stayed, and the one that stands by itself again."""

    kept: int
    freed: int


class StillOne(Exception):
    """Something else proves that the two are one person."""


def made_up(name: str) -> bool:
    """Whether a name is only a stand-in (number, username), to be replaced once the person's own is known."""
    return not name or name[0] in "+#@"


# ---------------------------------------------------------------- who is who


def live(read: Snapshot, contact_id: int) -> sqlite3.Row | None:
    """The contact, or the one it is part of."""
    row = read.one("SELECT * FROM contacts WHERE id = ?", (contact_id,))
    while row is not None and row["merged_into"] is not None:
        row = read.one("SELECT * FROM contacts WHERE id = ?", (row["merged_into"],))
    return row


def lives(read: Snapshot, contact_ids: Iterable[int]) -> dict[int, int]:
    """The same for many: contact → live contact."""
    ids = list(contact_ids)
    rows = read.all(f"SELECT id, merged_into FROM contacts WHERE id IN ({_marks(ids)})", ids)
    return {row["id"]: row["merged_into"] or row["id"] for row in rows}


def members(read: Snapshot, live_id: int) -> list[int]:
    """A live contact and all that are part of it."""
    return [live_id, *(r["id"] for r in read.all("SELECT id FROM contacts WHERE merged_into = ?", (live_id,)))]


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM merges WHERE id = ?", (id,))


def of_contact(read: Snapshot, live_id: int) -> list[Made]:
    """The merges that made a contact, newest first."""
    rows = read.all("SELECT * FROM contacts WHERE id = ? OR merged_into = ?", (live_id, live_id))
    names = {row["id"]: own(row).name for row in rows}
    found = read.all(
        "SELECT m.id, m.other_id, m.proof, coalesce(u.name, '') AS by, m.at FROM merges m"
        f" LEFT JOIN users u ON u.id = m.user_id WHERE m.undone_at IS NULL AND m.into_id IN ({_marks(names)})"
        " ORDER BY m.id DESC",
        list(names),
    )
    return [Made(r["id"], r["other_id"], names.get(r["other_id"], ""), r["proof"], r["by"], r["at"]) for r in found]


def _edges(read: Snapshot, ids: list[int]) -> list[tuple[int, int]]:
    return [
        (row["into_id"], row["other_id"])
        for row in read.all(
            f"SELECT into_id, other_id FROM merges WHERE undone_at IS NULL AND into_id IN ({_marks(ids)}) ORDER BY id",
            ids,
        )
    ]


def _connected(start: int, edges: list[tuple[int, int]]) -> list[int]:
    """What edges connect with `start`, nearest first."""
    found = [start]
    for here in found:
        for pair in edges:
            if here in pair:
                found += [end for end in pair if end not in found]
    return found


# ---------------------------------------------------------------- one, and two again


def join(tx: Tx, into: int, other: int, ends: tuple[int, int], proof: Proof, user_id: int | None) -> None:
    """Two live contacts are one person: `other` becomes part of `into`.

    `ends`: the two contacts of which it is proven, each one of the two or part of it.
    """
    id = connect(tx, ends, proof, user_id)
    here, there = members(tx, into), members(tx, other)
    tx.run(
        "UPDATE contacts SET merged_into = ?, updated_at = ? WHERE id = ? OR merged_into = ?",
        (into, tx.now, other, other),
    )
    tx.run("UPDATE identities SET contact_id = ? WHERE contact_id = ?", (into, other))
    moved = [row["id"] for row in tx.all("SELECT id FROM conversations WHERE contact_id = ? ORDER BY id", (other,))]
    tx.run("UPDATE conversations SET contact_id = ?, version = version + 1 WHERE contact_id = ?", (into, other))
    tx.run("DELETE FROM noted_likenesses WHERE contact_id = ?", (other,))
    tx.run(
        f"DELETE FROM different_people WHERE (one_id IN ({_marks(here)}) AND other_id IN ({_marks(there)}))"
        f" OR (one_id IN ({_marks(there)}) AND other_id IN ({_marks(here)}))",
        (*here, *there, *there, *here),
    )
    renamed = show(tx, into)
    _emit(tx, "contact.merged", moved, merge=id, into=into, merged=other, proof=proof)
    if renamed:
        tell(tx, into, but=moved)


def connect(tx: Tx, ends: tuple[int, int], proof: Proof, user_id: int | None) -> int:
    """Write an edge down; its id."""
    id = tx.time_id()
    tx.run(
        "INSERT INTO merges (id, into_id, other_id, proof, user_id, at) VALUES (?, ?, ?, ?, ?, ?)",
        (id, *ends, proof, user_id, tx.now),
    )
    return id


def part(tx: Tx, merge: sqlite3.Row) -> Parted:
    """Take an edge away: what came with the side that is without the live contact is its own again, with what arrived
    there since. Raises StillOne if other edges hold the two together."""
    tx.run("UPDATE merges SET undone_at = ? WHERE id = ?", (tx.now, merge["id"]))
    kept = live(tx, merge["into_id"])
    assert kept is not None
    edges = _edges(tx, members(tx, kept["id"]))
    side = _connected(merge["other_id"], edges)
    if merge["into_id"] in side:
        raise StillOne
    freed = merge["other_id"]
    if kept["id"] in side:
        freed, side = merge["into_id"], _connected(merge["into_id"], edges)
    moved = _give(tx, kept["id"], freed, side)
    tx.run(
        f"UPDATE contacts SET merged_into = CASE WHEN id = ? THEN NULL ELSE ? END, updated_at = ?"
        f" WHERE id IN ({_marks(side)})",
        (freed, freed, tx.now, *side),
    )
    show(tx, freed)
    renamed = show(tx, kept["id"])
    _emit(tx, "contact.unmerged", moved, merge=merge["id"], into=kept["id"], merged=freed)
    if renamed:
        tell(tx, kept["id"])
    return Parted(kept["id"], freed)


def handles_of(read: Snapshot, live_id: int, side: list[int]) -> list[int]:
    """The handles of a live contact that came with some of those it is made of."""
    return [
        row["handle_id"]
        for row in read.all(
            f"SELECT DISTINCT handle_id FROM identities WHERE contact_id = ? AND origin_id IN ({_marks(side)})",
            (live_id, *side),
        )
    ]


def _give(tx: Tx, kept: int, freed: int, side: list[int]) -> list[int]:
    """Addresses and conversations of `side` go from the one to the other; the conversations."""
    handles = handles_of(tx, kept, side)
    tx.run(
        f"UPDATE identities SET contact_id = ? WHERE contact_id = ? AND handle_id IN ({_marks(handles)})",
        (freed, kept, *handles),
    )
    moved = [
        row["id"]
        for row in tx.all(
            f"SELECT id FROM conversations WHERE contact_id = ? AND handle_id IN ({_marks(handles)}) ORDER BY id",
            (kept, *handles),
        )
    ]
    tx.run(
        f"UPDATE conversations SET contact_id = ?, version = version + 1"
        f" WHERE contact_id = ? AND handle_id IN ({_marks(handles)})",
        (freed, kept, *handles),
    )
    return moved


# ---------------------------------------------------------------- what they show


def own(row: sqlite3.Row) -> Values:
    """What a contact knows itself, whatever it is part of or made of."""
    if row["own"]:
        return msgspec.json.decode(row["own"], type=Values)
    return Values(
        name=row["name"],
        language=row["language"] or None,
        region=row["region"] or None,
        attributes=msgspec.json.decode(row["attributes"]),
    )


def show(tx: Tx, live_id: int, mine: Values | None = None) -> bool:
    """Let a live contact show what it and its parts know; whether its name or region changed.

    What it knows itself (`mine` from now on) goes first, then its parts', nearest first. A stand-in for a name gives
    way to a real one.
    """
    ids = _connected(live_id, _edges(tx, members(tx, live_id)))
    rows = {row["id"]: row for row in tx.all(f"SELECT * FROM contacts WHERE id IN ({_marks(ids)})", ids)}
    before = rows[live_id]
    known = [mine or own(before), *(own(rows[id]) for id in ids[1:])]
    name = next((each.name for each in known if not made_up(each.name)), known[0].name)
    language = next((each.language for each in known if each.language is not None), "")
    region = next((each.region for each in known if each.region is not None), "")
    attributes: dict[str, Any] = {}
    for each in reversed(known):
        attributes |= each.attributes
    attributes = {key: value for key, value in attributes.items() if value is not None}
    encoded = msgspec.json.encode(attributes).decode()
    tx.run(
        "UPDATE contacts SET name = ?, language = ?, region = ?, attributes = ?, own = ?, updated_at = ? WHERE id = ?",
        (
            name,
            language,
            region,
            encoded,
            msgspec.json.encode(known[0]).decode() if len(known) > 1 else "",
            tx.now,
            live_id,
        ),
    )
    note_likenesses(tx, live_id, attributes)
    return (before["name"], before["region"]) != (name, region)


def note_likenesses(tx: Tx, contact_id: int, attributes: Mapping[str, Any]) -> None:
    """Whom a contact is like by what is noted of them."""
    tx.run("DELETE FROM noted_likenesses WHERE contact_id = ?", (contact_id,))
    if attributes:
        country = organisation.get(tx).get("country", organisation.COUNTRY)
        for found in sorted(likeness.of_attributes(attributes, country)):
            tx.run("INSERT INTO noted_likenesses (likeness, contact_id) VALUES (?, ?)", (found, contact_id))


def tell(tx: Tx, contact_id: int, but: Iterable[int] = (), **fields: Any) -> None:
    """Say what a contact is called now, with the rows of its open conversations."""
    tx.run("UPDATE conversations SET version = version + 1 WHERE contact_id = ? AND state <> 'resolved'", (contact_id,))
    row = tx.one("SELECT name FROM contacts WHERE id = ?", (contact_id,))
    assert row is not None
    rows = tx.all("SELECT id FROM conversations WHERE contact_id = ? AND state <> 'resolved'", (contact_id,))
    told = [r["id"] for r in rows if r["id"] not in set(but)]
    _emit(tx, "contact.updated", told, contact=contact_id, name=row["name"], **fields)


def _emit(tx: Tx, kind: str, concerned: list[int], **data: Any) -> None:
    """Write it into the journal of each conversation, or of none if there is none."""
    if not concerned:
        tx.emit(kind, **data)
    for conversation in concerned:
        tx.emit(kind, conversation, **data)


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
