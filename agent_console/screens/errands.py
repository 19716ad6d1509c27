"""A screen's errands: what waits for the server while the screen goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, cast

from textual.screen import Screen

from agent_console import words
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.tasks import begin
from agent_console.i18n import _
from agent_console.safetext import line
from agent_console.screens.notices import LONG, NOTICE, Tone

if TYPE_CHECKING:
    from agent_console.app import ConsoleApp
    from agent_console.backend.session import Session
    from agent_console.screens.acts import Acts


class Errands(Screen[None]):
    """Base of a screen that asks a server. Subclasses say what went wrong."""

    session: Session
    acts: Acts

    @property
    def console(self) -> ConsoleApp:
        """The program this screen belongs to."""
        return cast("ConsoleApp", self.app)

    def say(self, text: str, tone: Tone = "text", stay: int = NOTICE) -> None:
        """Say something at the edge for `stay` ms."""
        raise NotImplementedError

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that waits for the server; say so if it can't be done. A fault in it is said like any other."""
        self._begin(work)

    def first(self, work: Coroutine[Any, Any, None]) -> None:
        """The same, for what a key just pressed asks for: the keys after it wait."""
        self._ahead(self._begin(work))

    def need(self, *names: str) -> None:
        """Names of the organisation that a key just pressed offers: the keys after it wait for those not known yet."""
        self._ahead(*self.acts.directory.want(*names))

    def unless_given_up(self, task: asyncio.Task[None]) -> None:
        """The keys after the one just pressed are for what this task brings, and wait for it; Esc gives it up."""
        self._ahead(task, escape=True)

    def _ahead(self, *tasks: asyncio.Task[None], escape: bool = False) -> None:
        if self.session.link.state != "offline":
            self.console.gate.hold_until(*tasks, escape=escape)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        async def do() -> None:
            try:
                await work
            except ApiError as error:
                self.say(line(words.problem(error.code, error.problem.params, error.problem.detail), 200), "warn", LONG)
            except Unreachable:
                self.say(_("The server does not answer; what is here can still be read."), "warn")

        return begin(do())
