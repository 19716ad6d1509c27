"""What nobody waits for begins no conversation where there was one; what is said of a person is noted once."""

from __future__ import annotations

from server import wire
from server.commands.acts import ResolveConversation
from server.facts import Address, MessageFact, Party
from tests.commands.office import MORNING, Office, says


def _notice(id: str, at: int) -> MessageFact:
    fact = says(id, "", at=at)
    fact.kind, fact.data = "system", {"event": "blocked"}
    return fact


def test_a_notice_goes_where_the_last_messages_were(office: Office) -> None:
    office.take_in(says("a"))
    (conversation,) = {event.conversation for event in office.events("message.received")}
    assert conversation is not None
    office.do(office.ana, ResolveConversation(conversation=conversation, resolve=wire.Resolve()))
    office.now += 30 * 86_400_000  # long over: a message would begin anew
    office.take_in(_notice("b", office.now))
    assert [message.kind for message in office.thread(conversation)] == ["text", "system"]
    assert len(office.events("conversation.created")) == 1
    assert office.events("conversation.reopened") == []
    office.take_in(says("c", at=office.now))
    assert len(office.events("conversation.created")) == 2


def test_what_a_channel_says_of_a_person_is_noted_when_they_are_new(office: Office) -> None:
    party = Party(
        addresses=(Address("user", "u-1"),),
        name="Ana",
        language="es",
        region="Sonsonate",
        attributes={"phone": "+503 7000 1234"},
    )
    office.take_in(says("a", who=party))
    again = Party(addresses=party.addresses, name="Ana", language="en", region="", attributes={"phone": "0"})
    office.take_in(says("b", who=again, at=MORNING + 1))
    (row,) = office.store.read_now(lambda read: read.all("SELECT * FROM contacts"))
    assert (row["language"], row["region"], row["attributes"]) == ("es", "Sonsonate", '{"phone":"+503 7000 1234"}')
    likenesses = office.store.read_now(lambda read: read.all("SELECT likeness FROM noted_likenesses"))
    assert [each["likeness"] for each in likenesses] == ["phone:50370001234"]
