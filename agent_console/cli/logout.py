"""`agent-console logout`."""

from __future__ import annotations

from agent_console.cli import grammar
from agent_console.cli.grammar import verb
from agent_console.i18n import _

app = grammar.app(_("Sign out."))


@verb(app, "logout", _("Sign out: the server forgets the token, and so does this computer."))
def logout() -> None:
    from agent_console.backend import calls, credentials
    from agent_console.cli import calling, printing
    from agent_console.cli.errors import Failure, why
    from agent_console.cli.start import complain

    address = calling.server()
    token = credentials.token(address)
    if not token:
        printing.out(_("Nobody is signed in to {server}.").format(server=address))
        return
    try:
        calling.send_to(address, token, calls.sign_out())
    except Failure as failure:
        # It is forgotten here all the same; a server that is away lets it expire.
        complain(str(failure))
    try:
        credentials.forget(address)
    except OSError as error:
        raise Failure(_("The sign-in cannot be forgotten: {why}").format(why=why(error))) from None
    printing.out(_("Signed out of {server}.").format(server=address))
