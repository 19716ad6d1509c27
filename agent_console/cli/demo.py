"""`agent-console demo`: everything at once, with customers who are not real."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import verb
from agent_console.i18n import _, language


class Provider(StrEnum):
    """The channels that have a provider: the demo's web chat is the server's own."""

    whatsapp = "whatsapp"
    messenger = "messenger"
    instagram = "instagram"
    telegram = "telegram"
    sms = "sms"
    email = "email"
    webhook = "webhook"


class Seat(StrEnum):
    """Who sits at the console; the administrator at a shell."""

    advisor = "advisor"
    supervisor = "supervisor"
    admin = "admin"


app = grammar.app(_("Try everything with simulated customers."))


@verb(
    app,
    "demo",
    _("A server, simulated customers of a cooperative who write to it, and the console. Nothing to set up."),
)
def demo(
    no_tui: Annotated[
        bool, typer.Option("--no-tui", help=_("A scripted advisor instead of the console; prints a summary as JSON."))
    ] = False,
    seconds: Annotated[
        float | None, typer.Option("--for", metavar=_("SECONDS"), min=1, help=_("End after so long."))
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help=_("Of the server; 0 for any free one."))
    ] = 0,
    data: Annotated[
        Path | None, typer.Option("--data", metavar=_("FOLDER"), help=_("Keep the data here; else it is thrown away."))
    ] = None,
    customers: Annotated[
        int | None, typer.Option("--customers", metavar="N", min=1, help=_("How many customers write at once."))
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help=_("The same number makes the same customers."))
    ] = None,
    trouble: Annotated[
        Provider | None,
        typer.Option("--trouble", help=_("Let this channel's provider refuse what is sent, to see what happens then.")),
    ] = None,
    seat: Annotated[
        Seat, typer.Option("--as", help=_("Whose place you take; the administrator's is a shell that is signed in."))
    ] = Seat.advisor,
    screenshot: Annotated[
        Path | None, typer.Option("--screenshot", metavar=_("FILE.svg"), help=_("Paint the inbox into a file and end."))
    ] = None,
) -> None:
    try:
        from agent_console import demo as room
    except ImportError:
        raise Failure(_("The demo is not part of this installation.")) from None
    raise typer.Exit(
        room.run(
            no_tui=no_tui,
            seconds=seconds,
            port=port,
            data=data,
            customers=customers,
            seed=seed,
            screenshot=screenshot,
            trouble=trouble.value if trouble else "",
            seat=seat.value,
            lang=language(),
        )
    )
