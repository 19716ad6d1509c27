"""`agent-console org`: the organisation itself."""

from __future__ import annotations

from typing import Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.grammar import Format, Output, verb
from agent_console.i18n import _

app = grammar.app(_("The organisation's name, time zone and country."))


@verb(app, "show", _("Show the organisation."))
def show(output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    _print(calling.send(calls.organisation()), output)


@verb(app, "set", _("Change the organisation. What is not named stays as it is."))
def set_(
    name: Annotated[str | None, typer.Option("--name", metavar=_("TEXT"), help=_("Its name."))] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", metavar=_("ZONE"), help=_("The time zone of its screens, like America/El_Salvador.")),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            "--country", metavar=_("CODE"), help=_("Where telephone numbers without a country code belong, like SV.")
        ),
    ] = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    change = wire.ChangeOrganisation(
        name=UNSET if name is None else name,
        zone=UNSET if zone is None else zone,
        country=UNSET if country is None else country,
    )
    calling.something(change, _("Say what to change, for example --zone America/El_Salvador."))
    _print(calling.send(calls.change_organisation(change)), output)


def _print(organisation: object, output: Format) -> None:
    from agent_console.cli import printing
    from server import wire

    assert isinstance(organisation, wire.Organisation)
    pairs = [
        ("name", _("Name"), organisation.name),
        ("zone", _("Time zone"), organisation.zone),
        ("country", _("Country"), organisation.country),
    ]
    printing.one(organisation, pairs, output)
