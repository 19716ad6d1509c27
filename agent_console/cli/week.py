"""Opening hours as administrators write them: "mon-fri 8:00-12:00 13:00-17:00", "sáb 8-12", "dom cerrado"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from agent_console.cli.errors import WrongUsage
from agent_console.i18n import NC_, _, pgettext

if TYPE_CHECKING:
    from server.wire import Weekday

DAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: what the days are called on the screen
NAMES: Final = {
    "mon": NC_("weekday", "Mon"),
    "tue": NC_("weekday", "Tue"),
    "wed": NC_("weekday", "Wed"),
    "thu": NC_("weekday", "Thu"),
    "fri": NC_("weekday", "Fri"),
    "sat": NC_("weekday", "Sat"),
    "sun": NC_("weekday", "Sun"),
}
#: how they may be written, by their first three letters
_WRITTEN: Final = {
    word: n
    for n, words in enumerate(("mon lun", "tue mar", "wed mie", "thu jue", "fri vie", "sat sab", "sun dom"))
    for word in words.split()
}
_CLOSED: Final = frozenset({"closed", "cerrado", "-"})
_PERIOD = re.compile(r"\d{1,2}(?::\d{2})?[-–]\d{1,2}(?::\d{2})?")


def read_week(lines: Iterable[str]) -> dict[Weekday, list[str]]:
    """Each line names days and their periods; a later line goes before an earlier one. Raises WrongUsage."""
    week: dict[Weekday, list[str]] = {day: [] for day in DAYS}
    for line in (part for text in lines for part in text.split(";")):
        words = line.replace(",", " ").split()
        days = [day for word in words if not _is_period(word) for day in _days(word, line)]
        periods = [word for word in words if _PERIOD.fullmatch(word)]
        if not days or not (periods or any(word.lower() in _CLOSED for word in words)):
            raise _wrong(line)
        for day in days:
            week[day] = periods
    return week


def _is_period(word: str) -> bool:
    return word.lower() in _CLOSED or _PERIOD.fullmatch(word) is not None


def _days(word: str, line: str) -> list[Weekday]:
    first, dash, last = word.partition("-")
    begin = _day(first, line)
    end = _day(last, line) if dash else begin
    count = (end - begin) % 7 + 1
    return [DAYS[(begin + n) % 7] for n in range(count)]


def _day(word: str, line: str) -> int:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
    if len(plain) < 3 or plain[:3] not in _WRITTEN:
        raise _wrong(line)
    return _WRITTEN[plain[:3]]


def _wrong(line: str) -> WrongUsage:
    return WrongUsage(
        _('{text} is not understood. Write days, then periods: "mon-fri 8:00-12:00 13:00-17:00".').format(
            text=repr(line.strip())
        )
    )


def read_own(lines: Iterable[str]) -> dict[str, list[str]]:
    """Days with hours of their own: "2026-12-24 8:00-12:00". Raises WrongUsage."""
    found: dict[str, list[str]] = {}
    for line in lines:
        date, *periods = line.replace(",", " ").split() or [""]
        if not periods or not all(_PERIOD.fullmatch(period) for period in periods):
            raise WrongUsage(
                _('{text} is not understood. Write a date, then periods: "2026-12-24 8:00-12:00".').format(
                    text=repr(line)
                )
            )
        found[date] = periods
    return found


def week(hours: dict[Weekday, list[str]]) -> str:
    """A week in a line, days with the same hours together: "Mon-Fri 08:00-12:00 13:00-17:00 · Sat 08:00-12:00"."""
    parts: list[tuple[int, int, str]] = []
    for n, day in enumerate(DAYS):
        periods = " ".join(hours.get(day, []))
        if parts and parts[-1][2] == periods and parts[-1][1] == n - 1:
            parts[-1] = (parts[-1][0], n, periods)
        else:
            parts.append((n, n, periods))
    named = [(_name(a) if a == b else f"{_name(a)}-{_name(b)}", periods) for a, b, periods in parts if periods]
    return " · ".join(f"{days} {periods}" for days, periods in named) or _("closed")


def _name(n: int) -> str:
    return pgettext("weekday", NAMES[DAYS[n]])
