"""One visitor's console, a process of its own: signed out at first, and with nothing of the operator's.

    AGENT_CONSOLE_SERVER=http://127.0.0.1:8080 python -m agent_console.web.visitor

Its server is fixed: a visitor who could name another would let the operator's network be explored. Its home is an
empty folder that goes with it. Only what somebody wrote and the server does not have yet outlives it, in the folder
that `AGENT_CONSOLE_VISITOR` names, each person's by itself and for nobody else to take up.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent_console.backend.computer import VISITOR

if TYPE_CHECKING:
    from agent_console.app import ConsoleApp

#: of our own variables, those that a visitor's console may know; and others that speak of the operator
_KNOWN = frozenset((VISITOR, "AGENT_CONSOLE_SERVER", "AGENT_CONSOLE_LANG", "AGENT_CONSOLE_EMOJI"))
_PRIVATE = ("EDITOR", "VISUAL", "SSH_AUTH_SOCK")


def main() -> int:
    """Run until the visitor leaves; the exit code."""
    server = os.environ["AGENT_CONSOLE_SERVER"]
    home = Path(tempfile.mkdtemp(prefix="agent-console-visitor-"))
    try:
        _move_in(home)
        app = _console(server, Path(os.environ[VISITOR]))
        app.run()
        return app.return_code or 0
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _move_in(home: Path) -> None:
    """Let nothing that the console reads or keeps be the operator's."""
    ours = [name for name in os.environ if name.startswith(("AGENT_CONSOLE_", "XDG_")) and name not in _KNOWN]
    for name in (*ours, *_PRIVATE):
        os.environ.pop(name, None)
    os.environ.update(
        {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            # The picture is drawn by xterm.js, whatever the terminal the operator sits at.
            "TERM": "xterm-256color",
        }
    )
    os.chdir(home)


def _console(server: str, unsent: Path) -> ConsoleApp:
    # Imported when nothing in the environment is the operator's any more.
    from textual.screen import Screen
    from textual.widgets import Input

    from agent_console.app import ConsoleApp
    from agent_console.backend.session import Session
    from agent_console.i18n import language
    from agent_console.screens.signin import SignIn
    from server import wire

    class Door(SignIn):
        """The sign-in, of one server only."""

        def on_mount(self) -> None:
            self.query_one("#server", Input).disabled = True

    class VisitorConsole(ConsoleApp):
        """A console that knows one server and keeps nobody signed in."""

        def _new_sign_in(self, why: str = "") -> Screen[None]:
            return Door(server, self._user.name if self._user else "", self._sign_in, why)

        async def _sign_in(self, server_typed: str, user: str, password: str) -> None:
            await super()._sign_in(server, user, password)

        async def _keep(self, server: str, opened: wire.Session) -> None:
            """Nothing is kept: the next visitor signs in anew."""

    return VisitorConsole(server, "", lang=language(), make_session=partial(Session, folder=unsent))


if __name__ == "__main__":
    sys.exit(main())
