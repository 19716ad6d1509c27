"""Rules over the API of a running server, whose job follows the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.routes.desk import Desk, open_desk, until
from tests.routes.test_event_hooks import add as add_hook
from tests.routes.test_event_hooks import caught_up, listening


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        desk.add_whatsapp()
        yield desk


def add(desk: Desk, name: str, **rule: Any) -> None:
    with desk.client("admin") as admin:
        made = admin.post("/rules", json={"name": name, "active": True, **rule})
    assert made.status_code == 201, made.text


def test_the_hook_that_a_rule_names_is_called_and_no_other(desk: Desk) -> None:
    with listening() as named, listening() as other:
        add_hook(desk, named, "crm", events=["user.created"])
        add_hook(desk, other, "all")
        add(desk, "x", on=["received"], condition="prestamo", then=[{"do": "webhook", "value": "crm"}])
        desk.receive("buenos días", phone="50370002222")
        conversation = desk.receive("un préstamo")
        until(lambda: named.events, "the call")
        caught_up(desk, "all")
        [event] = named.events
        assert (event["kind"], event["data"]["rule"], event["conversation"]) == ("rule.called", "x", conversation)
        assert event["message"]["text"] == "un préstamo"
        assert "rule.fired" in other.kinds and "rule.called" not in other.kinds


def test_who_may_what(desk: Desk) -> None:
    rule = {"name": "x", "on": ["received"], "then": [{"do": "resolve"}]}
    trial = {"rule": rule, "days": 1}
    for role, may_read, may_write in (("advisor", 403, 403), ("supervisor", 200, 403), ("admin", 200, 201)):
        with desk.client(role) as client:  # type: ignore[arg-type]
            assert client.get("/rules").status_code == may_read
            assert client.post("/rule-trials", json=trial).status_code == may_read
            assert client.post("/rules", json=rule).status_code == may_write
    with desk.client("admin") as admin:
        assert admin.post("/rules", json=rule).json()["code"] == "name_taken"
        wrong = admin.patch("/rules/x", json={"condition": "is:open chanel:wa"})
        assert (wrong.status_code, wrong.json()["params"]["start"], wrong.json()["params"]["end"]) == (422, 8, 14)
        assert admin.get("/rules/x/stats").json()["fired"] == 0
        assert admin.post("/rule-trials", json={"days": 1}).status_code == 422
        assert admin.delete("/rules/x").status_code == 204
        assert admin.get("/rules/x").status_code == 404


def test_a_rule_that_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add(desk, "x", on=["waits>1m"], then=[{"do": "priority", "value": "urgent"}])
    conversation = desk.receive("hola")
    store = desk.running.services.door.store
    now = store.clock
    monkeypatch.setattr(store, "clock", lambda: now() + 61_000)
    with desk.client("supervisor") as client:  # something happens, and the job looks at its clock again
        client.post(f"/conversations/{conversation}/notes", json={"text": "nota"})
        until(lambda: client.get(f"/conversations/{conversation}").json()["row"]["priority"] == "urgent", "the rule")
