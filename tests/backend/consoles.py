"""A console without a screen at a real server, and what it would have painted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent_console.backend import calls
from agent_console.backend.api import Api
from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.live import Timing
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec
from tests.faults.proxy import Proxy
from tests.routes.desk import Desk

QUICK = Timing(connect=5, stall=25, behind=5, first=0.02, most=0.2, typing=0.05)
UNASSIGNED, MINE, OPEN = ListSpec("unassigned"), ListSpec("mine"), ListSpec("open")


class Screen:
    """What a console would have painted."""

    def __init__(self) -> None:
        self.painted = Changes()
        self._event = asyncio.Event()

    def __call__(self, changes: Changes) -> None:
        self.painted.merge(changes)
        self._event.set()

    @property
    def troubles(self) -> list[Trouble]:
        return self.painted.troubles

    async def until(self, met: Callable[[], Any], what: str = "it") -> None:
        """Wait until something is true."""
        try:
            async with asyncio.timeout(20):
                while not met():
                    self._event.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):  # some of it is true at the server, which paints nothing here
                            await self._event.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not happen") from None


class Console:
    """One advisor's session, what it paints, and the line to the server."""

    def __init__(self, desk: Desk, proxy: Proxy, folder: Path, name: str = "ana", **options: Any) -> None:
        self.desk = desk
        self.proxy = proxy
        self.screen = Screen()
        self.session = Session(
            proxy.url, desk.sign_in(name), listener=self.screen, folder=folder, timing=QUICK, lang="en", **options
        )

    async def start(self, spec: ListSpec = UNASSIGNED) -> Session:
        await self.session.start(spec)
        await self.screen.until(lambda: self.session.link.state == "live", "the feed")
        return self.session


NewConsole = Callable[..., Console]


async def receive(desk: Desk, text: str = "hola", phone: str = "50370001111") -> int:
    return await asyncio.to_thread(desk.receive, text, phone)


async def as_luis(desk: Desk, call: calls.Call[Any]) -> Any:
    """What a colleague does."""
    if not desk.read("SELECT id FROM users WHERE name = 'luis'"):
        desk.add_user("luis")
    api = Api(desk.url, desk.sign_in("luis"))
    try:
        return await api.send(call)
    finally:
        await api.close()


def in_store(desk: Desk, conversation: int) -> list[tuple[str, str, str]]:
    rows = desk.read("SELECT direction, text, status FROM messages WHERE conversation_id = ? ORDER BY id", conversation)
    return [(row["direction"], row["text"], row["status"]) for row in rows]
