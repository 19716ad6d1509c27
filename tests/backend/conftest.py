"""A real server, a line to it that can be cut, and consoles; a mirror beside the model that it has to agree with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_console.backend.mirror import Mirror
from agent_console.backend.views import ListSpec
from tests.backend.consoles import Console, NewConsole
from tests.backend.model import Model
from tests.backend.seeing import fresh
from tests.faults.proxy import Proxy, proxied
from tests.routes.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        yield desk


@pytest.fixture
async def proxy(desk: Desk) -> AsyncIterator[Proxy]:
    async with proxied(int(desk.url.rpartition(":")[2])) as proxy:
        yield proxy


@pytest.fixture
async def new_console(desk: Desk, proxy: Proxy, tmp_path: Path) -> AsyncIterator[NewConsole]:
    consoles: list[Console] = []

    def make(name: str = "ana", **options: Any) -> Console:
        consoles.append(Console(desk, proxy, tmp_path / "state", name, **options))
        return consoles[-1]

    yield make
    for each in consoles:
        await each.session.stop()


@pytest.fixture
def console(new_console: NewConsole) -> Console:
    return new_console()


@pytest.fixture
def model() -> Model:
    """Five conversations that nobody has, most urgent first: 1, 2, 3, 4, 5."""
    model = Model()
    for n in range(1, 6):
        model.write(None, f"caso {n}")
    return model


@pytest.fixture
def mirror(model: Model) -> Mirror:
    mirror = fresh(model)
    mirror.show(ListSpec("unassigned"))
    return mirror
