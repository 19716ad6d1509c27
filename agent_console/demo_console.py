"""The console of the demo: the real one, signed in, that tells where one is and can pose for a picture."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from textual.events import Paste

from agent_console import i18n, settings
from agent_console.app import ConsoleApp
from agent_console.demo_office import WEB, Office
from agent_console.demo_program import Closed
from agent_console.demo_seat import SITS
from agent_console.i18n import _
from agent_console.keys import first
from agent_console.screens.notices import LONG

#: columns and rows of a picture: three panes
PICTURE = (150, 42)


class DemoConsole(ConsoleApp):
    """`seat` says who sits here, `crew` who works beside them; after `seconds` it closes by itself."""

    def __init__(self, office: Office, seat: str, crew: Path, seconds: float | None = None) -> None:
        name = SITS[seat]
        super().__init__(
            office.url, office.tokens[name], user=office.users[name], lang=i18n.language(), settings=settings.load()
        )
        self._office = office
        self._supervises = seat == "supervisor"
        self._crew = crew
        self._seconds = seconds
        self._chat = f"{office.url}/chat/{WEB}/demo"

    async def on_ready(self) -> None:
        """The console stands: now the colleagues come in, who would have held it up."""
        with contextlib.suppress(Closed):
            await asyncio.to_thread(self._office.start_crew, self._crew)
        if self._seconds is not None:
            self.set_timer(self._seconds, self.exit)
        if self.inbox is not None:
            hint = _("Demo, nobody is real. Write yourself: {url}").format(url=self._chat)
            if self._supervises:
                hint = _("Demo, nobody is real. {key} is the wallboard. Write yourself: {url}").format(
                    key=first("wallboard"), url=self._chat
                )
            self.inbox.say(hint, "good", LONG * 2)

    def leave(self) -> None:
        """Close it, from a signal's handler."""
        self.call_later(self.exit)

    async def pose(self, seconds: float) -> str:
        """Live without a terminal for `seconds`, begin to answer the next to most urgent customer (a supervisor looks
        at the wallboard), and answer the screen as SVG."""
        async with self.run_test(size=PICTURE) as pilot:
            await asyncio.sleep(seconds)
            if self._supervises:
                await pilot.press("f3")
                await asyncio.sleep(2.0)  # its figures are fetched
                await pilot.pause()
                return self.export_screenshot(title=self.TITLE)
            await pilot.press("3")
            await asyncio.sleep(0.5)  # everybody's open conversations are fetched
            await pilot.press("home", "down", "enter")
            await asyncio.sleep(1.0)  # it is fetched, and marked as read
            await pilot.press("r")
            if self.focused is not None:
                self.focused.post_message(Paste(_("Good morning, I am checking it now. One moment, please.")))
            await asyncio.sleep(0.5)
            await pilot.pause()
            return self.export_screenshot(title=self.TITLE)
