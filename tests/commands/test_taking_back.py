"""Who has just resolved a conversation takes that back: it stands where it stood, its clocks too."""

from __future__ import annotations

import pytest

from server import wire
from server.commands import flow
from server.commands.acts import Claim, Reopen, ResolveConversation
from server.commands.alerts import ListAlerts
from server.commands.door import SYSTEM, Actor
from server.commands.timekeeping import MarkClocks
from tests.commands.office import HOUR, MINUTE, Office, says
from tests.commands.test_sla import change, reply, row, running


@pytest.fixture(autouse=True)
def begun(office: Office) -> None:
    """María has written; ana has taken it. An answer within an hour and an end within a day are promised."""
    change(office, first_response_ms=HOUR, next_response_ms=HOUR, resolution_ms=24 * HOUR)
    office.take_in(says("m1"))
    office.do(office.ana, Claim(conversation=1))


def resolve(office: Office, actor: Actor | None = None) -> wire.ConversationRow:
    ended: wire.ConversationRow = office.do(
        actor or office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve())
    )
    return ended


def take_back(office: Office, actor: Actor | None = None) -> wire.ConversationRow:
    again: wire.ConversationRow = office.do(actor or office.ana, Reopen(conversation=1, undo=True))
    return again


@pytest.mark.parametrize("answered", [False, True])
def test_it_stands_where_it_stood(office: Office, answered: bool) -> None:
    office.now += 10 * MINUTE
    if answered:
        reply(office)
        office.now += MINUTE
    before, ran = row(office), running(office)
    assert before.state == ("waiting" if answered else "open")
    resolve(office)
    assert running(office) == {}
    office.now += 20_000
    after = take_back(office)
    assert (after.state, after.sort_key, after.last_at) == (before.state, before.sort_key, before.last_at)
    assert (after.sla, after.waiting_since, after.stage) == (before.sla, before.waiting_since, before.stage)
    now = running(office)
    assert {target: (clock["id"], clock["due_at"]) for target, clock in now.items()} == {
        target: (clock["id"], clock["due_at"]) for target, clock in ran.items()
    }
    told = office.events("conversation.reopened")[-1]
    assert told.data == {"by": "advisor", "undo": True}
    assert {event.data["target"] for event in office.events("sla.resumed") if event.seq > told.seq} == set(ran)
    assert [event.data["target"] for event in office.events("sla.met")].count("resolution") == 1, "it stays there"


def test_a_promise_that_was_broken_is_broken_still(office: Office) -> None:
    office.now += 2 * HOUR
    office.do(SYSTEM, MarkClocks())
    assert [alert.kind for alert in office.ask(office.ana, ListAlerts()).items] == ["sla_breached"]
    resolve(office)
    assert office.ask(office.ana, ListAlerts()).items == []
    take_back(office)
    assert [alert.kind for alert in office.ask(office.ana, ListAlerts()).items] == ["sla_breached"]


def test_the_next_answer_is_no_first_one(office: Office) -> None:
    reply(office)
    office.now += MINUTE
    resolve(office)
    take_back(office)
    office.take_in(says("m2", "¿y la otra?"))
    assert set(running(office)) == {"next_response", "resolution"}


def test_later_or_by_another_it_is_opened_again(office: Office) -> None:
    reply(office)
    resolve(office)
    office.now += flow.UNDO_WITHIN + 1
    assert take_back(office).state == "open"
    assert running(office) == {}
    resolve(office)
    assert take_back(office, office.rosa).state == "open"
    assert [event.data for event in office.events("conversation.reopened")] == [{"by": "advisor"}] * 2


def test_opened_again_without_taking_back_promises_nothing(office: Office) -> None:
    resolve(office)
    assert office.do(office.ana, Reopen(conversation=1)).state == "open"
    assert running(office) == {}
