"""Everybody reads the organisation's clock, wherever their computer stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_console import i18n
from agent_console.backend.session import Session
from tests.real_server import RealServer

NOON_UTC = 1_795_000_000_000 // 86_400_000 * 86_400_000 + 12 * 3_600_000


@pytest.fixture(autouse=True)
def own_zone() -> Iterator[None]:
    yield
    i18n.set_zone("")


async def test_a_session_takes_the_organisations_zone(real_server: RealServer, tmp_path: Path) -> None:
    with real_server.client("admin") as admin:
        changed = admin.patch("/organisation", json={"zone": "America/El_Salvador"})
        assert changed.is_success, changed.text
    session = Session(
        real_server.url, real_server.tokens["advisor"], listener=lambda changes: None, folder=tmp_path / "state"
    )
    try:
        await session.start()
        assert i18n.clock(NOON_UTC) == "6:00"
    finally:
        await session.stop()
