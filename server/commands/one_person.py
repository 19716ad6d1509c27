"""Contacts that turn out to be one person, whether somebody says so or a provider proves it: what is promised to them,
and where what nobody has goes, follows what is known of them together."""

from __future__ import annotations

from collections.abc import Sequence

from server.commands import clocks, routing
from server.facts import Address, Party
from server.store import contacts
from server.store.store import Tx


def joined(tx: Tx, contact_id: int) -> None:
    """Others became part of this contact. Conversations that the caller has loaded are to be loaded anew."""
    clocks.reapply_contact(tx, contact_id)
    routing.reclassified_contact(tx, contact_id)


def resolve(tx: Tx, channel_id: int, party: Party) -> contacts.Handle:
    """The contact behind these addresses, made if they are new, joined if they turn out to be one person."""
    handle = contacts.resolve(tx, channel_id, party)
    if handle.joined:
        joined(tx, handle.contact_id)
    return handle


def learn(tx: Tx, channel_id: int, handle: contacts.Handle, addresses: Sequence[Address]) -> None:
    """More addresses of a known person; who has one of them is the same person."""
    if contacts.add_addresses(tx, channel_id, handle, addresses):
        joined(tx, handle.contact_id)
