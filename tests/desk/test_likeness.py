"""By what two addresses are likely one person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk import likeness


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("phone", "50370001234", "phone:50370001234"),
        ("phone", "+50370001234", "phone:50370001234"),
        ("phone", "5215512345678", "phone:525512345678"),  # Mexico, as WhatsApp writes it
        ("phone", "525512345678", "phone:525512345678"),
        ("phone", "552164180266", "phone:5521964180266"),  # Brazil, a mobile from before its ninth digit
        ("phone", "5521964180266", "phone:5521964180266"),
        ("phone", "552133334444", "phone:552133334444"),  # a landline has none
        ("phone", "12345", ""),  # a short code
        ("phone", "BANCO", ""),
        ("phone", "0050370001234", ""),
        ("phone", "٥٠٣٧٠٠٠١٢٣٤", ""),
        ("email", "Ana.Perez@Example.COM ", "mail:ana.perez@example.com"),
        ("email", "ana.perez+banco@gmail.com", "mail:anaperez@gmail.com"),
        ("email", "anaperez@googlemail.com", "mail:anaperez@gmail.com"),
        ("email", "ana.perez+banco@outlook.com", "mail:ana.perez@outlook.com"),
        ("email", "ana+banco@example.com", "mail:ana+banco@example.com"),  # who knows what its server does
        ("email", "no mail", ""),
        ("email", "a@b", ""),
        ("visitor", "50370001234", ""),
        ("bsuid", "SV.1", ""),
    ],
)
def test_addresses_of_channels(kind: str, value: str, found: str) -> None:
    assert likeness.of_address(kind, value) == found


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("7000-1234", "SV", "phone:50370001234"),
        ("7000 1234", "GT", "phone:50270001234"),
        ("(503) 7000-1234", "SV", "phone:50370001234"),
        ("00 503 7000 1234", "SV", "phone:50370001234"),
        ("+1 (212) 555-0123", "SV", "phone:12125550123"),
        ("+52 1 55 1234 5678", "SV", "phone:525512345678"),
        ("123456", "SV", ""),
        ("ayer", "SV", ""),
        ("7000-1234 o 7000-1235", "SV", ""),
        ("7" * 1000, "SV", ""),
    ],
)
def test_numbers_that_people_type(text: str, country: str, found: str) -> None:
    assert likeness.of_typed_phone(text, country) == found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Teléfono", "7000-1234", {"phone:50370001234"}),
        ("tel_casa", 70001234, {"phone:50370001234"}),
        ("celular 2", "7000 1234", {"phone:50370001234"}),
        ("otro", "+50370001234", {"phone:50370001234"}),
        ("correo", "ana@example.com", {"mail:ana@example.com"}),
        ("socio", "70001234", set()),  # a member's number is no telephone
        ("DUI", "01234567-8", set()),
        ("hotel", "7000-1234", set()),
        ("teléfono", True, set()),
        ("teléfono", None, set()),
    ],
)
def test_what_people_note(name: str, value: object, found: set[str]) -> None:
    assert likeness.of_attributes({name: value}, "SV") == found


@given(st.dictionaries(st.text(max_size=20), st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.none())))
def test_whatever_people_note_is_read(attributes: dict[str, object]) -> None:
    for found in likeness.of_attributes(attributes, "SV"):
        assert found.startswith(("phone:", "mail:"))


@given(st.from_regex(r"[a-z.+]{1,12}@(gmail|outlook|example)\.com", fullmatch=True))
def test_a_likeness_is_its_own(address: str) -> None:
    once = likeness.of_mail(address)
    assert likeness.of_mail(once.removeprefix("mail:")) == once


@given(st.from_regex(r"[1-9][0-9]{7,14}", fullmatch=True))
def test_a_numbers_likeness_is_its_own(number: str) -> None:
    once = likeness.of_international(number)
    assert likeness.of_international(once.removeprefix("phone:")) == once


def test_what_is_in_common_is_shown_as_people_write_it() -> None:
    assert (likeness.reason("phone:503"), likeness.shown("phone:503")) == ("same_phone", "+503")
    assert (likeness.reason("mail:a@b.sv"), likeness.shown("mail:a@b.sv")) == ("same_email", "a@b.sv")
