"""An answer leaves once, in order, within the channel's rules; it can be taken back until it leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import wire
from server.commands.acts import Claim, Reopen, ResolveConversation
from server.commands.channels import CreateChannel
from server.commands.dead_letters import Resend, SettleUnknown
from server.commands.delivering import (
    LeaseOutbox,
    OutboxDue,
    RecordRefused,
    RecordRetry,
    RecordSent,
    RecordUnknown,
    SettleLost,
)
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.inbox import ListConversations
from server.commands.queries import GetConversation, GetCounts, Head
from server.commands.receive import Receive
from server.commands.replies import AddNote, React, SendReply, StoreUpload, TakeBack
from server.desk import retry
from server.facts import Address, Party
from tests.commands.office import HOUR, MINUTE, MORNING, Office, person, says


def send(office: Office, text: str = "ya reviso", who: Actor | None = None, to: int = 1, **more: Any) -> wire.Message:
    command = SendReply(conversation=to, reply=wire.Reply(text=text, **more))
    message: wire.Message = office.do(who or office.ana, command)
    return message


def refused(office: Office, command: Any, who: Actor | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(who or office.ana, command)
    return caught.value


def row(office: Office, id: int = 1) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


def lease(office: Office) -> list[Any]:
    attempts: list[Any] = office.do(SYSTEM, LeaseOutbox(limit=10, media="/media"))
    return attempts


def head(office: Office) -> int:
    seq: int = office.ask(SYSTEM, Head())[0]
    return seq


def test_a_reply_claims_answers_and_waits_to_leave(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office, hold_ms=5000)
    assert (message.status, message.send_at, message.author) == ("queued", MORNING + 5000, "ana")
    now = row(office)
    assert (now.assignee, now.state, now.sla, now.preview_author) == ("ana", "waiting", None, "ana")
    assert lease(office) == []
    office.now += 5000
    [attempt] = lease(office)
    assert (attempt.out.text, attempt.out.to[0].value) == ("ya reviso", "50370000001")
    assert [e.kind for e in office.events("message.queued", "conversation.claimed", "sla.met")] == [
        "message.queued",
        "conversation.claimed",
        "sla.met",
    ]


def test_taken_back_it_never_was(office: Office) -> None:
    office.take_in(says("w1"))
    before = row(office)
    message = send(office, hold_ms=5000)
    office.now += 4000
    assert office.do(office.ana, TakeBack(message=message.id)).status == "cancelled"
    after = row(office)
    assert (after.sla, after.preview, after.state) == (before.sla, before.preview, "open")
    office.now += 5000
    assert lease(office) == []
    assert refused(office, TakeBack(message=message.id)).code == "already_sent"


def test_too_late_to_take_back_once_the_attempt_is_written(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office)
    lease(office)
    assert refused(office, TakeBack(message=message.id)).code == "already_sent"


def test_taken_back_after_the_customer_wrote_again_the_older_promise_counts(office: Office) -> None:
    office.take_in(says("w1"))
    first = row(office).sla
    message = send(office, hold_ms=5000)
    office.now += 2000
    office.take_in(says("w2"))
    assert row(office).sla != first
    office.do(office.ana, TakeBack(message=message.id))
    assert row(office).sla == first


def test_only_the_author_or_a_supervisor_takes_back(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office, hold_ms=5000)
    assert refused(office, TakeBack(message=message.id), office.luis).code == "forbidden"
    assert office.do(office.rosa, TakeBack(message=message.id)).status == "cancelled"


def test_a_second_answer_asks_before_it_goes(office: Office) -> None:
    office.take_in(says("w1"))
    seen = head(office)
    send(office, "de ana")
    refusal = refused(office, SendReply(conversation=1, reply=wire.Reply(text="de luis", seen_seq=seen)), office.luis)
    assert (refusal.status, refusal.code, refusal.params["by"]) == (409, "conversation_moved", "ana")
    send(office, "de luis, sabiéndolo", office.luis, seen_seq=refusal.params["seq"])
    send(office, "ana sigue", seen_seq=head(office))


def test_an_answer_that_was_taken_back_is_no_obstacle(office: Office) -> None:
    office.take_in(says("w1"))
    seen = head(office)
    message = send(office, "de ana", hold_ms=5000)
    office.do(office.ana, TakeBack(message=message.id))
    send(office, "de luis", office.luis, seen_seq=seen)


def test_one_key_one_reply(office: Office) -> None:
    office.take_in(says("w1"))

    async def twice() -> tuple[Any, Any]:
        command = SendReply(conversation=1, reply=wire.Reply(text="una vez"))
        return await office.door.do(office.ana, command, "k"), await office.door.do(office.ana, command, "k")

    first, second = asyncio.run(twice())
    assert second["id"] == first.id
    assert len([m for m in office.thread(1) if m.direction == "out"]) == 1

    async def other() -> None:
        await office.door.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="otra")), "k")

    with pytest.raises(Refusal, match="key_reused"):
        asyncio.run(other())


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (wire.Reply(text="  \n "), "empty"),
        (wire.Reply(text="x" * 4097), "too_long"),
        (wire.Reply(text="hola", template=wire.Template(name="saludo", language="es")), "invalid"),
        (wire.Reply(text="hola", reply_to=99), "not_found"),
        (wire.Reply(attachment=99), "not_found"),
    ],
)
def test_what_cannot_go_is_refused(office: Office, reply: wire.Reply, code: str) -> None:
    office.take_in(says("w1"))
    assert refused(office, SendReply(conversation=1, reply=reply)).code == code
    assert len(office.thread(1)) == 1


def test_outside_the_window_only_templates(office: Office) -> None:
    office.take_in(says("w1"))
    office.now += 24 * HOUR
    refusal = refused(office, SendReply(conversation=1, reply=wire.Reply(text="hola")))
    assert (refusal.code, refusal.params["until"]) == ("window_closed", MORNING + 24 * HOUR)
    template = wire.Template(name="seguimiento", language="es", parameters=["María"])
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(template=template)))
    [attempt] = lease(office)
    assert attempt.out.kind == "template"
    sent = {"name": "seguimiento", "language": "es", "parameters": ["María"]}
    assert {key: attempt.out.data[key] for key in sent} == sent


def test_a_file_goes_with_its_caption(office: Office) -> None:
    office.take_in(says("w1"))
    upload = StoreUpload(kind="image", mime="image/png", file_name="tasa.png", size=1000, sha256="ab" * 32)
    file = office.do(office.ana, upload)
    message = send(office, "la tasa", attachment=file.id)
    assert message.kind == "image" and message.attachments[0].file_name == "tasa.png"
    [attempt] = lease(office)
    assert attempt.out.file.path == f"/media/ab/{'ab' * 32}"
    assert refused(office, SendReply(conversation=1, reply=wire.Reply(attachment=file.id))).code == "not_found"


def test_what_is_taken_back_leaves_with_its_file_again(office: Office) -> None:
    office.take_in(says("w1"))
    upload = StoreUpload(kind="image", mime="image/png", file_name="tasa.png", size=1000, sha256="ab" * 32)
    file = office.do(office.ana, upload)
    first = send(office, "la tasa", attachment=file.id)
    office.do(office.ana, TakeBack(message=first.id))
    again = send(office, "la tasa de hoy", attachment=first.attachments[0].id)
    assert again.attachments[0].file_name == "tasa.png"
    [attempt] = lease(office)
    assert attempt.out.file.path == f"/media/ab/{'ab' * 32}"
    office.take_in(says("w2", thread="otra"))
    refusal = refused(office, SendReply(conversation=2, reply=wire.Reply(attachment=file.id)))
    assert refusal.code == "not_found"  # what one customer was to get is not another's


def test_quotes_and_reactions_name_the_customers_message(office: Office) -> None:
    office.take_in(says("w1"))
    inbound = office.thread(1)[0].id
    send(office, "sobre esto", reply_to=inbound)
    assert lease(office)[0].out.reply_to == "w1"
    office.do(office.ana, React(conversation=1, reaction=wire.Reaction(message=inbound, emoji="🙏")))
    assert office.thread(1)[0].reactions == {"us": "🙏"}


def test_a_note_is_for_colleagues_only(office: Office) -> None:
    office.take_in(says("w1"))
    clock = row(office).sla
    note = office.do(office.luis, AddNote(conversation=1, note=wire.Note(text="validé su DUI")))
    assert (note.direction, note.status) == ("note", "note")
    assert lease(office) == [] and row(office).sla == clock and row(office).assignee is None


def test_an_answer_to_a_resolved_conversation_reopens_it(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    send(office, "se me olvidaba")
    assert row(office).state == "waiting"
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    office.now += 25 * HOUR
    office.take_in(says("w2", at=office.now))
    refusal = refused(office, SendReply(conversation=1, reply=wire.Reply(text="tarde")))
    assert refusal.code == "window_closed"
    assert refused(office, Reopen(conversation=1)).params == {"conversation": 2}


# ---------------------------------------------------------------- outbox


def test_one_at_a_time_in_order(office: Office) -> None:
    office.take_in(says("w1"))
    first, second = send(office, "uno"), send(office, "dos")
    assert [a.message for a in lease(office)] == [first.id]
    assert lease(office) == []
    office.do(SYSTEM, RecordSent(message=first.id, n=1, external_id="o1"))
    assert lease(office) == []  # six seconds between two messages to one person
    assert office.ask(SYSTEM, OutboxDue()) == MORNING + 6000
    office.now += 6000
    assert [a.message for a in lease(office)] == [second.id]


def test_people_do_not_wait_for_each_other(office: Office) -> None:
    office.take_in(says("w1"), says("w2", who=person("50370000002", "Don Neto")))
    sent = {send(office, "a", to=1).id, send(office, "b", to=2).id}
    assert {a.message for a in lease(office)} == sent


def test_retries_keep_the_place_and_give_up_in_the_end(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office, "uno")
    other = send(office, "dos")
    lease(office)
    retry_it = RecordRetry(message=message.id, n=1, reason="rate", detail="429", chance=0.5, after_ms=30_000)
    office.do(SYSTEM, retry_it)
    assert office.thread(1)[-2].status == "queued"
    due = office.ask(SYSTEM, OutboxDue())
    assert MORNING + 30_000 < due <= MORNING + 32_000
    office.now = due
    assert [a.message for a in lease(office)] == [message.id]
    office.now += retry.GIVE_UP_MS
    office.do(SYSTEM, RecordRetry(message=message.id, n=2, reason="rate", detail="429", chance=0.5))
    assert [(m.id, m.status, m.failure) for m in office.thread(1)[1:]] == [
        (message.id, "failed", "gave_up"),
        (other.id, "queued", ""),
    ]


def test_a_refused_message_goes_again_when_told(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office)
    lease(office)
    office.do(SYSTEM, RecordRefused(message=message.id, n=1, reason="undeliverable", detail="131026"))
    assert row(office).failed
    office.now += MINUTE
    assert office.do(office.ana, Resend(message=message.id)).status == "queued"
    assert not row(office).failed
    [attempt] = lease(office)
    assert (attempt.message, attempt.n) == (message.id, 2)
    assert refused(office, Resend(message=message.id)).code == "wrong_status"


def test_what_was_on_its_way_when_the_server_died_is_unknown(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office)
    lease(office)
    assert office.do(SYSTEM, SettleLost(all=True)) == 1
    assert office.thread(1)[-1].status == "unknown"
    office.now += HOUR
    assert lease(office) == []
    office.do(office.ana, SettleUnknown(message=message.id, settle=wire.Settle(decision="sent")))
    assert office.thread(1)[-1].status == "sent"


def test_where_a_second_sending_shows_once_it_simply_goes_again(office: Office) -> None:
    new = wire.NewChannel(kind="webchat", name="web", settings={"origins": "*"})
    channel = office.do(office.root, CreateChannel(channel=new)).id
    visitor = Party(addresses=(Address("visitor", "ab" * 32),))
    call = Receive(channel_id=channel, body=b"", facts=[says("v1", who=visitor)], received_at=office.now)
    office.do(SYSTEM, call)
    message = send(office)
    lease(office)
    office.do(SYSTEM, SettleLost(all=True))
    assert office.thread(1)[-1].status == "queued"
    assert [(a.message, a.n) for a in lease(office)] == [(message.id, 2)]


def test_an_unknown_one_can_be_sent_again_on_purpose(office: Office) -> None:
    office.take_in(says("w1"))
    message = send(office)
    lease(office)
    office.do(SYSTEM, RecordUnknown(message=message.id, n=1, detail="ReadTimeout"))
    office.now += 6000
    office.do(office.ana, SettleUnknown(message=message.id, settle=wire.Settle(decision="resend")))
    assert [(a.message, a.n) for a in lease(office)] == [(message.id, 2)]


# ---------------------------------------------------------------- counts


def test_two_who_claim_at_once_one_wins(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, Claim(conversation=1))
    refusal = refused(office, Claim(conversation=1), office.luis)
    assert (refusal.code, refusal.params) == ("already_assigned", {"by": "ana"})
    assert office.ask(office.ana, GetCounts()) == wire.Counts(mine=1, unassigned=0, open=1, waiting=0)
    assert office.ask(office.luis, GetCounts()) == wire.Counts(mine=0, unassigned=0, open=1, waiting=0)


def test_views_page_by_key_both_ways(office: Office) -> None:
    for n in range(25):
        office.now += 1
        office.take_in(says(f"w{n}", who=person(f"5037{n:07}", f"Socia {n}"), at=office.now))
    ids: list[int] = []
    after = None
    while True:
        page = office.ask(office.ana, ListConversations(view="unassigned", after=after, limit=10))
        ids += [r.id for r in page.items]
        if page.next is None:
            break
        after = page.next
    assert ids == list(range(1, 26))
    last = office.ask(office.ana, ListConversations(view="unassigned", before="end", limit=10))
    assert [r.id for r in last.items] == list(range(16, 26)) and last.next is None
    before = office.ask(office.ana, ListConversations(view="unassigned", before=last.previous, limit=10))
    assert [r.id for r in before.items] == list(range(6, 16))
    assert before.next is not None and before.previous is not None


def test_search_finds_words_without_accents_and_people(office: Office) -> None:
    office.take_in(
        says("w1", "la migración de mi préstamo"), says("w2", "hola", who=person("50370000002", "José Ángel"))
    )

    def found(q: str) -> list[int]:
        return [r.id for r in office.ask(office.ana, ListConversations(q=q)).items]

    assert found("prestamo migra") == [1]
    assert found("jose angel") == [2]
    assert found("50370000002") == [2]
    assert found('"; DROP TABLE') == []
