"""Promises, calendars and the message after hours at the command line, on a real server."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.cli import week
from agent_console.cli.errors import WrongUsage
from server.wire import Weekday
from tests.cli.office import Office

pytestmark = pytest.mark.xdist_group("cli-sla")


def at(text: str) -> int:
    zone = zoneinfo.ZoneInfo("America/El_Salvador")
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def test_a_calendar_is_added_changed_tried_and_removed(office: Office) -> None:
    hours = ("--hours", "lun-vie 8:00-12:00 13:00-17:00; sáb 8-12")
    made = office.json(
        "calendar", "add", "cal1", *hours, "--zone", "America/El_Salvador", "--holidays", "SV", role="admin"
    )
    assert made["week"]["sat"] == ["08:00-12:00"] and made["week"]["sun"] == []
    assert made["country"] == "SV" and made["holidays"]["2026-12-25"] == "Navidad"
    office.done("calendar", "set", "cal1", "--close", "2026-12-24", "--open", "2026-12-26 9:00-11:00", role="admin")
    look = office.json("calendar", "test", "cal1", "--at", "2026-12-24 09:00")
    assert (look["open"], look["next_opening"]) == (False, at("2026-12-26T09:00"))
    days = {day["date"]: day for day in look["days"]}
    assert (days["2026-12-24"]["own"], days["2026-12-25"]["holiday"]) == (True, "Navidad")
    text = office.done("calendar", "test", "cal1", "--at", "2026-12-24 09:00")
    assert "26 dic 9:00" in text and "Navidad" in text
    shown = office.json("calendar", "set", "cal1", "--forget", "2026-12-24", "--holidays", "none", role="admin")
    assert (shown["days"], shown["holidays"]) == ({"2026-12-26": ["09:00-11:00"]}, {})
    assert "lun-vie 08:00-12:00 13:00-17:00" in office.done("calendar", "show", "cal1").lower()
    assert "cal1" in office.done("calendar", "list", "-q").split()
    office.done("calendar", "remove", "cal1", role="admin")
    assert "cal1" not in office.done("calendar", "list", "-q").split()


def test_a_policy_is_added_tried_changed_and_removed(office: Office) -> None:
    office.done("calendar", "add", "cal2", "--hours", "mon-fri 8-17", "--zone", "America/El_Salvador", role="admin")
    made = office.json(
        "sla", "add", "pol1", "--channel", "whatsapp", "--priority", "high", "--priority", "urgent", "--first", "30m",
        "--resolution", "8h", "--calendar", "cal2", "--warn", "50", "--no-pause", role="admin",
    )  # fmt: skip
    assert made["first_response_ms"] == 30 * 60_000 and made["next_response_ms"] is None and made["pause"] is False
    assert office.done("sla", "list", "-q").split()[-1] == "default"
    org = office.json("org", "show")["zone"]
    office.done("org", "set", "--zone", "America/El_Salvador", role="admin")
    tested = office.json("sla", "test", "--channel", "wa", "--priority", "high", "--at", "2026-11-20 16:45")
    assert (tested["policy"], tested["why"], tested["open"]) == ("pol1", "conditions", True)
    assert {p["target"]: p["due_at"] for p in tested["promises"]} == {
        "first_response": at("2026-11-23T08:15"),
        "resolution": at("2026-11-23T15:45"),
    }
    text = office.done("sla", "test", "--channel", "wa", "--at", "2026-11-20 16:45")
    assert "default" in text and "pol1" in text and "no encaja" in text
    office.done("org", "set", "--zone", org, role="admin")
    changed = office.json("sla", "set", "pol1", "--priority", "", "--resolution", "", "--calendar", "", role="admin")
    assert changed["when"]["priority"] == [] and changed["when"]["channel"] == ["whatsapp"]
    assert (changed["resolution_ms"], changed["calendar"]) == (None, None)
    assert "día y noche" in office.done("sla", "show", "pol1")
    office.done("sla", "remove", "pol1", role="admin")
    office.done("calendar", "remove", "cal2", role="admin")


def test_what_is_refused_says_why(office: Office) -> None:
    assert "administrador" in office.refused("sla", "add", "x", "--channel", "wa", "--first", "1m")
    assert "condición" in office.refused("sla", "add", "x", "--first", "1m", role="admin")
    assert "default" in office.refused("sla", "remove", "default", role="admin")
    assert "quince" in office.refused("sla", "set", "default", "--first", "quince", role="admin", code=2)
    assert "urgent" in office.refused("sla", "set", "default", "--priority", "ya", role="admin", code=2)
    assert "SV" in office.refused("calendar", "add", "x", "--hours", "mon 8-9", "--holidays", "XX", role="admin")
    assert "Marte" in office.refused("calendar", "add", "x", "--hours", "mon 8-9", "--zone", "Marte", role="admin")
    assert "x" in office.refused("calendar", "show", "x")
    office.refused("calendar", "add", "x", "--hours", "siempre", role="admin", code=2)
    office.refused("calendar", "add", "x", role="admin", code=2)


def test_the_message_after_hours(office: Office) -> None:
    office.done("calendar", "add", "cal3", "--hours", "mon-fri 8-17", role="admin")
    text = "Estamos cerrados. Le respondemos {opening}."
    office.done("after-hours", "set", "--calendar", "cal3", "--es", text, role="admin")
    office.done("after-hours", "set", "--calendar", "cal3", "--channel", "wa", "--nothing", role="admin")
    kept = office.json("after-hours", "list")
    assert [(m["channel"], m["texts"]) for m in kept] == [("", {"es": text}), ("wa", {})]
    assert "{opening}" in office.refused("after-hours", "set", "--calendar", "cal3", "--es", "{name}", role="admin")
    assert "wa" in office.refused("calendar", "remove", "cal3", role="admin")
    office.done("after-hours", "remove", role="admin")
    office.done("after-hours", "remove", "--channel", "wa", role="admin")
    assert "nada" in office.refused("after-hours", "remove", role="admin").lower()


# ---------------------------------------------------------------- hours as people write them


def test_days_and_periods_in_both_languages() -> None:
    read = week.read_week(["lunes-vie 8:00-12:00,13:00-17:00", "Sáb 8-12; wed closed"])
    assert read["mon"] == ["8:00-12:00", "13:00-17:00"] and read["wed"] == [] and read["sat"] == ["8-12"]
    assert week.read_week(["fri-mon 22-6"])["sun"] == ["22-6"] and week.read_week(["fri-mon 22-6"])["tue"] == []


@pytest.mark.parametrize("line", ["", "mon", "8-12", "lu 8-12", "monday at 8", "mon 8:00 to 12:00"])
def test_what_is_not_understood_is_refused(line: str) -> None:
    with pytest.raises(WrongUsage):
        week.read_week([line])


@given(
    st.dictionaries(st.sampled_from(week.DAYS), st.sampled_from([[], ["08:00-12:00"], ["09:00-10:00", "11:00-24:00"]]))
)
def test_what_is_written_reads_back(hours: dict[Weekday, list[str]]) -> None:
    whole: dict[Weekday, list[str]] = {day: hours.get(day, []) for day in week.DAYS}
    written = week.week(whole)
    lines = written.split(" · ") if any(whole.values()) else []
    assert week.read_week(lines) == whole
