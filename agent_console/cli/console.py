"""A plain `agent-console`: the console itself, on the whole screen or (`--plain`) line by line. The one place of the
command line that starts Textual."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from agent_console.cli.errors import Failure
from agent_console.i18n import _, language

if TYPE_CHECKING:
    from server import wire

#: the command that needs nothing of a terminal but lines
PLAIN = "agent-console --plain"


def open_console(theme: str = "") -> int:
    """Run the console until it is closed; the exit code. Without a server or a sign-in it asks for them itself.
    `theme`: its colours this time, instead of those remembered."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            _("The console needs a terminal. {command} works line by line; for scripts there is --help").format(
                command=PLAIN
            )
        )
    if os.environ.get("TERM", "") == "dumb":
        raise Failure(
            _("This terminal (TERM=dumb) cannot show the console. {command} works line by line.").format(command=PLAIN)
        )
    from agent_console import settings
    from agent_console.app import ConsoleApp

    server, token, user = _who()
    app = ConsoleApp(
        server,
        token,
        user=user,
        lang=language(),
        theme=theme,
        settings=settings.load(),
        remembered=settings.remembered(),
    )
    app.run()
    return app.return_code or 0


def open_plain() -> int:
    """Run the console line by line until it is closed, or a script's lines are done; the exit code."""
    from agent_console.cli.calling import whole
    from agent_console.plain.program import run

    return run(*_who(), whole)


def _who() -> tuple[str, str, wire.User | None]:
    """Server, token and user of who is signed in; empty where nobody is."""
    from agent_console.backend import credentials
    from agent_console.cli.calling import whole

    named = credentials.server()
    server = whole(named) if named else ""
    token = credentials.token(server) if server else ""
    return server, token, credentials.user(server) if token else None
