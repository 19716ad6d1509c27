"""Foreign text is harmless once it is `SafeText`, whatever it was, and still says what it said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agent_console import safetext
from agent_console.safetext import block, cells, cut, fit, guard, line, wrap
from tests.console import hostile

#: any text at all, lone surrogates included
ANYTHING = st.text(st.characters(codec=None, exclude_categories=())) | st.sampled_from(hostile.ALL).map(
    lambda t: t[:300]
)
PIECES = st.lists(st.sampled_from([text[:80] for text in hostile.ALL]) | st.text(), max_size=6).map("".join)


def assert_harmless(text: str, newlines: bool = False) -> None:
    for char in text:
        assert ord(char) not in hostile.FORBIDDEN or (newlines and char == "\n"), f"{char!r} in {text!r}"


@given(ANYTHING | PIECES)
def test_nothing_that_acts_is_left(text: str) -> None:
    assert_harmless(line(text))
    assert_harmless(block(text), newlines=True)
    assert_harmless(guard(text))


@pytest.mark.parametrize("text", hostile.ALL)
def test_the_corpus_is_harmless(text: str) -> None:
    assert_harmless(line(text))
    assert_harmless(block(text), newlines=True)


@given(ANYTHING | PIECES)
def test_safe_text_stays_as_it_is(text: str) -> None:
    assert line(line(text)) == line(text)
    assert block(block(text)) == block(text)
    assert guard(line(text)) == line(text)


@given(PIECES, st.integers(1, 60))
def test_widths_are_kept(text: str, width: int) -> None:
    safe = line(text)
    assert cells(cut(safe, width)) <= width
    assert cells(fit(safe, width)) == width
    for part in wrap(block(text), width):
        assert cells(part) <= max(width, 2)  # a wide character needs two cells


@given(st.text("abc é漢字😩 \n", max_size=200), st.integers(4, 40))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    wrapped = "".join(wrap(text, width))
    assert [char for char in wrapped if not char.isspace()] == [char for char in text if not char.isspace()]


@given(ANYTHING)
def test_lengths_are_bounded(text: str) -> None:
    assert len(line(text, 20)) <= 20
    assert len(block(text, 20)) <= 20


def test_what_is_cut_off_says_so() -> None:
    assert line("x" * 500, 10) == "x" * 9 + "…"
    assert block("y" * 50_000).endswith("…")
    assert cut("María Ramos", 6) == "María…"
    assert cut("漢字漢字", 5) == "漢字…"
    assert cut("short", 10) == "short"
    assert cut("anything", 0) == ""


def test_ordinary_text_is_untouched() -> None:
    for text in ("¿me pueden confirmar si ya salió el crédito?", "Ñoño & Cía. «S.A.» – 25 % €", "a  b"):
        assert line(text) == text
        assert block(text + "\n" + text) == text + "\n" + text


def test_lines_and_tabs() -> None:
    assert line("one\ntwo\tthree") == "one two three"
    assert block("one\r\ntwo\u2028three\x85four") == "one\ntwo\nthree\nfour"
    assert block("a\tb") == "a   b"
    assert block("a" + "\n" * 50 + "b") == "a\n\n\nb"


def test_sequences_go_with_their_payload() -> None:
    assert line("a\x1b]52;c;ZXZpbA==\x07b") == "ab"
    assert line("a\x9d52;c;ZXZpbA==\x9cb") == "ab"
    assert line("\x1b[31mrojo\x1b[0m") == "rojo"
    assert line("a\x1b]52;c;never closed") == "a52;c;never closed"


def test_overrides_show_and_marks_of_direction_do_not() -> None:
    assert line("photo\u202egpj.exe") == "photo⇄gpj.exe"
    assert line("\u202a+503 7012 4421\u202c") == "+503 7012 4421"


def test_emoji_stay_joined_in_a_message_and_are_taken_apart_in_a_row() -> None:
    assert block("👩‍👩‍👧") == "👩‍👩‍👧"
    assert line("👩‍👩‍👧") == "👩👩👧"
    assert block("❤️ 👍🏽") == "❤️ 👍🏽"
    assert line("❤️ 👍🏽") == "❤ 👍"
    assert block("a\u200db") == "ab"
    assert block("👩\u200d") == "👩"


def test_emoji_can_be_plain_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetext, "plain_emoji", True)
    assert block("👩‍👩‍👧 ❤️") == "👩👩👧 ❤"


def test_marks_are_capped_and_always_stand_on_something() -> None:
    assert len(line("Z" + "\u0489" * 50)) == 1 + safetext.MARKS
    assert line("\u0301x") == "◌\u0301x"
    assert line("e\u0301n\u0303") == "éñ"


def test_broken_characters_are_replaced() -> None:
    assert line("lone \ud800") == "lone \ufffd"
    assert line("\ue000") == "\ufffd"


def test_cells_are_those_of_rich() -> None:
    for text in ("abc", "漢字", "😩", "ñ", "👩‍👩‍👧", "🇸🇻"):
        assert cells(text) == cell_len(text)


def test_a_huge_text_costs_no_more_than_what_is_shown() -> None:
    assert len(line("\u0301" * 5_000_000)) < 500
