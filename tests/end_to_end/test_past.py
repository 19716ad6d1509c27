"""A demo's past: written with the same commands as everything else, in the order of time, and left as it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import wire
from server.commands.door import SYSTEM, Actor
from server.commands.inbox import ListConversations
from server.commands.queries import FindCredentials, History, ListEvents, ListMessages
from server.sandbox.members import cast
from server.sandbox.members_past import plan
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_past import Staff, write
from server.sandbox.world_providers import Providers
from server.store.store import Store

NOW = 1_800_000_000_000
SEED, CUSTOMERS = 7, 24


async def settings() -> dict[str, dict[str, str]]:
    """Those of every kind of channel, as the stand-ins tell them."""
    providers = Providers(SEED, Ledger())
    async with providers.serving():
        return {**providers.channels("http://127.0.0.1:9/v26.0"), "webchat": {"origins": "http://127.0.0.1"}}


CHANNELS = asyncio.run(settings())
STAFF = Staff(
    admin="admin",
    password="a long enough passphrase",
    teams=["Servicio"],
    users=[wire.NewUser(name=name, password="", role="advisor") for name in ("ana", "luis", "rosa")],
    channels=[wire.NewChannel(kind=kind, name=kind, settings=own, team="Servicio") for kind, own in CHANNELS.items()],
)


class Asked:
    """The store of a demo that is about to begin, as ana sees it."""

    def __init__(self, folder: Path) -> None:
        write(folder, STAFF, SEED, CUSTOMERS, NOW)
        self.store = Store(folder, clock=lambda: NOW, readers=1)
        credentials = self.store.read_now(lambda read: FindCredentials(user="ana").run(read, SYSTEM))
        assert credentials is not None
        self.ana = Actor("user", credentials.id, "ana", "advisor")

    def rows(self, view: wire.View) -> list[wire.ConversationRow]:
        return self.store.read_now(lambda read: ListConversations(view=view, limit=200).run(read, self.ana)).items

    def messages(self, conversation: int) -> list[wire.Message]:
        return self.store.read_now(lambda read: ListMessages(conversation=conversation).run(read, self.ana)).items

    def history(self, conversation: int) -> list[wire.PastConversation]:
        return self.store.read_now(lambda read: History(conversation=conversation).run(read, self.ana)).items

    def events(self) -> list[wire.Event]:
        return self.store.read_now(lambda read: ListEvents(limit=1000).run(read, self.ana)).items


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    found = Asked(tmp_path_factory.mktemp("past"))
    yield found
    found.store.close()


@pytest.mark.parametrize("seed", range(5))
def test_any_seed_has_a_past(tmp_path: Path, seed: int) -> None:
    write(tmp_path, STAFF, seed, CUSTOMERS, NOW)


def test_the_plan_is_the_same_for_writer_and_customers() -> None:
    assert plan(SEED, cast(SEED, CUSTOMERS)) == plan(SEED, cast(SEED, CUSTOMERS))
    going = [talk.member.n for talk in plan(SEED, cast(SEED, CUSTOMERS)) if talk.going]
    assert len(going) == len(set(going)) >= 8


def test_steps_of_a_talk_go_forward_in_time() -> None:
    for talk in plan(SEED, cast(SEED, CUSTOMERS)):
        moments = [step.ago for step in talk.steps]
        assert moments == sorted(moments, reverse=True), talk.story.name
        assert moments[-1] > 0


def test_the_past_took_place_on_every_channel(asked: Asked) -> None:
    rows = asked.rows("all")
    assert {row.channel_kind for row in rows} == set(CHANNELS)
    assert {row.surface for row in rows} == {"direct", "comment"}
    letters = [row for row in rows if row.channel_kind == "email"]
    assert all(row.subject for row in letters)


def test_some_promises_are_about_to_be_broken(asked: Asked) -> None:
    running = [row for row in asked.rows("open") if row.sla is not None]
    left = sorted(row.sla.due_at - NOW for row in running if row.sla is not None)
    assert left[0] < 0 < left[1] < 3 * 60_000
    assert {row.sla.target for row in running if row.sla is not None} == {"first_response", "next_response"}
    mine = [row for row in asked.rows("mine") if row.sla is not None and row.sla.due_at < NOW]
    assert mine, "ana begins with nothing urgent"


def test_one_answer_did_not_arrive_and_some_wait_for_the_customer(asked: Asked) -> None:
    assert [row.failed for row in asked.rows("mine")].count(True) == 1
    assert [row for row in asked.rows("waiting") if not row.failed]


def test_customers_have_a_past(asked: Asked) -> None:
    assert len(asked.rows("resolved")) >= 10
    histories = [asked.history(row.id) for row in asked.rows("open")]
    assert sum(bool(history) for history in histories) >= 3
    assert all(past.resolved_at for history in histories for past in history)


def test_nothing_is_left_in_the_outbox(asked: Asked) -> None:
    for row in asked.rows("all"):
        for message in asked.messages(row.id):
            assert message.status not in ("queued", "sending", "unknown"), message
            assert message.received_at < NOW


def test_the_journal_is_in_the_order_of_time(asked: Asked) -> None:
    events = asked.events()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)
