"""Verbs of `agent-console conv` about where a conversation goes: why it came here, and asking the table again."""

from __future__ import annotations

from agent_console.cli.conv_base import app, each, ids, say_row
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _


@verb(app, "why", _("Say why it is with whom it is."))
def why(output: Output = Format.text) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_show

    for id in ids:
        routing_show.why(calling.send(calls_routing.why(id)), output)


@verb(app, "reroute", _("Ask the routing table again where it goes, while nobody has it."))
def reroute(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_routing

    each(calls_routing.reroute, say_row, output, quiet)
