"""What a team's protocol asks for, and how far a conversation has got with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

#: what can be asked for. `own`: in the team's own words
KINDS: Final = (
    "greeting",
    "identity",
    "topic",
    "complexity",
    "outcome",
    "satisfaction",
    "promise",
    "own",
)
#: these are known from the conversation itself and cannot be ticked
FACTS: Final = frozenset({"topic", "complexity", "outcome"})
#: what is asked anew when the customer comes back
AGAIN: Final = frozenset({"follow_up", "closure"})

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Item(NamedTuple):
    """One thing that a stage asks for. `within_ms`: in what time, for a greeting."""

    id: str
    kind: str
    stage: str
    required: bool
    within_ms: int = 0


class Known(NamedTuple):
    """What is known of a conversation. `greeted_after`: how long its first answer took (ms), None without one.

    `promised`: a reminder or promise is noted.
    """

    topic: str = ""
    complexity: str = ""
    outcome: str = ""
    greeted_after: int | None = None
    promised: bool = False


class State(NamedTuple):
    """How an item stands. `by_fact`: nobody had to tick it. `late`: it was done, but not in time."""

    done: bool
    by_fact: bool = False
    late: bool = False


def good_id(id: str) -> bool:
    """Whether this can name an item."""
    return _ID.fullmatch(id) is not None


def state(item: Item, known: Known, ticked: bool) -> State:
    """How an item stands: a fact counts before a tick."""
    match item.kind:
        case "greeting" if known.greeted_after is not None:
            return State(True, True, bool(item.within_ms) and known.greeted_after > item.within_ms)
        case "topic" | "complexity" | "outcome":
            return State(bool(getattr(known, item.kind)), True)
        case "promise" if known.promised:
            return State(True, True)
    return State(ticked)


def missing(items: Iterable[Item], known: Known, ticks: Mapping[str, object]) -> list[Item]:
    """What is required and not done."""
    return [item for item in items if item.required and not state(item, known, item.id in ticks).done]
