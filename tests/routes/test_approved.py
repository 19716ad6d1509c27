"""Approved templates: fetched while a channel is looked after, listed, and shown in the thread as what they said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from server.channels.whatsapp import WhatsApp
from server.jobs import watching
from server.wire import ApprovedTemplate, Check
from tests.routes.desk import Desk, until


def one(name: str = "aviso", **fields: Any) -> ApprovedTemplate:
    given = {"status": "approved", "body": "Hola {{1}}: {{2}}", "parameters": 2, "footer": "La cooperativa"}
    return ApprovedTemplate(channel="", name=name, language="es", **{**given, **fields})


class Account:
    def __init__(self) -> None:
        self.templates = [one()]
        self.asked = 0


@pytest.fixture
def account(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Account:
    account = Account()

    async def check(self: WhatsApp, http: Any) -> Sequence[Check]:
        return [Check(name="token", ok=True)]

    async def approved(self: WhatsApp, http: Any) -> Sequence[ApprovedTemplate]:
        account.asked += 1
        return account.templates

    monkeypatch.setattr(WhatsApp, "check", check)
    monkeypatch.setattr(WhatsApp, "approved", approved)
    monkeypatch.setattr(watching, "SOON_MS", 20)
    monkeypatch.setattr(watching.Watching, "rest", 0.01)
    desk.add_whatsapp()
    return account


def listed(desk: Desk) -> list[str]:
    with desk.client("advisor") as http:
        return [item["name"] for item in http.get("/templates/approved").json()["items"]]


def notice(word: str) -> bytes:
    value = {"event": word, "message_template_name": "cita", "message_template_language": "es"}
    entry = {"id": "1", "changes": [{"field": "message_template_status_update", "value": value}]}
    return msgspec.json.encode({"object": "whatsapp_business_account", "entry": [entry]})


def test_templates_come_with_a_good_check_and_after_a_notice(desk: Desk, account: Account) -> None:
    until(lambda: listed(desk) == ["aviso"], "the first template")
    with desk.client("advisor") as http:
        (item,) = http.get("/templates/approved", params={"channel": "wa"}).json()["items"]
    assert (item["channel"], item["parameters"], item["footer"]) == ("wa", 2, "La cooperativa")
    account.templates = [one("aviso", status="paused"), one("cita")]
    assert desk.hook(notice("APPROVED")).status_code == 200
    until(lambda: listed(desk) == ["aviso", "cita"], "what the notice told of")
    found = desk.read("SELECT data FROM events WHERE kind = 'template.approved' ORDER BY seq")
    assert [msgspec.json.decode(row["data"])["count"] for row in found] == [1, 2]


def test_the_thread_shows_what_the_customer_reads(desk: Desk, account: Account) -> None:
    until(lambda: listed(desk) == ["aviso"], "the template")
    place = f"/conversations/{desk.receive()}/replies"
    template = {"name": "aviso", "language": "es", "parameters": ["María", "su cuota vence"]}
    with desk.client("advisor") as http:
        said = http.post(place, json={"template": template}, headers={"Idempotency-Key": "1"}).json()
        assert (said["kind"], said["text"]) == ("template", "Hola María: su cuota vence\nLa cooperativa")
        template["name"] = "unknown"
        said = http.post(place, json={"template": template}, headers={"Idempotency-Key": "2"}).json()
        assert (said["kind"], said["text"]) == ("template", "")
