"""Names found by a few of their letters: `crsm` finds Créditos San Miguel. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")
#: the rank of what has only the letters, in their order
SCATTERED: Final = 3


def plain(text: str) -> str:
    """Without accents and capitals."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def rank(wanted: str, text: str) -> int | None:
    """How well `text` fits what was typed, 0 best; None if it does not: the letters must occur in their order."""
    wanted, text = plain(wanted), plain(text)
    if not wanted or text.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in text.replace("-", " ").replace(".", " ").split()):
        return 1
    if wanted in text:
        return 2
    letters = iter(text)
    return SCATTERED if all(letter in letters for letter in wanted.replace(" ", "")) else None


def best(wanted: str, things: Iterable[T], text: Callable[[T], str]) -> list[T]:
    """Those that fit, the best first, equals in the order given."""
    ranked = [(found, thing) for thing in things if (found := rank(wanted, text(thing))) is not None]
    return [thing for _found, thing in sorted(ranked, key=lambda pair: pair[0])]
