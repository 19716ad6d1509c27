"""Who is there, at the command line: oneself, others, teams that give work out."""

from __future__ import annotations

import pytest

from tests.cli.office import Office

pytestmark = pytest.mark.xdist_group("cli-people")


def standing(office: Office, name: str) -> dict[str, object]:
    return next(one for one in office.json("status") if one["user"] == name)


def test_one_says_it_of_oneself_and_all_see_it(office: Office) -> None:
    assert office.json("status", "busy", "--reason", "llamada larga")[0]["state"] == "busy"
    assert (
        "ana" in office.done("status") and "ocupado" in office.done("status") and " 0 % (0/5) " in office.done("status")
    )
    said = office.json("status", "away", "--back", "20m")[0]
    assert said["state"] == "away" and said["back_at"] > said["since"]
    assert office.json("status", "--back", "1h")[0]["state"] == "away"  # a moment alone
    office.done("status", "online")
    assert standing(office, "ana")["by"] == "ana"
    assert office.done("status", "-q").split() == sorted(office.done("status", "-q").split())


def test_what_makes_no_sense_is_said(office: Office) -> None:
    assert "--back" in office.refused("status", "busy", "--back", "20m", code=2)
    assert "sleepy" in office.refused("status", "away", "--back", "sleepy", code=2)
    assert office.refused("status", "--reason", "x", code=2)


def test_a_supervisor_says_it_of_others_an_advisor_does_not(office: Office) -> None:
    shown = office.json("user", "status", "ana", "offline", "--reason", "turno terminado", role="supervisor")[0]
    assert (shown["state"], shown["by"], shown["why"]) == ("offline", "sofia", "forced")
    assert office.refused("user", "status", "sofia", "busy")
    assert office.json("user", "status", "ana")[0]["state"] == "offline"
    assert office.refused("user", "status", "nadie")
    told = office.done("events", role="admin")
    assert "availability.changed" in told or "disponibilidad" in told


def test_skills_capacity_and_teams_are_set(office: Office) -> None:
    user = office.json("user", "set", "ana", "--skills", "Créditos:2 inglés", "--capacity", "3", role="admin")
    assert (user["skills"], user["capacity"]) == ("créditos:2 inglés", 3)
    assert standing(office, "ana")["capacity"] == 300
    assert office.json("user", "set", "ana", "--capacity", "default", role="admin")["capacity"] is None
    assert office.refused("user", "set", "ana", "--capacity", "mucho", role="admin", code=2)
    assert office.refused("user", "set", "ana", "--skills", "a:b:c", role="admin")
    team = office.json(
        "team", "add", "Créditos", "--member", "ana", "--assignment", "automatic", "--leave-after", "20m", role="admin"
    )
    assert (team["assignment"], team["leave_after_ms"]) == ("automatic", 20 * 60_000)
    team = office.json("team", "set", "Créditos", "--on-leave", "colleague", "--duty", "ana", role="admin")
    assert (team["on_leave"], team["duty"], team["assignment"]) == ("colleague", "ana", "automatic")
    assert "ana" in office.done("team", "show", "Créditos")
    office.json("team", "set", "Créditos", "--duty", "", role="admin")
    assert office.json("team", "show", "Créditos")["duty"] is None
    office.json("user", "set", "ana", "--duty", "Créditos", role="admin")
    assert office.json("team", "show", "Créditos")["duty"] == "ana"
    assert office.refused("team", "set", "Créditos", "--leave-after", "9d", role="admin")
