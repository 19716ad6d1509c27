"""The summary of a demo tells the truth about what went wrong: each fault, put in by hand, is counted."""

from __future__ import annotations

import msgspec

from agent_console.demo_summary import Arrival, Books, Ledger, Offer, Summary, compare, percentiles
from server import wire

BEGAN = 1_000_000


def offer(id: str, text: str = "hola", channel: str = "whatsapp", taken: int = 1, kind: str = "text") -> Offer:
    return Offer(channel=channel, id=id, who="maria", kind=kind, text=text, at=BEGAN, times=taken, taken=taken)


def arrival(id: str, channel: str = "whatsapp", read: bool = False) -> Arrival:
    return Arrival(
        channel=channel, id=id, who="maria", text="buenas", at=BEGAN + 5_000, read_at=BEGAN + 6_000 if read else 0
    )


def row(id: int, kind: str = "whatsapp") -> wire.ConversationRow:
    return wire.ConversationRow(
        id=id,
        version=1,
        state="open",
        channel=kind,
        channel_kind=kind,
        contact=1,
        contact_name="María",
        created_at=BEGAN,
        last_at=BEGAN,
    )


def message(
    id: int,
    external_id: str,
    direction: wire.Direction = "in",
    status: wire.Status = "received",
    text: str = "hola",
    conversation: int = 1,
    at: int = BEGAN + 1,
) -> wire.Message:
    return wire.Message(
        id=id,
        conversation=conversation,
        direction=direction,
        kind="text",
        text=text,
        at=at,
        received_at=at,
        status=status,
        external_id=external_id,
    )


def judge(ledger: Ledger, messages: list[wire.Message], events: list[wire.Event] | None = None) -> Summary:
    books = Books(rows=[row(1), row(2, "webchat")], messages=messages, events=events or [])
    return compare(ledger, books, since=BEGAN, seq=10)


def test_all_is_well() -> None:
    ledger = Ledger(
        offers=[offer("a", taken=2), offer("r1", channel="webchat")],
        arrivals=[arrival("x", read=True), arrival("7", channel="webchat")],
    )
    messages = [
        message(1, "a"),
        message(2, "0123456789abcdef:r1", conversation=2),
        message(3, "x", "out", "read"),
        message(7, "wc-9", "out", "delivered", conversation=2),
    ]
    summary = judge(ledger, messages)
    assert summary.good
    assert (summary.received, summary.stored, summary.lost) == (2, 2, 0)
    assert (summary.answered, summary.delivered, summary.read) == (2, 2, 1)
    assert (summary.duplicates_offered, summary.duplicates_stored, summary.doubled) == (1, 0, 0)
    assert (summary.mistaken, summary.altered) == (0, 0)
    assert summary.first_response_ms == {"p50": 5_000, "p95": 5_000}


def test_a_message_that_is_not_stored_is_lost() -> None:
    summary = judge(Ledger(offers=[offer("a"), offer("b")], arrivals=[]), [message(1, "a")])
    assert (summary.received, summary.stored, summary.lost) == (2, 1, 1)
    assert not summary.good


def test_a_message_stored_twice_is_a_duplicate_under_whatever_name() -> None:
    ledger = Ledger(offers=[offer("a")], arrivals=[])
    assert judge(ledger, [message(1, "a"), message(2, "a")]).duplicates_stored == 1
    assert judge(ledger, [message(1, "a"), message(2, "another")]).duplicates_stored == 1
    assert not judge(ledger, [message(1, "a"), message(2, "a")]).good


def test_what_was_there_before_the_demo_is_nobodys_duplicate() -> None:
    summary = judge(Ledger(offers=[], arrivals=[]), [message(1, "old", at=BEGAN - 1)])
    assert summary.good
    assert summary.received == 0


def test_other_words_are_noticed() -> None:
    summary = judge(Ledger(offers=[offer("a", "hola")], arrivals=[]), [message(1, "a", text="adiós")])
    assert summary.altered == 1
    edited = msgspec.structs.replace(message(1, "a", text="adiós"), edited_at=BEGAN + 2)
    assert judge(Ledger(offers=[offer("a", "hola")], arrivals=[]), [edited]).altered == 0


def test_a_reply_said_to_be_sent_that_never_arrived_is_lost() -> None:
    summary = judge(Ledger(offers=[], arrivals=[]), [message(1, "x", "out", "sent")])
    assert (summary.answered, summary.delivered, summary.lost) == (1, 0, 1)
    assert not summary.good


def test_a_reply_that_failed_and_one_taken_back_are_not_lost() -> None:
    messages = [message(1, "x", "out", "failed"), message(2, "y", "out", "cancelled")]
    summary = judge(Ledger(offers=[], arrivals=[]), messages)
    assert (summary.answered, summary.failed, summary.lost) == (1, 1, 0)
    assert summary.good


def test_a_reply_that_arrives_twice_is_doubled() -> None:
    messages = [message(1, "x", "out", "delivered")]
    twice = Ledger(offers=[], arrivals=[arrival("x"), arrival("x")])
    assert judge(twice, messages).doubled == 1
    accepted_twice = Ledger(offers=[], arrivals=[arrival("x"), arrival("y")], doubled={"ref": 2})
    summary = judge(accepted_twice, messages)
    assert summary.doubled >= 1
    assert not summary.good


def test_a_reply_that_nobody_wrote_is_noticed() -> None:
    assert judge(Ledger(offers=[], arrivals=[arrival("ghost")]), []).doubled == 1


def test_a_state_that_is_not_what_the_customer_knows() -> None:
    messages = [message(1, "x", "out", "delivered"), message(2, "y", "out", "read")]
    ledger = Ledger(offers=[], arrivals=[arrival("x", read=True), arrival("y", read=True)])
    assert judge(ledger, messages).mistaken == 1


def test_what_is_under_way_is_not_settled() -> None:
    messages = [message(1, "x", "out", "queued"), message(2, "y", "out", "unknown")]
    assert judge(Ledger(offers=[], arrivals=[]), messages).unsettled == 2


def test_the_journal_is_counted_and_its_gaps_are_seen() -> None:
    kinds = ["sla.met", "sla.breached", "sla.met"]
    events = [
        wire.Event(seq=seq, at=BEGAN, kind=kind, conversation=1, actor="system")
        for seq, kind in zip((11, 12, 14), kinds, strict=True)
    ]
    summary = judge(Ledger(offers=[], arrivals=[]), [], events)
    assert (summary.sla_met, summary.sla_breached, summary.gaps) == (2, 1, 1)


def test_a_promise_is_not_kept_by_an_answer_that_never_arrived() -> None:
    told = [("sla.met", 7), ("sla.restarted", 7), ("sla.met", 8), ("sla.met", None)]
    events = [
        wire.Event(seq=seq, at=BEGAN, kind=kind, conversation=1, actor="system", data={"target": "x", "message": id})
        for seq, (kind, id) in enumerate(told, 1)
    ]
    assert judge(Ledger(offers=[], arrivals=[]), [], events).sla_met == 2


def test_percentiles() -> None:
    assert percentiles([]) == {}
    assert percentiles(range(1, 101)) == {"p50": 50, "p95": 96}
    assert percentiles([5]) == {"p50": 5, "p95": 5}
