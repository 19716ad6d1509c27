"""SQL of contacts and their identities. Addresses the provider proves to be one person's share a `handle_id`."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import msgspec

from server.facts import Address, Party
from server.store.store import Snapshot, Tx


class Handle(NamedTuple):
    """A person on one channel: all their addresses there share the handle."""

    contact_id: int
    handle_id: int


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
    for other in {(row["contact_id"], row["handle_id"]) for row in known} - {handle}:
        merge(tx, handle, Handle(*other))
    if len(known) < len(addresses):
        have = {(row["kind"], row["value"]) for row in known}
        add_addresses(tx, channel_id, handle, [a for a in addresses if (a.kind, a.value) not in have])
    if party.name and party.name != first["name"] and _made_up(first["name"]):
        rename(tx, handle.contact_id, party.name)
    return handle


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


def add_addresses(tx: Tx, channel_id: int, handle: Handle, addresses: list[Address]) -> None:
    """More addresses of a known person. One that belonged to another handle moves here with its conversations."""
    for address in addresses:
        row = tx.one(
            "SELECT contact_id, handle_id FROM identities WHERE channel_id = ? AND kind = ? AND value = ?",
            (channel_id, address.kind, address.value),
        )
        if row is not None and row["handle_id"] != handle.handle_id:
            merge(tx, handle, Handle(row["contact_id"], row["handle_id"]))
        elif row is None:
            _insert(tx, channel_id, handle, address)
            tx.emit(
                "identity.changed",
                contact=handle.contact_id,
                channel_id=channel_id,
                address={"kind": address.kind, "value": address.value},
            )


def merge(tx: Tx, into: Handle, other: Handle) -> None:
    """Two handles are proven to be one person's: `other`'s addresses and conversations go to `into`.

    The contact of `other` is kept, marked as merged, if nothing else belongs to it; the journal says what moved. An
    open conversation of `other` keeps its own thread while `into` has an open one: two open ones are never folded.
    """
    tx.run(
        "UPDATE identities SET contact_id = ?, handle_id = ? WHERE handle_id = ?",
        (into.contact_id, into.handle_id, other.handle_id),
    )
    moved = [row["id"] for row in tx.all("SELECT id FROM conversations WHERE handle_id = ?", (other.handle_id,))]
    tx.run(
        "UPDATE conversations SET contact_id = ?, handle_id = ?, version = version + 1 WHERE handle_id = ?",
        (into.contact_id, into.handle_id, other.handle_id),
    )
    tx.run(
        "UPDATE conversations SET thread = :into WHERE thread = :other AND channel_id IN"
        " (SELECT channel_id FROM identities WHERE handle_id = :handle)"
        " AND NOT EXISTS (SELECT 1 FROM conversations o WHERE o.thread = :into AND o.state <> 'resolved'"
        " AND o.channel_id = conversations.channel_id)",
        {"into": str(into.handle_id), "other": str(other.handle_id), "handle": into.handle_id},
    )
    if other.contact_id == into.contact_id:
        return
    tx.run(
        "UPDATE contacts SET merged_into = ?, updated_at = ? WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM identities WHERE contact_id = contacts.id)",
        (into.contact_id, tx.now, other.contact_id),
    )
    for conversation in moved or [None]:
        tx.emit(
            "contact.merged",
            conversation,
            into=into.contact_id,
            merged=other.contact_id,
            handle=other.handle_id,
            proof="provider",
        )


def rename(tx: Tx, contact_id: int, name: str) -> None:
    tx.run("UPDATE contacts SET name = ?, updated_at = ? WHERE id = ?", (name, tx.now, contact_id))
    tx.emit("contact.updated", contact=contact_id, name=name)


def _create(tx: Tx, channel_id: int, party: Party) -> Handle:
    contact_id = tx.short_id("contact")
    handle = Handle(contact_id, tx.time_id())
    phone = next((f"+{a.value}" for a in party.addresses if a.kind == "phone"), "")
    name = party.name or party.username or phone or f"#{contact_id}"
    attributes = {"username": party.username} if party.username else {}
    tx.run(
        "INSERT INTO contacts (id, name, attributes, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (contact_id, name, msgspec.json.encode(attributes).decode(), tx.now, tx.now),
    )
    for address in party.addresses:
        _insert(tx, channel_id, handle, address)
    tx.emit("contact.created", contact=contact_id, channel_id=channel_id)
    return handle


def _insert(tx: Tx, channel_id: int, handle: Handle, address: Address) -> None:
    tx.run(
        "INSERT INTO identities (id, contact_id, channel_id, handle_id, kind, value, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (tx.time_id(), handle.contact_id, channel_id, handle.handle_id, address.kind, address.value, tx.now),
    )


def _made_up(name: str) -> bool:
    """Whether a name is only a stand-in (number, username), to be replaced once the person's own is known."""
    return not name or name[0] in "+#@"


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


def update(tx: Tx, id: int, name: str, language: str, region: str, attributes: str) -> None:
    tx.run(
        "UPDATE contacts SET name = ?, language = ?, region = ?, attributes = ?, updated_at = ? WHERE id = ?",
        (name, language, region, attributes, tx.now, id),
    )
