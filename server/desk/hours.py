"""Opening hours as people write them: `08:00-12:00`, `22:00-06:00`. Pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Final, Literal

from server.desk.calendars import DAY_MINUTES, Period

#: the days of a week, in its order
WEEK: Final[tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...]] = (
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
)
_PERIOD = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?")


def read_period(text: str) -> Period:
    """A period; one that ends at or before its beginning passes midnight. Raises ValueError."""
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if begin >= DAY_MINUTES:
        raise ValueError(text)
    return begin, end if end > begin else end + DAY_MINUTES


def _minutes(hours: str, minutes: str | None) -> int:
    total = int(hours) * 60 + int(minutes or 0)
    if total > DAY_MINUTES or int(minutes or 0) > 59:
        raise ValueError(hours)
    return total


def write_period(period: Period) -> str:
    """The same the other way."""
    begin, end = period
    end = end if end <= DAY_MINUTES else end - DAY_MINUTES
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"


def read_periods(texts: Iterable[str]) -> list[Period]:
    """Periods of one day in order, overlapping ones joined. Raises ValueError."""
    joined: list[Period] = []
    for begin, end in sorted(read_period(text) for text in texts):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], min(max(joined[-1][1], end), joined[-1][0] + DAY_MINUTES))
        else:
            joined.append((begin, end))
    return joined


def read_day(text: str) -> int:
    """A date's ordinal. Raises ValueError."""
    return datetime.date.fromisoformat(text).toordinal()


_WEEKDAYS: Final = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Final = {
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip


def opening(at: datetime.datetime, now: datetime.datetime, language: str) -> str:
    """When somebody opens again, as a customer reads it: "mañana a las 8:00 a. m." Both moments in the same zone."""
    spanish = language == "es"
    half = ("a. m." if at.hour < 12 else "p. m.") if spanish else ("a.m." if at.hour < 12 else "p.m.")
    time = f"{(at.hour + 11) % 12 + 1}:{at.minute:02} {half}"
    if spanish:
        time = f"{'a la' if at.hour % 12 == 1 else 'a las'} {time}"
    days = (at.date() - now.date()).days
    if days == 0:
        return f"hoy {time}" if spanish else f"today at {time}"
    if days == 1:
        return f"mañana {time}" if spanish else f"tomorrow at {time}"
    names, months = _WEEKDAYS["es" if spanish else "en"], _MONTHS["es" if spanish else "en"]
    weekday, month = names[at.weekday()], months[at.month - 1]
    return f"el {weekday} {at.day} de {month} {time}" if spanish else f"on {weekday}, {at.day} {month} at {time}"
