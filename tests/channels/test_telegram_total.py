"""Whatever arrives, reading it never raises and gives facts that can be stored."""

from __future__ import annotations

import copy
import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.channels.telegram_content import name_of
from server.channels.telegram_parse import Ref, pressed
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
from tests.channels.telegram_updates import NOW, RICH, adapter
from tests.channels.test_whatsapp_total import JUNK, places

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
DOCUMENTS = [msgspec.json.encode(update) for update in RICH]


def check(body: bytes) -> None:
    """Facts, none raised, each fit for the store."""
    facts = adapter().parse(body, NOW)
    assert facts
    for fact in facts:
        assert isinstance(fact, FACTS)
        encoded = msgspec.json.encode(fact)
        assert b"\\u0000" not in encoded
        encoded.decode("utf-8")
        if isinstance(fact, (MessageFact, ReactionFact, EditFact, RevokeFact)):
            assert 0 < len(fact.external_id) <= 600
            assert fact.party.addresses and all(a.kind and a.value for a in fact.party.addresses)
            assert 0 < fact.at <= NOW + 86_400_000
        if isinstance(fact, MessageFact):
            assert len(fact.text) <= 65_536
            assert bool(fact.shared) <= bool(fact.thread)
            for file in fact.media:
                assert file.provider_id
    assert isinstance(pressed(body), str)


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    check(body)


@given(JUNK)
def test_any_json(value: Any) -> None:
    check(msgspec.json.encode(value))


@given(st.sampled_from(RICH), JUNK, st.integers(0, 2**32))
@settings(max_examples=400)
def test_any_place_of_a_good_update_spoiled(update: dict[str, Any], junk: Any, seed: int) -> None:
    spoiled = copy.deepcopy(update)
    chance = random.Random(seed)
    path = chance.choice(places(spoiled))
    holder: Any = spoiled
    for step in path[:-1]:
        holder = holder[step]
    if chance.random() < 0.2:
        del holder[path[-1]]
    else:
        holder[path[-1]] = junk
    check(msgspec.json.encode(spoiled))


@given(st.sampled_from(DOCUMENTS), st.integers(0, 2**32))
def test_bytes_of_a_good_update_spoiled(document: bytes, seed: int) -> None:
    chance = random.Random(seed)
    body = bytearray(document)
    for _ in range(chance.randrange(1, 6)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    check(bytes(body))
    check(bytes(body[: chance.randrange(len(body))]))


@given(st.integers(), st.integers(1), st.from_regex(r"[A-Za-z0-9_:-]{0,40}", fullmatch=True))
def test_a_name_of_a_message_is_read_back(chat: int, number: int, connection: str) -> None:
    ref = Ref(str(chat), str(number), connection)
    assert Ref.of(str(ref)) == ref


@given(JUNK)
def test_a_name_is_a_short_text(value: Any) -> None:
    assert len(name_of(value)) <= 200
