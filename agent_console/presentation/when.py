"""Moments that lie ahead, as short as a row can bear, and those that are offered for putting something off."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

from agent_console.i18n import N_, _, clock, month, zone
from agent_console.presentation import moments

_WEEKDAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


class Offer(NamedTuple):
    """A moment (UTC ms) and what it is called."""

    name: str
    at: int


def ahead(at: int, now: int) -> str:
    """A moment ahead: 16:30, "tomorrow 8:00", "Mon 8:00", "30 nov 8:00", "3 feb 2027 8:00"."""
    then, today = _local(at), _local(now)
    days = (then.date() - today.date()).days
    if days == 0:
        return clock(at)
    if days == 1:
        return _("tomorrow {time}").format(time=clock(at))
    if 1 < days < 7:
        return f"{_(_WEEKDAYS[then.weekday()])} {clock(at)}"
    year = "" if then.year == today.year else f" {then.year}"
    return f"{then.day} {month(then.month)}{year} {clock(at)}"


def offers(now: int) -> list[Offer]:
    """What is offered first: soon, today, tomorrow, Monday, in a week."""
    here = _local(now)
    week = (here + dt.timedelta(days=7)).date().isoformat()
    wanted = [
        (_("in 1 hour"), "1h"),
        (_("this afternoon"), "this afternoon"),
        (_("tomorrow"), "tomorrow"),
        (_("Monday"), "monday"),
        (_("in a week"), week),
    ]
    found: list[Offer] = []
    for name, said in wanted:
        at = moments.read(said, now, zone())
        if (
            at is not None
            and all(at != each.at for each in found)
            and (said != "this afternoon" or at > now + 5_400_000)
        ):
            found.append(Offer(name, at))
    return found


def _local(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, zone())
