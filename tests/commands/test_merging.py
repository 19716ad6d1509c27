"""Conversations of one customer made one: nothing is lost, promises are kept, and it can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server import wire
from server.commands.acts import AssignTo, Claim, MarkSeen, Reopen, ResolveConversation
from server.commands.alerts import ListAlerts
from server.commands.contacts import UnmergeContacts
from server.commands.delivering import LeaseOutbox, RecordSent
from server.commands.door import SYSTEM, Command, Refusal
from server.commands.merging import MergeConversations, SplitConversation
from server.commands.queries import History, LastInbound
from server.commands.replies import AddNote, React, SendReply, TakeBack
from server.commands.supervision import FlagForHelp
from server.commands.timekeeping import MarkClocks
from server.facts import Address, Party, ReactionFact, StatusFact, WatermarkFact
from tests.commands.crossing import Crossing
from tests.commands.office import HOUR, MINUTE

ANA, LUZ = "50370000001", "50370000002"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Crossing]:
    place = Crossing(tmp_path)
    yield place
    place.close()


@pytest.fixture
def two(office: Crossing) -> tuple[int, int]:
    """Two open conversations of one contact, on `wa` and, ten minutes later, on `wb`."""
    one = office.writes(ANA, "wa", "mi saldo", name="Ana")
    office.now += 10 * MINUTE
    other = office.writes(ANA, "wb", "¿hola?", name="Ana")
    office.merge(office.row(one).contact, office.row(other).contact)
    return one, other


def refused(office: Crossing, command: Command) -> Refusal:
    with pytest.raises(Refusal) as why:
        office.do(office.ana, command)
    return why.value


def texts(office: Crossing, conversation: int) -> list[str]:
    return [message.text for message in office.thread(conversation)]


def reply(office: Crossing, conversation: int, text: str = "ya va", to: int | None = None) -> wire.Message:
    answer: wire.Message = office.do(
        office.ana, SendReply(conversation=conversation, reply=wire.Reply(text=text, reply_to=to))
    )
    return answer


def test_the_others_messages_show_in_the_one(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.do(office.ana, AddNote(conversation=other, note=wire.Note(text="ojo")))
    versions = office.row(one).version, office.row(other).version
    row = office.join(one, other)
    assert (row.id, row.inbound, row.preview) == (one, 2, "ojo")
    assert texts(office, one) == ["mi saldo", "¿hola?", "ojo"] and texts(office, other) == []
    assert [message.channel for message in office.thread(one)] == ["", "wb", "wb"]
    closed = office.conversation(other)
    assert (closed.row.state, closed.outcome, closed.row.merged_into) == ("resolved", "merged", one)
    assert office.conversation(one).merged == [other]
    assert row.version > versions[0] and closed.row.version > versions[1]
    for id in two:
        [event] = office.events("conversation.merged", conversation=id)
        assert event.data == {"into": one, "other": other}
    assert [past.id for past in office.ask(office.ana, History(conversation=one)).items] == []
    assert office.join(one, other).id == office.join(other, one).id == one  # it is done already
    assert len(office.events("conversation.merged")) == 2


def test_what_comes_in_the_others_thread_goes_to_the_one(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.join(one, other)
    reply(office, one)
    assert office.row(one).state == "waiting"
    assert office.writes(ANA, "wb", "gracias") == one
    assert office.writes(ANA, "wa", "adiós") == one
    row = office.row(one)
    assert (row.state, row.inbound, row.preview) == ("open", 4, "adiós")
    office.do(office.ana, ResolveConversation(conversation=one, resolve=wire.Resolve()))
    office.now += HOUR
    assert office.writes(ANA, "wb", "otra cosa") == one  # within a day it goes on
    office.do(office.ana, ResolveConversation(conversation=one, resolve=wire.Resolve()))
    office.now += 30 * HOUR
    anew = office.writes(ANA, "wb", "otro día")
    assert anew not in two and office.row(anew).channel == "wb"


def test_an_answer_goes_by_the_conversations_channel_but_to_a_message_by_that_ones(
    office: Crossing, two: tuple[int, int]
) -> None:
    one, other = two
    office.join(one, other)
    theirs = office.thread(one)[1]
    sent = {reply(office, one, "por wa").text: one, reply(office, one, "por wb", theirs.id).text: one}
    assert len(sent) == 2
    attempts: list[Any] = []
    for _ in range(3):
        attempts += office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))
        for attempt in attempts:
            office.do(SYSTEM, RecordSent(message=attempt.message, n=attempt.n, external_id=f"out.{attempt.message}"))
        office.now += MINUTE
    went = {attempt.out.text: (attempt.channel_id, attempt.out.last_in) for attempt in attempts}
    first, second = office.thread(one)[:2]
    assert went == {
        "por wa": (office.channels["wa"], first.external_id),
        "por wb": (office.channels["wb"], second.external_id),
    }
    by_wb = office.thread(one)[-1]
    assert (by_wb.text, by_wb.channel, by_wb.status) == ("por wb", "wb", "sent")
    office.split(one, other)
    assert texts(office, other) == ["¿hola?", "por wb"] and texts(office, one) == ["mi saldo", "por wa"]


def test_what_waits_to_be_sent_goes_along(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    for conversation in two:
        held = wire.Reply(text=f"desde {conversation}", hold_ms=50_000)
        office.do(office.ana, SendReply(conversation=conversation, reply=held))
    office.join(one, other)
    office.now += MINUTE
    [first] = office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))  # one at a time in what is one conversation
    assert (first.conversation, first.channel_id) == (one, office.channels["wa"])
    office.split(one, other)
    [second] = office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))
    assert (second.conversation, second.channel_id) == (other, office.channels["wb"])


def test_each_channel_keeps_its_own_window(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.join(one, other)
    office.now += 30 * HOUR
    office.writes(ANA, "wb", "sigo aquí")
    assert refused(office, SendReply(conversation=one, reply=wire.Reply(text="x"))).code == "window_closed"
    assert reply(office, one, to=office.thread(one)[-1].id).channel == "wb"


def test_reactions_reports_and_read_marks_find_the_message_where_it_shows(
    office: Crossing, two: tuple[int, int]
) -> None:
    one, other = two
    office.join(one, other)
    mine, theirs = office.thread(one)
    by_wa, by_wb = reply(office, one, "uno"), reply(office, one, "dos", theirs.id)
    for message, id in ((by_wa, "o1"), (by_wb, "o2")):
        office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))
        office.do(SYSTEM, RecordSent(message=message.id, n=1, external_id=id))
        office.now += MINUTE
    ana = Party(addresses=(Address("phone", ANA),))
    assert mine.external_id is not None and theirs.external_id is not None
    office.tell("wb", ReactionFact(external_id="r1", party=ana, at=office.now, target="o2", emoji="👍"))
    office.tell("wb", WatermarkFact(party=ana, status="read", until=office.now, at=office.now))
    office.tell("wa", StatusFact(external_id="o1", status="delivered", at=office.now))
    shown = {message.external_id: message for message in office.thread(one)}
    assert (shown["o1"].status, shown["o2"].status, shown["o2"].reactions) == ("delivered", "read", {"customer": "👍"})
    office.do(office.ana, React(conversation=one, reaction=wire.Reaction(message=theirs.id, emoji="❤️")))
    [reaction] = [
        message for message in office.thread(one) if message.kind == "reaction" and message.direction == "out"
    ]
    assert reaction.channel == "wb"
    assert office.ask(SYSTEM, LastInbound(conversation=one)).external_id == theirs.external_id


@pytest.mark.parametrize("first", [0, 1])
def test_the_earlier_promise_is_kept(office: Crossing, two: tuple[int, int], first: int) -> None:
    due = [office.row(id).sla.due_at for id in two]  # type: ignore[union-attr]
    into, other = two[first], two[1 - first]
    row = office.join(into, other)
    assert row.sla is not None and row.sla.due_at == min(due)
    assert office.row(other).sla is None
    office.now = min(due) + 1
    office.do(SYSTEM, MarkClocks())
    assert [event.conversation for event in office.events("sla.breached")] == [into]
    office.split(into, other)
    assert [office.row(id).sla.due_at for id in two] == due  # type: ignore[union-attr]
    assert {office.row(id).state for id in two} == {"queued"}
    office.now = max(due) + 1
    office.do(SYSTEM, MarkClocks())
    assert [event.conversation for event in office.events("sla.breached")] == [into, two[1]]


def test_an_answer_is_one_to_both_also_after_they_are_split(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.join(one, other)
    reply(office, one)
    assert office.row(one).sla is None
    row = office.split(one, other)
    assert (row.state, row.sla) == ("waiting", None) and office.row(one).state == "waiting"
    office.writes(ANA, "wb", "no entendí")
    assert office.row(other).sla is not None and office.row(one).sla is None


def test_who_writes_meanwhile_waits_where_they_wrote(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.join(one, other)
    reply(office, one)
    office.now += MINUTE
    office.writes(ANA, "wb", "otra pregunta")
    asked = office.now
    office.now += MINUTE
    row = office.split(one, other)
    assert row.sla is not None and (row.sla.started_at, row.state, row.inbound) == (asked, "queued", 2)
    assert (office.row(one).sla, office.row(one).state, office.row(one).inbound) == (None, "waiting", 1)


def test_a_taken_back_answer_lets_the_one_clock_run_on(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    held = office.do(office.ana, SendReply(conversation=other, reply=wire.Reply(text="ya", hold_ms=50_000)))
    office.join(one, other)
    due = office.row(one).sla
    office.do(office.ana, TakeBack(message=held.id))
    after = office.row(one).sla
    assert due is not None and after is not None
    office.split(one, other)
    assert office.row(one).state == "queued"


def test_everybodys_unread_marks_stay_true(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.writes(ANA, "wb", "¿me oye?")
    office.do(office.ana, MarkSeen(conversation=other, seen=wire.Seen(inbound=2)))
    row = office.join(one, other)
    assert (row.inbound, row.seen) == (3, 2)
    office.do(office.ana, MarkSeen(conversation=one, seen=wire.Seen(inbound=3)))
    office.writes(ANA, "wb", "conteste")
    split = office.split(one, other)
    assert (split.inbound, split.seen) == (3, 2)
    one_row = office.row(one)
    assert (one_row.inbound, one_row.seen) == (1, 0)  # nobody knows which: what may be unread is shown as such


def test_who_had_the_other_has_the_one_if_nobody_did(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.do(office.luis, Claim(conversation=other))
    assert refused(office, MergeConversations(conversation=one, other=other)).code == "already_assigned"
    row = office.join(one, other, office.rosa)
    assert (row.assignee, row.state) == ("luis", "open")
    assert (office.split(one, other).assignee, office.row(one).assignee) == ("luis", None)


def test_help_that_was_asked_for_in_the_other_is_asked_for_in_the_one(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.do(office.ana, Claim(conversation=other))
    office.do(office.ana, FlagForHelp(conversation=other, flag=wire.Flag(reason="no sé")))
    office.do(office.ana, MergeConversations(conversation=one, other=other))
    assert (office.row(one).flag, office.row(other).flagged_at) == ("no sé", None)
    [alert] = [each for each in office.ask(office.rosa, ListAlerts()).items if each.kind == "help"]
    assert (alert.conversation, alert.user) == (one, "ana")
    [moved] = office.events("conversation.assigned", conversation=one)
    assert (moved.data["user"], moved.data["how"]) == ("ana", "merged")


def test_a_resolved_conversation_joins_and_comes_back_resolved(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    office.do(office.ana, ResolveConversation(conversation=other, resolve=wire.Resolve(outcome="solved")))
    office.join(one, other)
    assert texts(office, one) == ["mi saldo", "¿hola?"]
    row = office.split(one, other)
    assert (row.state, office.conversation(other).outcome, row.merged_into) == ("resolved", "solved", None)


def test_what_cannot_be_merged_says_why(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    stranger = office.writes(LUZ)
    public = office.writes(ANA, "wa", thread="post:1:2", surface="comment")
    for into, part, code in (
        (one, stranger, "different_contacts"),
        (one, public, "public_conversation"),
        (public, one, "public_conversation"),
        (one, one, "invalid"),
        (one, 99, "not_found"),
    ):
        assert refused(office, MergeConversations(conversation=into, other=part)).code == code
    assert refused(office, SplitConversation(conversation=one, other=other)).code == "not_merged"
    office.do(office.ana, ResolveConversation(conversation=one, resolve=wire.Resolve()))
    assert refused(office, MergeConversations(conversation=one, other=other)).code == "already_resolved"


def test_nothing_is_done_with_a_conversation_that_is_part_of_another(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    message = office.thread(other)[0].id
    office.join(one, other)
    for command in (
        SendReply(conversation=other, reply=wire.Reply(text="x")),
        AddNote(conversation=other, note=wire.Note(text="x")),
        Claim(conversation=other),
        AssignTo(conversation=other, assign=wire.Assign(user="luis")),
        ResolveConversation(conversation=other, resolve=wire.Resolve()),
        Reopen(conversation=other),
    ):
        why = refused(office, command)
        assert (why.code, why.params) == ("merged", {"into": one}), command
    assert refused(office, React(conversation=other, reaction=wire.Reaction(message=message, emoji="x"))).status == 404


def test_contacts_stay_together_while_their_conversations_are_one(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    contact = office.conversation(one).contact
    office.join(one, other)
    why = refused(office, UnmergeContacts(contact=contact.id, merge=contact.merges[0].id))
    assert (why.code, why.params) == ("conversations_merged", {"conversation": one, "other": other})
    office.split(one, other)
    office.unmerge(contact.id, contact.merges[0].id)
    assert office.row(one).contact != office.row(other).contact


def test_one_of_one_of_one(office: Crossing, two: tuple[int, int]) -> None:
    one, other = two
    third = office.writes(ANA, "wb", "correo", thread="mail:1")
    office.join(other, third)
    office.join(one, other)
    assert texts(office, one) == ["mi saldo", "¿hola?", "correo"]
    assert refused(office, SplitConversation(conversation=other, other=third)).code == "merged"
    assert office.writes(ANA, "wb", "más", thread="mail:1") == one
    office.split(one, other)
    assert texts(office, other) == ["¿hola?", "correo", "más"] and texts(office, one) == ["mi saldo"]
    office.split(other, third)
    assert texts(office, third) == ["correo", "más"] and texts(office, other) == ["¿hola?"]


def test_a_mail_that_follows_another_one_comes_where_that_shows(office: Crossing, two: tuple[int, int]) -> None:
    one, _ = two
    mail = office.writes(ANA, "wb", "uno", thread="mail:1")
    reference = office.thread(mail)[0].external_id
    assert reference is not None
    office.join(one, mail)
    assert office.writes(ANA, "wb", "dos", references=(reference,)) == one
    office.split(one, mail)
    assert texts(office, mail) == ["uno", "dos"]
