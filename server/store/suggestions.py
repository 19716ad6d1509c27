"""SQL of who is likely the same person: the same number or mail address on another contact, unless people said no."""

from __future__ import annotations

from typing import NamedTuple

from server.store import merges
from server.store.store import Snapshot, Tx

#: addresses of others that are looked at for one contact; one that more share (a family's, an office's) tells little
MOST = 20

_LIKE = """
SELECT i.contact_id, i.likeness FROM ({mine}) m
    CROSS JOIN identities i ON i.likeness = m.likeness AND i.likeness <> '' AND i.contact_id <> :id
UNION
SELECT n.contact_id, n.likeness FROM ({mine}) m
    CROSS JOIN noted_likenesses n ON n.likeness = m.likeness AND n.contact_id <> :id
LIMIT :most
""".format(
    mine="SELECT likeness FROM identities WHERE contact_id = :id AND likeness <> ''"
    " UNION SELECT likeness FROM noted_likenesses WHERE contact_id = :id"
)


class Like(NamedTuple):
    """Another contact and the likeness it shares."""

    contact_id: int
    likeness: str


def likely(read: Snapshot, live_id: int) -> list[Like]:
    """Contacts that are likely the same person as a live one: one query for who is like nobody, as nearly all are."""
    found = [Like(*row) for row in read.all(_LIKE, {"id": live_id, "most": MOST})]
    if not found:
        return []
    first = {like.contact_id: like for like in reversed(found)}
    different = _different(read, live_id, list(first))
    return sorted(like for like in first.values() if like.contact_id not in different)


def _different(read: Snapshot, live_id: int, others: list[int]) -> set[int]:
    """Those of `others` of which somebody said that they, or a part of them, are not this person."""
    marks = ", ".join("?" * len(others))
    parts = {
        row["id"]: row["live"]
        for row in read.all(
            f"SELECT id, coalesce(merged_into, id) AS live FROM contacts"
            f" WHERE id IN ({marks}) OR merged_into IN ({marks})",
            (*others, *others),
        )
    }
    mine = merges.members(read, live_id)
    us = ", ".join("?" * len(mine))
    pairs = read.all(
        f"SELECT one_id, other_id FROM different_people WHERE one_id IN ({us})"
        f" UNION SELECT other_id, one_id FROM different_people WHERE other_id IN ({us})",
        (*mine, *mine),
    )
    return {parts[row[1]] for row in pairs if row[1] in parts}


def set_different(tx: Tx, one: int, other: int, user_id: int | None) -> bool:
    """Remember that these are two people. False if that was known."""
    return (
        tx.run(
            "INSERT INTO different_people (one_id, other_id, user_id, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (one_id, other_id) DO NOTHING",
            (min(one, other), max(one, other), user_id, tx.now),
        )
        > 0
    )
