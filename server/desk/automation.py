"""Automation's rules: what may start one, who waits for whom, how often one may fire. Pure.

An event of the journal has a name that people write into rules (`EVENTS`). Two more are moments at which nothing
happens, which is the point: `waits>2h` and `silent>3d`. Who waits follows from the same events (`after`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from server import query
from server.wire import NewRule, RuleAct

Side = Literal["waits", "silent"]

#: how long one event may set off another: a rule, what that sets off, and what that sets off
DEEPEST = 3
#: within this (ms) a rule fires at most `per_hour` times in one conversation
WINDOW = 3_600_000
#: of one rule at most: events, acts; and of how often it may fire
MOST_EVENTS, MOST_ACTS, MOST_OFTEN = 20, 20, 60
#: what a time-based rule waits at least and at most (ms)
SHORTEST, LONGEST = 60_000, 90 * 24 * 3_600_000

#: kinds of the journal's events by the name that rules have for them
EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "created": ("conversation.created",),
    "received": ("message.received",),
    "automatic": ("message.received",),
    "answered": ("message.queued", "message.echo"),
    "failed": ("message.status",),
    "noted": ("note.added",),
    "tagged": ("conversation.tagged",),
    "prioritised": ("conversation.prioritised",),
    "classified": ("conversation.classified",),
    "routed": ("conversation.routed",),
    "assigned": ("conversation.claimed", "conversation.assigned"),
    "transferred": ("conversation.transferred",),
    "sent_back": ("conversation.transfer_declined", "conversation.transfer_returned"),
    "flagged": ("conversation.flagged",),
    "woken": ("conversation.woken",),
    "sla_warned": ("sla.warned",),
    "sla_breached": ("sla.breached",),
    "promise_late": ("reminder.late",),
    "resolved": ("conversation.resolved",),
    "reopened": ("conversation.reopened",),
}
#: kinds that change who waits for whom
TURNS: Final = frozenset({"message.received", "message.queued", "message.echo", "conversation.resolved"})

_TIMED = re.compile(r"(waits|silent)>((?:\d+(?:s|min|m|h|d|w))+)")
_SPAN = re.compile(r"(?:\d+(?:s|min|m|h|d|w))+")
_PART = re.compile(r"(\d+)(s|min|m|h|d|w)")
_NAME = re.compile(r"\w[\w.-]{0,39}")
#: messages that leave later than this after they were written are scheduled: no answer yet (ms)
_HELD = 60_000
#: what differs from person to person cannot be asked by a rule, which is nobody
_PERSONAL = {
    "is": frozenset({"mine", "unread", "followed", "mentioned"}),
    "has": frozenset({"draft"}),
    "assignee": frozenset({"me", "yo", "mine"}),
}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a rule. `code`: bad_name, no_event, unknown_event, bad_wait, one_wait, bad_query, personal,
    no_act, bad_value, too_many, bad_limit; `what`: the word; `start` to `end`: where in the condition, if there."""

    code: str
    what: str = ""
    start: int = -1
    end: int = -1
    why: dict[str, Any] = {}


class Timer(msgspec.Struct, frozen=True):
    """A time-based event: so long (ms) on that side."""

    side: Side
    ms: int


def span(text: str) -> int | None:
    """A length of time like 2h or 1d12h in ms; None if it is none."""
    if not _SPAN.fullmatch(text):
        return None
    return sum(int(n) * query.UNITS[unit] for n, unit in _PART.findall(text))


def timer(event: str) -> Timer | None:
    """The event as a time-based one, if it is written like one."""
    match = _TIMED.fullmatch(event)
    if match is None:
        return None
    return Timer("waits" if match[1] == "waits" else "silent", span(match[2]) or 0)


def timers(rule: NewRule) -> Iterator[tuple[str, Timer]]:
    """The rule's time-based event, as written and read; it has one at most."""
    for event in rule.on:
        if (found := timer(event)) is not None:
            yield event, found


def kinds(rules: Sequence[NewRule]) -> frozenset[str]:
    """The kinds of the journal's events that these rules have to be shown."""
    wanted = {kind for rule in rules for event in rule.on for kind in EVENTS.get(event, ())}
    if any(True for rule in rules for _ in timers(rule)):
        wanted |= TURNS
    return frozenset(wanted)


def name_of(kind: str, at: int, data: Mapping[str, Any]) -> str | None:
    """What rules call an event of the journal; None for one that starts none.

    What a machine wrote has a name of its own, so that no rule answers it by mistake; what no person here wrote
    (`automatic`), what is to leave later and what waits for a reviewer is no answer.
    """
    match kind:
        case "message.received":
            return "automatic" if data.get("automatic") else None if data.get("kind") == "system" else "received"
        case "message.queued":
            later = int(data.get("send_at") or at) - at > _HELD
            return None if later or data.get("automatic") else "answered"
        case "message.status":
            return "failed" if data.get("status") == "failed" else None
        case "conversation.tagged":
            return "tagged" if data.get("added") else None
    return _NAMES.get(kind)


_NAMES = {kind: name for name, found in EVENTS.items() for kind in found if name != "automatic"}


def after(name: str | None, before: Side | None) -> Side | Literal["ends", ""]:
    """What an event does to who waits for whom: a side that begins now, `ends`, or "" (nothing).

    A customer who writes twice waits since the first time; with each answer of ours the wait for them begins anew.
    """
    match name:
        case "received":
            return "waits" if before != "waits" else ""
        case "answered":
            return "silent"
        case "resolved":
            return "ends" if before is not None else ""
    return ""


def may_fire(fired: Sequence[int], now: int, per_hour: int) -> bool:
    """Whether a rule that fired in a conversation at these moments (UTC ms) may do so again."""
    return sum(1 for at in fired if at > now - WINDOW) < per_hour


# ---------------------------------------------------------------- as it is written


def faults(rule: NewRule) -> Iterator[Fault]:
    """Everything that is wrong with a rule as far as the rule itself tells."""
    if not _NAME.fullmatch(rule.name):
        yield Fault(code="bad_name", what=rule.name[:60])
    if not rule.on:
        yield Fault(code="no_event")
    if not rule.then:
        yield Fault(code="no_act")
    if sum(1 for _ in timers(rule)) > 1:
        yield Fault(code="one_wait")
    if len(rule.on) > MOST_EVENTS or len(rule.then) > MOST_ACTS:
        yield Fault(code="too_many", what=str(MOST_ACTS))
    if not 1 <= rule.per_hour <= MOST_OFTEN:
        yield Fault(code="bad_limit", what=str(MOST_OFTEN))
    yield from filter(None, map(_event, rule.on))
    yield from _condition(rule.condition)
    yield from filter(None, map(_act, rule.then))


def _event(event: str) -> Fault | None:
    if event in EVENTS:
        return None
    found = timer(event)
    if found is None:
        known = [*EVENTS, "waits>2h", "silent>3d"]
        return Fault(code="unknown_event", what=event[:60], why={"known": known})
    return None if SHORTEST <= found.ms <= LONGEST else Fault(code="bad_wait", what=event[:60])


def _condition(text: str) -> Iterator[Fault]:
    try:
        tree = query.parse(text)
    except query.QueryError as error:
        why = {"why": error.code, **error.params}
        yield Fault(
            code="bad_query", what=text[error.start : error.end][:60], start=error.start, end=error.end, why=why
        )
        return
    for term in query.terms(tree):
        if _PERSONAL.get(term.field, frozenset()) & {value.casefold() for value in term.values}:
            yield Fault(code="personal", what=text[term.start : term.end][:60], start=term.start, end=term.end)


_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "priority": ("low", "normal", "high", "urgent"),
    "complexity": ("simple", "medium", "complex"),
}


def _act(act: RuleAct) -> Fault | None:
    value = act.value.strip()
    match act.do:
        case "resolve":
            ok = True
        case "priority" | "complexity":
            ok = value in _CHOICES[act.do]
        case "snooze":
            ok = span(value) is not None
        case "remind":
            ok = span(value.partition(" ")[0]) is not None
        case _:
            ok = bool(value)
    return None if ok else Fault(code="bad_value", what=f"{act.do} = {value[:60]}")
