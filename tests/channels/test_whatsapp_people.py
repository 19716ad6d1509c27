"""Who writes: phone numbers, business-scoped ids, usernames, changes of both; echoes, statuses and notices."""

from __future__ import annotations

from typing import Any

import pytest

from server.channels.whatsapp_parse import PHONE_APP
from server.facts import (
    Address,
    AddressChangeFact,
    EditFact,
    MessageFact,
    NoticeFact,
    Party,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)
from tests.channels.documents import (
    BSUID,
    DISPLAY,
    NOW,
    PARENT,
    PHONE,
    SENT,
    contact,
    document,
    facts,
    incoming,
    message,
    only,
    value,
)

TEXT = {"body": "hola"}


def from_(**sender: Any) -> dict[str, Any]:
    sent = message("text", TEXT)
    del sent["from"]
    return {**sent, **sender}


def told(contacts: Any, *messages: dict[str, Any]) -> bytes:
    return document(value(contacts=contacts, messages=list(messages)))


def test_only_a_business_scoped_id() -> None:
    person = {"profile": {"name": "Sheena", "username": "@realsheena"}, "user_id": BSUID, "parent_user_id": PARENT}
    fact = only(told([person], from_(from_user_id=BSUID, from_parent_user_id=PARENT)))
    assert fact.party.addresses == (Address("bsuid", BSUID), Address("parent_bsuid", PARENT))
    assert (fact.party.name, fact.party.username) == ("Sheena", "realsheena")


def test_phone_and_id_belong_together() -> None:
    fact = only(told([contact(user_id=BSUID)], message("text", TEXT)))
    assert fact.party.addresses == (Address("phone", PHONE), Address("bsuid", BSUID))


def test_id_only_in_the_contact() -> None:
    fact = only(told([{"profile": {"name": "X"}, "user_id": BSUID}], from_()))
    assert fact.party.addresses == (Address("bsuid", BSUID),)


def test_whatsapp_id_that_differs_from_the_number() -> None:
    fact = only(told([contact(wa_id="5215512345678")], message("text", TEXT, **{"from": "525512345678"})))
    assert fact.party.addresses == (Address("phone", "525512345678"), Address("phone", "5215512345678"))


def test_each_sender_gets_their_own_contact() -> None:
    ana = {"profile": {"name": "Ana"}, "wa_id": "50370000001", "user_id": "SV.1"}
    luis = {"profile": {"name": "Luis"}, "wa_id": "50370000002", "user_id": "SV.2"}
    sent = [message("text", TEXT, id=f"m{n}", **{"from": f"5037000000{n}"}) for n in (2, 1, 3)]
    second, first, stranger = facts(told([ana, luis], *sent))
    assert (first.party.name, second.party.name) == ("Ana", "Luis")  # type: ignore[union-attr]
    assert stranger.party == Party(addresses=(Address("phone", "50370000003"),))  # type: ignore[union-attr]


def test_a_single_contact_is_not_guessed_among_several_senders() -> None:
    sent = [message("text", TEXT, id=f"m{n}", **{"from": f"5037000000{n}"}) for n in (1, 2)]
    for fact in facts(told([contact(wa_id="50379999999", user_id=BSUID)], *sent)):
        assert isinstance(fact, MessageFact)
        assert len(fact.party.addresses) == 1


def test_our_own_number_is_nobodys_address() -> None:
    fact = only(told([contact()], message("text", TEXT, **{"from": DISPLAY})))
    assert fact.party.addresses == (Address("phone", PHONE),)


def test_nobody_named() -> None:
    assert isinstance(only(told([], from_())), Unreadable)


def test_odd_contacts_do_no_harm() -> None:
    for contacts in (None, "x", [None, 7, "x"], [{"profile": 3, "wa_id": []}], [{"profile": {"name": 5}}]):
        assert only(told(contacts, message("text", TEXT))).party.addresses == (Address("phone", PHONE),)


def test_name_is_cut() -> None:
    named = contact(profile={"name": "N" * 5000, "username": "@" + "u" * 5000})
    fact = only(told([named], message("text", TEXT)))
    assert len(fact.party.name) == 200
    assert len(fact.party.username) < 300


# ---------------------------------------------------------------- changes


def test_number_changed() -> None:
    system = {"body": "changed", "wa_id": "50379990000", "type": "user_changed_number"}
    change, line = facts(document(value(messages=[message("system", system)])))
    assert isinstance(change, AddressChangeFact)
    assert change.previous == (Address("phone", PHONE),)
    assert change.current == (Address("phone", "50379990000"),)
    assert isinstance(line, MessageFact)
    assert (line.kind, line.text, line.external_id) == ("system", "changed", change.external_id)
    assert line.party.addresses == change.current
    assert line.data == {"type": "user_changed_number"}


def test_number_and_id_changed() -> None:
    system = {
        "type": "user_changed_number",
        "new_wa_id": "50379990000",
        "user_id": BSUID,
        "previous_user_id": "SV.1",
        "previous_parent_user_id": "SV.ENT.1",
    }
    change = facts(document(value(messages=[message("system", system)])))[0]
    assert isinstance(change, AddressChangeFact)
    assert set(change.previous) == {
        Address("phone", PHONE),
        Address("bsuid", "SV.1"),
        Address("parent_bsuid", "SV.ENT.1"),
    }
    assert change.current == (Address("phone", "50379990000"), Address("bsuid", BSUID))


def test_old_id_only_in_the_sentence() -> None:
    body = f"User Sheena changed from US.10101 to {BSUID}"
    system = {"body": body, "user_id": BSUID, "type": "user_changed_user_id"}
    sent = message("system", system)
    del sent["from"]
    change, _ = facts(document(value(messages=[sent])))
    assert isinstance(change, AddressChangeFact)
    assert change.previous == (Address("bsuid", "US.10101"),)
    assert change.current == (Address("bsuid", BSUID),)


def test_a_system_message_that_changes_nothing() -> None:
    fact = only(incoming(message("system", {"body": "identity", "type": "customer_identity_changed"})))
    assert (fact.kind, fact.party.addresses[0].value) == ("system", PHONE)


def test_user_id_update() -> None:
    update = {
        "wa_id": PHONE,
        "user_id": {"previous": "SV.1", "current": BSUID},
        "parent_user_id": {"previous": "SV.ENT.1", "current": PARENT},
        "timestamp": str(SENT),
    }
    body = document(value(contacts=[contact()], user_id_update=[update]), field="user_id_update")
    change = only(body)
    assert isinstance(change, AddressChangeFact)
    assert Address("bsuid", "SV.1") in change.previous
    assert Address("bsuid", BSUID) in change.current
    assert (change.at, change.name) == (SENT * 1000, "María Ramos")
    assert change.external_id == only(body).external_id
    assert isinstance(only(document(value(user_id_update=update), field="user_id_update")), AddressChangeFact)


# ---------------------------------------------------------------- echoes


def echo(kind: str, part: Any, **fields: Any) -> bytes:
    item = {"from": DISPLAY, "to": PHONE, "to_user_id": BSUID, "id": "wamid.E", "timestamp": str(SENT), "type": kind}
    return document(value(message_echoes=[{**item, kind: part, **fields}]), field="smb_message_echoes")


def test_what_was_written_on_the_phone() -> None:
    fact = only(echo("text", {"body": "ya le llamo"}))
    assert isinstance(fact, MessageFact)
    assert fact.echo and fact.via == PHONE_APP
    assert fact.party.addresses == (Address("phone", PHONE), Address("bsuid", BSUID))
    assert only(echo("image", {"id": "1"})).media[0].provider_id == "1"


def test_echoes_of_other_kinds() -> None:
    reaction = only(echo("reaction", {"message_id": "wamid.9", "emoji": "👍"}))
    assert isinstance(reaction, ReactionFact) and reaction.echo
    edit = {"original_message_id": "wamid.9", "message": {"type": "text", "text": {"body": "otra vez"}}}
    assert isinstance(only(echo("edit", edit)), EditFact)
    assert isinstance(only(echo("revoke", {"original_message_id": "wamid.9"})), RevokeFact)


# ---------------------------------------------------------------- statuses


def status(**fields: Any) -> bytes:
    item = {"id": "wamid.S", "status": "delivered", "timestamp": str(SENT), "recipient_id": PHONE}
    return document(value(statuses=[{**item, **fields}]))


@pytest.mark.parametrize("word", ["sent", "delivered", "read", "played", "failed", "deleted", "in_orbit"])
def test_any_status(word: str) -> None:
    fact = only(status(status=word, biz_opaque_callback_data="msg-17"))
    assert isinstance(fact, StatusFact)
    assert (fact.external_id, fact.status, fact.at, fact.client_ref) == ("wamid.S", word, SENT * 1000, "msg-17")
    assert fact.party is not None
    assert fact.party.addresses == (Address("phone", PHONE),)
    assert (fact.failure is not None) == (word == "failed")


def test_why_it_failed() -> None:
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "More than 24 hours"}}
    fact = only(status(status="failed", errors=[error]))
    assert (fact.failure.reason, fact.failure.code, fact.failure.detail) == (
        "window_closed",
        "131047",
        "More than 24 hours",
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131026, "undeliverable"),
        ("131026", "undeliverable"),
        (131049, "policy"),
        (131050, "opted_out"),
        (130472, "experiment"),
        (131053, "media"),
        (132015, "template"),
        (999999, "other"),
        (None, "other"),
        ([], "other"),
    ],
)
def test_reasons(code: object, reason: str) -> None:
    assert only(status(status="failed", errors=[{"code": code, "title": "x"}])).failure.reason == reason
    assert only(status(status="failed", errors=["odd"])).failure.reason == "other"


@pytest.mark.parametrize("spelling", ["recipient_parent_user_id", "parent_recipient_user_id"])
def test_status_without_a_number(spelling: str) -> None:
    fact = only(status(recipient_id=None, recipient_user_id=BSUID, **{spelling: PARENT}))
    assert fact.party.addresses == (Address("bsuid", BSUID), Address("parent_bsuid", PARENT))


def test_status_names_nobody() -> None:
    assert only(status(recipient_id=None)).party is None


def test_status_of_a_group_names_the_participant() -> None:
    fact = only(status(recipient_id="1203634@g.us", recipient_type="group", recipient_participant_id=PHONE))
    assert fact.party.addresses == (Address("phone", PHONE),)
    assert only(status(recipient_id="1203634@g.us")).party is None


@pytest.mark.parametrize("bad", [{"id": None}, {"status": None}, {"status": 7}, {"id": {}}])
def test_bad_status(bad: dict[str, Any]) -> None:
    assert isinstance(only(status(**bad)), Unreadable)


# ---------------------------------------------------------------- everything else


@pytest.mark.parametrize(
    "field",
    [
        "message_template_status_update",
        "account_update",
        "phone_number_quality_update",
        "user_preferences",
        "calls",
        "business_username_update",
        "group_lifecycle_update",
        "history",
        "never_heard_of",
    ],
)
def test_other_fields_are_notices(field: str) -> None:
    content = value(event="APPROVED", calls=[{"id": "1"}], statuses=[{"id": "wacid.1", "status": "RINGING"}])
    fact = only(document(content, field=field))
    assert isinstance(fact, NoticeFact)
    assert (fact.kind, fact.data["event"], fact.at) == (field, "APPROVED", NOW)


def test_errors_of_the_account() -> None:
    fact = only(document(value(errors=[{"code": 130429, "title": "Rate limit hit"}])))
    assert isinstance(fact, NoticeFact)
    assert (fact.kind, fact.data["errors"][0]["code"]) == ("errors", 130429)


def test_messages_in_an_unknown_field_are_messages() -> None:
    body = document(value(contacts=[contact()], messages=[message("text", TEXT)]), field="messages_v2")
    assert only(body).text == "hola"
    seen = only(document(value(contacts=[contact()], messages=[message("text", TEXT)]), field="standby"))
    assert seen.data == {"standby": True}


def test_a_deep_notice_is_bounded() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    fact = only(document(value(deep=deep, long="x" * 100_000, wide=list(range(100_000))), field="account_update"))
    assert len(fact.data["long"]) == 4096
    assert len(fact.data["wide"]) < 3000
    assert fact.data["truncated"] is True
