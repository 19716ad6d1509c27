"""A contact centre with several channels, in which one customer may have many identities."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from server import wire
from server.commands.channels import CreateChannel
from server.commands.contacts import GetContact, MergeContacts, Suggestions, UnmergeContacts
from server.commands.door import SYSTEM, Actor
from server.commands.inbox import ListConversations
from server.commands.merging import MergeConversations, SplitConversation
from server.commands.queries import GetConversation
from server.commands.receive import Receive
from server.facts import Address, Fact, MessageFact, Party
from server.store.store import Snapshot
from tests.commands.office import Office


class Crossing(Office):
    """An office with two WhatsApp numbers, `wa` and `wb`. `writes` lets a number write to one of them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        settings = {"phone_number_id": "200", "access_token": "t", "app_secret": "s", "verify_token": "v"}
        new = wire.NewChannel(kind="whatsapp", name="wb", settings=settings)
        self.channels = {"wa": self.channel, "wb": self.do(self.root, CreateChannel(channel=new)).id}
        self._numbers = itertools.count(1)

    def writes(self, phone: str, channel: str = "wa", text: str = "hola", name: str = "", **more: Any) -> int:
        """A message; the conversation in which it shows."""
        id = f"in.{next(self._numbers)}"
        kinds = more.pop("addresses", (Address("phone", phone),))
        fact = MessageFact(
            external_id=id, party=Party(addresses=kinds, name=name), at=self.now, kind="text", text=text, **more
        )
        self.tell(channel, fact)
        [row] = self.look("SELECT conversation_id FROM messages WHERE external_id = ?", id)
        return int(row["conversation_id"])

    def tell(self, channel: str, *facts: Fact) -> None:
        """The provider's call with these facts."""
        body = f"call {next(self._numbers)}".encode()
        received = self.do(
            SYSTEM,
            Receive(channel_id=self.channels[channel], body=body, facts=list(facts), received_at=self.now),
        )
        assert received.unreadable == 0

    def look(self, sql: str, *params: Any) -> list[Any]:
        def read(snapshot: Snapshot) -> list[Any]:
            return snapshot.all(sql, params)

        return self.store.read_now(read)

    def contact(self, id: int) -> wire.Contact:
        contact: wire.Contact = self.ask(self.ana, GetContact(id=id))
        return contact

    def row(self, conversation: int) -> wire.ConversationRow:
        return self.conversation(conversation).row

    def conversation(self, id: int) -> wire.Conversation:
        about: wire.Conversation = self.ask(self.ana, GetConversation(id=id))
        return about

    def rows(self, view: wire.View = "all") -> list[wire.ConversationRow]:
        page: wire.Page[wire.ConversationRow] = self.ask(self.ana, ListConversations(view=view))
        return page.items

    def suggested(self, contact: int) -> list[wire.Likely]:
        page: wire.Page[wire.Likely] = self.ask(self.ana, Suggestions(contact=contact))
        return page.items

    def merge(self, contact: int, other: int, who: Actor | None = None) -> wire.Contact:
        contact_: wire.Contact = self.do(who or self.ana, MergeContacts(contact=contact, other=other))
        return contact_

    def unmerge(self, contact: int, merge: int) -> wire.Contact:
        freed: wire.Contact = self.do(self.ana, UnmergeContacts(contact=contact, merge=merge))
        return freed

    def join(self, conversation: int, other: int, who: Actor | None = None) -> wire.ConversationRow:
        row: wire.ConversationRow = self.do(who or self.ana, MergeConversations(conversation=conversation, other=other))
        return row

    def split(self, conversation: int, other: int) -> wire.ConversationRow:
        row: wire.ConversationRow = self.do(self.ana, SplitConversation(conversation=conversation, other=other))
        return row
