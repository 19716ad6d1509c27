"""Texts as people search for them: as expressions for the full-text index, and as what a single text is compared with.

Both divide and fold a text alike: words are letters and digits, without case and accents.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from server.desk.words import plain

__all__ = ["Sought", "begun", "plain", "said", "seek", "tokens"]

#: words and phrases of one search that are looked for, at most
MOST = 12
#: characters that the beginning of a word needs to be looked for in messages
BEGINNING = 3
#: characters that a word has at most to be offered for its beginning
LONGEST = 40
#: folded characters below this are remembered: all alphabets, not the tens of thousands of signs that stand for words
_REMEMBERED = 0x3000


class _Folding(dict[int, str]):
    """What each character is in a folded text: itself without case, a Latin one without accents; nothing (an accent by
    itself); or a gap."""

    def __missing__(self, code: int) -> str:
        letter = chr(code).lower()
        apart = unicodedata.normalize("NFD", letter)
        if apart[0] < "\u0250" or len(apart) == 1:  # a Latin letter, or an accent by itself
            letter = "".join(each for each in apart if not "\u0300" <= each <= "\u036f")
        folded = letter if letter.isalnum() or not letter else " "
        if code < _REMEMBERED:
            self[code] = folded
        return folded


_FOLDING = _Folding()


def tokens(text: str) -> list[str]:
    """The words of a text, in order, as the full-text index (`unicode61 remove_diacritics 2`) knows them."""
    return text.translate(_FOLDING).split()


class Run(NamedTuple):
    """Words that follow one another. `begun`: the last one may be unfinished; `ends`: what it can then be, if that is
    known."""

    words: tuple[str, ...]
    begun: bool = False
    ends: tuple[str, ...] = ()

    @property
    def match(self) -> str:
        """As an FTS5 expression: every word is quoted, so that none is an operator."""
        if self.ends:
            words = " OR ".join(f'"{word}"' for word in self.ends)
            return f"({words})"
        return f'"{" ".join(self.words)}"{"*" if self.begun else ""}'


class Sought(NamedTuple):
    """What must all occur in one text, in any order. False if that is nothing."""

    runs: tuple[Run, ...]

    def __bool__(self) -> bool:
        return bool(self.runs)

    @property
    def match(self) -> str:
        """As an FTS5 expression."""
        return " AND ".join(run.match for run in self.runs)

    @property
    def needles(self) -> str:
        """As what `said` compares a text with."""
        return "\n".join(f" {' '.join(run.words)}{'' if run.begun else ' '}" for run in self.runs)

    @property
    def of_names(self) -> str:
        """The same for the full-text index of contacts, of their names: what ends words in messages is not known to end
        names."""
        return f"name : ({' AND '.join(run._replace(ends=()).match for run in self.runs)})"

    def finished(self) -> Sought:
        """The same with all words whole."""
        return Sought(tuple(Run(run.words) for run in self.runs))


def seek(texts: Sequence[tuple[str, bool]]) -> Sought:
    """What texts, as people typed them, ask for: (words, whether they are a phrase)."""
    runs: list[Run] = []
    for text, phrase in texts:
        words = tokens(text)
        if phrase and words:
            runs.append(Run(tuple(words[:MOST])))
        else:
            runs += [Run((word,)) for word in words]
    return Sought(tuple(runs[:MOST]))


def begun(text: str) -> Sought:
    """What a text asks for if each of its words may be unfinished."""
    return Sought(tuple(Run((word,), True) for word in tokens(text)[:MOST]))


def completable(text: str) -> set[str]:
    """The words of a text that beginnings lead to: those that begin with letters. Numbers are too many to know."""
    return {word for word in tokens(text) if BEGINNING < len(word) <= LONGEST and begins(word)}


def begins(word: str) -> bool:
    """Whether a word, or the beginning of one, begins with as many letters as the shortest beginning has."""
    return len(word) >= BEGINNING and word[:BEGINNING].isalpha()


@lru_cache(256)
def _each(needles: str) -> tuple[str, ...]:
    return tuple(needles.split("\n"))


def said(text: str | None, needles: str) -> bool:
    """Whether a text says what is sought (`Sought.needles`). Also an SQL function of that name."""
    if not text:
        return False
    words = f" {' '.join(tokens(text))} "
    return all(needle in words for needle in _each(needles))
