"""The whole way, as a person goes it: the demo's console in a terminal, from a customer's message to a reply that
the customer has read, and the customer's own account of it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.terminal import Terminal
from tests.end_to_end.conftest import PATIENCE, Demo

MARK = "su usuario, ficha 4711"
REPLY = f"Buenos días, María: ya reviso {MARK}."

pytestmark = [pytest.mark.pty, pytest.mark.timeout(400)]


def ledger(world: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{world}/_world/ledger", timeout=PATIENCE).json()
    return found


def outbound(url: str, password: str) -> list[dict[str, Any]]:
    """María's conversation as the API shows it: what was written to her."""
    with httpx.Client(base_url=url + "/api/v1", timeout=PATIENCE) as api:
        session = api.post("/sessions", json={"user": "admin", "password": password}).json()
        api.headers["Authorization"] = "Bearer " + session["token"]
        rows = api.get("/conversations", params={"view": "open", "q": "María Ramos"}).json()["items"]
        (row,) = [row for row in rows if row["contact_name"] == "María Ramos"]
        found = api.get(f"/conversations/{row['id']}/messages").json()["items"]
    return [message for message in found if message["direction"] == "out"]


@pytest.mark.parametrize(("columns", "rows"), [pytest.param(120, 40, marks=pytest.mark.slow), (80, 24)])
def test_from_the_inbox_to_a_reply_that_was_read(demo: Demo, columns: int, rows: int) -> None:
    data = demo.home / "kept"
    with Terminal(demo.command("--seed", "7", "--data", str(data)), columns, rows, env=demo.env) as terminal:
        terminal.wait_for("María Ramos", PATIENCE)
        papers = demo.papers(data)
        demo.children(terminal.pid)
        terminal.write(b"\r")
        terminal.wait_for(lambda text: "usuario" in text and "bloqueado" in text, PATIENCE)
        terminal.write(b"r")
        terminal.wait_for("ctrl+s", PATIENCE)
        terminal.write(REPLY.encode())
        terminal.wait_for("4711", PATIENCE)
        assert not [a for a in ledger(papers["world"])["arrivals"] if MARK in a["text"]], "it left before it was sent"
        terminal.write(b"\x13")
        terminal.wait_for("✓✓", PATIENCE)

        told = ledger(papers["world"])
        assert [arrival["text"] for arrival in told["arrivals"] if MARK in arrival["text"]] == [REPLY]
        assert told["doubled"] == {}
        (message,) = outbound(papers["url"], papers["password"])
        assert (message["text"], message["author"]) == (REPLY, "ana")
        assert message["status"] in ("delivered", "read")

        terminal.write(b"q")
        assert terminal.ended(PATIENCE) == 0
    assert demo.left() == []
    assert whole(data)
    assert json.loads((data / "demo.json").read_text())["url"] == ""


@pytest.mark.parametrize("how", ["closed window", "SIGTERM"])
def test_ended_from_outside_it_leaves_nothing_behind(demo: Demo, how: str) -> None:
    data = demo.home / "kept"
    with Terminal(demo.command("--seed", "7", "--data", str(data)), env=demo.env) as terminal:
        terminal.wait_for("María Ramos", PATIENCE)
        demo.papers(data)
        assert demo.children(terminal.pid)
        if how == "SIGTERM":
            os.kill(terminal.pid, signal.SIGTERM)
            assert terminal.ended(PATIENCE) == 0
        else:
            os.close(terminal._master)
        demo.wait_until_gone()


def whole(data: Path) -> bool:
    """Whether the store that was left is in order."""
    with closing(sqlite3.connect(f"file:{data / 'agent-console.db'}?mode=ro", uri=True)) as store:
        return bool(store.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
