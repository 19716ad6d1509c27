"""Letters for everything that can be gone to or pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

#: the home row first; no letter that another keyboard has elsewhere
LETTERS: Final = "asdfghjklqwertyuiopcvbnmzx"


class Target(NamedTuple):
    """Something at a place of the screen, and what going to it does. `before`: its letters stand before the place."""

    x: int
    y: int
    go: Callable[[], object]
    before: bool = False


def codes(count: int) -> list[str]:
    """As many codes, none the beginning of another: single letters first, pairs for the rest."""
    pairs = 0
    while len(LETTERS) - pairs + pairs * len(LETTERS) < count and pairs < len(LETTERS):
        pairs += 1
    singles = LETTERS[: len(LETTERS) - pairs]
    doubles = [first + second for first in LETTERS[len(LETTERS) - pairs :] for second in LETTERS]
    return [*singles, *doubles][:count]


def lettered(targets: Sequence[Target]) -> dict[str, Target]:
    """Targets by their codes; of two in one place the first stays. Those beyond the last code have none."""
    kept: dict[tuple[int, int], Target] = {}
    for target in targets:
        kept.setdefault((target.x, target.y), target)
    found = list(kept.values())
    return dict(zip(codes(len(found)), found, strict=False))
