"""What has not left is listed, sent again once, or let be; what nobody knows is asked about; people get their names."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.channels.base import Sent
from server.channels.whatsapp import WhatsApp
from server.commands.acts import ResolveConversation
from server.commands.channels import RefreshLimits, UpdateChannel
from server.commands.dead_letters import DropFailed, ListOutbox, Resend, ResendMany, SettleUnknown
from server.commands.delivering import LeaseOutbox, RecordRefused, RecordRetry, RecordSent, RecordUnknown
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.finding import (
    LeaseQuestions,
    QuestionsDue,
    RecordFound,
    RecordNotFound,
    RecordUndecided,
)
from server.commands.names import Begun, LearnName, ListNameless
from server.commands.queries import GetConversation
from server.commands.replies import SendReply
from server.desk import finding
from server.facts import Address, Failure, Party, StatusFact
from tests.commands.office import HOUR, MORNING, Office, person, says


@pytest.fixture(autouse=True)
def unpaced(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WhatsApp.capabilities, "pair_interval_ms", 0)
    office.do(SYSTEM, RefreshLimits())


def people(n: int) -> Party:
    return person(f"5037000{n:04}", f"P{n}")


def send(office: Office, to: int, who: Actor | None = None, text: str = "ya reviso") -> int:
    message: wire.Message = office.do(who or office.ana, SendReply(conversation=to, reply=wire.Reply(text=text)))
    return message.id


def lease(office: Office) -> list[Any]:
    attempts: list[Any] = office.do(SYSTEM, LeaseOutbox(limit=64, media="/media"))
    return attempts


def fail(office: Office, to: int, who: Actor | None = None, reason: str = "undeliverable") -> int:
    """An answer that fails for good."""
    id = send(office, to, who)
    for attempt in lease(office):
        office.do(SYSTEM, RecordRefused(message=attempt.message, n=attempt.n, reason=reason, detail="131026"))
    return id


def listing(office: Office, who: Actor, **more: Any) -> wire.Page[wire.OutboxItem]:
    page: wire.Page[wire.OutboxItem] = office.ask(who, ListOutbox(**more))
    return page


def ids(office: Office, who: Actor, **more: Any) -> list[int]:
    return [item.message.id for item in listing(office, who, **more).items]


def resend(office: Office, **more: Any) -> wire.Resent:
    answer: wire.Resent = office.do(office.rosa, ResendMany(wanted=wire.ResendMany(channel="wa", **more)))
    return answer


def refused(office: Office, command: Any, who: Actor) -> str:
    with pytest.raises(Refusal) as caught:
        office.do(who, command)
    return caught.value.code


# ---------------------------------------------------------------- lists


def test_dead_letters_newest_first_a_page_at_a_time(office: Office) -> None:
    office.take_in(*(says(f"w{n}", who=people(n)) for n in range(5)))
    failed = [fail(office, to) for to in range(1, 6)]
    pages, after = [], None
    while True:
        page = listing(office, office.rosa, after=after, limit=2)
        pages.append([item.message.id for item in page.items])
        after = page.next
        if after is None:
            break
    assert pages == [failed[:2:-1], failed[2:0:-1], failed[:1]]
    item = listing(office, office.rosa).items[0]
    assert (item.state, item.reason, item.detail, item.attempts, item.at) == (
        "failed",
        "undeliverable",
        "131026",
        1,
        MORNING,
    )
    assert (item.conversation.contact_name, item.conversation.channel, item.message.text) == ("P4", "wa", "ya reviso")


def test_advisors_see_what_they_wrote(office: Office) -> None:
    office.take_in(says("w1", who=people(1)), says("w2", who=people(2)))
    anas, luises = fail(office, 1), fail(office, 2, office.luis)
    assert ids(office, office.ana) == [anas]
    assert ids(office, office.luis) == [luises]
    assert ids(office, office.rosa) == [luises, anas]
    assert refused(office, DropFailed(message=anas), office.luis) == "forbidden"
    assert refused(office, ResendMany(wanted=wire.ResendMany(channel="wa")), office.ana) == "forbidden"


def test_what_waits_and_what_nobody_knows(office: Office) -> None:
    office.take_in(says("w1", who=people(1)), says("w2", who=people(2)))
    first, second, third = send(office, 1), send(office, 1), send(office, 2)
    one, other = lease(office)
    office.do(
        SYSTEM,
        RecordRetry(message=one.message, n=1, reason="other", detail="odd", chance=0.5, after_ms=9_000),
    )
    office.do(SYSTEM, RecordUnknown(message=other.message, n=1, detail="ReadTimeout", reason="provider_down"))
    waiting = listing(office, office.ana, state="waiting").items
    assert [(item.message.id, item.reason, item.attempts) for item in waiting] == [(second, "", 0), (first, "other", 1)]
    assert waiting[1].next_at is not None and waiting[1].next_at > MORNING + 9_000
    [unknown] = listing(office, office.ana, state="unknown", channel="wa").items
    assert (unknown.message.id, unknown.reason, unknown.next_at) == (third, "provider_down", None)
    assert ids(office, office.luis, state="waiting") == ids(office, office.luis, state="unknown") == []
    with pytest.raises(Refusal, match="not_found"):
        office.ask(office.ana, ListOutbox(channel="nothing"))


# ---------------------------------------------------------------- letting be, sending again


def test_let_be_it_leaves_the_list_and_its_conversation_unmarked(office: Office) -> None:
    office.take_in(says("w1"))
    failed = fail(office, 1)
    row = office.ask(office.ana, GetConversation(id=1)).row
    assert row.failed
    assert office.do(office.ana, DropFailed(message=failed)).status == "failed"
    office.do(office.ana, DropFailed(message=failed))
    assert ids(office, office.rosa) == []
    assert not office.ask(office.ana, GetConversation(id=1)).row.failed
    assert [event.data["reason"] for event in office.events("message.dropped")] == ["undeliverable"]
    # it can still be sent again, and is a dead letter again if that fails too
    office.do(office.ana, Resend(message=failed))
    assert refused(office, DropFailed(message=failed), office.ana) == "wrong_status"
    for attempt in lease(office):
        office.do(SYSTEM, RecordRefused(message=failed, n=attempt.n, reason="undeliverable", detail=""))
    assert ids(office, office.rosa) == [failed]
    assert listing(office, office.rosa).items[0].attempts == 2


def test_many_go_again_each_once_and_in_order(office: Office) -> None:
    office.take_in(says("w1", who=people(1)), says("w2", who=people(2)))
    failed = [fail(office, 1), fail(office, 2), fail(office, 1)]
    assert resend(office) == wire.Resent(resent=3)
    assert resend(office) == wire.Resent(resent=0)
    went = []
    for _ in range(2):
        for attempt in lease(office):
            went.append(attempt.message)
            office.do(SYSTEM, RecordSent(message=attempt.message, n=attempt.n, external_id=f"o{attempt.message}"))
    assert sorted(went) == sorted(failed) and went.index(failed[0]) < went.index(failed[2])
    assert lease(office) == []


def test_only_what_is_asked_for_goes_again(office: Office) -> None:
    office.take_in(*(says(f"w{n}", who=people(n)) for n in range(1, 4)))
    old = fail(office, 1)
    office.now += HOUR
    policy, new = fail(office, 2, reason="policy"), fail(office, 3)
    assert resend(office, older_than=office.now - HOUR // 2).resent == 1
    assert ids(office, office.rosa) == [new, policy]
    assert resend(office, reason="policy").resent == 1
    assert ids(office, office.rosa) == [new]
    assert {message.status for message in office.thread(1) if message.id == old} == {"queued"}


def test_closed_windows_are_skipped_and_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.commands.dead_letters.AT_ONCE", 2)
    office.take_in(*(says(f"w{n}", who=people(n)) for n in range(1, 5)))
    late = [fail(office, to) for to in (1, 2)]
    office.now += 20 * HOUR
    office.take_in(says("again", who=people(4), at=office.now))
    inside = fail(office, 4)
    office.now += 5 * HOUR
    first = resend(office)
    assert (first.resent, [(skipped.message, skipped.code) for skipped in first.skipped]) == (
        0,
        [(id, "window_closed") for id in late],
    )
    assert first.next is not None
    assert resend(office, after=first.next) == wire.Resent(resent=1)
    assert ids(office, office.rosa, state="waiting") == [inside]


def test_nothing_goes_again_on_a_channel_that_is_off(office: Office) -> None:
    office.take_in(says("w1"))
    failed = fail(office, 1)
    office.do(office.root, UpdateChannel(name="wa", change=wire.ChangeChannel(active=False)))
    assert refused(office, ResendMany(wanted=wire.ResendMany(channel="wa")), office.rosa) == "channel_off"
    assert refused(office, Resend(message=failed), office.ana) == "channel_off"
    assert refused(office, ResendMany(wanted=wire.ResendMany(channel="none")), office.rosa) == "not_found"


# ---------------------------------------------------------------- what nobody knows


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """WhatsApp had means to know what became of a message."""

    async def find_sent(self: Any, message: Any, http: Any) -> None:
        return None

    monkeypatch.setattr(WhatsApp, "find_sent", find_sent)


def lost(office: Office) -> int:
    """A message of unknown fate."""
    office.take_in(says("w1"))
    id = send(office, 1)
    lease(office)
    office.do(SYSTEM, RecordUnknown(message=id, n=1, detail="ReadTimeout", reason="provider_down"))
    return id


def questions(office: Office) -> list[Any]:
    """What is asked now, after waiting until it is due."""
    due = office.ask(SYSTEM, QuestionsDue())
    assert due is not None and due > office.now
    office.now = due
    found: list[Any] = office.do(SYSTEM, LeaseQuestions(limit=8, media="/media"))
    return found


def test_where_nothing_can_be_known_nothing_is_asked(office: Office) -> None:
    lost(office)
    assert office.ask(SYSTEM, QuestionsDue()) is None


@pytest.mark.usefixtures("finds")
def test_found_it_was_sent(office: Office) -> None:
    id = lost(office)
    assert office.ask(SYSTEM, QuestionsDue()) == MORNING + finding.PAUSES_MS[0]
    [question] = questions(office)
    assert (question.message, question.n, question.out.text) == (id, 1, "ya reviso")
    assert office.do(SYSTEM, LeaseQuestions(limit=8, media="/media")) == []
    office.take_in(StatusFact(external_id="o1", status="delivered", at=office.now))
    office.do(SYSTEM, RecordFound(message=id, n=1, sent=Sent(external_id="o1")))
    message = office.thread(1)[-1]
    assert (message.status, message.external_id) == ("delivered", "o1")
    assert office.ask(SYSTEM, QuestionsDue()) is None
    assert lease(office) == []


@pytest.mark.usefixtures("finds")
def test_twice_not_found_it_goes_again_once(office: Office) -> None:
    id = lost(office)
    questions(office)
    office.do(SYSTEM, RecordNotFound(message=id, n=1))
    assert office.thread(1)[-1].status == "unknown"
    questions(office)
    for _ in range(2):
        office.do(SYSTEM, RecordNotFound(message=id, n=1))
    assert office.events("message.status")[-1].data["reason"] == "never_arrived"
    [attempt] = lease(office)
    assert (attempt.message, attempt.n) == (id, 2)
    office.do(SYSTEM, RecordNotFound(message=id, n=1))
    assert lease(office) == [] and office.thread(1)[-1].status == "sending"


@pytest.mark.usefixtures("finds")
def test_undecided_an_advisor_decides_in_the_end(office: Office) -> None:
    id = lost(office)
    pauses = []
    for _ in finding.PAUSES_MS:
        before = office.now
        questions(office)
        pauses.append(office.now - before)
        office.do(SYSTEM, RecordUndecided(message=id, n=1))
    assert tuple(pauses) == finding.PAUSES_MS
    assert office.ask(SYSTEM, QuestionsDue()) is None
    assert office.do(office.ana, SettleUnknown(message=id, settle=wire.Settle(decision="sent"))).status == "sent"


@pytest.mark.usefixtures("finds")
def test_a_provider_that_is_down_is_asked_when_it_is_back(office: Office) -> None:
    id = lost(office)
    for _ in range(len(finding.PAUSES_MS) + 2):
        questions(office)
        office.do(SYSTEM, RecordUndecided(message=id, n=1, answered=False))
    assert office.ask(SYSTEM, QuestionsDue()) is not None
    office.now += 24 * HOUR
    office.do(SYSTEM, RecordUndecided(message=id, n=1, answered=False))
    assert office.ask(SYSTEM, QuestionsDue()) is None


@pytest.mark.usefixtures("finds")
@pytest.mark.parametrize("decision", ["sent", "resend", "report"])
def test_who_decides_meanwhile_has_decided(office: Office, decision: Any) -> None:
    id = lost(office)
    questions(office)
    office.do(SYSTEM, RecordNotFound(message=id, n=1))
    questions(office)
    if decision == "report":
        ref = office.store.read_now(lambda read: read.value("SELECT client_ref FROM messages WHERE id = ?", (id,)))
        failure = Failure(reason="undeliverable")
        office.take_in(StatusFact(external_id="o1", status="failed", at=office.now, client_ref=ref, failure=failure))
    else:
        office.do(office.ana, SettleUnknown(message=id, settle=wire.Settle(decision=decision)))
    before = office.thread(1)[-1].status
    office.do(SYSTEM, RecordNotFound(message=id, n=1))
    office.do(SYSTEM, RecordFound(message=id, n=1, sent=Sent(external_id="o9")))
    assert office.thread(1)[-1].status == before == {"sent": "sent", "resend": "queued", "report": "failed"}[decision]


# ---------------------------------------------------------------- names


@pytest.fixture
def profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """WhatsApp could be asked who somebody is."""

    async def profile(self: Any, addresses: Any, http: Any) -> None:
        return None

    monkeypatch.setattr(WhatsApp, "profile", profile)


def nameless(office: Office, after: int | None = None) -> Begun:
    found: Begun = office.ask(SYSTEM, ListNameless(after=after))
    return found


def name(office: Office, conversation: int) -> str:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=conversation))
    return found.contact.name


@pytest.mark.usefixtures("profiles")
def test_who_has_only_a_number_is_asked_about_and_named(office: Office) -> None:
    office.take_in(says("w1", who=person(name="")), says("w2", who=people(2)))
    found = nameless(office)
    [somebody] = found.people
    assert somebody.addresses == (Address("phone", "50370000001"),)
    assert (found.up_to, found.more) == (2, False)
    assert nameless(office, found.up_to).people == []
    office.do(SYSTEM, LearnName(handle_id=somebody.handle_id, party=Party(addresses=(), name="María Ramos")))
    assert name(office, 1) == "María Ramos"
    office.do(SYSTEM, LearnName(handle_id=somebody.handle_id, party=Party(addresses=(), name="Otra")))
    assert name(office, 1) == "María Ramos"


@pytest.mark.usefixtures("profiles")
def test_who_could_not_be_asked_about_is_at_the_next_conversation(office: Office) -> None:
    office.take_in(says("w1", who=person(name="")))
    after = nameless(office).up_to
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    office.now += 48 * HOUR
    office.take_in(says("w2", who=person(name=""), at=office.now))
    assert len(nameless(office, after).people) == 1


def test_where_providers_know_no_names_nobody_is_asked(office: Office) -> None:
    office.take_in(says("w1", who=person(name="")))
    assert nameless(office) == Begun(people=[], up_to=1, more=False)
