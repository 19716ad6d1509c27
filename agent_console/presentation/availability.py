"""Who is there, in signs and words: one's own state, colleagues beside a list, who could take something first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Final

from agent_console import words
from agent_console.i18n import N_, _, number
from agent_console.presentation import fuzzy, moments, when
from agent_console.safetext import line
from server.wire import Availability, AvailabilityState, User

#: a sign for each state, of one cell and told apart without colour
SIGNS: Final[dict[str, str]] = {"online": "●", "busy": "◐", "away": "○", "offline": "·"}
_ORDER: Final = {"online": 0, "busy": 2, "away": 3, "offline": 4}
#: states that can be chosen, and what each means
CHOICES: Final[tuple[tuple[AvailabilityState, str], ...]] = (
    ("online", N_("gets new work")),
    ("busy", N_("nothing new")),
    ("away", N_("not at the desk")),
    ("offline", N_("done for today")),
)
#: what can be chosen for one's own state: its name, what it means, (state, when one is back)
Offer = tuple[str, str, tuple[AvailabilityState, int | None]]
#: moments offered for coming back, in minutes
SOON: Final = (15, 30, 60)


def state(one: Availability, now: int) -> str:
    """`● online`, `○ away, back 13:00`."""
    return f"{SIGNS.get(one.state, '·')} {spoken(one, now)}"


def spoken(one: Availability, now: int) -> str:
    """The same without a sign, to be read out."""
    said = words.availability(one.state)
    if one.state == "away" and one.back_at is not None:
        back = when.ahead(one.back_at, now)
        return _("{state}, back {moment}").format(state=said, moment=back)
    return said


def burden(one: Availability) -> str:
    """What somebody carries of what they can: `3/5`, `2.5/5`."""
    return f"{_hundredths(one.load)}/{_hundredths(one.capacity)}"


def _hundredths(value: int) -> str:
    return number(value / 100, 0 if value % 100 == 0 else 1 if value % 10 == 0 else 2)


def beside(one: Availability, now: int) -> str:
    """What stands beside a colleague: state, load, skills."""
    parts = [state(one, now)]
    if one.state != "offline" or one.load:
        parts.append(burden(one))
    return "  ".join(parts) + (f" · {line(one.skills, 60)}" if one.skills else "")


def could_take(one: Availability, team: str | None = None) -> tuple[int, bool, float]:
    """Sorts who could take something first: online with room, of the team asked for, the least loaded."""
    full = one.state == "online" and one.load >= one.capacity
    return _ORDER.get(one.state, 4) + full, team is not None and team not in one.teams, one.load / max(1, one.capacity)


def ranked(
    people: Iterable[User], standing: Callable[[str], Availability | None], team: str | None = None
) -> list[tuple[User, Availability | None]]:
    """People with how they stand, who could take something first; as they came where that is not known."""
    known = [(user, standing(user.name)) for user in people]
    last = (9, False, 0.0)
    return sorted(known, key=lambda pair: could_take(pair[1], team) if pair[1] is not None else last)


def offers(typed: str, now: int, zone: dt.tzinfo | None) -> list[Offer]:
    """What can be chosen; what was typed may be a moment."""
    found: list[Offer] = []
    at = moments.read(typed, now, zone) if typed else None
    if at is not None:
        found.append((_("away, back {moment}").format(moment=when.ahead(at, now)), typed, ("away", at)))
    plain: list[Offer] = [
        (f"{SIGNS[code]} {words.availability(code)}", _(means), (code, None)) for code, means in CHOICES
    ]
    back: list[Offer] = [
        (
            _("{sign} away, back in {n} min").format(sign=SIGNS["away"], n=minutes),
            when.ahead(now + minutes * 60_000, now),
            ("away", now + minutes * 60_000),
        )
        for minutes in SOON
    ]
    every = [*plain[:3], *back, plain[3]]
    return found + fuzzy.best(typed, every, lambda each: each[0])
