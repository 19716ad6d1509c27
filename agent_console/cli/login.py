"""`agent-console login`: sign in to a server and remember it."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage, why
from agent_console.cli.grammar import PasswordStdin, verb
from agent_console.i18n import _

app = grammar.app(_("Sign in to a server."))


@verb(
    app, "login", _("Sign in to a server and remember it: in the system's keyring, else in a file only you can read.")
)
def login(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help=_("The server's address; else that of --server."))
    ] = None,
    user: Annotated[str, typer.Option("--user", metavar=_("NAME"), help=_("Who signs in."))] = "",
    password_stdin: PasswordStdin = False,
    print_token: Annotated[
        bool, typer.Option("--print-token", help=_("Print the token, and nothing else, for scripts."))
    ] = False,
) -> None:
    from agent_console import words
    from agent_console.backend import calls, credentials
    from agent_console.cli import calling, printing

    given = url or credentials.server()
    if not given:
        raise WrongUsage(_("Say which server: agent-console login https://host --user NAME"))
    if not user:
        raise WrongUsage(_("Say who signs in: --user NAME"))
    address = calling.whole(given)
    password = asking.password(password_stdin)
    opened = calling.send_to(address, "", calls.sign_in(user, password, f"cli {socket.gethostname()}"))
    try:
        credentials.save(address, opened)
    except OSError as error:
        if not print_token:
            raise Failure(_("The sign-in cannot be kept: {why}").format(why=why(error))) from None
    if print_token:
        printing.out(opened.token)
        return
    printing.out(
        _("Signed in to {server} as {name} ({role}).").format(
            server=address, name=opened.user.name, role=words.role(opened.user.role)
        )
    )
