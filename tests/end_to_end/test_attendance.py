"""A console's session on a real server: who starts it is there, gets what waits, and is gone when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent_console.backend.changes import Changes
from agent_console.backend.live import Timing
from agent_console.backend.session import Session
from tests.routes.desk import Desk, open_desk


async def until(met: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not met():
            await asyncio.sleep(0.02)


def state(desk: Desk) -> str:
    rows = desk.read("SELECT a.state FROM availability a JOIN users u ON u.id = a.user_id WHERE u.name = 'ana'")
    return rows[0]["state"] if rows else ""


async def test_a_console_that_starts_gets_what_waits_and_one_that_ends_is_gone(tmp_path: Path) -> None:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        with desk.client("admin") as admin:
            assert admin.patch("/teams/General", json={"members": ["ana"], "assignment": "automatic"}).is_success
            assert admin.patch("/channels/wa", json={"team": "General"}).is_success
            assert admin.patch("/service", json={"change": {"gone_ms": 300, "away_ms": 1_500}}).is_success
        id = desk.receive()
        told: list[Changes] = []
        session = Session(
            desk.url, desk.tokens["advisor"], listener=told.append, folder=tmp_path / "console",
            timing=Timing(touch=0.1),
        )  # fmt: skip
        await session.start()
        await until(lambda: (row := session.mirror.row(id)) is not None and row.assignee == "ana")
        assert state(desk) == "online"
        await until(lambda: state(desk) == "away")  # nobody touches a key
        session.touched()
        await until(lambda: state(desk) == "online")
        assert {"availability.changed"} & {alert.kind for changes in told for alert in changes.alerts}
        await session.stop()
        await until(lambda: state(desk) == "offline")
