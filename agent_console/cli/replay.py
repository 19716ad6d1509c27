"""`agent-console replay`: read a kept delivery again."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import Format, Output, verb
from agent_console.i18n import _

app = grammar.app(_("Read a provider's call again."))


@verb(app, "replay", _("Read a provider's call again, after what was wrong is put right. Nothing is stored twice."))
def replay(
    delivery: Annotated[
        list[int],
        typer.Argument(metavar="ID…", help=_("The delivery's number; see agent-console deliveries --failed")),
    ],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from agent_console.cli.deliveries import columns

    done = [calling.send(calls.replay(id)) for id in delivery]
    printing.rows(done, columns(time.time_ns() // 1_000_000), output, empty="")
    still = [one for one in done if one.state != "done"]
    if still:
        raise Failure(_("{n} of {all} could still not be read.").format(n=len(still), all=len(done)))
