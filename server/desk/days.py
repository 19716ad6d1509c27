"""Calendar days as the organisation counts them. Pure."""

from __future__ import annotations

import datetime
import zoneinfo

from server.query import DAYS


def start_of(day: str, now: int, zone: zoneinfo.ZoneInfo) -> int:
    """When a day begins in `zone`, in UTC ms: `YYYY-MM-DD`, or a name of `server.query.DAYS`, seen from `now`."""
    if day in DAYS:
        today = datetime.datetime.fromtimestamp(now / 1000, zone).date()
        date = today - datetime.timedelta(days=DAYS[day])
    else:
        date = datetime.date.fromisoformat(day)
    return int(datetime.datetime.combine(date, datetime.time(), zone).timestamp() * 1000)
