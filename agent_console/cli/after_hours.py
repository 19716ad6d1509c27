"""`agent-console after-hours`: what customers are told who write while it is closed."""

from __future__ import annotations

from typing import Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Yes, verb
from agent_console.i18n import _

app = grammar.app(_("What customers are told who write while it is closed."))

Channel = Annotated[
    str,
    typer.Option(
        "--channel", metavar=_("CHANNEL"), help=_("Only on this channel; else on all that have none of their own.")
    ),
]


@verb(app, "list", _("List what is said, and where."))
def list_(output: Output = Format.text) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show

    sla_show.messages(calling.send(calls_sla.after_hours()).items, output)


@verb(
    app,
    "set",
    _("Say something after hours. {opening} stands for when it opens again."),
    epilog=_(
        'For example: agent-console after-hours set --calendar office --es "Le respondemos {opening}." '
        '--en "We will answer you {opening}."'
    ),
)
def set_(
    calendar: Annotated[str, typer.Option("--calendar", metavar=_("CALENDAR"), help=_("Whose hours count."))],
    es: Annotated[str, typer.Option("--es", metavar=_("TEXT"), help=_("What is said in Spanish."))] = "",
    en: Annotated[str, typer.Option("--en", metavar=_("TEXT"), help=_("What is said in English."))] = "",
    nothing: Annotated[bool, typer.Option("--nothing", help=_("Say nothing on this channel."))] = False,
    channel: Channel = "",
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show
    from server import wire

    if nothing == bool(es or en):
        raise WrongUsage(_("Give --es, --en or both; or --nothing."))
    message = wire.AfterHours(channel=channel, calendar=calendar)
    if es:
        message.texts["es"] = es
    if en:
        message.texts["en"] = en
    sla_show.messages([calling.send(calls_sla.set_after_hours(message))], output)


@verb(app, "remove", _("Say nothing after hours any more; on a channel, say again what is said on all."))
def remove(channel: Channel = "", yes: Yes = False) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the message after hours?"), yes)
    calling.send(calls_sla.remove_after_hours(channel))
    printing.out(_("The message after hours was removed."))
