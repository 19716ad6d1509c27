"""Whether somebody is there: what changes by itself, and when. Pure.

Times in UTC ms; `away_ms` and `gone_ms` are the organisation's, 0 switches that rule off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

State = Literal["online", "busy", "away", "offline"]
#: why a state changed: a person said so (chosen, forced by another), or by itself
Why = Literal["chosen", "forced", "console", "key", "back", "idle", "gone", "signed_out", "switched_off"]

#: who is not there
ABSENT: frozenset[str] = frozenset({"away", "offline"})
#: leaving for these reasons is no break: what they had in hand is dealt with at once
AT_ONCE: frozenset[str] = frozenset({"signed_out", "switched_off"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands. `chosen`: a person said so, at `said_at`; `gone_at`: since when no console of theirs is
    connected."""

    state: str = "offline"
    back_at: int | None = None
    why: str = ""
    chosen: bool = False
    gone_at: int | None = None
    said_at: int = 0


class Seen(NamedTuple):
    """What is known of somebody's consoles together. `touched_at`: when a key was last touched on any of them."""

    present: bool
    touched_at: int = 0


class Rules(NamedTuple):
    away_ms: int
    gone_ms: int


class Change(NamedTuple):
    """A new state and why. `state` None: only the choice is forgotten."""

    state: State | None
    why: Why


def change(standing: Standing, seen: Seen, rules: Rules, now: int) -> Change | None:
    """What has to change now, if anything.

    A console that comes makes its user online unless they chose otherwise; one that nobody touches makes them away, the
    next key brings them back; the moment they named does so too, once a key is touched after it. Without a console they
    are offline after a while, and their choice is forgotten: tomorrow's sign-in starts anew.
    """
    if not seen.present:
        gone = _gone_from(standing, rules)
        if gone is None or now < gone:
            return None
        if standing.state != "offline":
            return Change("offline", "gone")
        return Change(None, "gone") if standing.chosen else None
    idle = bool(rules.away_ms) and now - _alive(standing, seen) >= rules.away_ms
    if idle:
        return Change("away", "idle") if standing.state == "online" else None
    if standing.state == "offline" and not standing.chosen:
        return Change("online", "console")
    if standing.state == "away" and standing.why == "idle":
        return Change("online", "key")
    if standing.state == "away" and standing.back_at is not None and standing.back_at <= now:
        return Change("online", "back")
    return None


def due(standing: Standing, seen: Seen, rules: Rules, now: int) -> int | None:
    """The next moment at which something may change by itself, if nothing happens meanwhile."""
    if not seen.present:
        gone = _gone_from(standing, rules)
        return gone if gone is not None and (standing.state != "offline" or standing.chosen) else None
    if standing.state == "online":
        return _alive(standing, seen) + rules.away_ms if rules.away_ms else None
    if standing.state == "away" and standing.back_at is not None and standing.back_at > now:
        return standing.back_at
    return None


def _alive(standing: Standing, seen: Seen) -> int:
    """The last sign of life: a key, or what they said elsewhere."""
    return max(seen.touched_at, standing.said_at)


def _gone_from(standing: Standing, rules: Rules) -> int | None:
    """When somebody without a console is offline: who said when they are back is given until then."""
    if standing.gone_at is None or not rules.gone_ms:
        return None
    back = standing.back_at if standing.state == "away" else None
    return max(standing.gone_at, back or 0) + rules.gone_ms
