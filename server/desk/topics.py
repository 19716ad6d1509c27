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


def find(text: str, topics: Iterable[Keywords]) -> list[Match]:
    """The topics that a text is about, best first."""
    said = spoken(text)
    ranked: list[tuple[tuple[int, int, int, str], Match]] = []
    for topic in topics:
        best, found = None, 0
        for keyword in topic.words:
            compiled = _compiled(keyword)
            if compiled is None or compiled.needle not in said:
                continue
            found += 1
            if best is None or compiled.size > best.size:
                best = compiled
        if best is not None:
            words, letters = best.size
            match = Match(topic.topic, best.keyword, found)
            ranked.append(((-words, -letters, -found, plain(topic.topic)), match))
    return [match for _rank, match in sorted(ranked)]


def path(name: str) -> str:
    """A topic's name as it is kept: parts divided by `/`, each without needless spaces."""
    return "/".join(" ".join(part.split()) for part in name.split("/"))


def good_name(name: str, parts: int = 4, letters: int = 80) -> bool:
    """Whether a name can be a topic's: up to four parts, none empty, nothing that a query or a terminal minds."""
    pieces: Sequence[str] = name.split("/")
    fine = all(piece and piece.isprintable() and not set(piece) & set('"\\') for piece in pieces)
    return fine and len(pieces) <= parts and len(name) <= letters
