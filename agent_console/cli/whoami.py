"""`agent-console whoami`."""

from __future__ import annotations

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.grammar import Format, Output, verb
from agent_console.i18n import _

app = grammar.app(_("Who is signed in, and where."))


@verb(app, "whoami", _("Who is signed in, and where."))
def whoami(output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    user = calling.send(calls.me())
    printing.one(
        user,
        [
            ("name", _("Name"), user.name),
            ("display_name", _("Shown as"), user.display_name),
            ("role", _("Role"), words.role(user.role) if output is Format.text else user.role),
            ("teams", _("Teams"), ", ".join(user.teams)),
            ("server", _("Server"), calling.server()),
        ],
        output,
    )
