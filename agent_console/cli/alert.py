"""`agent-console alert`: what somebody has to look at."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, moment

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

app = grammar.app(_("Alerts that somebody has to look at."))


@verb(app, "list", _("List the open alerts that concern you, newest first."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_service
    from agent_console.cli import calling

    _print(calling.send(calls_service.alerts()).items, output, quiet)


@verb(app, "ack", _("Look after alerts: they go no further."))
def ack(
    ids: Annotated[
        list[int], typer.Argument(metavar=_("ID…"), help=_("Numbers of alerts; alert list -q prints them."))
    ],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_service
    from agent_console.cli import calling

    _print([calling.send(calls_service.acknowledge(id)) for id in ids], output)


def _print(alerts: list[wire.Alert], output: Format, quiet: bool = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column
    from agent_console.presentation.alerts import said

    now = int(time.time() * 1000)
    columns: list[Column[wire.Alert]] = [
        Column("id", _("Number"), lambda a: a.id),
        Column("raised_at", _("Since"), lambda a: moment(a.raised_at, now), lambda a: a.raised_at),
        Column("level", _("For"), lambda a: a.user or a.team or "" if a.level == "advisor" else words.role(a.level)),
        Column("conversation", _("Conversation"), lambda a: a.conversation or ""),
        Column("kind", _("What"), said, lambda a: a.kind, grow=True),
    ]
    printing.rows(alerts, columns, output, empty=_("No alerts."), ids=(lambda a: a.id) if quiet else None)
