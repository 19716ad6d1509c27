"""What a customer's words are about: topics found by their keywords. Pure, and the same for the same words.

A keyword is a word or a phrase, compared without case and accents and as whole words; one that ends in `*` is the
beginning of a word (`bloquead*` is in bloqueado and bloqueada). Of all that are found the longest wins: more words
before fewer, then more letters, then the topic with more of its keywords there, then the name that sorts first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from server.desk.words import plain, spoken


class Keywords(NamedTuple):
    """A topic's name and its keywords, whatever their language."""

    topic: str
    words: tuple[str, ...]


class Match(NamedTuple):
    """A topic that was found: the keyword that decided, and how many of its keywords there were."""

    topic: str
    keyword: str
    found: int


class _Compiled(NamedTuple):
    keyword: str
    needle: str
    size: tuple[int, int]


@lru_cache(maxsize=4_096)
def _compiled(keyword: str) -> _Compiled | None:
    begins = keyword.rstrip().endswith("*")
    words = spoken(keyword, 200).strip()
    if not words:
        return None
    needle = f" {words}" if begins else f" {words} "
    return _Compiled(keyword, needle, (words.count(" ") + 1, len(words)))


def usable(keyword: str) -> bool:
    """Whether there is a word in it at all."""
    return _compiled(keyword) is not None


class Index:
    """Topics, ready to be found in texts: only keywords whose first word is in a text are looked for there."""

    def __init__(self, topics: Iterable[Keywords]) -> None:
        self._by_word: dict[str, list[tuple[str, _Compiled]]] = {}
        #: keywords of which the first word may be the beginning of one
        self._beginnings: list[tuple[str, _Compiled]] = []
        for topic, words in topics:
            for compiled in filter(None, map(_compiled, words)):
                first, end, _rest = compiled.needle[1:].partition(" ")
                place = self._by_word.setdefault(first, []) if end else self._beginnings
                place.append((topic, compiled))

    def find(self, text: str) -> list[Match]:
        """The topics that a text is about, best first."""
        said = spoken(text)
        tried = [each for word in dict.fromkeys(said.split()) for each in self._by_word.get(word, ())]
        hits: dict[str, list[_Compiled]] = {}
        for topic, compiled in (*tried, *self._beginnings):
            if compiled.needle in said:
                hits.setdefault(topic, []).append(compiled)
        return [match for _rank, match in sorted(_ranked(topic, found) for topic, found in hits.items())]


def _ranked(topic: str, found: list[_Compiled]) -> tuple[tuple[int, int, int, str], Match]:
    best = max(found, key=lambda each: (each.size, each.keyword))
    words, letters = best.size
    return (-words, -letters, -len(found), plain(topic)), Match(topic, best.keyword, len(found))


def path(name: str) -> str:
    """A topic's name as it is kept: parts divided by `/`, each without needless spaces."""
    return "/".join(" ".join(part.split()) for part in name.split("/"))


def good_name(name: str, parts: int = 4, letters: int = 80) -> bool:
    """Whether a name can be a topic's: up to four parts, none empty, nothing that a query or a terminal minds."""
    pieces: Sequence[str] = name.split("/")
    fine = all(piece and piece.isprintable() and not set(piece) & set('"\\') for piece in pieces)
    return fine and len(pieces) <= parts and len(name) <= letters
