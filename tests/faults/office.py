"""What fault tests drive: a real server process, and the Graph stand-in in this process, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from agent_console.backend.api import Api
from server.sandbox.graph import Graph, serve
from server.sandbox.graph_state import Settings
from server.wire import Role
from tests.real_server import RealServer

T = TypeVar("T")

#: seconds a condition may take to come true on a loaded machine
PATIENCE = 60.0


class Office:
    """A server with the WhatsApp channel `wa`, and what stands behind that channel."""

    def __init__(self, server: RealServer, graph: Graph) -> None:
        self.server = server
        self.graph = graph

    def api(self, role: Role, url: str = "") -> Api:
        """The console's own client, signed in as that role. Close it."""
        return Api(url or self.server.url, self.server.tokens[role], "en")

    def database(self) -> sqlite3.Connection:
        """Look into the store, read-only; whether the server runs or not."""
        return look(self.server.data)


def look(data: Path) -> sqlite3.Connection:
    """Open the store in a data folder read-only. Close it."""
    path = (data / "agent-console.db").resolve()
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)


@contextlib.asynccontextmanager
async def open_office(
    home: Path,
    *,
    pair_interval_ms: int | None = None,
    circuits: str = "usual",
    program: tuple[str, ...] = (),
    **settings: Any,
) -> AsyncIterator[Office]:
    """An office in `home`. `settings` are the stand-in's; `pair_interval_ms` replaces WhatsApp's 6 s per person, and
    then `circuits` may be "never", so that each message's failures are its own. `program` runs as the server."""
    with RealServer(home) as server:
        server.program = program or server.program
        if pair_interval_ms is not None:
            server.program = ("-m", "tests.faults.paced", str(pair_interval_ms), circuits)
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        graph = Graph(Settings(hook_url=f"{server.url}/hooks/wa", hook_retry=50, hook_retry_limit=500, **settings))
        async with serve(graph) as url:
            await asyncio.to_thread(add_whatsapp, server, graph.settings, f"{url}/v26.0")
            yield Office(server, graph)


def add_whatsapp(server: RealServer, settings: Settings, graph_url: str, name: str = "wa") -> None:
    """Set a WhatsApp channel up whose provider is a stand-in with these settings."""
    known = ("phone_number_id", "access_token", "app_secret", "verify_token")
    given = {name: getattr(settings, name) for name in known} | {"graph_url": graph_url}
    with server.client("admin") as admin:
        made = admin.post("/channels", json={"kind": "whatsapp", "name": name, "settings": given})
        assert made.is_success, made.text


async def until(found: Callable[[], Awaitable[T]], what: str, patience: float = PATIENCE) -> T:
    """Wait until `found()` is truthy, and return it. AssertionError, with what it was last, if it never is."""
    end = time.monotonic() + patience
    while True:
        answer = await found()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what} did not happen within {patience:.0f} s: {answer!r}"
        await asyncio.sleep(0.05)
