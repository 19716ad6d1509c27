"""Who the customers are: what is noted of them, which contacts are one person, which are likely to be."""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from server import wire
from server.commands import clocks, one_person, routing, shapes
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.desk import likeness
from server.store import contacts, joined, merges, search, suggestions
from server.store.store import Row, Snapshot, Tx

#: contacts on a page at most
MOST = 200
#: characters of a name, a region, an attribute's name and its value; attributes of one contact
NAME_LIMIT, REGION_LIMIT, KEY_LIMIT, VALUE_LIMIT, ATTRIBUTES = 200, 80, 60, 1_000, 50

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}|")
_LINE = re.compile(r"[^\x00-\x1f\x7f]*")


def _live(read: Snapshot, id: int) -> Row:
    """A contact as it is now: for one that was merged, the one it is part of."""
    row = merges.live(read, id)
    if row is None:
        raise not_found("contact", id)
    return row


def shown(read: Snapshot, row: Row) -> wire.Contact:
    """A live contact with its addresses and the merges that made it."""
    contact = shapes.contact_list(read, [row])[0]
    if row["own"]:
        contact.merges = [
            wire.Merge(id=m.id, contact=m.contact, name=m.name, proof=m.proof, by=m.by, at=m.at)
            for m in merges.of_contact(read, row["id"])
        ]
    return contact


def likely(read: Snapshot, live_id: int) -> list[wire.Likely]:
    """Other contacts that are likely the same person as a live one."""
    found = suggestions.likely(read, live_id)
    if not found:
        return []
    ids = [like.contact_id for like in found]
    names = {row["id"]: row["name"] for row in contacts.listing(read, 2**62, len(ids), ids)}
    channels: dict[int, list[str]] = {id: [] for id in ids}
    for identity in contacts.identities(read, ids):
        if identity["channel"] not in channels[identity["contact_id"]]:
            channels[identity["contact_id"]].append(identity["channel"])
    return [
        wire.Likely(
            contact=like.contact_id,
            name=names[like.contact_id],
            reason=likeness.reason(like.likeness),
            value=likeness.shown(like.likeness),
            channels=channels[like.contact_id],
        )
        for like in found
    ]


# ---------------------------------------------------------------- looking


class GetContact(Query, kw_only=True):
    """A contact. One that was merged answers with the contact it is part of."""

    needs: ClassVar[Need] = "advisor"

    id: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Contact:
        return shown(read, _live(read, self.id))


class ListContacts(Query, kw_only=True):
    """Contacts, newest first; `q`: words of a name they have or had, or of the region, or a whole address."""

    needs: ClassVar[Need] = "advisor"

    q: str = ""
    after: str | None = None
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Contact]:
        limit = max(1, min(self.limit, MOST))
        ids: list[int] | None = None
        if self.q.strip():
            ids = search.contacts(read, self.q, MOST)
            if not ids:
                return wire.Page(items=[], as_of=read.head())
        try:
            after = 2**62 if self.after is None else int(self.after)
        except ValueError:
            raise Refusal(422, "invalid", detail="not a cursor of this list") from None
        rows = contacts.listing(read, after, limit, ids)
        more, rows = len(rows) > limit, rows[:limit]
        items = shapes.contact_list(read, rows)
        return wire.Page(items=items, next=str(items[-1].id) if more else None, as_of=read.head())


class Suggestions(Query, kw_only=True):
    """Other contacts that are likely the same person."""

    needs: ClassVar[Need] = "advisor"

    contact: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Likely]:
        return wire.Page(items=likely(read, _live(read, self.contact)["id"]), as_of=read.head())


# ---------------------------------------------------------------- changing


class UpdateContact(Command, kw_only=True):
    """Note something of a contact. What is not named stays as it is."""

    needs: ClassVar[Need] = "advisor"

    contact: int
    change: wire.ChangeContact

    def run(self, tx: Tx, actor: Actor) -> wire.Contact:
        row = _live(tx, self.contact)
        own, change = merges.own(row), self.change
        new = replace(
            own,
            name=own.name if change.name is UNSET else _text(change.name, NAME_LIMIT),
            language=own.language if change.language is UNSET else _language(change.language),
            region=own.region if change.region is UNSET else _text(change.region, REGION_LIMIT),
            attributes=own.attributes if change.attributes is UNSET else {**own.attributes, **_attributes(change)},
        )
        if not new.name:
            raise Refusal(422, "invalid", detail="a contact has a name")
        if len(new.attributes) > ATTRIBUTES:
            raise Refusal(422, "too_many", limit=ATTRIBUTES)
        if new != own:
            merges.show(tx, row["id"], new)
            fields = [name for name in change.__struct_fields__ if not isinstance(getattr(change, name), UnsetType)]
            merges.tell(tx, row["id"], fields=fields)
            clocks.reapply_contact(tx, row["id"])
            routing.reclassified_contact(tx, row["id"])
        return shown(tx, _live(tx, row["id"]))


def _text(text: str, limit: int) -> str:
    text = text.strip()
    if len(text) > limit:
        raise Refusal(422, "too_long", limit=limit, length=len(text))
    if not _LINE.fullmatch(text):
        raise Refusal(422, "invalid", detail="what is noted of a customer is one line of text")
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise Refusal(422, "invalid", detail="a language looks like es or pt-BR")
    return text


def _attributes(change: wire.ChangeContact) -> dict[str, str | int | float | bool | None]:
    assert not isinstance(change.attributes, UnsetType)
    for key, value in change.attributes.items():
        if not _text(key, KEY_LIMIT) or key != key.strip():
            raise Refusal(422, "invalid", detail="an attribute's name neither is empty nor begins or ends with a space")
        if isinstance(value, str) and len(value) > VALUE_LIMIT:
            raise Refusal(422, "too_long", limit=VALUE_LIMIT, length=len(value))
        if isinstance(value, int) and abs(value) >= 2**53:
            raise Refusal(422, "invalid", detail="a number this large is written as text")
    return change.attributes


class MergeContacts(Command, kw_only=True):
    """Somebody says that two contacts are one person: everything of `other` belongs to `contact`.

    Two that are one already stay so, whoever asks and in whichever direction.
    """

    needs: ClassVar[Need] = "advisor"

    contact: int
    other: int

    def run(self, tx: Tx, actor: Actor) -> wire.Contact:
        into, other = _live(tx, self.contact)["id"], _live(tx, self.other)["id"]
        if self.contact == self.other:
            raise Refusal(422, "invalid", detail="a contact cannot be merged with itself")
        if into != other:
            merges.join(tx, into, other, (into, other), "advisor", actor.id or None)
            one_person.joined(tx, into)
        return shown(tx, _live(tx, into))


class UnmergeContacts(Command, kw_only=True):
    """Undo a merge: each has again what came with it, and what arrived there since. They are not suggested again.

    Answers with the contact that stands by itself again. What a provider proves to be one person is not undone, nor
    are contacts parted whose conversations are merged with each other.
    """

    needs: ClassVar[Need] = "advisor"

    contact: int
    merge: int

    def run(self, tx: Tx, actor: Actor) -> wire.Contact:
        here = _live(tx, self.contact)["id"]
        merge = merges.get(tx, self.merge)
        if merge is None or (_live(tx, merge["into_id"])["id"] != here and merge["undone_at"] is None):
            raise not_found("merge", self.merge)
        if merge["undone_at"] is not None:
            raise Refusal(409, "already_undone", at=merge["undone_at"])
        if merge["proof"] == "provider":
            raise Refusal(409, "proven_same")
        try:
            parted = merges.part(tx, merge)
        except merges.StillOne:
            raise Refusal(409, "proven_same") from None
        torn = joined.across(tx, parted.kept, parted.freed)
        if torn is not None:
            raise Refusal(409, "conversations_merged", conversation=torn[0], other=torn[1])
        for id in parted:
            clocks.reapply_contact(tx, id)
        suggestions.set_different(tx, parted.kept, parted.freed, actor.id or None)
        return shown(tx, _live(tx, parted.freed))


class RejectSuggestion(Command, kw_only=True):
    """Say that two contacts are different people; they are not suggested again."""

    needs: ClassVar[Need] = "advisor"

    contact: int
    other: int

    def run(self, tx: Tx, actor: Actor) -> None:
        one, other = _live(tx, self.contact)["id"], _live(tx, self.other)["id"]
        if one == other:
            raise Refusal(409, "same_contact", contact=one)
        if suggestions.set_different(tx, one, other, actor.id or None):
            tx.emit("contact.different", contact=one, other=other)
