"""The server is killed while mails come in and go out: each comes in once, none goes out twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.mail.post import Post
from tests.real_server import RealServer
from tests.routes.desk import until

MAILS = 150
KILLS = 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def conversations(server: RealServer) -> list[dict[str, Any]]:
    """All of them, page by page."""
    found: list[dict[str, Any]] = []
    with server.client("advisor") as api:
        asked: dict[str, str] = {"view": "all", "limit": "100"}
        while True:
            page = api.get("/conversations", params=asked)
            page.raise_for_status()
            found += page.json()["items"]
            if not page.json()["next"]:
                return found
            asked["after"] = page.json()["next"]


def await_mails(server: RealServer, count: int) -> None:
    end = time.monotonic() + 90
    while len(conversations(server)) < count:
        assert time.monotonic() < end, f"{count} mails did not come in"
        time.sleep(0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RealServer]:
    with RealServer(tmp_path) as server:
        yield server.init().start().sign_in_all()


def test_killed_while_mails_flow(post: Post, server: RealServer) -> None:
    with server.client("admin") as admin:
        made = admin.post("/channels", json={"kind": "email", "name": "correo", "settings": post.channel()})
        assert made.is_success, made.text

    def write() -> None:
        for n in range(MAILS):
            post.write(f"persona{n}@mail.example", subject=f"asunto {n}", text=f"mensaje {n}")
            time.sleep(0.02)

    writing = threading.Thread(target=write)
    writing.start()
    for kill in range(KILLS):
        await_mails(server, 20 * (kill + 1))
        with server.client("advisor") as api:
            for row in conversations(server)[:5]:
                api.post(f"/conversations/{row['id']}/replies", json={"text": "Con gusto."}).raise_for_status()
        server.kill()
        server.start()
    writing.join()
    await_mails(server, MAILS)
    found = conversations(server)
    subjects = Counter(row["subject"] for row in found)
    assert subjects == Counter(f"asunto {n}" for n in range(MAILS))
    assert all(row["inbound"] == 1 for row in found)
    with server.client("advisor") as api:

        def statuses() -> Counter[str]:
            return Counter(
                message["status"]
                for row in found
                for message in api.get(f"/conversations/{row['id']}/messages").json()["items"]
                if message["direction"] == "out"
            )

        until(lambda: not set(statuses()) & {"queued", "sending"}, "all answers are settled")
        settled = statuses()
    assert sum(settled.values()) == 5 * KILLS
    assert set(settled) <= {"sent", "unknown"}
    ids = Counter(message_from_bytes(mail.raw)["Message-ID"] for mail in post.world.state.delivered)
    assert set(ids.values()) == {1}  # what is unknown was not sent again
    assert len(ids) >= settled["sent"]
