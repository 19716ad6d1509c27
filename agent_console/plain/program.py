"""Starts the console line by line: signs in where nobody is, then hands over to the desk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend import credentials
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.changes import Changes
from agent_console.backend.session import Session
from agent_console.i18n import _, language
from agent_console.plain import unsent, vocabulary
from agent_console.plain.desk import DONE, FAILED, Desk
from agent_console.plain.lines import Interrupted, Lines, open_lines
from agent_console.plain.refusals import Refused
from agent_console.safetext import line

if TYPE_CHECKING:
    from server import wire

log = logging.getLogger(__name__)

#: exit codes of a shell for who was hung up on, or interrupted
HUNG_UP, INTERRUPTED = 129, 130


def run(server: str, token: str, user: wire.User | None, whole: Callable[[str], str]) -> int:
    """Work until the end; the exit code. `server` and `token` may be empty: then they are asked for. `whole` makes an
    address of what a person typed."""
    return asyncio.run(_Program(server, token, user, whole).run())


class _Program:
    def __init__(self, server: str, token: str, user: wire.User | None, whole: Callable[[str], str]) -> None:
        self._server, self._token, self._user = server, token, user
        self._whole = whole
        self._ended = DONE

    async def run(self) -> int:
        lines = open_lines()
        main = asyncio.current_task()
        assert main is not None
        try:
            return await self._work(lines, main)
        except asyncio.CancelledError:
            if not self._ended:
                raise
            return self._ended if self._ended == HUNG_UP else DONE
        except Interrupted:
            return INTERRUPTED
        except Refused as error:
            lines.complain(str(error))
            return FAILED
        finally:
            lines.close()

    async def _work(self, lines: Lines, main: asyncio.Task[object]) -> int:
        """Sign in, greet, and let the desk work."""
        self._watch(lines, main)
        while not self._server:
            self._server = self._whole((await _ask(lines, _("Server"))).strip())
        desk = Desk(lines, self._session)
        if lines.live:
            self._on_interrupt(lines, desk)
        try:
            await self._sign_in(lines, desk, ask=not self._token)
            if lines.live:
                await self._greet(desk)
            return await desk.run()
        finally:
            await desk.session.stop()

    def _session(self, listener: Callable[[Changes], None]) -> Session:
        return Session(self._server, self._token, listener=listener, lang=language(), user=self._user)

    async def _sign_in(self, lines: Lines, desk: Desk, ask: bool) -> None:
        """Begin the session, asking for the password where nobody is signed in (any more)."""
        while True:
            try:
                if ask:
                    user = (await _ask(lines, _("User"))).strip()
                    password = await _ask(lines, _("Password"), hidden=True)
                    opened = await desk.session.sign_in(user, password)
                    await self._keep(opened)
                await desk.session.start()
                return
            except ApiError as error:
                said = line(words.problem(error.code, error.problem.params, error.problem.detail), 300)
                if error.status not in (401, 403, 422, 429) or not lines.live:
                    raise Refused(said) from None
                lines.say([_("The session has ended. Sign in again.") if not ask else said])
                ask = True
            except Unreachable as error:
                raise Refused(words.unreachable(error.why, self._server)) from None

    async def _keep(self, opened: wire.Session) -> None:
        """Keep the sign-in for the next time."""
        try:
            await asyncio.to_thread(credentials.save, self._server, opened)
        except OSError as error:
            log.warning("the sign-in is not kept: %s", error)

    async def _greet(self, desk: Desk) -> None:
        me = desk.session.mirror.me
        name = line(me.display_name or me.name, 60) if me is not None else ""
        hint = vocabulary.BY_ID["help"].name
        desk.say(_("agent-console, {name}. {help} tells the words.").format(name=name, help=hint))
        if desk.session.link.state == "offline":
            return
        await desk.obey(vocabulary.BY_ID["list"].name)
        with contextlib.suppress(ApiError, Unreachable):  # what comes of it is told when it is needed
            await desk.session.channels.load()
        desk.say(*map(unsent.trouble, desk.session.channels.in_trouble()))

    # ------------------------------------------------------------ signals

    def _watch(self, lines: Lines, main: asyncio.Task[object]) -> None:
        """End in order when the terminal goes away or somebody ends us."""
        loop = asyncio.get_running_loop()

        def end(code: int) -> None:
            self._ended = code
            main.cancel()

        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(signal.SIGHUP, end, HUNG_UP)
            loop.add_signal_handler(signal.SIGTERM, end, signal.SIGTERM)

    def _on_interrupt(self, lines: Lines, desk: Desk) -> None:
        """ctrl+c gives up the line, or the command at work; it never ends the console."""
        lines.interrupted = desk.interrupt
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lines.interrupt)


async def _ask(lines: Lines, question: str, hidden: bool = False) -> str:
    """An answer needed to begin. Raises Refused when there is none."""
    answer = await lines.read(f"{question}: ", hidden)
    if answer is None:
        raise Refused(_("Nobody is signed in. Sign in first: agent-console login URL --user NAME"))
    return answer
