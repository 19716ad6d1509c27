"""A running console without a terminal, and hands to work it with."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from textual.pilot import Pilot
from textual.strip import Strip

from agent_console.app import ConsoleApp
from agent_console.screens.inbox import Inbox
from agent_console.settings import Settings
from server import wire
from tests.console.fake import Clock, FakeSession
from tests.console.keyboard import chunk
from tests.console.settled import calm

#: seconds to wait for what may be kept back
KEPT_BACK = 0.3


class Desk:
    """A running console and its server-less session."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None], clock: Clock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock
        assert isinstance(app.session, FakeSession) and app.inbox is not None
        self.session: FakeSession = app.session
        self.inbox: Inbox = app.inbox

    async def press(self, *keys: str) -> None:
        """Press them; what they began is done then, unless the test keeps an answer back."""
        await self.pilot.press(*keys)
        await calm(self.pilot, KEPT_BACK)

    async def write(self, text: str) -> None:
        """Type it in one go."""
        await chunk(self.pilot, text)
        await calm(self.pilot, KEPT_BACK)

    async def pass_time(self, ms: int) -> None:
        """The clock goes on; the console's own second comes."""
        self.clock.now += ms
        self.inbox.tick()
        await self.pilot.pause()

    def shown(self) -> list[str]:
        """The screen's lines."""
        return [_text(strip) for strip in self.app.screen._compositor.render_strips()]

    @property
    def screen(self) -> str:
        return "\n".join(self.shown())

    @property
    def status(self) -> str:
        return self.shown()[-2].strip()

    @property
    def cursor(self) -> int | None:
        return self.inbox.thelist.cursor

    def changes(self, kind: type) -> list[Any]:
        return [change for change in self.session.changes_made if isinstance(change, kind)]


def _text(strip: Strip) -> str:
    return "".join(segment.text for segment in strip)


@contextlib.asynccontextmanager
async def console(
    size: tuple[int, int] = (80, 24),
    rows: list[wire.ConversationRow] | None = None,
    lang: str = "en",
    settings: Settings | None = None,
) -> AsyncIterator[Desk]:
    clock = Clock()
    make = partial(FakeSession, clock=clock, rows=rows)
    app = ConsoleApp("http://test", "t", lang=lang, clock=clock, make_session=make, settings=settings)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        desk = Desk(app, pilot, clock)
        yield desk
        assert app.faults == []
