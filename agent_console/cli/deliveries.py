"""`agent-console deliveries`: the providers' calls as they arrived."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, moment, size

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

#: How many deliveries the server is asked for at once.
PAGE = 100

app = grammar.app(_("The providers' calls as they arrived."))


@verb(
    app,
    "deliveries",
    _("The providers' calls as they arrived, newest first. One that could not be read is kept and can be replayed."),
)
def deliveries(
    failed: Annotated[bool, typer.Option("--failed", help=_("Only those that could not be read in full."))] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    state = "bad" if failed else None
    found = calling.pages(lambda after, n: calls.deliveries(state=state, after=after, limit=n), limit, PAGE)
    printing.rows(
        found,
        columns(time.time_ns() // 1_000_000),
        output,
        empty=_("No deliveries."),
        ids=(lambda delivery: delivery.id) if quiet else None,
    )


def columns(now: int) -> list[Column[wire.Delivery]]:
    """What a list of deliveries shows."""
    from agent_console.cli.printing import Column

    return [
        Column("id", "#", lambda d: d.id, right=True),
        Column("received_at", _("When"), lambda d: moment(d.received_at, now), lambda d: d.received_at),
        Column("channel", _("Channel"), lambda d: d.channel),
        Column("state", _("State"), lambda d: words.delivery(d.state), lambda d: d.state),
        Column("offered", _("Times"), lambda d: d.offered, right=True),
        Column("size", _("Size"), lambda d: size(d.size), lambda d: d.size, right=True),
        Column("error", _("Error"), lambda d: d.error, grow=True),
    ]
