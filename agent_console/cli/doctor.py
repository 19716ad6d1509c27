"""`agent-console doctor`: is everything as it should be here, and on the server?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import Format, Output, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Check this computer and the server."))


@verb(
    app,
    "doctor",
    _("Check this computer and the server, and say what to do; exit 1 if something is wrong."),
)
def doctor(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar=_("FOLDER"), help=_("A server's data folder on this computer.")),
    ] = None,
    output: Output = Format.text,
) -> None:
    from agent_console.cli import checkup
    from agent_console.cli.checks import print_checks

    named = os.environ.get("AGENT_CONSOLE_DATA", "")
    folder = data or (Path(named) if named else None)
    checks = [*checkup.computer(), *(checkup.data_folder(folder) if folder else ()), *_server()]
    print_checks(checks, output)
    wrong = sum(not check.ok for check in checks)
    if wrong:
        raise Failure(_("Things to put right: {n}").format(n=wrong))


def _server() -> list[wire.Check]:
    """What the server says of itself, if one is known and somebody is signed in."""
    from agent_console.backend import calls, credentials
    from agent_console.backend.api import Api, ApiError, Unreachable
    from agent_console.cli import calling
    from agent_console.words import problem, unreachable
    from server.wire import Check

    address = credentials.server()
    if not address:
        return [Check(name="server", ok=True, detail=_("none is set; sign in with agent-console login"))]
    address = calling.whole(address)
    api = Api(address, credentials.token(address) or "")
    try:
        user = api.send_now(calls.me())
        checks = [Check(name="server", ok=True, detail=_("{server}, as {name}").format(server=address, name=user.name))]
        if user.role == "admin":
            checks += [
                Check(name=f"server.{check.name}", ok=check.ok, detail=check.detail)
                for check in api.send_now(calls.status()).items
            ]
    except ApiError as error:
        said = problem(error.problem.code, error.problem.params, error.problem.detail)
        return [Check(name="server", ok=False, detail=f"{address}: {said}")]
    except Unreachable as error:
        return [Check(name="server", ok=False, detail=unreachable(error.why, address))]
    return checks
