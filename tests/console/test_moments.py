"""Moments in words: what people say, in both languages, and what means nothing."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.presentation import moments

ZONE = ZoneInfo("America/El_Salvador")
#: a Wednesday, 9:41 in San Salvador
NOW = int(dt.datetime(2026, 11, 18, 9, 41, tzinfo=ZONE).timestamp() * 1000)


def said(text: str) -> str | None:
    at = moments.read(text, NOW, ZONE)
    return None if at is None else dt.datetime.fromtimestamp(at / 1000, ZONE).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("mañana", "manana", "tomorrow", "TOMORROW", "mañana a las 8", "mañana 8 am"), "Thu 2026-11-19 08:00"),
        (("mañana 16:30", "tomorrow at 4:30 pm", "mañana a las 4:30 p.m."), "Thu 2026-11-19 16:30"),
        (("pasado mañana",), "Fri 2026-11-20 08:00"),
        (("lunes", "el lunes", "Monday", "mon", "next monday", "próximo lunes"), "Mon 2026-11-23 08:00"),
        (("próxima semana", "next week", "la semana"), "Mon 2026-11-23 08:00"),
        (("miércoles", "wednesday"), "Wed 2026-11-25 08:00"),
        (("jueves 10:00", "el jueves a las 10", "thu 10am", "10:00 jueves"), "Thu 2026-11-19 10:00"),
        (("lunes por la tarde", "monday afternoon"), "Mon 2026-11-23 15:00"),
        (("lunes por la mañana",), "Mon 2026-11-23 08:00"),
        (("mañana por la tarde", "tomorrow evening"), None),
        (("esta tarde", "this afternoon", "hoy 15:00"), "Wed 2026-11-18 15:00"),
        (("esta noche", "tonight"), "Wed 2026-11-18 19:00"),
        (("10:30", "a las 10:30", "10.30"), "Wed 2026-11-18 10:30"),
        (("9:00", "a las 9", "9am"), "Thu 2026-11-19 09:00"),
        (("2h", "en 2 horas", "in 2 hours", "2 h"), "Wed 2026-11-18 11:41"),
        (("1h 30m", "1 hora 30 minutos", "90m"), "Wed 2026-11-18 11:11"),
        (("3d", "3 días"), "Sat 2026-11-21 09:41"),
        (("1w", "1 semana"), "Wed 2026-11-25 09:41"),
        (("2026-11-30", "30/11", "30 nov", "30 de noviembre", "nov 30", "30/11/2026"), "Mon 2026-11-30 08:00"),
        (("2026-11-30T10:15", "30 nov 10:15", "30/11 10:15"), "Mon 2026-11-30 10:15"),
        (("5 ene", "jan 5"), "Tue 2027-01-05 08:00"),
    ],
)
def test_what_people_say(texts: tuple[str, ...], wanted: str | None) -> None:
    if wanted is None:  # the part of a day decides, whatever the word for tomorrow
        assert [said(text) for text in texts] == ["Thu 2026-11-19 15:00", "Thu 2026-11-19 19:00"]
    else:
        assert {text: said(text) for text in texts} == dict.fromkeys(texts, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "xyz", "lunes martes", "10:00 11:00", "25:00", "30 feb", "31/02", "2026-13-01", "13pm", "0am",
        "ayer", "2025-01-01", "hoy 8:00", "hoy", "2h lunes", "lunes 2h", "\x1b[2J", "9999d 9999w 9999w 9999999w",
        "1/1/99999",
    ],
)  # fmt: skip
def test_what_says_nothing(text: str) -> None:
    assert said(text) is None


WORDS = [
    "mañana",
    "lunes",
    "tarde",
    "10",
    "10:30",
    "3",
    "nov",
    "enero",
    "2h",
    "5d",
    "30/11",
    "hoy",
    "pasado",
    "semana",
    "at",
    "de",
    "pm",
    "noche",
    "2026-11-30",
    "-",
]


@given(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join) | st.text(max_size=30))
def test_whatever_is_said_lies_ahead(text: str) -> None:
    at = moments.read(text, NOW, ZONE)
    assert at is None or at > NOW


def test_the_clock_that_jumps() -> None:
    """Tomorrow at eight is at eight, also when the clock is set back in the night."""
    new_york = ZoneInfo("America/New_York")
    saturday = int(dt.datetime(2026, 10, 31, 12, tzinfo=new_york).timestamp() * 1000)
    at = moments.read("mañana 8:00", saturday, new_york)
    assert at is not None
    assert dt.datetime.fromtimestamp(at / 1000, new_york).hour == 8
    assert at - saturday == 21 * 3_600_000
