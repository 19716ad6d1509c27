"""Which route a conversation takes: a table, read from the most specific route to the least; the first that fits. Pure.

The one definition of "more specific": a route that names a campaign comes before every route that names none; among
the rest the one with more conditions comes first, then the one whose topic has more parts (`créditos/personal` before
`créditos`); what is still equal goes by place, then by age (its number).

A condition is fulfilled if one of its values is; texts are compared without case and accents; `-` stands for "not
known". Campaigns have their own route: it stands in the table as a route with that one condition, behind all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from server.desk.words import plain

#: what a route can ask for, in the order in which an explanation names the first that fails
CONDITIONS: Final = (
    "campaign",
    "topic",
    "complexity",
    "profile",
    "region",
    "language",
    "channel",
    "priority",
    "hours",
)
#: a value that is fulfilled where nothing is known
NOTHING: Final = "-"

#: what said where a conversation goes; `kept`: whoever put it there before
By = Literal["route", "campaign", "topic", "channel", "last_resort", "nobody", "kept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`when`: condition to accepted values. `campaign_id`: it is this campaign's own route. Where it leads: `team_id`
    (None: it says nothing of the team), `skills` an advisor needs, and what it sets besides."""

    id: int
    name: str
    place: int = 0
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    team_id: int | None = None
    skills: tuple[str, ...] = ()
    priority: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    campaign_id: int | None = None
    #: the conditions as they are compared, in the order of CONDITIONS; a table is read far more often than it changes
    asked: tuple[tuple[str, frozenset[str]], ...] = field(init=False, repr=False, compare=False)
    order: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        asked = [(name, self.when.get(name, ())) for name in CONDITIONS]
        compared = tuple((name, frozenset(map(plain, values))) for name, values in asked if values)
        depth = min((topic.count("/") for topic in self.when.get("topic", ())), default=0)
        anyhow, own = not self.when.get("campaign"), self.campaign_id is not None
        order = (int(anyhow), -len(compared), -depth, int(own), self.place, self.id)
        object.__setattr__(self, "asked", compared)
        object.__setattr__(self, "order", order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of a conversation. `facts`: condition to its values (a channel has its name and its kind; see
    `whole`).
    `open`: calendars by plain name, and whether they are open now; "" is the one that counts where none is named."""

    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: Mapping[str, bool] = field(default_factory=dict)

    def known(self, condition: str) -> str:
        """What the conversation is in this, as people read it."""
        if condition == "hours":
            return ""
        return next(iter(self.facts.get(condition, ())), "")


@dataclass(frozen=True, slots=True)
class Considered:
    """A route that was looked at, and the first condition that failed (nothing: it fits)."""

    route: Route
    failed: str = ""

    @property
    def fits(self) -> bool:
        return not self.failed


@dataclass(frozen=True, slots=True)
class Decision:
    """The route that fits best, and all that were looked at on the way to it, in order."""

    route: Route | None
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a conversation goes; `team_id` None: among all that nobody has."""

    team_id: int | None
    by: By


def rank(route: Route) -> tuple[int, ...]:
    """Routes in ascending rank are in the order in which they are tried."""
    return route.order


def whole(value: str, divider: str) -> tuple[str, ...]:
    """A value and everything it is part of: `créditos/personal` is of `créditos` too, `es-SV` of `es`."""
    parts = value.split(divider) if value else []
    return tuple(divider.join(parts[:n]) for n in range(len(parts), 0, -1))


def decide(routes: Iterable[Route], case: Case) -> Decision:
    """The first route that fits, in the order of `rank`."""
    considered: list[Considered] = []
    known = _known(case)
    for route in sorted(routes, key=rank):
        failed = _failure(route, known, case.open)
        considered.append(Considered(route, failed))
        if not failed:
            return Decision(route, tuple(considered))
    return Decision(None, tuple(considered))


def _known(case: Case) -> dict[str, frozenset[str]]:
    """The facts as they are compared."""
    found = {name: frozenset(plain(value) for value in values if value) for name, values in case.facts.items()}
    return {name: values for name, values in found.items() if values}


def _failure(route: Route, known: Mapping[str, frozenset[str]], open: Mapping[str, bool]) -> str:
    for condition, wanted in route.asked:
        if condition == "hours":
            if not any(_hours(value, open) for value in wanted):
                return condition
        elif condition in known:
            if wanted.isdisjoint(known[condition]):
                return condition
        elif NOTHING not in wanted:
            return condition
    return ""


def hours(value: str) -> tuple[bool, str]:
    """`open` or `closed`, with `:CALENDAR` where it is not the usual one: (whether it has to be open, its plain name).
    Raises ValueError."""
    word, _, calendar = value.partition(":")
    if word.strip() not in ("open", "closed"):
        raise ValueError(value)
    return word.strip() == "open", plain(calendar.strip())


def _hours(value: str, open: Mapping[str, bool]) -> bool:
    try:
        wanted, calendar = hours(value)
    except ValueError:
        return False
    return calendar in open and open[calendar] is wanted


def destination(route: Route | None, otherwise: Mapping[By, int | None]) -> Destination:
    """The team a conversation goes to: its route's, else the first there is of `otherwise`, else nobody's."""
    if route is not None and route.team_id is not None:
        return Destination(route.team_id, "campaign" if route.campaign_id is not None else "route")
    for by, team_id in otherwise.items():
        if team_id is not None:
            return Destination(team_id, by)
    return Destination(None, "nobody")


def calendars(routes: Sequence[Route]) -> set[str]:
    """The plain names of the calendars that these routes ask about; "" for the usual one."""
    named = set()
    for route in routes:
        for value in route.when.get("hours", ()):
            try:
                named.add(hours(value)[1])
            except ValueError:
                continue
    return named
