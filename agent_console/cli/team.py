"""`agent-console team`: teams and who belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Teams and who belongs to them."))

Name = Annotated[str, typer.Argument(metavar=_("TEAM"), help=_("The team's name."))]
Members = Annotated[
    list[str] | None, typer.Option("--member", metavar=_("USER"), help=_("Who belongs to it; may be repeated."))
]


@verb(app, "add", _("Add a team."))
def add(name: Name, member: Members = None, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    _print(calling.send(calls.add_team(wire.NewTeam(name=name, members=member or []))), output)


@verb(app, "list", _("List all teams."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.Team]] = [
        Column("name", _("Team"), lambda t: t.name),
        Column("members", _("Members"), lambda t: ", ".join(t.members), grow=True),
    ]
    printing.rows(_all(), columns, output, empty=_("No teams."), ids=(lambda t: t.name) if quiet else None)


@verb(app, "show", _("Show one team."))
def show(name: Name, output: Output = Format.text) -> None:
    _print(_find(name), output)


@verb(app, "set", _("Change a team. What is not named stays as it is."))
def set_(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", metavar=_("TEAM"), help=_("Its name from now on."))] = None,
    member: Annotated[
        list[str] | None,
        typer.Option("--member", metavar=_("USER"), help=_("Exactly these belong to it; may be repeated.")),
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar=_("USER"), help=_("Belongs to it too; may be repeated."))
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar=_("USER"), help=_("No longer belongs to it; may be repeated.")),
    ] = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    if member and (add or drop):
        raise WrongUsage(_("Give either --member, or --add and --drop."))
    members = member
    if add or drop:
        members = [*_find(name).members, *(add or [])]
        members = [user for user in dict.fromkeys(members) if user not in (drop or [])]
    change = wire.ChangeTeam(
        name=UNSET if new_name is None else new_name, members=UNSET if members is None else members
    )
    calling.something(change, _("Say what to change, for example --add ana."))
    _print(calling.send(calls.change_team(name, change)), output)


@verb(app, "remove", _("Remove a team. Its conversations stay."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the team {name}?").format(name=name), yes)
    calling.send(calls.remove_team(name))
    printing.out(_("{name} was removed.").format(name=name))


def _all() -> list[wire.Team]:
    from agent_console.backend import calls
    from agent_console.cli import calling

    return calling.send(calls.teams()).items


def _find(name: str) -> wire.Team:
    for team in _all():
        if team.name == name:
            return team
    raise Failure(_("There is no team {name}. See {command}").format(name=name, command="agent-console team list"))


def _print(team: wire.Team, output: Format) -> None:
    from agent_console.cli import printing

    pairs = [("name", _("Team"), team.name), ("members", _("Members"), ", ".join(team.members))]
    printing.one(team, pairs, output)
