"""Which campaign brought somebody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk import campaigns
from server.desk.campaigns import Campaign, find, in_language, title

NOW = 1_795_000_000_000
SCHOOL = Campaign(id=1, name="escolar", sources=("120210000",), refs=("Escolar2026",), words=("crédito escolar",))
HERE = ("wa", "whatsapp")


@pytest.mark.parametrize(
    ("referral", "text", "sign"),
    [
        ({"source_type": "ad", "source_id": "120210000"}, "", "source"),
        ({"ad_id": "120210000", "source": "ADS"}, "", "source"),
        ({"ad_id": 120210000}, "", "source"),
        ({"ref": "escolar2026"}, "hola", "ref"),
        ({"source_type": "start_link", "source_id": "ESCOLAR2026"}, "/start escolar2026", "ref"),
        ({"source_url": "https://coop.sv/?utm_source=fb&utm_campaign=Escolar2026"}, "", "ref"),
        ({}, "Buenas, me interesa el CREDITO escolar!", "words"),
        ({}, "me interesa un crédito", ""),
        ({"source_url": "https://["}, "", ""),
        ({"ref": {"deep": ["nonsense"]}, "source_id": None}, "", ""),
    ],
)
def test_the_signs(referral: dict[str, Any], text: str, sign: str) -> None:
    found = find([SCHOOL], referral, text, HERE, NOW)
    assert (found.sign if found else "") == sign


def test_a_number_says_more_than_a_reference_and_that_more_than_words() -> None:
    by_ad, by_ref = Campaign(id=2, name="ad", sources=("7",)), Campaign(id=3, name="ref", refs=("r",))
    by_word = Campaign(id=4, name="word", words=("hola",))
    all_three = [by_word, by_ref, by_ad]
    assert find(all_three, {"ref": "r", "ad_id": "7"}, "hola", HERE, NOW).campaign == by_ad  # type: ignore[union-attr]
    assert find(all_three, {"ref": "r"}, "hola", HERE, NOW).campaign == by_ref  # type: ignore[union-attr]


def test_time_and_channel_bound_it() -> None:
    bound = Campaign(id=1, name="x", words=("hola",), channel="WhatsApp", starts_at=NOW, ends_at=NOW + 10)
    assert find([bound], {}, "hola", HERE, NOW)
    assert not find([bound], {}, "hola", HERE, NOW - 1)
    assert not find([bound], {}, "hola", HERE, NOW + 10)
    assert not find([bound], {}, "hola", ("fb", "messenger"), NOW)


@given(st.permutations(range(1, 6)), st.lists(st.sampled_from([None, NOW - 5, NOW - 1]), min_size=6, max_size=6))
def test_between_equals_the_one_that_began_last_then_the_newest(order: list[int], starts: list[int | None]) -> None:
    them = [Campaign(id=n, name=str(n), words=("hola",), starts_at=starts[n]) for n in order]
    found = find(them, {}, "hola", HERE, NOW)
    assert found is not None
    assert found.campaign == max(them, key=lambda each: (each.starts_at or 0, each.id))


@given(
    st.dictionaries(st.text(max_size=12), st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
)
def test_whatever_a_provider_sends_is_read(referral: dict[str, Any]) -> None:
    campaigns.signs(referral)
    assert isinstance(title(referral), str)


def test_titles_of_what_no_campaign_of_ours_knows() -> None:
    assert title({"headline": "Su crédito", "source_id": "1"}) == "Su crédito"
    assert title({"ad_id": "5", "ads_context_data": {"ad_title": "Ahorro"}}) == "Ahorro"
    assert title({"ref": "r1", "source": "SHORTLINK"}) == "r1"
    assert title({}) == ""


def test_a_greeting_in_somebodys_language() -> None:
    variants = {"es": "hola", "en": "hello", "": "saludos"}
    assert [in_language(variants, each) for each in ("es-SV", "en", "pt", "")] == [
        "hola",
        "hello",
        "saludos",
        "saludos",
    ]
    assert in_language({"en": "hello"}, "es") == "hello"
    assert in_language({}, "es") == ""
