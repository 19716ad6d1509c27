"""Moments as administrators write them: 2027-01-15, "2027-01-15 08:00", or words for what lies ahead."""

from __future__ import annotations

import datetime as dt
import time

from agent_console import i18n
from agent_console.cli.errors import WrongUsage
from agent_console.i18n import _


def read_date(text: str, *, end: bool = False) -> int:
    """The moment (UTC ms) in the zone in use, else the organisation's: that of this computer may be another one.

    A day alone is its beginning, or its `end`. Raises WrongUsage.
    """
    given = text.strip()
    if i18n.zone() is None:
        _as_the_organisation_counts()
    try:
        found = dt.datetime.fromisoformat(given)
    except ValueError:
        return _in_words(given)
    if len(given) <= len("2027-01-15") and end:
        found += dt.timedelta(days=1)
    if found.tzinfo is None:
        zone = i18n.zone()
        found = found.replace(tzinfo=zone) if zone is not None else found.astimezone()
    return int(found.timestamp() * 1000)


def _as_the_organisation_counts() -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    i18n.set_zone(calling.send(calls.organisation()).zone)


def _in_words(text: str) -> int:
    from agent_console.presentation import moments

    at = moments.read(text, time.time_ns() // 1_000_000, i18n.zone())
    if at is None:
        raise WrongUsage(
            _('{text} is no moment. Try 2027-01-15, "2027-01-15 08:00", tomorrow or "monday 10:00".').format(
                text=repr(text)
            )
        )
    return at
