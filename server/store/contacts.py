"""SQL of contacts and their identities. Addresses the provider proves to be one person's share a `handle_id`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from server.desk import likeness
from server.facts import Address, Party
from server.store import merges
from server.store.store import Snapshot, Tx


class Handle(NamedTuple):
    """A person on one channel: all their addresses there share the handle. `new`: made just now; `joined`: contacts
    became one just now."""

    contact_id: int
    handle_id: int
    new: bool = False
    joined: bool = False

    def begins(self, thread: str) -> bool:
        """Whether nobody can have written in this thread before: it is the own one of somebody new."""
        return self.new and thread == str(self.handle_id)


def resolve(tx: Tx, channel_id: int, party: Party) -> Handle:
    """The contact behind these addresses, made if they are new, joined if they turn out to be one person."""
    addresses = party.addresses
    match = " OR ".join("(kind = ? AND value = ?)" for _ in addresses)
    params: list[int | str] = [channel_id]
    for address in addresses:
        params += (address.kind, address.value)
    known = tx.all(
        f"SELECT i.contact_id, i.handle_id, i.kind, i.value, k.name FROM identities i"
        f" JOIN contacts k ON k.id = i.contact_id WHERE i.channel_id = ? AND ({match}) ORDER BY i.handle_id",
        params,
    )
    if not known:
        return _create(tx, channel_id, party)
    first = known[0]
    handle = Handle(first["contact_id"], first["handle_id"])
    others = sorted({row["handle_id"] for row in known} - {handle.handle_id})
    one = [merge(tx, handle.handle_id, other) for other in others]
    if len(known) < len(addresses):
        have = {(row["kind"], row["value"]) for row in known}
        add_addresses(tx, channel_id, handle, [a for a in addresses if (a.kind, a.value) not in have])
    name = party.name or (_handle_name(party) if first["name"].startswith("#") else "")
    if name and name != first["name"] and merges.made_up(first["name"]):
        rename(tx, handle.contact_id, name)
    return handle._replace(joined=True) if any(one) else handle


def _handle_name(party: Party) -> str:
    """A user name, as a stand-in for the person's own."""
    return f"@{party.username}" if party.username else ""


def find(tx: Snapshot, channel_id: int, addresses: tuple[Address, ...]) -> Handle | None:
    """The handle that has one of these addresses."""
    for address in addresses:
        row = tx.one(
            "SELECT contact_id, handle_id FROM identities WHERE channel_id = ? AND kind = ? AND value = ?",
            (channel_id, address.kind, address.value),
        )
        if row is not None:
            return Handle(row["contact_id"], row["handle_id"])
    return None


def by_handle(tx: Snapshot, handle_id: int) -> Handle | None:
    row = tx.one("SELECT contact_id, handle_id FROM identities WHERE handle_id = ? LIMIT 1", (handle_id,))
    return None if row is None else Handle(row["contact_id"], row["handle_id"])


def add_addresses(tx: Tx, channel_id: int, handle: Handle, addresses: Sequence[Address]) -> bool:
    """More addresses of a known person. One that belonged to another handle moves here with its conversations.

    Whether contacts became one.
    """
    one = False
    for address in addresses:
        row = tx.one(
            "SELECT contact_id, handle_id FROM identities WHERE channel_id = ? AND kind = ? AND value = ?",
            (channel_id, address.kind, address.value),
        )
        if row is not None and row["handle_id"] != handle.handle_id:
            one = merge(tx, handle.handle_id, row["handle_id"]) or one
        elif row is None:
            _insert(tx, channel_id, handle, address, _owner(tx, handle.handle_id).origin)
            tx.emit(
                "identity.changed",
                contact=handle.contact_id,
                channel_id=channel_id,
                address={"kind": address.kind, "value": address.value},
            )
    return one


def merge(tx: Tx, into_handle: int, other_handle: int) -> bool:
    """Two handles are proven to be one person's: the other's addresses, conversations and waiting messages go to the
    first one's, and their contacts are one from now on. Whether they were two until now.

    An open conversation of the other keeps its own thread while the first has one open on that channel: two open ones
    are never folded by themselves, an advisor may do so.
    """
    into, other = _owner(tx, into_handle), _owner(tx, other_handle)
    if into.live != other.live:
        merges.join(tx, into.live, other.live, (into.origin, other.origin), "provider", None)
    elif into.origin != other.origin:
        merges.connect(tx, (into.origin, other.origin), "provider", None)
    handles = {"into": into_handle, "other": other_handle, "contact": into.live, "origin": into.origin, "now": tx.now}
    tx.run("UPDATE identities SET handle_id = :into, origin_id = :origin WHERE handle_id = :other", handles)
    tx.run("UPDATE outbox SET recipient = :into WHERE recipient = :other", handles)
    tx.run(
        "INSERT INTO pacing (channel_id, recipient, next_at)"
        " SELECT p.channel_id, :into, p.next_at FROM pacing p WHERE p.recipient = :other AND p.next_at > :now"
        " AND p.channel_id IN (SELECT channel_id FROM identities WHERE handle_id = :into)"
        " ON CONFLICT (channel_id, recipient) DO UPDATE SET next_at = excluded.next_at"
        " WHERE pacing.next_at < excluded.next_at",
        handles,
    )
    tx.run(
        "UPDATE conversations SET handle_id = :into, version = version + 1"
        " WHERE contact_id = :contact AND handle_id = :other",
        handles,
    )
    tx.run(
        "UPDATE conversations SET thread = :thread WHERE contact_id = :contact AND handle_id = :into"
        " AND thread = :other_thread AND (state = 'resolved' OR NOT EXISTS (SELECT 1 FROM conversations o"
        " WHERE o.thread = :thread AND o.state <> 'resolved' AND o.channel_id = conversations.channel_id))",
        {**handles, "thread": str(into_handle), "other_thread": str(other_handle)},
    )
    return into.live != other.live


class _Owner(NamedTuple):
    live: int
    origin: int


def _owner(tx: Tx, handle_id: int) -> _Owner:
    row = tx.one("SELECT contact_id, origin_id FROM identities WHERE handle_id = ? LIMIT 1", (handle_id,))
    assert row is not None
    return _Owner(*row)


def rename(tx: Tx, contact_id: int, name: str) -> None:
    """The name that a contact's provider gives."""
    row = tx.one("SELECT * FROM contacts WHERE id = ?", (contact_id,))
    assert row is not None
    merges.show(tx, contact_id, msgspec.structs.replace(merges.own(row), name=name))
    tx.emit("contact.updated", contact=contact_id, name=name)


def _create(tx: Tx, channel_id: int, party: Party) -> Handle:
    contact_id = tx.short_id("contact")
    handle = Handle(contact_id, tx.time_id(), new=True)
    phone = next((f"+{a.value}" for a in party.addresses if a.kind == "phone"), "")
    name = party.name or _handle_name(party) or phone or f"#{contact_id}"
    attributes = {**party.attributes, **({"username": party.username} if party.username else {})}
    encoded = msgspec.json.encode(attributes).decode()
    tx.run(
        "INSERT INTO contacts (id, name, language, region, attributes, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (contact_id, name, party.language, party.region, encoded, tx.now, tx.now),
    )
    if party.attributes:
        merges.note_likenesses(tx, contact_id, party.attributes)
    for address in party.addresses:
        _insert(tx, channel_id, handle, address, contact_id)
    tx.emit("contact.created", contact=contact_id, channel_id=channel_id)
    return handle


def _insert(tx: Tx, channel_id: int, handle: Handle, address: Address, origin_id: int) -> None:
    tx.run(
        "INSERT INTO identities (id, contact_id, channel_id, handle_id, kind, value, likeness, origin_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            tx.time_id(),
            handle.contact_id,
            channel_id,
            handle.handle_id,
            address.kind,
            address.value,
            likeness.of_address(address.kind, address.value),
            origin_id,
            tx.now,
        ),
    )


def addresses(read: Snapshot, handle_id: int) -> tuple[Address, ...]:
    """All addresses of a handle, newest first: the newest is the one to write to."""
    rows = read.all("SELECT kind, value FROM identities WHERE handle_id = ? ORDER BY id DESC", (handle_id,))
    return tuple(Address(row["kind"], row["value"]) for row in rows)


def get(read: Snapshot, id: int) -> sqlite3.Row | None:
    return read.one("SELECT * FROM contacts WHERE id = ?", (id,))


def identities(read: Snapshot, contact_ids: list[int]) -> list[sqlite3.Row]:
    """Identities of these contacts, with their channel's name."""
    if not contact_ids:
        return []
    marks = ", ".join("?" * len(contact_ids))
    return read.all(
        f"SELECT i.contact_id, i.kind, i.value, ch.name AS channel FROM identities i"
        f" JOIN channels ch ON ch.id = i.channel_id WHERE i.contact_id IN ({marks}) ORDER BY i.id",
        contact_ids,
    )


def listing(read: Snapshot, after: int, limit: int, ids: list[int] | None = None) -> list[sqlite3.Row]:
    """Contacts by id, newest first, `limit` + 1 of them; only `ids` if given."""
    only = "" if ids is None else f" AND id IN ({', '.join('?' * len(ids))})"
    return read.all(
        f"SELECT * FROM contacts WHERE merged_into IS NULL AND id < ?{only} ORDER BY id DESC LIMIT ?",
        (after, *(ids or ()), limit + 1),
    )
