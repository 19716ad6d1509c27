"""Service-level clocks: which target runs after an act, when it warns and when it is due. Pure.

First response: from the customer's first message (or the first after a reopening) to the first answer. Next response:
from the oldest unanswered message to the next answer. More messages while a clock runs do not restart it. A clock
counts from the moment we received the message, and stops at the moment an advisor sends an answer (not a note); an
answer that is taken back starts it again where it was. Resolving stops it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Target = Literal["first_response", "next_response"]


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets in ms. `warn_percent` of a target's time is used up when it warns (1 to 99)."""

    first_response_ms: int
    next_response_ms: int
    warn_percent: int = 75


#: what a new organisation starts with: fifteen minutes to the first answer, thirty to each one after
DEFAULT = Policy(first_response_ms=15 * 60_000, next_response_ms=30 * 60_000)


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock; all in UTC ms, `started_at <= warn_at <= due_at`."""

    target: Target
    started_at: int
    warn_at: int
    due_at: int


def start(policy: Policy, answered_before: bool, now: int) -> Clock:
    """The clock that starts when the customer writes at `now` and none is running."""
    target: Target = "next_response" if answered_before else "first_response"
    span = policy.next_response_ms if answered_before else policy.first_response_ms
    return Clock(target, now, now + span * policy.warn_percent // 100, now + span)


def met(clock: Clock, now: int) -> bool:
    """Whether an answer at `now` keeps the promise."""
    return now <= clock.due_at
