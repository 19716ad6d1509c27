"""What whoever runs the server can ask it."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.routes.desk import Desk


def test_alive_and_ready(desk: Desk) -> None:
    assert httpx.get(f"{desk.url}/healthz").status_code == 200
    before = desk.read("SELECT value FROM meta WHERE key = 'probed_at'")
    assert httpx.get(f"{desk.url}/readyz").status_code == 200
    assert not before
    assert desk.read("SELECT value FROM meta WHERE key = 'probed_at'"), "ready means that a write was committed"


def test_not_ready_when_the_writer_does_not_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(*_: object) -> None:
        await __import__("asyncio").sleep(60)

    monkeypatch.setattr("server.routes.health.READY_SECONDS", 0.1)
    monkeypatch.setattr(desk.running.services.door.store, "write", stuck)
    answer = httpx.get(f"{desk.url}/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert httpx.get(f"{desk.url}/healthz").status_code == 200, "it lives all the same"


def test_metrics_for_this_machine_and_for_admins(desk: Desk) -> None:
    desk.add_whatsapp()
    desk.receive("hola")
    assert desk.hook(desk.message(), "nobody").status_code == 404
    text = httpx.get(f"{desk.url}/metrics").text
    assert re.search(
        r'^agent_console_requests_total\{method="POST",route="/hooks/\{name\}",status="200"\} 1\.0$', text, re.M
    )
    assert re.search(r"^agent_console_journal_seq [1-9]", text, re.M)
    assert re.search(r"^agent_console_feed_clients 0\.0$", text, re.M)
    assert re.search(r'^agent_console_outbox\{state="queued"\} 0\.0$', text, re.M)
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    assert httpx.get(f"{desk.url}/metrics", headers=proxied).status_code == 401

    def as_role(role: str) -> int:
        headers = {**proxied, "Authorization": f"Bearer {desk.tokens[role]}"}  # type: ignore[index]
        return httpx.get(f"{desk.url}/metrics", headers=headers).status_code

    assert (as_role("advisor"), as_role("supervisor"), as_role("admin")) == (403, 403, 200)


def test_labels_are_patterns_and_never_what_somebody_typed(desk: Desk) -> None:
    with desk.client("advisor") as ana:
        for n in range(5):
            ana.get(f"/conversations/{n}")
            ana.request(("PUT", "DELETE", "PATCH", "LOCK", "REPORT")[n], "/me")
            ana.get(f"/nothing/{n}")
    text = httpx.get(f"{desk.url}/metrics").text
    lines = {line for line in text.splitlines() if line.startswith("agent_console_requests_total{")}
    assert any('route="/conversations/{id}",status="404"} 5.0' in line for line in lines)
    assert any('method="other",route="/me",status="405"} 5.0' in line for line in lines)
    assert len(lines) == 2


def test_status_says_how_the_server_is(desk: Desk) -> None:
    with desk.client("admin") as admin:
        found = {item["name"]: item for item in admin.get("/status").json()["items"]}
    assert {"version", "commit", "sqlite", "space", "outbox", "deliveries", "feed"} <= found.keys()
    assert found["commit"]["ok"]
    assert (found["deliveries"]["ok"], found["deliveries"]["detail"]) == (True, "0")
