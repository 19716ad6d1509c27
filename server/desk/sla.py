"""Service-level promises: which policy holds, and what its clocks do. Pure.

docs/sla.md is the written definition, with examples that are executed as tests. In short:

* First response: from the customer's first message (or the first after a reopening) to the first answer. Next
  response: from the oldest unanswered message to the next answer. More messages while it runs do not restart it.
* Resolution: from the first message (or the one that reopened it) to the end of the conversation; if its policy says
  so, it pauses while we wait for the customer.
* Transfer: from the moment a conversation is handed over until the receiver accepts.

A clock counts from the moment we received the message and stops at the moment an advisor sends an answer (not a note).
An answer that is taken back, or never arrives, starts it again where it was. Lengths are business time in the policy's
calendar; moments are UTC ms, computed once and stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple

from server.desk import calendars
from server.desk.calendars import ALWAYS, Calendar
from server.desk.words import plain

Target = Literal["first_response", "next_response", "resolution", "transfer"]
#: of one kind at most one clock runs on a conversation
Kind = Literal["response", "resolution", "transfer"]

TARGETS: Final[tuple[Target, ...]] = ("first_response", "next_response", "resolution", "transfer")
_KINDS: Final[Mapping[str, Kind]] = {
    "first_response": "response",
    "next_response": "response",
    "resolution": "resolution",
    "transfer": "transfer",
}
#: what a condition weighs when two policies have the same number of them
_WEIGHTS: Final = {"campaign": 32, "profile": 16, "priority": 8, "team": 4, "channel": 2}


def kind_of(target: str) -> Kind:
    return _KINDS[target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the choice of a policy goes by. `channel`: its name and its kind; empty texts: not known."""

    channel: tuple[str, ...] = ()
    team: str = ""
    priority: str = "normal"
    profile: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Promises in ms of business time; a target that is missing is not promised.

    `when`: condition → values of which one has to fit (channel takes names and kinds). `warn_percent` of a target's
    time is used up when it warns (1 to 99). `pause`: the resolution clock stands still while we wait for the customer.
    """

    id: int
    name: str
    targets: Mapping[Target, int]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warn_percent: int = 75
    calendar: Calendar = ALWAYS
    pause: bool = True
    is_default: bool = False

    def specificity(self) -> tuple[int, int]:
        """How much it asks for: the more, the earlier it goes."""
        return len(self.when), sum(_WEIGHTS[name] for name in self.when)


#: what a new organisation starts with: fifteen minutes to the first answer, thirty to each one after
DEFAULT: Final = Policy(0, "default", {"first_response": 15 * 60_000, "next_response": 30 * 60_000}, is_default=True)


class Considered(NamedTuple):
    """A policy that was looked at. `failed`: the first condition that did not hold ("" if all did)."""

    policy: Policy
    failed: str = ""


class Choice(NamedTuple):
    """The policy that holds. `why`: prescribed (by the campaign or route), conditions, or default. `considered`: those
    looked at, in order, up to the one that holds."""

    policy: Policy
    why: Literal["prescribed", "conditions", "default"]
    considered: tuple[Considered, ...] = ()


def ordered(policies: Sequence[Policy]) -> list[Policy]:
    """In the order in which they are tried: most specific first, the older one of two alike; the default last."""
    return sorted(policies, key=lambda each: (each.is_default, *(-n for n in each.specificity()), each.id))


def choose(policies: Sequence[Policy], facts: Facts, prescribed: int | None = None) -> Choice:
    """The policy for a conversation, out of `policies` (as `ordered`). One that is `prescribed` (by id) goes first."""
    for each in policies:
        if each.id == prescribed:
            return Choice(each, "prescribed")
    considered: list[Considered] = []
    for each in policies:
        failed = "" if each.is_default else _failed(each, facts)
        considered.append(Considered(each, failed))
        if not failed:
            return Choice(each, "default" if each.is_default else "conditions", tuple(considered))
    return Choice(DEFAULT, "default", tuple(considered))


def _failed(policy: Policy, facts: Facts) -> str:
    for name, values in policy.when.items():
        known = facts.channel if name == "channel" else (getattr(facts, name),)
        if not {plain(value) for value in values} & {plain(value) for value in known}:
            return name
    return ""


# ---------------------------------------------------------------- clocks


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs, or stands still since `paused_at`. `started_at <= warn_at <= due_at`.

    It began at `started_at`; since `since_at` it has been running without a pause, and then had `left_ms` of its
    `span_ms` left (business time). While it stands still `due_at` is where it would have ended.
    """

    target: Target
    started_at: int
    warn_at: int
    due_at: int
    span_ms: int
    since_at: int
    left_ms: int
    policy: int = 0
    paused_at: int | None = None


def target_of(answered_before: bool) -> Target:
    """What a customer who writes waits for."""
    return "next_response" if answered_before else "first_response"


def start(policy: Policy, target: Target, at: int) -> Clock | None:
    """The clock that starts at `at`; None if the policy does not promise that."""
    span = policy.targets.get(target)
    return None if span is None else _running(policy, target, at, span, at, span)


def _running(policy: Policy, target: Target, started_at: int, span: int, since: int, left: int) -> Clock:
    calendar = policy.calendar
    due = calendars.add(calendar, since, left)
    warn = calendars.add(calendar, since, left - (span - span * policy.warn_percent // 100))
    return Clock(target, started_at, warn, due, span, since, left, policy.id)


def left(policy: Policy, clock: Clock, now: int) -> int:
    """Business time left at `now`; below zero if it is over."""
    at = now if clock.paused_at is None else clock.paused_at
    if at >= clock.due_at:
        return -calendars.between(policy.calendar, clock.due_at, at)
    return clock.left_ms - calendars.between(policy.calendar, clock.since_at, at)


def pause(clock: Clock, now: int) -> Clock:
    """The clock stands still from `now` on."""
    return replace(clock, paused_at=now)


def go_on(policy: Policy, clock: Clock, now: int) -> Clock:
    """A clock that stood still runs again with what it had left. One that was over stays due when it was."""
    assert clock.paused_at is not None
    if clock.paused_at >= clock.due_at:
        return replace(clock, paused_at=None)
    rest = left(policy, clock, now)
    return _running(policy, clock.target, clock.started_at, clock.span_ms, now, rest)


def reapply(policy: Policy, clock: Clock) -> Clock | None:
    """The clock under another policy, or the same with other promises or hours; None if that promises nothing here.

    What was used before the last pause stays used; the stretch since then is counted anew. A pause goes on.
    """
    span = policy.targets.get(clock.target)
    if span is None:
        return None
    used = clock.span_ms - clock.left_ms
    moved = _running(policy, clock.target, clock.started_at, span, clock.since_at, max(0, span - used))
    return replace(moved, paused_at=clock.paused_at)


def met(clock: Clock, now: int) -> bool:
    """Whether an answer (or the end) at `now` keeps the promise."""
    return (now if clock.paused_at is None else clock.paused_at) <= clock.due_at


def most_urgent(clocks: Sequence[Clock]) -> Clock | None:
    """The one that is shown: due first; those that stand still last."""
    return min(
        clocks, key=lambda each: (each.paused_at is not None, each.due_at, TARGETS.index(each.target)), default=None
    )
