"""A store with people and channels in it, and a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from server import wire
from server.commands.accounts import CreateUser
from server.commands.channels import CreateChannel
from server.commands.door import SYSTEM, Actor, Command, Door, Query
from server.commands.queries import GetUser, ListEvents, ListMessages
from server.commands.receive import Receive, Received
from server.commands.setup import SetUp
from server.facts import Address, Fact, MessageFact, Party
from server.store.store import Store
from tests.prepared import prepared

MORNING = 1_795_000_000_000  # 2026-11-18, UTC ms
MINUTE = 60_000
HOUR = 60 * MINUTE


class Office:
    """Door, people (ana and luis advise, rosa supervises, root administers) and a WhatsApp channel with id 1."""

    root = Actor("user", 1, "root", "admin")
    ana = Actor("user", 2, "ana", "advisor")
    luis = Actor("user", 3, "luis", "advisor")
    rosa = Actor("user", 4, "rosa", "supervisor")
    channel = 1

    def __init__(self, folder: Path) -> None:
        if not (folder / "agent-console.db").exists():
            prepared("office", _set_up, folder)
        self._open(folder)

    def _open(self, folder: Path) -> None:
        self.now = MORNING
        self.store = Store(folder, clock=lambda: self.now)
        self.door = Door(self.store)
        self._bodies = 0

    def hire(self, name: str, role: wire.Role) -> Actor:
        user = self.do(self.root, CreateUser(user=wire.NewUser(name=name, password="", role=role), password_hash="x"))
        return Actor("user", user.id, user.name, role)

    def do(self, actor: Actor, command: Command) -> Any:
        return self.door.do_now(actor, command)

    def ask(self, actor: Actor, query: Query) -> Any:
        assert actor.at_least(query.needs)
        return self.store.read_now(lambda read: query.run(read, actor))

    def take_in(self, *facts: Fact) -> Received:
        """One provider call with these facts."""
        self._bodies += 1
        body = f"call {self._bodies}".encode()
        received: Received = self.do(
            SYSTEM, Receive(channel_id=self.channel, body=body, facts=list(facts), received_at=self.now)
        )
        return received

    def thread(self, conversation: int) -> list[wire.Message]:
        page: wire.Page[wire.Message] = self.ask(self.ana, ListMessages(conversation=conversation, limit=200))
        return page.items

    def events(self, *kinds: str, conversation: int | None = None) -> list[wire.Event]:
        page: wire.Page[wire.Event] = self.ask(self.root, ListEvents(limit=1000, conversation=conversation))
        return [event for event in page.items if not kinds or event.kind in kinds]

    def user(self, name: str) -> wire.User:
        user: wire.User = self.ask(self.root, GetUser(name=name))
        return user

    def close(self) -> None:
        self.store.close()


def _set_up(folder: Path) -> None:
    office = Office.__new__(Office)
    office._open(folder)
    office.do(SYSTEM, SetUp(admin="root", password_hash="x", team="Servicio"))
    people = [office.hire("ana", "advisor"), office.hire("luis", "advisor"), office.hire("rosa", "supervisor")]
    assert people == [Office.ana, Office.luis, Office.rosa]
    settings = {"phone_number_id": "100", "access_token": "t", "app_secret": "s", "verify_token": "v"}
    new = wire.NewChannel(kind="whatsapp", name="wa", settings=settings)
    assert office.do(Office.root, CreateChannel(channel=new)).id == Office.channel
    office.close()


def person(phone: str = "50370000001", name: str = "María Ramos") -> Party:
    return Party(addresses=(Address("phone", phone),), name=name)


def says(id: str, text: str = "buenos días", who: Party | None = None, **more: Any) -> MessageFact:
    """A customer's message with the provider's id `id`."""
    return MessageFact(
        external_id=id, party=who or person(), at=more.pop("at", MORNING), kind="text", text=text, **more
    )
