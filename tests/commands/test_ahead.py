"""A provider's report may come before its answer to the very request: it counts once that is here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import wire
from server.commands.delivering import LeaseOutbox, RecordRetry, RecordSent
from server.commands.door import SYSTEM
from server.commands.replies import SendReply
from server.facts import Address, Party, WatermarkFact
from tests.commands.crossing import Crossing
from tests.commands.office import MINUTE

ANA = "50370000001"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Crossing]:
    place = Crossing(tmp_path)
    yield place
    place.close()


@pytest.fixture
def answer(office: Crossing) -> wire.Message:
    """An answer that is on its way to the provider."""
    conversation = office.writes(ANA)
    message: wire.Message = office.do(office.ana, SendReply(conversation=conversation, reply=wire.Reply(text="ya")))
    office.now += MINUTE  # nobody takes it back any more
    lease(office)
    return message


def lease(office: Crossing) -> None:
    assert office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))


def read_up_to(office: Crossing, until: int) -> None:
    party = Party(addresses=(Address("phone", ANA),))
    office.tell("wa", WatermarkFact(party=party, status="read", until=until, at=office.now))


def status(office: Crossing, answer: wire.Message) -> str:
    [row] = office.look("SELECT status FROM messages WHERE id = ?", answer.id)
    return str(row["status"])


def test_read_before_the_provider_has_answered(office: Crossing, answer: wire.Message) -> None:
    read_up_to(office, office.now + 400)
    assert status(office, answer) == "sending"
    office.do(SYSTEM, RecordSent(message=answer.id, n=1, external_id="o1"))
    assert status(office, answer) == "read"


def test_what_was_read_before_it_left_says_nothing_of_it(office: Crossing, answer: wire.Message) -> None:
    read_up_to(office, office.now - MINUTE // 2)
    office.do(SYSTEM, RecordSent(message=answer.id, n=1, external_id="o1"))
    assert status(office, answer) == "sent"


def test_of_several_attempts_the_last_one_counts(office: Crossing, answer: wire.Message) -> None:
    read_up_to(office, office.now + 400)
    office.do(SYSTEM, RecordRetry(message=answer.id, n=1, reason="provider_down", detail="503", chance=0.5))
    office.now += 30 * MINUTE
    lease(office)
    office.do(SYSTEM, RecordSent(message=answer.id, n=2, external_id="o1"))
    assert status(office, answer) == "sent", "the first one never left"
    read_up_to(office, office.now + 400)
    assert status(office, answer) == "read"
