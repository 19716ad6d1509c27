"""What has not left and how channels are, through the API, with a provider whose every answer the test decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from server.channels.base import Outgoing, Refused, SendError, Sent, Uncertain
from server.channels.whatsapp import WhatsApp
from server.desk import finding
from server.facts import Failure, Party
from server.jobs import watching
from server.wire import Check
from tests.routes.desk import Desk, until


class Provider:
    """Says to each attempt what `says` holds; `took` is what it took."""

    def __init__(self) -> None:
        self.says: Callable[[Outgoing], SendError | None] = lambda message: None
        self.took: list[str] = []
        self.checks: list[Check] = [Check(name="token", ok=True)]
        self.token_ends: int | None = None
        self.asked: list[str] = []

    def refuse(self, reason: str) -> None:
        self.says = lambda message: Refused(Failure(reason=reason, code="1", detail="in their words"))

    def take(self) -> None:
        self.says = lambda message: None


@pytest.fixture
def provider(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """WhatsApp's provider, with a channel `wa` on it."""
    provider = Provider()

    async def send(self: WhatsApp, message: Outgoing, http: Any) -> Sent:
        error = provider.says(message)
        if error is not None:
            raise error
        provider.took.append(message.text)
        return Sent(external_id=f"o-{message.client_ref}")

    async def check(self: WhatsApp, http: Any) -> Sequence[Check]:
        return provider.checks

    async def token_expiry(self: WhatsApp, http: Any) -> int | None:
        return provider.token_ends

    monkeypatch.setattr(WhatsApp, "send", send)
    monkeypatch.setattr(WhatsApp, "check", check)
    monkeypatch.setattr(WhatsApp, "token_expiry", token_expiry)
    monkeypatch.setattr(WhatsApp.capabilities, "pair_interval_ms", 0)
    desk.add_whatsapp()
    return provider


def answer(desk: Desk, text: str, phone: str = "50370001111", role: Any = "advisor") -> int:
    """A customer writes and is answered; the answer."""
    conversation = desk.receive("hola", phone)
    with desk.client(role) as who:
        sent = who.post(f"/conversations/{conversation}/replies", json={"text": text})
        assert sent.status_code == 201, sent.text
        return int(sent.json()["id"])


def becomes(desk: Desk, message: int, status: str) -> None:
    until(lambda: desk.read("SELECT status FROM messages WHERE id = ?", message)[0]["status"] == status, status)


def items(who: httpx.Client, **wanted: Any) -> list[Any]:
    found = who.get("/outbox", params=wanted)
    assert found.status_code == 200, found.text
    page: list[Any] = found.json()["items"]
    return page


def health(desk: Desk) -> Any:
    with desk.client("advisor") as ana:
        return ana.get("/channels/wa").json()["health"]


def test_a_dead_letter_is_seen_sent_again_and_let_be(desk: Desk, provider: Provider) -> None:
    provider.refuse("undeliverable")
    first, second = answer(desk, "uno"), answer(desk, "dos", "50370002222", "supervisor")
    for message in (first, second):
        becomes(desk, message, "failed")
    with desk.client("advisor") as ana, desk.client("supervisor") as sofia:
        [item] = items(ana)
        assert (item["message"]["id"], item["reason"], item["attempts"]) == (first, "undeliverable", 1)
        assert item["detail"] == "1 in their words"
        assert item["conversation"]["contact_name"] == "María"
        page = sofia.get("/outbox", params={"limit": 1}).json()
        assert [each["message"]["id"] for each in page["items"]] == [second]
        assert [each["message"]["id"] for each in items(sofia, after=page["next"])] == [first]
        assert ana.post(f"/messages/{second}/drop").json()["code"] == "forbidden"
        assert sofia.post(f"/messages/{second}/drop").json()["status"] == "failed"
        provider.take()
        assert ana.post(f"/messages/{first}/resend").json()["status"] == "queued"
        becomes(desk, first, "sent")
        assert items(sofia) == []
        assert ana.post(f"/messages/{first}/drop").json()["code"] == "wrong_status"
        assert ana.get("/outbox", params={"state": "lost"}).status_code == 422
        assert ana.get("/outbox", params={"after": "x"}).status_code == 422
        assert ana.get("/outbox", params={"channel": "none"}).status_code == 404
    assert provider.took == ["uno"]


def test_many_are_sent_again_by_supervisors_once_a_key(desk: Desk, provider: Provider) -> None:
    provider.refuse("policy")
    written = [answer(desk, f"{n}", f"5037000{n:04}") for n in range(4)]
    for message in written:
        becomes(desk, message, "failed")
    provider.take()
    wanted = {"channel": "wa", "reason": "policy"}
    with desk.client("advisor") as ana, desk.client("supervisor") as sofia:
        assert ana.post("/outbox/resend", json=wanted).status_code == 403
        key = {"Idempotency-Key": "again"}
        told = [sofia.post("/outbox/resend", json=wanted, headers=key).json() for _ in range(2)]
        assert told == [{"resent": 4, "skipped": [], "next": None}] * 2
    for message in written:
        becomes(desk, message, "sent")
    assert sorted(provider.took) == ["0", "1", "2", "3"]


def test_a_bad_token_is_told_everywhere_and_a_good_test_ends_it(desk: Desk, provider: Provider) -> None:
    provider.refuse("token")
    written = answer(desk, "uno")
    until(lambda: health(desk)["state"] == "down", "the pause")
    found = health(desk)
    assert (found["problem"], found["detail"], found["waiting"]) == ("token", "1 in their words", 1)
    with desk.client("admin") as root:
        [check] = [check for check in root.get("/status").json()["items"] if check["name"] == "channels"]
        assert (check["ok"], check["detail"]) == (False, "wa: token")
        numbers = httpx.get(f"{desk.url}/metrics").text
        assert re.search(r'^agent_console_channel_up\{channel="wa"\} 0\.0$', numbers, re.M)
        assert re.search(r'^agent_console_channel_waiting\{channel="wa"\} 1\.0$', numbers, re.M)
        assert re.search(r"^agent_console_outbox_oldest_seconds \d", numbers, re.M)
        provider.checks = [Check(name="token", ok=False, detail="expired")]
        assert not root.post("/channels/wa/test").json()["items"][0]["ok"]
        assert health(desk)["problem"] == "token"
        provider.checks = [Check(name="token", ok=True)]
        provider.take()
        assert root.post("/channels/wa/test").json()["items"][0]["ok"]
        becomes(desk, written, "sent")
        assert health(desk)["state"] == "ok"
        assert root.get("/status").json()["items"][5]["ok"]
    numbers = httpx.get(f"{desk.url}/metrics").text
    assert re.search(r'^agent_console_channel_up\{channel="wa"\} 1\.0$', numbers, re.M)


@pytest.mark.parametrize("there", [True, False])
def test_what_nobody_knows_is_found_out(
    desk: Desk, provider: Provider, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    async def find_sent(self: WhatsApp, message: Outgoing, http: Any) -> Sent | None:
        provider.asked.append(message.client_ref)
        return Sent(external_id="found", status="delivered") if there else None

    monkeypatch.setattr(WhatsApp, "find_sent", find_sent)
    monkeypatch.setattr(finding, "PAUSES_MS", (20, 40, 60, 80, 100))
    doubt = [True]

    def says(message: Outgoing) -> SendError | None:
        return Uncertain(Failure(reason="provider_down", detail="cut")) if doubt and doubt.pop() else None

    provider.says = says
    written = answer(desk, "uno")
    becomes(desk, written, "delivered" if there else "sent")
    assert provider.took == ([] if there else ["uno"])
    assert len(provider.asked) == (1 if there else finding.BELIEVED)


def test_what_cannot_be_found_out_waits_for_a_word(desk: Desk, provider: Provider) -> None:
    provider.says = lambda message: Uncertain(Failure(reason="provider_down", detail="cut"))
    written = answer(desk, "uno")
    becomes(desk, written, "unknown")
    with desk.client("advisor") as ana:
        [item] = items(ana, state="unknown")
        assert (item["message"]["id"], item["reason"], item["next_at"]) == (written, "provider_down", None)
        assert health(desk)["unknown"] == 1
        assert ana.post(f"/messages/{written}/settle", json={"decision": "sent"}).json()["status"] == "sent"
        assert items(ana, state="unknown") == []


def test_who_has_only_a_number_gets_a_name(desk: Desk, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    async def profile(self: WhatsApp, addresses: Any, http: Any) -> Party | None:
        provider.asked.append(addresses[0].value)
        return Party(addresses=addresses, name="Sonia Paz") if addresses[0].value.endswith("1") else None

    monkeypatch.setattr(WhatsApp, "profile", profile)
    for phone, name in (("50370000001", ""), ("50370000002", ""), ("50370000003", "Don Neto")):
        assert desk.hook(desk.message(phone=phone, name=name)).status_code == 200

    def names() -> set[str]:
        return {row["name"] for row in desk.read("SELECT name FROM contacts")}

    until(lambda: "Sonia Paz" in names() and len(provider.asked) == 2, "the name")
    assert names() == {"Sonia Paz", "+50370000002", "Don Neto"}
    assert sorted(provider.asked) == ["50370000001", "50370000002"]


def test_channels_are_looked_after(desk: Desk, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SOON_MS", 20)
    monkeypatch.setattr(watching, "EVERY_MS", 20)
    monkeypatch.setattr(watching.Watching, "rest", 0.01)
    desk.add_whatsapp("other")  # wakes the job

    def problem(name: str) -> bool:
        return str(health(desk)["problem"]) == name

    provider.token_ends = desk.running.services.door.store.clock() + 3_600_000
    until(lambda: problem("token_ends"), "the warning")
    assert health(desk)["state"] == "warning"
    assert health(desk)["token_expires_at"] == provider.token_ends
    provider.token_ends = None
    provider.checks = [Check(name="reach", ok=False, detail="no route")]
    until(lambda: problem("provider_down"), "the trouble")
    provider.checks = [Check(name="token", ok=True)]
    until(lambda: problem(""), "the recovery")
