"""Texts as rules compare them: without case and accents, and by whole words. Pure."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"\w+", re.UNICODE)


def plain(text: str | None) -> str:
    """A text without case and accents, as it is compared. Also an SQL function of that name."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def spoken(text: str, most: int = 4_000) -> str:
    """The words of a text (its first `most` characters), plain, each between two spaces: see `says`."""
    return f" {' '.join(_WORDS.findall(plain(text[:most])))} "


def says(said: str, phrase: str) -> bool:
    """Whether the words of `phrase` stand in `said` (from `spoken`) one after the other, as whole words."""
    wanted = spoken(phrase)
    return wanted != "  " and wanted in said
