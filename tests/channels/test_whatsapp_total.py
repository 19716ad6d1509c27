"""Whatever arrives, reading it never raises and gives facts that can be stored."""

from __future__ import annotations

import copy
import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.facts import (
    AddressChangeFact,
    EditFact,
    MessageFact,
    NoticeFact,
    ReactionFact,
    RevokeFact,
    StatusFact,
    Unreadable,
)
from tests.channels.documents import NOW, SENT, adapter, contact, message, value

FACTS = (
    MessageFact,
    ReactionFact,
    EditFact,
    RevokeFact,
    StatusFact,
    AddressChangeFact,
    NoticeFact,
    Unreadable,
)

RICH: dict[str, Any] = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "time": SENT,
            "changes": [
                {
                    "field": "messages",
                    "value": value(
                        contacts=[contact(user_id="SV.1", profile={"name": "Ana", "username": "@ana"})],
                        messages=[
                            message("text", {"body": "hola"}, context={"id": "a", "forwarded": True}),
                            message("image", {"id": "5", "caption": "c", "sha256": "x", "url": "https://a/b"}),
                            message("location", {"latitude": 1.5, "longitude": "2", "name": "n"}),
                            message("contacts", [{"name": {"formatted_name": "x"}, "phones": [{"phone": "1"}]}]),
                            message("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": '{"a":[1]}'}}),
                            message("order", {"product_items": [{"quantity": 2}], "text": ""}),
                            message("reaction", {"message_id": "a", "emoji": "👍"}),
                            message(
                                "edit", {"original_message_id": "a", "message": {"type": "text", "text": {"body": "b"}}}
                            ),
                            message("revoke", {"original_message_id": "a"}),
                            message("system", {"type": "user_changed_number", "wa_id": "5", "body": "US.1 US.2"}),
                            message("button", {"text": "t", "payload": "p"}, referral={"source_id": "1"}, group_id="g"),
                            message("unsupported", None, errors=[{"code": 131051}]),
                        ],
                        statuses=[
                            {
                                "id": "s",
                                "status": "failed",
                                "timestamp": SENT,
                                "recipient_id": "1",
                                "errors": [{"code": 1}],
                            },
                            {"id": "s", "status": "read", "recipient_user_id": "SV.1", "recipient_type": "group"},
                        ],
                        errors=[{"code": 1}],
                    ),
                },
                {
                    "field": "smb_message_echoes",
                    "value": value(message_echoes=[message("text", {"body": "x"}, to="1")]),
                },
                {
                    "field": "user_id_update",
                    "value": value(user_id_update=[{"wa_id": "1", "user_id": {"previous": "a", "current": "b"}}]),
                },
                {"field": "account_update", "value": value(event="x")},
            ],
        }
    ],
}

JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(node, dict):
        for key, child in node.items():
            found += places(child, (*path, key))
    elif isinstance(node, list):
        for n, child in enumerate(node):
            found += places(child, (*path, n))
    return found


PLACES = places(RICH)


def check(body: bytes) -> None:
    for fact in adapter().parse(body, NOW):
        assert isinstance(fact, FACTS)
        msgspec.json.encode(fact)  # can be stored and is valid UTF-8
        if isinstance(fact, (MessageFact, ReactionFact, EditFact, RevokeFact)):
            assert fact.external_id
            assert len(fact.external_id) <= 256
            assert fact.party.addresses
            assert all(address.value for address in fact.party.addresses)
            assert 0 < fact.at <= NOW + 86_400_000


def test_the_rich_document_itself_is_readable() -> None:
    found = adapter().parse(msgspec.json.encode(RICH), NOW)
    assert not [fact for fact in found if isinstance(fact, Unreadable)]
    assert len(found) == 12 + 1 + 2 + 1 + 1 + 1 + 1  # the number change is a fact and a line


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(JUNK)
def test_any_json(junk: Any) -> None:
    check(msgspec.json.encode(junk))
    check(msgspec.json.encode({"object": "whatsapp_business_account", "entry": junk}))
    check(msgspec.json.encode({"entry": [{"changes": [{"field": "messages", "value": {"messages": junk}}]}]}))


@settings(max_examples=400)
@given(st.sampled_from(PLACES), JUNK, st.sampled_from(["replace", "remove", "double"]))
def test_one_part_of_a_good_document_spoiled(place: tuple[Any, ...], junk: Any, how: str) -> None:
    spoiled = copy.deepcopy(RICH)
    holder: Any = spoiled
    for step in place[:-1]:
        holder = holder[step]
    if how == "remove":
        del holder[place[-1]]
    elif how == "double" and isinstance(holder, list):
        holder.append(holder[place[-1]])
    else:
        holder[place[-1]] = junk
    check(msgspec.json.encode(spoiled))


@given(st.integers(0, 2**32))
def test_bytes_of_a_good_document_spoiled(seed: int) -> None:
    chance = random.Random(seed)
    body = bytearray(msgspec.json.encode(RICH))
    for _ in range(chance.randrange(1, 6)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    check(bytes(body))
    check(bytes(body[: chance.randrange(len(body))]))
