"""Which language is spoken, and how numbers, dates and times are written in it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from agent_console import i18n

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
#: 2025-10-12 15:44 UTC, 9:44 in San Salvador
MORNING = 1_760_283_840_000


@pytest.fixture(autouse=True)
def in_san_salvador(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = i18n.language()
    monkeypatch.setenv("TZ", "America/El_Salvador")
    time.tzset()
    i18n.set_language("es")
    yield
    i18n.set_language(before)
    i18n.set_zone("")
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({}, "es"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_SV.UTF-8"}, "es"),
        ({"LANG": "es_SV", "AGENT_CONSOLE_LANG": "en"}, "en"),
        ({"LC_ALL": "C", "LANG": "en_GB"}, "en"),
        ({"LANG": "POSIX"}, "es"),
        ({"LC_MESSAGES": "de_DE.UTF-8", "LANG": "en_US"}, "es"),
    ],
)
def test_the_environment_chooses(environ: dict[str, str], chosen: str) -> None:
    assert i18n.choose(environ) == chosen


@pytest.mark.parametrize(
    ("given", "known"), [("es", "es"), ("ES-sv", "es"), ("en_US.UTF-8", "en"), ("eng", None), ("fr", None), ("", None)]
)
def test_a_locales_name(given: str, known: str | None) -> None:
    assert i18n.match(given) == known


def test_texts_are_looked_up_when_they_are_asked_for() -> None:
    assert i18n._("yesterday") == "ayer"
    i18n.set_language("en")
    assert i18n._("yesterday") == "yesterday"
    assert i18n._("") == ""  # not the catalogue's header
    assert i18n._("never written down") == "never written down"


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (-5, "0 s"),
        (45 * SECOND, "45 s"),
        (2 * MINUTE + 59 * SECOND, "2 min"),
        (22 * HOUR + 10 * MINUTE, "22 h 10 min"),
        (3 * HOUR, "3 h"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (7 * DAY, "7 d"),
    ],
)
def test_durations(ms: int, said: str) -> None:
    assert i18n.duration(ms) == said


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (0, "9:44"),
        (14 * HOUR, "9:44"),
        (15 * HOUR, "ayer 9:44"),
        (3 * DAY, "12 oct 9:44"),
        (300 * DAY, "12 oct 2025 9:44"),
        (-DAY, "12 oct 9:44"),
    ],
)
def test_a_moment_is_told_as_shortly_as_it_can_be(later: int, said: str) -> None:
    assert i18n.moment(MORNING, MORNING + later) == said


def test_days_and_months_follow_the_language() -> None:
    assert i18n.day(MORNING, MORNING) == "hoy"
    i18n.set_language("en")
    assert i18n.day(MORNING, MORNING + 3 * DAY) == "12 Oct"


def test_times_follow_the_zone_that_is_set() -> None:
    assert i18n.set_zone("Europe/Madrid")
    assert i18n.clock(MORNING) == "17:44"
    assert not i18n.set_zone("Mars/Olympus")
    assert i18n.clock(MORNING) == "9:44"
    assert not i18n.set_zone("../../etc/passwd")


def test_numbers_and_sizes() -> None:
    assert i18n.number(1234567) == "1,234,567"
    assert i18n.number(1234.5, 2) == "1,234.50"
    assert [i18n.size(n) for n in (0, 999, 1500, 123_456, 3_200_000, 4_500_000_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "123 kB",
        "3.2 MB",
        "4.5 GB",
    ]
