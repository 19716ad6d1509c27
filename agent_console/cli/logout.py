"""`agent-console logout`."""

from __future__ import annotations

from agent_console.cli import grammar
from agent_console.cli.grammar import verb
from agent_console.i18n import _

app = grammar.app(_("Sign out."))


@verb(app, "logout", _("Sign out: the server forgets the token, and so does this computer."))
def logout() -> None:
    from agent_console.backend import calls, session
    from agent_console.cli import calling, printing
    from agent_console.cli.errors import Failure
    from agent_console.cli.start import complain

    address = calling.server()
    token = session.token(address)
    if not token:
        printing.out(_("Nobody is signed in to {server}.").format(server=address))
        return
    try:
        calling.send_to(address, token, calls.sign_out())
    except Failure as failure:
        # It is forgotten here all the same; a server that is away lets it expire.
        complain(str(failure))
    session.forget(address)
    printing.out(_("Signed out of {server}.").format(server=address))
