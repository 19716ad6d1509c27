"""A visitor whose conversation is merged with one of another channel sees theirs, all of it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import wire
from server.commands.channels import CreateChannel
from server.commands.delivering import LeaseOutbox, RecordSent
from server.commands.door import SYSTEM
from server.commands.replies import SendReply
from server.facts import Address
from server.webchat.queries import EarlierMessages, FindArrived, NewsPage, Unconfirmed, VisitorMessages, VisitorNews
from tests.commands.crossing import Crossing

VISITOR = (Address("visitor", "v1"),)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Crossing]:
    place = Crossing(tmp_path)
    new = wire.NewChannel(kind="webchat", name="web", settings={"origins": "https://coop.example"})
    place.channels["web"] = place.do(place.root, CreateChannel(channel=new)).id
    yield place
    place.close()


def sees(office: Crossing, since: int = 0) -> list[str]:
    epoch = office.store.epoch if since else ""
    query = VisitorMessages(channel_id=office.channels["web"], visitor="v1", since=since, epoch=epoch)
    return [said.text for said in office.ask(SYSTEM, query).messages]


def answers(office: Crossing, conversation: int, text: str, to: int | None = None) -> int:
    """An advisor's answer, sent; its id."""
    message = office.do(office.ana, SendReply(conversation=conversation, reply=wire.Reply(text=text, reply_to=to)))
    [attempt] = office.do(SYSTEM, LeaseOutbox(limit=5, media="/media"))
    office.do(SYSTEM, RecordSent(message=attempt.message, n=attempt.n, external_id=f"out.{attempt.message}"))
    office.now += 60_000
    return int(message.id)


@pytest.mark.parametrize("web_first", [True, False])
def test_a_visitor_sees_their_own_messages_and_no_others(office: Crossing, web_first: bool) -> None:
    web = office.writes("", "web", "desde la web", addresses=VISITOR)
    phone = office.writes("50370000001", "wa", "desde el teléfono")
    office.merge(office.row(web).contact, office.row(phone).contact)
    into, other = (web, phone) if web_first else (phone, web)
    office.join(into, other)
    start = office.events()[-1].seq
    office.writes("50370000001", "wa", "algo privado")
    assert office.writes("", "web", "sigo aquí", addresses=VISITOR) == into
    asked = {message.text: message.id for message in office.thread(into)}
    sent = answers(office, into, "por la web", asked["sigo aquí"])
    answers(office, into, "por teléfono", asked["algo privado"])
    everything = ["desde la web", "sigo aquí", "por la web"]
    assert sees(office) == everything
    assert sees(office, start) == everything[1:]
    news: NewsPage = office.ask(SYSTEM, VisitorNews(since=start))
    assert [(item.visitor, [said.text for said in item.messages]) for item in news.items] == [("v1", everything[1:])]
    some: NewsPage = office.ask(SYSTEM, VisitorNews(since=start, limit=1))
    assert start < some.upto < office.events()[-1].seq  # it goes on from there, whoever the first was about
    earlier = EarlierMessages(channel_id=office.channels["web"], visitor="v1", before=2**60)
    assert [said.text for said in office.ask(SYSTEM, earlier)[0]] == everything
    mine = Unconfirmed(channel_id=office.channels["web"], visitor="v1", ids=[sent], status="read")
    assert office.ask(SYSTEM, mine) == [f"out.{sent}"]
    external = next(m.external_id for m in office.thread(into) if m.text == "sigo aquí")
    assert external is not None
    found = FindArrived(channel_id=office.channels["web"], external_id=external)
    assert office.ask(SYSTEM, found).conversation == into
    office.split(into, other)
    assert sees(office) == everything
    assert office.ask(SYSTEM, found).conversation == web
