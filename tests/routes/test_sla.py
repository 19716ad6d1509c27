"""Promises over HTTP: set up, broken, and told; on a running server with its jobs."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest

from tests.routes.desk import Desk, until


def alerts(desk: Desk) -> list[dict[str, Any]]:
    with desk.client("supervisor") as client:
        items: list[dict[str, Any]] = client.get("/alerts").json()["items"]
        return items


def test_a_broken_promise_is_told_within_a_second_and_over_with_the_answer(desk: Desk) -> None:
    desk.add_whatsapp()
    with desk.client("admin") as admin:
        policy = {"name": "corta", "when": {"channel": ["whatsapp"]}, "first_response_ms": 1000}
        assert admin.post("/sla/policies", json=policy).status_code == 201
    conversation = desk.receive()
    due = desk.read("SELECT due_at FROM sla_clocks")[0]["due_at"]
    [alert] = until(lambda: alerts(desk), "an alert")
    assert alert["kind"] == "sla_breached" and alert["data"]["target"] == "first_response"
    assert 0 <= alert["raised_at"] - due < 1000
    with desk.client("advisor") as ana:
        assert ana.post(f"/conversations/{conversation}/replies", json={"text": "ya le atiendo"}).is_success
    assert alerts(desk) == []
    kinds = [row["kind"] for row in desk.read("SELECT kind FROM events WHERE kind LIKE 'sla.%' ORDER BY seq")]
    kinds = [kind for kind in kinds if kind != "sla.warned"]  # nobody is warned of what is late by then
    assert kinds == ["sla.policy_created", "sla.started", "sla.breached", "sla.missed"]


def test_open_clocks_follow_changed_rules_by_themselves(desk: Desk) -> None:
    desk.add_whatsapp()
    conversation = desk.receive()
    with desk.client("admin") as admin:
        before = admin.get(f"/conversations/{conversation}").json()["row"]["sla"]
        assert admin.patch("/sla/policies/default", json={"first_response_ms": 3_600_000}).is_success

        def due() -> bool:
            row: dict[str, Any] = admin.get(f"/conversations/{conversation}").json()["row"]
            return bool(row["sla"]["due_at"] == before["started_at"] + 3_600_000)

        until(due, "the new moment")


def test_a_calendar_with_the_holidays_of_a_country(desk: Desk) -> None:
    with desk.client("admin") as admin:
        week = {day: ["08:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
        made = admin.post("/calendars", json={"name": "oficina", "week": week, "zone": "America/El_Salvador"})
        assert made.status_code == 201, made.text
        calendar = made.json()
        year = dt.datetime.now(dt.UTC).year
        assert calendar["country"] == "SV" and calendar["usual"] is True
        assert calendar["holidays"][f"{year + 1}-09-15"] == "Día de la Independencia"
        assert len({date[:4] for date in calendar["holidays"]}) == 7
        spain = admin.patch("/calendars/oficina", json={"country": "ES", "subdivision": "MD"}).json()
        assert f"{year + 1}-12-25" in spain["holidays"] and f"{year + 1}-09-15" not in spain["holidays"]
        at = int(dt.datetime(year + 1, 1, 1, 15, tzinfo=dt.UTC).timestamp() * 1000)
        look = admin.get("/calendars/oficina/hours", params={"at": at}).json()
        assert look["open"] is False and look["days"][0]["holiday"]


def test_who_writes_after_hours_is_told_by_the_server_itself(desk: Desk) -> None:
    desk.add_whatsapp()
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%a").lower()
    with desk.client("admin") as admin:
        # open only tomorrow: closed now, whatever the time is
        calendar = {"name": "oficina", "week": {tomorrow: ["08:00-17:00"]}, "zone": "UTC", "country": ""}
        assert admin.post("/calendars", json=calendar).status_code == 201
        said = {"calendar": "oficina", "texts": {"es": "Cerrado. Le respondemos {opening}."}}
        assert admin.put("/after-hours", json=said).is_success
    conversation = desk.receive()
    found = until(lambda: desk.read("SELECT text, data FROM messages WHERE direction = 'out'"), "the message")
    assert found[0]["text"] == "Cerrado. Le respondemos mañana a las 8:00 a. m."
    desk.receive()
    time.sleep(0.3)  # long enough for a second one, if one were to come
    assert len(desk.read("SELECT id FROM messages WHERE direction = 'out'")) == 1
    with desk.client("advisor") as ana:
        row = ana.get(f"/conversations/{conversation}").json()["row"]
    assert row["sla"]["target"] == "first_response" and row["state"] == "queued"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/sla/policies", {"name": "x", "first_response_ms": 1000}, 422, "no_condition"),
        (
            "POST",
            "/sla/policies",
            {"name": "x", "first_response_ms": 0, "when": {"channel": ["wa"]}},
            422,
            "invalid",
        ),
        ("DELETE", "/sla/policies/default", None, 409, "default_policy"),
        ("PATCH", "/sla/policies/default", {"calendar": "nunca"}, 404, "not_found"),
        ("POST", "/calendars", {"name": "x", "week": {"mon": ["8:00"]}}, 422, "bad_period"),
        ("POST", "/calendars", {"name": "x", "week": {}, "country": "ZZ"}, 422, "no_holidays_known"),
        (
            "POST",
            "/calendars",
            {"name": "x", "week": {}, "country": "SV", "subdivision": "ZZ"},
            422,
            "no_holidays_known",
        ),
        ("GET", "/calendars/nada/hours", None, 404, "not_found"),
        ("PUT", "/after-hours", {"calendar": "nada"}, 404, "not_found"),
        ("DELETE", "/after-hours", None, 404, "not_found"),
        ("POST", "/sla/test", {"at": -1}, 422, "bad_moment_asked"),
        ("POST", "/sla/test", {"conversation": 999}, 404, "not_found"),
    ],
)
def test_what_makes_no_sense_is_refused(
    desk: Desk, method: str, path: str, body: dict[str, Any] | None, status: int, code: str
) -> None:
    with desk.client("admin") as admin:
        answer = admin.request(method, path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
