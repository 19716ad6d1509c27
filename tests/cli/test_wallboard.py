"""The wallboard, service settings and alerts from the command line."""

from __future__ import annotations

import csv
import io

from tests.cli.office import Office
from tests.routes.desk import until


def test_the_wallboard_as_tables(office: Office) -> None:
    id = office.customer_writes("¿alguien me atiende?", "Wendy Wall")
    office.done("conv", str(id), "reply", "Con gusto")
    board = office.json("wallboard", role="supervisor")
    assert board["today"]["received"] >= 1 and board["now"]["open"] >= 1
    text = office.done("wallboard", role="supervisor")
    assert "SLA" in text and "wa" in text
    table = list(csv.DictReader(io.StringIO(office.done("wallboard", "advisors", "-o", "csv", role="supervisor"))))
    assert any(row["name"] == "ana" and int(row["answered"]) >= 1 for row in table)
    office.refused("wallboard", "-o", "csv", role="supervisor", code=2)
    office.refused("wallboard")  # it is for supervisors


def test_settings_are_read_and_written_as_people_write_them(office: Office) -> None:
    assert "10m" in office.done("service", "show")
    office.done("service", "set", "away=90s", "capacity=7", "weights.email=25", role="admin")
    settings = office.json("service", "show")
    assert (settings["away_ms"], settings["capacity"], settings["weights"]["email"]) == (90_000, 7, 25)
    settings = office.json("service", "set", "away=", "capacity=", "weights.email=50", role="admin")
    assert (settings["away_ms"], settings["capacity"]) == (600_000, 5)
    assert "nothing" in office.refused("service", "set", "nothing=1", role="admin", code=2)
    office.refused("service", "set", "away=soon", role="admin", code=2)
    office.refused("service", "set", "capacity=6")  # only admins


def test_an_alert_is_listed_and_looked_after(office: Office) -> None:
    office.customer_writes("hola", "Alma Alert")
    office.done("service", "set", "thresholds.waiting=0", role="admin")
    try:
        (id,) = until(lambda: office.done("alert", "list", "-q", role="supervisor").split())
        assert office.json("alert", "list", role="supervisor")[0]["kind"] == "threshold"
        assert office.json("alert", "ack", id, role="supervisor")[0]["ended_by"]
        office.refused("alert", "ack", id, role="supervisor")
    finally:
        office.done("service", "set", "thresholds.waiting=", role="admin")
