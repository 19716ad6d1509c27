"""Public holidays of a country, out of the `holidays` package. Pure; the package is only loaded when it is asked.

Countries go by ISO 3166-1 (SV), subdivisions by the second part of ISO 3166-2 (SS for San Salvador).
"""

from __future__ import annotations

from collections.abc import Iterable

#: bytes of a name that are kept
_NAME = 80


class UnknownPlace(Exception):
    """No holidays are known of this country, or the country has no such subdivision."""


def holidays_of(country: str, subdivision: str, years: Iterable[int]) -> dict[str, str]:
    """Names of the holidays in the country's own language, by date (YYYY-MM-DD). Raises UnknownPlace."""
    import holidays  # a fifth of a second; few calls need it

    wanted = list(years)
    try:
        known = holidays.country_holidays(country, subdiv=subdivision or None, years=wanted)
        language = known.default_language
        if language:
            known = holidays.country_holidays(country, subdiv=subdivision or None, years=wanted, language=language)
    except NotImplementedError as error:
        raise UnknownPlace(str(error)) from None
    return {date.isoformat(): name[:_NAME] for date, name in sorted(known.items()) if date.year in wanted}
