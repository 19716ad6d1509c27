"""Moments in words, as people say them: "mañana", "lunes 10:00", "2h", "30 nov 4 pm", "tomorrow". Pure.

English and Spanish are both understood whatever the language of the screen. What is said must lie ahead: a time of day
alone is today's, or tomorrow's if it is over; a weekday is the next one; a day and month are this year's or the next.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator

#: when a day begins that is named without a time, and the parts of a day that have a name
MORNING, AFTERNOON, EVENING = dt.time(8), dt.time(15), dt.time(19)

_DAYS = {"today": 0, "hoy": 0, "tomorrow": 1, "manana": 1, "pasado": 2}
_PARTS = {"morning": MORNING, "afternoon": AFTERNOON, "tarde": AFTERNOON, "evening": EVENING, "noche": EVENING}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lunes lun monday mon",
            "martes mar tuesday tue",
            "miercoles mie wednesday wed",
            "jueves jue thursday thu",
            "viernes vie friday fri",
            "sabado sab saturday sat",
            "domingo dom sunday sun",
        )
    )
    for name in names.split()
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene january jan",
            "febrero feb february",
            "marzo march",
            "abril abr april apr",
            "mayo may",
            "junio jun june",
            "julio jul july",
            "agosto ago august aug",
            "septiembre setiembre sep set september",
            "octubre oct october",
            "noviembre nov november",
            "diciembre dic december dec",
        ),
        1,
    )
    for name in names.split()
}
#: words that only join others
_FILLERS = frozenset(
    {
        "a",
        "las",
        "la",
        "el",
        "los",
        "de",
        "del",
        "por",
        "en",
        "at",
        "on",
        "the",
        "this",
        "next",
        "in",
        "proximo",
        "proxima",
        "esta",
        "este",
    }
)
_UNITS = {
    unit: minutes
    for minutes, units in (
        (1, "m min mins minuto minutos minute minutes"),
        (60, "h hr hora horas hour hours"),
        (1440, "d dia dias day days"),
        (10080, "w sem semana semanas week weeks"),
    )
    for unit in units.split()
}
_AMOUNT = re.compile(r"(\d{1,4})([a-z]+)")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(am|pm|h)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:t(\d{1,2}):(\d{2}))?")
_SHORT = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")


class _Said:
    """What the words said: a day, a time of day, or a stretch from now."""

    def __init__(self) -> None:
        self.day: dt.date | None = None
        self.time: dt.time | None = None
        self.ahead: dt.timedelta | None = None


def read(text: str, now: int, zone: dt.tzinfo | None = None) -> int | None:
    """The moment (UTC ms) that `text` says, seen from `now` (UTC ms) in `zone` (None: this computer's).

    None if it says none, or none that lies ahead.
    """
    here = dt.datetime.fromtimestamp(now / 1000, zone)
    said = _Said()
    words = _words(text)
    if not words or not _read(words, here, said):
        return None
    if said.ahead is not None:
        return int((here + said.ahead).timestamp() * 1000) if said.day is None and said.time is None else None
    time = said.time or MORNING
    day = said.day or here.date()
    if said.day is None and said.time is not None and time <= here.time():
        day += dt.timedelta(days=1)
    try:
        found = int(dt.datetime.combine(day, time, zone).timestamp() * 1000)
    except (OverflowError, ValueError, OSError):
        return None
    return found if found > now else None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace(",", " ")
    plain = re.sub(r"\b([ap])\. ?m\.?", r"\1m", plain)
    return [word for word in re.sub(r"(\d) (am|pm)\b", r"\1\2", plain).split() if word not in _FILLERS]


def _read(words: list[str], here: dt.datetime, said: _Said) -> bool:
    """Fill `said` in; False if a word means nothing, or something was said twice."""
    left = iter(words)
    try:
        return all(_word(word, left, here, said) for word in left)
    except (ValueError, OverflowError):
        return False


def _word(word: str, left: Iterator[str], here: dt.datetime, said: _Said) -> bool:
    today = here.date()
    if word in _DAYS:
        if word == "pasado" and next(left, "") != "manana":
            return False
        # "mañana" after a day means its morning: "lunes en la mañana"
        if word == "manana" and said.day is not None:
            return _set_time(said, MORNING)
        return _set_day(said, today + dt.timedelta(days=_DAYS[word]))
    if word in _WEEKDAYS:
        ahead = (_WEEKDAYS[word] - today.weekday() - 1) % 7 + 1
        return _set_day(said, today + dt.timedelta(days=ahead))
    if word in ("week", "semana"):
        return _set_day(said, today + dt.timedelta(days=7 - today.weekday()))
    if word == "tonight":
        return _set_day(said, today) and _set_time(said, EVENING)
    if word in _PARTS:
        return _set_time(said, _PARTS[word]) and (said.day is not None or _set_day(said, today))
    return _number(word, left, today, said)


def _number(word: str, left: Iterator[str], today: dt.date, said: _Said) -> bool:
    if match := _ISO.fullmatch(word):
        if match[4] and not _set_time(said, dt.time(int(match[4]), int(match[5]))):
            return False
        return _set_day(said, dt.date(int(match[1]), int(match[2]), int(match[3])))
    if match := _SHORT.fullmatch(word):
        return _set_day(said, _coming(today, int(match[2]), int(match[1]), match[3]))
    if (match := _AMOUNT.fullmatch(word)) and match[2] in _UNITS:
        return _add(said, int(match[1]), match[2])
    if word.isascii() and word.isdecimal():
        following = next(left, "")
        if following in _UNITS:
            return _add(said, int(word), following)
        if following in _MONTHS:
            return _set_day(said, _coming(today, _MONTHS[following], int(word), None))
        rest_is_fine = not following or _word(following, left, dt.datetime.combine(today, dt.time()), said)
        return _clock(word, said) and rest_is_fine
    if word in _MONTHS:
        return _set_day(said, _coming(today, _MONTHS[word], int(next(left, "")), None))
    return _clock(word, said)


def _clock(word: str, said: _Said) -> bool:
    match = _CLOCK.fullmatch(word)
    if match is None:
        return False
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] in ("am", "pm"):
        if not 1 <= hour <= 12:
            return False
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return _set_time(said, dt.time(hour, minute))


def _coming(today: dt.date, month: int, day: int, year: str | None) -> dt.date:
    """That day of this year, or of the next if it is over."""
    if year is not None:
        return dt.date(int(year), month, day)
    this = dt.date(today.year, month, day)
    return this if this >= today else dt.date(today.year + 1, month, day)


def _add(said: _Said, n: int, unit: str) -> bool:
    said.ahead = (said.ahead or dt.timedelta()) + dt.timedelta(minutes=n * _UNITS[unit])
    return True


def _set_day(said: _Said, day: dt.date) -> bool:
    if said.day is not None:
        return False
    said.day = day
    return True


def _set_time(said: _Said, time: dt.time) -> bool:
    if said.time is not None:
        return False
    said.time = time
    return True
