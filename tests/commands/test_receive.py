"""What channels tell is stored exactly once, whatever order and however often it comes."""

from __future__ import annotations

import itertools

import pytest

from server import wire
from server.commands.acts import ResolveConversation
from server.commands.channels import CreateChannel
from server.commands.contacts import GetContact
from server.commands.delivering import LeaseOutbox, RecordSent, RecordUnknown
from server.commands.door import SYSTEM
from server.commands.inbox import ListConversations
from server.commands.queries import GetConversation, ListDeliveries
from server.commands.receive import Receive
from server.commands.replies import SendReply
from server.facts import (
    Address,
    AddressChangeFact,
    EditFact,
    Fact,
    Failure,
    Media,
    Party,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)
from tests.commands.office import HOUR, MORNING, Office, person, says


def conversations(office: Office, view: wire.View = "all") -> list[wire.ConversationRow]:
    page: wire.Page[wire.ConversationRow] = office.ask(office.ana, ListConversations(view=view))
    return page.items


def test_a_message_makes_contact_conversation_and_clock(office: Office) -> None:
    office.take_in(says("w1", "no me deja entrar"))
    [row] = conversations(office, "unassigned")
    assert (row.contact_name, row.preview, row.state, row.inbound) == ("María Ramos", "no me deja entrar", "queued", 1)
    assert row.sla is not None and row.sla.target == "first_response"
    assert row.sort_key == row.sla.due_at
    assert row.window_until == MORNING + 24 * HOUR
    kinds = [event.kind for event in office.events(conversation=row.id)]
    assert kinds == ["conversation.created", "message.received", "conversation.routed", "sla.started"]


def test_duplicates_change_nothing(office: Office) -> None:
    office.take_in(says("w1"), says("w2"))
    before = office.events()
    again = office.take_in(says("w2"), says("w1"), says("w1"))
    assert (again.messages, again.duplicates) == ([], 3)
    assert office.events() == before
    assert len(office.thread(1)) == 2


def test_the_same_bytes_are_kept_once_and_counted(office: Office) -> None:
    call = Receive(channel_id=1, body=b"{}", facts=[says("w1")], received_at=office.now)
    office.do(SYSTEM, call)
    office.do(SYSTEM, call)
    page = office.ask(office.root, ListDeliveries())
    assert [(d.state, d.offered) for d in page.items] == [("done", 2)]


def test_one_bad_item_leaves_its_siblings_alone(office: Office) -> None:
    bad = says("w2", "\ud800")  # cannot be stored as UTF-8
    received = office.take_in(says("w1"), bad, Unreadable(where="messages[2]", why="no id"), says("w3"))
    assert len(received.messages) == 2 and received.unreadable == 2
    assert [m.external_id for m in office.thread(1)] == ["w1", "w3"]
    [delivery] = office.ask(office.root, ListDeliveries(state="bad")).items
    assert delivery.state == "partial" and "messages[2]: no id" in delivery.error
    assert len(office.events("delivery.failed")) == 1
    assert [e.seq for e in office.events()] == list(range(1, len(office.events()) + 1))


def test_a_failed_call_that_comes_again_is_read_again(office: Office) -> None:
    broken: list[Fact] = [Unreadable(where="body", why="not JSON")]
    office.do(SYSTEM, Receive(channel_id=1, body=b"x", facts=broken, received_at=office.now))
    received = office.do(SYSTEM, Receive(channel_id=1, body=b"x", facts=[says("w1")], received_at=office.now))
    assert len(received.messages) == 1


def test_facts_of_another_account_go_to_its_channel(office: Office) -> None:
    settings = {"phone_number_id": "200", "access_token": "t", "app_secret": "s", "verify_token": "v"}
    office.do(office.root, CreateChannel(channel=wire.NewChannel(kind="whatsapp", name="wa2", settings=settings)))
    office.take_in(says("w1", account="200"), says("w2", account="100"), says("w3", account="999"))
    assert sorted((row.channel, row.inbound) for row in conversations(office)) == [("wa", 2), ("wa2", 1)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_reactions_edits_and_revocations_in_any_order(office: Office, order: tuple[int, ...]) -> None:
    facts: list[Fact] = [
        says("w1", "la cuota es de 50"),
        EditFact(external_id="w2", party=person(), at=MORNING + 1, target="w1", text="la cuota es de 55"),
        ReactionFact(external_id="w3", party=person(), at=MORNING + 2, target="w1", emoji="👍"),
    ]
    for index in order:
        office.take_in(facts[index])
    [target] = [m for m in office.thread(1) if m.external_id == "w1"]
    assert target.text == "la cuota es de 55"
    assert target.data["original"] == "la cuota es de 50"
    assert target.reactions == {"customer": "👍"}
    assert {m.external_id for m in office.thread(1)} == {"w1", "w2", "w3"}
    office.take_in(ReactionFact(external_id="w4", party=person(), at=MORNING + 3, target="w1", emoji=""))
    office.take_in(RevokeFact(external_id="w5", party=person(), at=MORNING + 4, target="w1"))
    [target] = [m for m in office.thread(1) if m.external_id == "w1"]
    assert target.reactions == {} and target.revoked_at == MORNING + 4


def test_a_reaction_makes_nobody_wait(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="solved")))
    office.take_in(ReactionFact(external_id="w2", party=person(), at=MORNING, target="w1", emoji="❤️"))
    [row] = conversations(office)
    assert row.state == "resolved" and row.sla is None and row.inbound == 1


def test_a_customer_who_comes_back_soon_continues_and_late_begins_anew(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    office.now += 23 * HOUR
    office.take_in(says("w2", at=office.now))
    [row] = conversations(office)
    assert (row.id, row.state, row.assignee) == (1, "open", "ana")
    assert row.sla is not None and row.sla.target == "first_response"
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    office.now += 25 * HOUR
    office.take_in(says("w3", at=office.now))
    assert sorted((row.id, row.state) for row in conversations(office)) == [(1, "resolved"), (2, "queued")]


def test_an_echo_from_the_phone_app_is_an_answer(office: Office) -> None:
    office.take_in(says("w1"))
    office.take_in(says("w2", "ya le ayudo", echo=True, via="phone"))
    [row] = conversations(office)
    assert (row.state, row.sla, row.preview_direction, row.inbound) == ("waiting", None, "out", 1)
    assert [(m.direction, m.via, m.status) for m in office.thread(1)][1] == ("out", "phone", "sent")


def test_a_group_is_a_conversation_of_its_own(office: Office) -> None:
    office.take_in(says("w1"), says("w2", "en el grupo", thread="group:123@g.us", shared=True))
    rows = conversations(office)
    assert len(rows) == 2 and len({row.contact for row in rows}) == 2
    [message] = [m for m in office.thread(1) + office.thread(2) if m.external_id == "w2"]
    assert message.data["sender"]["name"] == "María Ramos"


def test_media_is_noted_for_the_job(office: Office) -> None:
    office.take_in(says("w1", "esta es la boleta", media=(Media(kind="image", provider_id="m1", mime="image/jpeg"),)))
    [message] = office.thread(1)
    assert [(a.kind, a.state) for a in message.attachments] == [("image", "pending")]


# ---------------------------------------------------------------- addresses


PHONE = Address("phone", "50370000001")
BSUID = Address("bsuid", "SV.1349120865530274")
NEW_BSUID = Address("bsuid", "SV.9999999999999999")


def test_number_and_business_scoped_id_are_one_person(office: Office) -> None:
    office.take_in(says("w1", who=Party(addresses=(PHONE,), name="")))
    office.take_in(says("w2", who=Party(addresses=(PHONE, BSUID), name="María Ramos")))
    office.take_in(says("w3", who=Party(addresses=(BSUID,), name="María Ramos")))
    [row] = conversations(office)
    assert (row.inbound, row.contact_name) == (3, "María Ramos")
    contact: wire.Contact = office.ask(office.ana, GetContact(id=row.contact))
    assert {(i.kind, i.value) for i in contact.identities} == {("phone", PHONE.value), ("bsuid", BSUID.value)}


def test_two_contacts_proven_to_be_one_are_merged(office: Office) -> None:
    office.take_in(says("w1", who=Party(addresses=(PHONE,), name="María")))
    office.take_in(says("w2", who=Party(addresses=(BSUID,), name="María")))
    assert len({row.contact for row in conversations(office)}) == 2
    office.take_in(says("w3", who=Party(addresses=(PHONE, BSUID), name="María")))
    rows = conversations(office)
    assert len({row.contact for row in rows}) == 1 and len(rows) == 2
    assert office.events("contact.merged")
    office.take_in(says("w4", who=Party(addresses=(BSUID,), name="María")))
    assert len(conversations(office)) == 2


def test_a_changed_id_leads_to_the_same_conversation(office: Office) -> None:
    office.take_in(says("w1", who=Party(addresses=(BSUID,), name="María")))
    office.take_in(
        AddressChangeFact(external_id="c1", previous=(BSUID,), current=(NEW_BSUID,), at=MORNING + 1, name="María")
    )
    office.take_in(says("w2", who=Party(addresses=(NEW_BSUID,), name="María")))
    [row] = conversations(office)
    assert row.inbound == 2


# ---------------------------------------------------------------- statuses


def reply(office: Office, text: str = "ya reviso") -> wire.Message:
    message: wire.Message = office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text=text)))
    return message


def lease(office: Office) -> list[int]:
    return [a.message for a in office.do(SYSTEM, LeaseOutbox(limit=10, media="/nowhere"))]


def status(word: str, id: str = "out1", ref: str = "", failure: Failure | None = None) -> StatusFact:
    return StatusFact(external_id=id, status=word, at=MORNING, client_ref=ref, failure=failure)


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
@pytest.mark.parametrize("known_first", [True, False])
def test_statuses_in_any_order_before_or_after_we_know_the_id(
    office: Office, order: tuple[str, ...], known_first: bool
) -> None:
    office.take_in(says("w1"))
    message = reply(office)
    assert lease(office) == [message.id]
    sent = RecordSent(message=message.id, n=1, external_id="out1")
    if known_first:
        office.do(SYSTEM, sent)
    for word in order:
        office.take_in(status(word))
    if not known_first:
        office.do(SYSTEM, sent)
    assert office.thread(1)[-1].status == "read"
    assert office.thread(1)[-1].external_id == "out1"


def test_a_report_with_our_reference_settles_an_unknown_message(office: Office) -> None:
    office.take_in(says("w1"))
    message = reply(office)
    lease(office)
    office.do(SYSTEM, RecordUnknown(message=message.id, n=1, detail="ReadTimeout"))
    assert office.thread(1)[-1].status == "unknown"
    ref = office.store.read_now(lambda read: read.value("SELECT client_ref FROM messages WHERE id = ?", (message.id,)))
    office.take_in(status("delivered", ref=ref))
    last = office.thread(1)[-1]
    assert (last.status, last.external_id) == ("delivered", "out1")
    assert lease(office) == []


def test_reports_without_our_reference_count_once_another_says_whose_they_are(office: Office) -> None:
    """A list tells of `delivered` by the provider's id alone; then a late `sent` brings our reference."""
    office.take_in(says("w1"))
    message = reply(office)
    lease(office)
    office.do(SYSTEM, RecordUnknown(message=message.id, n=1, detail="ReadTimeout"))
    ref = office.store.read_now(lambda read: read.value("SELECT client_ref FROM messages WHERE id = ?", (message.id,)))
    office.take_in(status("delivered"))
    assert office.thread(1)[-1].status == "unknown"
    office.take_in(status("sent", ref=ref))
    office.take_in(status("delivered", ref=ref))
    assert (office.thread(1)[-1].status, office.thread(1)[-1].external_id) == ("delivered", "out1")


def test_a_failure_shows_and_lets_the_clock_run_on(office: Office) -> None:
    office.take_in(says("w1"))
    due = conversations(office)[0].sla
    message = reply(office)
    lease(office)
    office.do(SYSTEM, RecordSent(message=message.id, n=1, external_id="out1"))
    assert conversations(office)[0].sla is None
    office.take_in(status("failed", failure=Failure(reason="window_closed", code="131047", detail="Re-engagement")))
    [row] = conversations(office)
    assert row.failed and row.sla == due and row.state == "open"
    last = office.thread(1)[-1]
    assert (last.status, last.failure, last.failure_detail) == ("failed", "window_closed", "131047 Re-engagement")


def test_statuses_of_strangers_and_unknown_words_are_kept(office: Office) -> None:
    office.take_in(status("delivered", "nobody-knows"), status("in_orbit", "nobody-knows"))
    words = office.store.read_now(lambda read: [r["status"] for r in read.all("SELECT status FROM receipts")])
    assert sorted(words) == ["delivered", "in_orbit"]


def test_conversation_shows_its_customer_and_channel(office: Office) -> None:
    office.take_in(says("w1", campaign={"source_id": "AD1", "headline": "Crédito navideño"}))
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=1))
    assert found.campaign["source_id"] == "AD1" and found.row.campaign == "Crédito navideño"
    assert found.capabilities.text_limit == 4096
