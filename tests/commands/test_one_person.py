"""Contacts that a provider proves to be one person: promises and queues follow what is known of them together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server import wire
from server.commands.acts import ResolveConversation
from server.commands.contacts import UpdateContact
from server.commands.queries import GetConversation
from server.commands.routes import CreateRoute
from server.commands.slas import CreatePolicy
from server.facts import Address, AddressChangeFact, Fact, Party, StatusFact
from tests.commands.office import MINUTE, MORNING, Office, person, says


def one_message(phone: str, id: str) -> Fact:
    party = Party(addresses=(Address("bsuid", id), Address("phone", phone)), name="María")
    return says("both", who=party)


def changed_address(phone: str, id: str) -> Fact:
    previous, current = (Address("bsuid", id),), (Address("phone", phone),)
    return AddressChangeFact(external_id="c", previous=previous, current=current, at=MORNING)


def report(phone: str, id: str) -> Fact:
    party = Party(addresses=(Address("bsuid", id), Address("phone", phone)))
    return StatusFact(external_id="unknown", status="delivered", at=MORNING, party=party)


def row(office: Office, id: int) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


@pytest.mark.parametrize("proof", [one_message, changed_address, report])
def test_who_a_provider_proves_to_be_a_member_is_promised_what_members_are(
    office: Office, proof: Callable[[str, str], Fact]
) -> None:
    """The member wrote by number; somebody known by the provider's id alone waits. Then they prove to be one."""
    promise = wire.NewPolicy(name="socio", when=wire.PolicyWhen(profile=["socio"]), first_response_ms=5 * MINUTE)
    office.do(office.root, CreatePolicy(policy=promise))
    office.do(
        office.root,
        CreateRoute(route=wire.NewRoute(name="Oriente", team="Servicio", when=wire.RouteWhen(region=["La Unión"]))),
    )
    office.take_in(says("w1", who=person("50370000001")))
    known = wire.ChangeContact(attributes={"profile": "socio"}, region="La Unión")
    office.do(office.ana, UpdateContact(contact=1, change=known))
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="solved")))
    office.take_in(says("w2", who=Party(addresses=(Address("bsuid", "SV.1"),), name="?")))
    began = office.now
    before = row(office, 2).sla
    assert before is not None and before.due_at == began + 15 * MINUTE
    office.take_in(proof("50370000001", "SV.1"))
    shown = row(office, 2)
    assert shown.sla is not None and shown.sla.due_at == began + 5 * MINUTE
    assert shown.team == "Servicio", "what nobody has goes where the customer's region leads"
