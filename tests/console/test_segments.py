"""How many SMS a text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.presentation.segments import GSM, GSM_PART, UCS2, UCS2_PART, count

GSM_SIGNS = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€\f"


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "parts", "left", "gsm"),
    [
        ("", 0, 160, True),
        ("a", 1, 159, True),
        ("a" * 160, 1, 0, True),
        ("a" * 161, 2, 145, True),
        ("a" * 306, 2, 0, True),
        ("a" * 307, 3, 152, True),
        ("€" * 80, 1, 0, True),
        ("€" * 81, 2, 143, True),  # 76 in the first part (a place stays empty), 5 in the second
        ("¿Qué tal, señor? ¡Adiós!", 1, 46, False),  # í and ó are not in the GSM alphabet
        ("mañana, él también", 1, 142, True),
        ("á", 1, 69, False),
        ("ñ" * 160, 1, 0, True),
        ("á" * 70, 1, 0, False),
        ("á" * 71, 2, 63, False),
        ("á" * 134, 2, 0, False),
        ("á" * 135, 3, 66, False),
        ("😀", 1, 68, False),
        ("😀" * 35, 1, 0, False),
        ("😀" * 36, 2, 61, False),  # 33 in the first (a unit stays empty), 3 in the second
        ("x" * 66 + "😀" * 5, 2, 57, False),
        ("👨‍👩‍👧‍👦", 1, 59, False),
        ("x" * 60 + "👨‍👩‍👧‍👦", 2, 56, False),  # 11 units do not fit behind 60
        ("x" * 64 + "🇸🇻" + "y" * 5, 2, 58, False),
        ("x" * 65 + "👍🏽" + "y" * 5, 2, 58, False),
    ],
)
def test_known_counts(text: str, parts: int, left: int, gsm: bool) -> None:
    assert count(text)[:3] == (parts, left, gsm)


def test_the_first_sign_that_makes_it_dear() -> None:
    assert count("Adiós señor, aquí").culprit == "ó"
    assert count("hola").culprit == ""


@given(st.text(alphabet=GSM_SIGNS))
def test_gsm_texts(text: str) -> None:
    found = count(text)
    places = sum(2 if sign in "^{}\\[~]|€\f" else 1 for sign in text)
    assert found.gsm
    assert (found.parts <= 1) == (places <= GSM)
    if places > GSM:
        # at most one place a part stays empty, when a character of two did not fit
        assert -(-places // GSM_PART) <= found.parts <= -(-places // (GSM_PART - 1))


@given(st.text(min_size=1))
def test_any_text(text: str) -> None:
    found = count(text)
    assert found.parts >= 1
    assert 0 <= found.left < GSM
    if not found.gsm:
        assert (found.parts <= 1) == (units(text) <= UCS2)
        assert found.parts == 1 or found.parts >= -(-units(text) // UCS2_PART)


@given(st.text(alphabet=GSM_SIGNS, max_size=400), st.text(alphabet=GSM_SIGNS, max_size=400))
def test_more_text_is_never_cheaper(text: str, more: str) -> None:
    assert count(text + more).parts >= count(text).parts
    assert count(text + more + "ж").parts >= count(text + more).parts


@given(st.lists(st.sampled_from(["😀", "👨‍👩‍👧‍👦", "🇸🇻", "👍🏽", "é\u0301", "x", "ж"]), min_size=1))
def test_no_sign_is_cut(signs: list[str]) -> None:
    """Put into parts by hand, sign by sign, it is the same."""
    text = "".join(signs) + "ж"
    if units(text) <= UCS2:
        assert count(text).parts == 1
        return
    parts, used = 1, 0
    for sign in [*signs, "ж"]:
        size = units(sign)
        if used + size > UCS2_PART:
            parts, used = parts + 1, 0
        used += size
    assert count(text)[:2] == (parts, UCS2_PART - used)


@given(st.integers(0, 3_000))
def test_a_tower_of_marks_ends(height: int) -> None:
    assert count("a" + "\u0301" * height).parts == (1 if height < UCS2 else -(-(height + 1) // UCS2_PART)) or not height
