"""`agent-console channel authorize`: let the server into an account whose provider takes no passwords."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import typer

from agent_console.cli.errors import Failure
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire


def sign_in(name: str) -> None:
    """Tell where to sign in, and wait until somebody has. Raises Failure."""
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    begun = calling.send(calls.begin_browser_sign_in(name))
    where = _("1. Open this address with a browser, on any machine, and sign in as {user}:")
    printing.out(where.format(user=printing.safe(begun.user)))
    printing.out("   " + printing.safe(begun.url))
    if begun.code:
        printing.out(_("2. Type in this code there: {code}").format(code=printing.safe(begun.code)))
        _wait(name, begun)
    else:
        printing.out(_("2. The browser ends at http://localhost, which it cannot open: copy that whole address."))
        calling.send(calls.end_browser_sign_in(name, _answer(begun, _address())))
    printing.out(_("{name} is signed in.").format(name=name))


def _answer(begun: wire.BrowserSignIn, answer: str = "") -> wire.BrowserAnswer:
    from server import wire

    return wire.BrowserAnswer(ticket=begun.ticket, answer=answer)


def _address() -> str:
    """The address, from the person or from standard input."""
    sys.stdout.flush()
    if sys.stdin.isatty():
        return str(typer.prompt(_("Address"), err=True)).strip()
    return sys.stdin.readline().strip()


def _wait(name: str, begun: wire.BrowserSignIn) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    end = time.monotonic() + begun.lasts_ms / 1000
    every = begun.every_ms / 1000
    sys.stdout.flush()
    sys.stderr.write(_("Waiting until that is done; Ctrl+C gives up.") + "\n")
    while time.monotonic() < end:
        time.sleep(every)
        state = calling.send(calls.end_browser_sign_in(name, _answer(begun)))
        if state.done:
            return
        every += state.later_ms / 1000
    raise Failure(_("Nobody signed in in time. Begin again: agent-console channel authorize {name}").format(name=name))
