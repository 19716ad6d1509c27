"""What people are called whose messages carry no name: who has to be asked about, and what the provider said."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server.channels import registry
from server.commands.door import Actor, Command, Need, Query
from server.facts import Address, Party
from server.store import channels, contacts, merges, names
from server.store.store import Snapshot, Tx

#: conversations looked at in one go
MOST = 200


class Nameless(msgspec.Struct, kw_only=True):
    """Somebody whose name is only a stand-in, and under which addresses the provider knows them."""

    channel_id: int
    handle_id: int
    addresses: tuple[Address, ...]


class Begun(msgspec.Struct, kw_only=True):
    """The nameless among those who began to write up to conversation `up_to`; `more`: there are more conversations."""

    people: list[Nameless]
    up_to: int
    more: bool


class ListNameless(Query, kw_only=True):
    """Who began conversations after number `after` without a name, on channels whose provider knows names. Without
    `after`: among the newest conversations."""

    needs: ClassVar[Need] = "system"

    after: int | None = None

    def run(self, read: Snapshot, actor: Actor) -> Begun:
        newest = names.newest(read)
        after = max(0, newest - MOST) if self.after is None else self.after
        asked = [
            row["id"]
            for row in channels.listing(read)
            if row["active"] and registry.adapter_class(row["kind"]).knows_names()
        ]
        found = names.begun(read, asked, after, MOST) if asked else []
        people = {
            row["handle_id"]: Nameless(
                channel_id=row["channel_id"],
                handle_id=row["handle_id"],
                addresses=contacts.addresses(read, row["handle_id"]),
            )
            for row in found
            if merges.made_up(row["name"])
        }
        more = len(found) == MOST
        return Begun(people=list(people.values()), up_to=found[-1]["id"] if more else newest, more=more)


class LearnName(Command, kw_only=True):
    """What the provider calls somebody. It replaces a stand-in only, never a name that somebody gave them."""

    needs: ClassVar[Need] = "system"

    handle_id: int
    party: Party

    def run(self, tx: Tx, actor: Actor) -> None:
        name = self.party.name or self.party.username
        handle = contacts.by_handle(tx, self.handle_id)
        contact = contacts.get(tx, handle.contact_id) if handle is not None else None
        if contact is not None and name and name != contact["name"] and merges.made_up(contact["name"]):
            contacts.rename(tx, contact["id"], name)
