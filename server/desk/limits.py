"""Limits of the wallboard: which of its figures have passed what the organisation allows. Pure."""

from __future__ import annotations

import msgspec

from server.wire import Board, Figures, Open

#: figures that can have a limit. `oldest` is how long the customer who waits longest has waited (ms); `sla`, the
#: percent of promises kept today, is passed when it falls below; every other one when it is more.
FIGURES = ("waiting", "unassigned", "breached", "flagged", "oldest", "sla")
#: promises that must have ended today before their percentage says anything
ENOUGH = 10


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that is passed: `about` is its name, like `waiting` or `waiting:Créditos`."""

    about: str
    figure: str
    team: str
    value: int
    limit: int


def passed(board: Board, thresholds: dict[str, int]) -> list[Passed]:
    """All limits that are passed now. Names that mean nothing pass nothing."""
    places = {"": (board.now, board.today), **{line.name: (line.now, line.today) for line in board.teams if line.name}}
    found = []
    for about, limit in sorted(thresholds.items()):
        figure, _, team = about.partition(":")
        if figure not in FIGURES or team not in places:
            continue
        value = _value(figure, *places[team], board.at)
        if value is not None and (value < limit if figure == "sla" else value > limit):
            found.append(Passed(about=about, figure=figure, team=team, value=value, limit=limit))
    return found


def kept(now: Open, today: Figures) -> int | None:
    """Percent of the promises that ended today or are broken now that were kept, rounded down; None before one did."""
    ended = today.met + today.missed + now.breached
    return today.met * 100 // ended if ended else None


def _value(figure: str, now: Open, today: Figures, at: int) -> int | None:
    if figure == "oldest":
        return None if now.oldest is None else at - now.oldest
    if figure == "sla":
        return kept(now, today) if today.met + today.missed + now.breached >= ENOUGH else None
    value: int = getattr(now, figure)
    return value
