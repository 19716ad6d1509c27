"""`agent-console team`: teams and who belongs to them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import asking, following, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.cli.spans import read_span, span
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Teams and who belongs to them."))

Name = Annotated[str, typer.Argument(metavar=_("TEAM"), help=_("The team's name."))]
Members = Annotated[
    list[str] | None, typer.Option("--member", metavar=_("USER"), help=_("Who belongs to it; may be repeated."))
]


class How(StrEnum):
    """How a team's queue empties."""

    pull = "pull"
    automatic = "automatic"


class Left(StrEnum):
    """What becomes of the open work of a member who is not there."""

    keep = "keep"
    queue = "queue"
    colleague = "colleague"


Assignment = Annotated[
    How | None, typer.Option("--assignment", help=_("Advisors take from the queue, or it is given out by rule."))
]
OnLeave = Annotated[
    Left | None, typer.Option("--on-leave", help=_("What becomes of a member's open work who is not there."))
]
LeaveAfter = Annotated[
    str, typer.Option("--leave-after", metavar=_("TIME"), help=_("Not there for so long is having left: 15m, 1h."))
]
Duty = Annotated[
    str | None, typer.Option("--duty", metavar=_("USER"), help=_("Who answers for the team; empty: nobody by name."))
]


@verb(app, "add", _("Add a team."))
def add(
    name: Name,
    member: Members = None,
    assignment: Assignment = None,
    on_leave: OnLeave = None,
    leave_after: LeaveAfter = "",
    duty: Duty = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    new = wire.NewTeam(name=name, members=member or [], duty=duty or None)
    new.assignment = assignment.value if assignment else new.assignment
    new.on_leave = on_leave.value if on_leave else new.on_leave
    new.leave_after_ms = read_span(leave_after) if leave_after else new.leave_after_ms
    _print(calling.send(calls.add_team(new)), output)


@verb(app, "list", _("List all teams."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.Team]] = [
        Column("name", _("Team"), lambda t: t.name),
        Column("members", _("Members"), lambda t: ", ".join(t.members), grow=True),
        Column("assignment", _("Assignment"), lambda t: words.assignment(t.assignment), lambda t: t.assignment),
        Column("duty", _("On duty"), lambda t: t.duty or ""),
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
    assignment: Assignment = None,
    on_leave: OnLeave = None,
    leave_after: LeaveAfter = "",
    duty: Duty = None,
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
        name=UNSET if new_name is None else new_name,
        members=UNSET if members is None else members,
        assignment=UNSET if assignment is None else assignment.value,
        on_leave=UNSET if on_leave is None else on_leave.value,
        leave_after_ms=read_span(leave_after) if leave_after else UNSET,
        duty=UNSET if duty is None else duty or None,
    )
    calling.something(change, _("Say what to change, for example --add ana."))
    team = calling.send(calls.change_team(name, change))
    _print(team, output)
    following.tell(team.followed, output)


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

    plain = output is Format.text
    pairs: list[tuple[str, str, object]] = [
        ("name", _("Team"), team.name),
        ("members", _("Members"), ", ".join(team.members)),
        ("assignment", _("Assignment"), words.assignment(team.assignment) if plain else team.assignment),
        ("on_leave", _("Who leaves"), words.on_leave(team.on_leave) if plain else team.on_leave),
        ("leave_after_ms", _("Left after"), span(team.leave_after_ms) if plain else team.leave_after_ms),
        ("duty", _("On duty"), team.duty or ""),
    ]
    printing.one(team, pairs, output)
