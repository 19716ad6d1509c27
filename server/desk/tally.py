"""What the wallboard counts of a day, as a fold over the journal: told of each fact once, in order. Pure."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

import msgspec

from server.wire import Figures

#: length of one of the steps in which recent messages are counted (ms), and how many are kept: six hours
STEP = 5 * 60_000
STEPS = 72
#: steps in one point of the line that is drawn
POINT = 6

#: the promises that are counted
RESPONSES = ("first_response", "next_response")

#: whom figures are about: ("team" | "channel" | "campaign" | "user", id), or EVERYBODY
Key = tuple[str, int]
EVERYBODY: Key = ("all", 0)


class Fact(NamedTuple):
    """One event of the journal that counts. `team`, `channel`, `campaign`: ids of its conversation's, 0 for none;
    `user`: of the advisor who acted, 0 for nobody. `took` (ms) and `target` are told of promises that ended."""

    seq: int
    at: int
    kind: str
    conversation: int
    team: int = 0
    channel: int = 0
    campaign: int = 0
    user: int = 0
    target: str = ""
    took: int = 0


#: the kinds of events that count
KINDS = (
    "conversation.created",
    "message.received",
    "message.queued",
    "sla.met",
    "sla.missed",
    "sla.restarted",
    "conversation.resolved",
)


class _Ended(NamedTuple):
    """A promise of response that ended, and whom it was counted for. Kept of each conversation of a day, so small."""

    met: bool
    target: str
    took: int
    keys: tuple[Key, ...]


class _Day(msgspec.Struct):
    begun: int = 0
    received: int = 0
    replies: int = 0
    resolved: int = 0
    met: int = 0
    missed: int = 0
    answered: set[int] = msgspec.field(default_factory=set)
    first: list[int] = msgspec.field(default_factory=list)


class Tally:
    """The figures of one day, which began at `day_start` (UTC ms), and what came in during the last hours."""

    def __init__(self, day_start: int) -> None:
        self.day_start = day_start
        self.seq = 0
        self._days: defaultdict[Key, _Day] = defaultdict(_Day)
        self._steps: defaultdict[Key, dict[int, int]] = defaultdict(dict)
        self._writers: dict[int, int] = {}
        #: per conversation the promise of response that ended last today, and whom it was counted for
        self._ended: dict[int, _Ended] = {}

    def begin_day(self, day_start: int) -> None:
        """Another day began: its figures start from nothing."""
        if day_start != self.day_start:
            self.day_start = day_start
            self._days.clear()
            self._writers.clear()
            self._ended.clear()

    def take(self, fact: Fact) -> None:
        """Count it, unless it was counted before."""
        if fact.seq <= self.seq:
            return
        self.seq = fact.seq
        if fact.kind == "message.received":
            for key in _keys(fact.team, fact.channel, fact.campaign):
                _note(self._steps[key], fact.at // STEP)
        if fact.at < self.day_start:
            return
        if fact.kind == "message.queued":
            self._writers[fact.conversation] = fact.user
        if fact.kind == "sla.restarted":
            self._take_back(fact)
            return
        if fact.kind.startswith("sla."):
            self._end(fact)
            return
        for key in _keys(fact.team, fact.channel, fact.campaign, fact.user):
            _count(self._days[key], fact)

    def _end(self, fact: Fact) -> None:
        """A promise ended: whoever wrote last kept it, or not."""
        if fact.target not in RESPONSES:
            return
        keys = _keys(fact.team, fact.channel, fact.campaign, self._writers.get(fact.conversation, 0))
        target = RESPONSES[RESPONSES.index(fact.target)]  # one text for all that are kept
        ended = self._ended[fact.conversation] = _Ended(fact.kind == "sla.met", target, fact.took, keys)
        for key in keys:
            _judge(self._days[key], ended)

    def _take_back(self, fact: Fact) -> None:
        """What counted as an answer was none: its promise runs on as if it had not ended."""
        ended = self._ended.pop(fact.conversation, None)
        if ended is not None and ended.target == fact.target:
            for key in ended.keys:
                _judge(self._days[key], ended, -1)

    def figures(self, key: Key) -> Figures:
        """The day so far."""
        day = self._days.get(key)
        if day is None:
            return Figures()
        return Figures(
            begun=day.begun,
            received=day.received,
            answered=len(day.answered),
            replies=day.replies,
            resolved=day.resolved,
            met=day.met,
            missed=day.missed,
            first_p50=percentile(day.first, 50),
            first_p90=percentile(day.first, 90),
        )

    def hour(self, key: Key, now: int) -> int:
        """Messages received in the last hour, to a step."""
        steps, last = self._steps.get(key, {}), now // STEP
        return sum(steps.get(step, 0) for step in range(last - 11, last + 1))

    def recent(self, key: Key, now: int) -> list[int]:
        """Messages received in each of the last twelve half hours, oldest first."""
        steps, last = self._steps.get(key, {}), now // STEP
        counts = [steps.get(step, 0) for step in range(last - STEPS + 1, last + 1)]
        return [sum(counts[i : i + POINT]) for i in range(0, STEPS, POINT)]


def _note(steps: dict[int, int], step: int) -> None:
    if step not in steps:
        for old in [each for each in steps if each <= step - STEPS]:
            del steps[old]
    steps[step] = steps.get(step, 0) + 1


@lru_cache(maxsize=4_096)
def _keys(team: int, channel: int, campaign: int, user: int = 0) -> tuple[Key, ...]:
    """All whose figures a fact counts for."""
    places: tuple[Key, ...] = (EVERYBODY, ("team", team), ("channel", channel), ("campaign", campaign))
    return (*places, ("user", user)) if user else places


def _judge(day: _Day, ended: _Ended, by: int = 1) -> None:
    """Count a promise that ended, or (`by` -1) count it no longer."""
    if ended.met:
        day.met += by
    else:
        day.missed += by
    if ended.target == "first_response" and by > 0:
        insort(day.first, ended.took)
    elif ended.target == "first_response":
        day.first.remove(ended.took)


def _count(day: _Day, fact: Fact) -> None:
    match fact.kind:
        case "conversation.created":
            day.begun += 1
        case "message.received":
            day.received += 1
        case "message.queued":
            day.replies += 1
            day.answered.add(fact.conversation)
        case "conversation.resolved":
            day.resolved += 1


def percentile(ordered: list[int], percent: int) -> int | None:
    """The smallest value that at least `percent` of 100 of the ascending values do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
