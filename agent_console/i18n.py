"""The console's languages: Spanish and English, by gettext.

Everything a person reads goes through `_` (or `ngettext` where it counts something). The message ids are the
English text; the catalogues live in `agent_console/locale`, see `tools/translations.py`. The language is chosen,
in this order, by `--lang`, `AGENT_CONSOLE_LANG`, `LC_ALL`, `LC_MESSAGES`, `LANG`; one that we do not speak means
Spanish.

`_` looks its text up when it is called, so a text that is written down before the language is known (a table
at the top of a module) is marked with `N_` there and translated with `_` where it is shown.

The catalogue is opened at the first text that is asked for. Numbers and dates follow the language too:
`number`, `size`, `day`, `clock`, `moment`, `duration`.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Language = Literal["es", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("es", "en")
DEFAULT: Final[Language] = "es"
DOMAIN: Final = "agent_console"
LOCALE: Final = Path(__file__).parent / "locale"

_language: Language | None = None
_catalogue: gettext.NullTranslations | None = None
_zone: ZoneInfo | None = None


def N_(message: str) -> str:
    """Mark a text for translation without translating it now."""
    return message


def NC_(context: str, message: str) -> str:
    """Like `N_`, for a text that `pgettext` translates by where it stands."""
    return message


def _(message: str) -> str:
    """The text in the chosen language; itself when it has no translation."""
    return _open().gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The singular or the plural text, as the language counts. Put the number in with `.format(n=…)`."""
    return _open().ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """Like `_`, for a text whose translation depends on where it stands."""
    return _open().pgettext(context, message)


def language() -> Language:
    """The language in use."""
    global _language
    if _language is None:
        _language = choose(os.environ)
    return _language


def set_language(lang: str | None) -> Language:
    """Use `lang` ("es", "es_SV.UTF-8" …) from now on; None asks the environment. Answers the one in use."""
    global _language, _catalogue
    _language = (match(lang) or DEFAULT) if lang else choose(os.environ)
    _catalogue = None
    return _language


def choose(environ: Mapping[str, str]) -> Language:
    """The language an environment asks for."""
    for variable in ("AGENT_CONSOLE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(variable, "")
        # C and POSIX name no language: the next variable, in the end the default, decides.
        if value and value.split(".")[0] not in ("C", "POSIX"):
            return match(value) or DEFAULT
    return DEFAULT


def set_zone(name: str) -> bool:
    """Show times in this IANA zone from now on; False (and this computer's own) if there is none of that name."""
    global _zone
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        _zone = ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _zone = None
    return _zone is not None


def zone() -> ZoneInfo | None:
    """The zone set; None: this computer's own."""
    return _zone


def match(lang: str) -> Language | None:
    """Our language for a locale name, None if we do not speak it."""
    wanted = lang.strip().lower().replace("-", "_").split(".")[0].split("_")[0]
    return next((known for known in LANGUAGES if known == wanted), None)


def _open() -> gettext.NullTranslations:
    global _catalogue
    if _catalogue is None:
        # Without a compiled catalogue (a checkout that was never installed) the texts stay English.
        _catalogue = gettext.translation(DOMAIN, LOCALE, [language()], fallback=True)
    return _catalogue


# ---------------------------------------------------------------- numbers, dates, times


def number(value: float, decimals: int = 0) -> str:
    """A number as people write it: 12,345.67 in both languages (El Salvador: CLDR 44, es_419)."""
    return f"{value:,.{decimals}f}"


def size(octets: int) -> str:
    """A file size: 512 B, 1.5 kB, 3.2 MB (powers of 1000)."""
    amount = float(octets)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{number(amount, 0 if unit == 'B' or amount >= 100 else 1)} {unit}"
        amount /= 1000
    return f"{number(amount, 1)} GB"


def clock(at: int) -> str:
    """The time of day of a UTC ms time, in the zone set, else this computer's: 9:44, 16:05."""
    local = _local(at)
    return f"{local.hour}:{local.minute:02}"


def day(at: int, now: int) -> str:
    """The day of a UTC ms time seen from `now`: today, yesterday, 12 oct, 12 oct 2024."""
    then, today = _local(at).date(), _local(now).date()
    days = (today - then).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    name = f"{then.day} {month(then.month)}"
    return name if then.year == today.year else f"{name} {then.year}"


def moment(at: int, now: int) -> str:
    """Day and time, as short as it can be: 9:44, "yesterday 9:44", "12 oct 9:44", "12 oct 2024 9:44"."""
    return clock(at) if _local(at).date() == _local(now).date() else f"{day(at, now)} {clock(at)}"


def month(n: int) -> str:
    """The short name of month 1 to 12."""
    return _(_MONTHS[n - 1])


def duration(ms: int) -> str:
    """A length of time in its two largest units: 45 s, 2 min, 22 h 10 min, 3 d 4 h."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return _("{n} s").format(n=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("{h} h {m} min").format(h=hours, m=minutes) if minutes else _("{h} h").format(h=hours)
    days, hours = divmod(hours, 24)
    return _("{d} d {h} h").format(d=days, h=hours) if hours else _("{d} d").format(d=days)


_MONTHS: Final = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, _zone) if _zone is not None else datetime.fromtimestamp(at / 1000)
