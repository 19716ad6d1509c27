"""A plain `agent-console`: the console itself. The one place of the command line that starts Textual."""

from __future__ import annotations

import sys

from agent_console.cli.errors import Failure
from agent_console.i18n import _, language


def open_console() -> int:
    """Run the console until it is closed; the exit code. Without a server or a sign-in it asks for them itself."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(_("The console needs a terminal. For scripts there are commands: agent-console --help"))
    from agent_console.app import ConsoleApp
    from agent_console.backend import credentials
    from agent_console.cli.calling import whole

    named = credentials.server()
    server = whole(named) if named else ""
    token = credentials.token(server) if server else ""
    user = credentials.user(server) if token else None
    app = ConsoleApp(server, token, user=user, lang=language())
    app.run()
    return app.return_code or 0
