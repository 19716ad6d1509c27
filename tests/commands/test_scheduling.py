"""Answers that leave later: no clock stops before, nothing waits behind them, and the customer's word holds them."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.delivering import Attempt, LeaseOutbox, RecordSent
from server.commands.door import SYSTEM, Refusal
from server.commands.replies import SendReply, TakeBack
from tests.commands.office import HOUR, MINUTE, Office, says

DAY = 24 * HOUR


def send(office: Office, text: str = "mañana le llamo", **more: Any) -> wire.Message:
    message: wire.Message = office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text=text, **more)))
    return message


def lease(office: Office) -> list[Attempt]:
    attempts: list[Attempt] = office.do(SYSTEM, LeaseOutbox(limit=10, media="media"))
    return attempts


def deliver(office: Office) -> list[str]:
    """Send what may leave now; the texts that left."""
    left = []
    for attempt in lease(office):
        sent = RecordSent(message=attempt.message, n=attempt.n, external_id=f"wamid.{attempt.message}")
        office.do(SYSTEM, sent)
        left.append(attempt.out.text)
    return left


def row(office: Office) -> wire.ConversationRow:
    from server.commands.inbox import ListConversations

    page: wire.Page[wire.ConversationRow] = office.ask(office.ana, ListConversations(q="id:1"))
    return page.items[0]


def test_the_customer_has_no_answer_before_it_left(office: Office) -> None:
    office.take_in(says("m1"))
    at = office.now + 3 * HOUR
    message = send(office, send_at=at)
    assert (message.status, message.send_at) == ("queued", at)
    before = row(office)
    assert before.state == "open" and before.assignee == "ana" and before.sla is not None
    assert before.preview == "buenos días"
    assert deliver(office) == []
    office.now = at
    assert deliver(office) == ["mañana le llamo"]
    after = row(office)
    assert after.state == "waiting" and after.sla is None
    assert after.preview == "mañana le llamo" and after.preview_author == "ana" and after.last_at == at


def test_what_is_written_meanwhile_does_not_wait_behind_it(office: Office) -> None:
    office.take_in(says("m1"))
    send(office, "el lunes", send_at=office.now + 5 * HOUR)
    send(office, "ahora")
    assert deliver(office) == ["ahora"]
    office.now += 5 * HOUR
    assert deliver(office) == ["el lunes"]


def test_messages_for_the_same_moment_leave_in_their_order(office: Office) -> None:
    office.take_in(says("m1"))
    at = office.now + HOUR
    for text in ("uno", "dos", "tres"):
        send(office, text, send_at=at)
    office.now = at
    left = []
    for _ in range(3):
        left += deliver(office)
        office.now += MINUTE
    assert left == ["uno", "dos", "tres"]


def test_it_is_held_back_when_the_customer_writes_first(office: Office) -> None:
    office.take_in(says("m1"))
    at = office.now + HOUR
    message = send(office, send_at=at)
    office.now += MINUTE
    office.take_in(says("m2", "ya no hace falta"))
    held = next(each for each in office.thread(1) if each.id == message.id)
    assert (held.status, held.failure) == ("failed", "customer_wrote")
    assert row(office).failed
    status = [event for event in office.events("message.status") if event.data["message"] == message.id]
    assert status[0].data["reason"] == "customer_wrote"
    office.now = at
    assert deliver(office) == []


def test_one_that_only_waits_a_moment_is_not_held_back(office: Office) -> None:
    office.take_in(says("m1"))
    send(office, "ya va", hold_ms=5_000)
    office.take_in(says("m2", "¿aló?"))
    office.now += 6_000
    assert deliver(office) == ["ya va"]


def test_it_can_be_taken_back_until_it_leaves(office: Office) -> None:
    office.take_in(says("m1"))
    message = send(office, send_at=office.now + HOUR)
    before = row(office)
    assert office.do(office.ana, TakeBack(message=message.id)).status == "cancelled"
    assert row(office).sla == before.sla and row(office).state == "open"
    office.now += 2 * HOUR
    assert deliver(office) == []


@pytest.mark.parametrize("ahead", [0, -1, 61 * DAY])
def test_only_a_moment_ahead_and_not_too_far(office: Office, ahead: int) -> None:
    office.take_in(says("m1"))
    with pytest.raises(Refusal) as caught:
        send(office, send_at=office.now + ahead)
    assert caught.value.code == "bad_send_at"


def test_not_for_a_time_when_the_window_will_be_closed(office: Office) -> None:
    office.take_in(says("m1"))
    with pytest.raises(Refusal) as caught:
        send(office, send_at=office.now + 25 * HOUR)
    assert caught.value.code == "window_closed"
