"""Texts as rules compare them: without case and accents, and by whole words. Pure."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"\w+", re.UNICODE)
#: no letter below this one is combined with the letter before it
_FIRST_MARK = "\u0300"


def plain(text: str | None) -> str:
    """A text without case and accents, as it is compared. Also an SQL function of that name."""
    if not text:
        return ""
    folded = text.casefold()
    if folded.isascii():
        return folded
    letters = unicodedata.normalize("NFKD", folded)
    return "".join([letter for letter in letters if letter < _FIRST_MARK or not unicodedata.combining(letter)])


def spoken(text: str, most: int = 4_000) -> str:
    """The words of a text (its first `most` characters), plain, each between two spaces: see `says`."""
    return f" {' '.join(_WORDS.findall(plain(text[:most])))} "


def says(said: str, phrase: str) -> bool:
    """Whether the words of `phrase` stand in `said` (from `spoken`) one after the other, as whole words."""
    wanted = spoken(phrase)
    return wanted != "  " and wanted in said
