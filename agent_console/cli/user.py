"""`agent-console user`: advisors, supervisors and administrators."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, PasswordStdin, Quiet, Yes, verb
from agent_console.cli.status import Back, Reason, State, everybody, say
from agent_console.cli.status import show as show_standing
from agent_console.i18n import _

app = grammar.app(_("Advisors, supervisors and administrators."))


class Role(StrEnum):
    """What a user may do."""

    advisor = "advisor"
    supervisor = "supervisor"
    admin = "admin"


class Language(StrEnum):
    """What a user reads."""

    es = "es"
    en = "en"


Name = Annotated[str, typer.Argument(metavar=_("NAME"), help=_("The name they sign in with."))]
DisplayName = Annotated[
    str | None, typer.Option("--display-name", metavar=_("TEXT"), help=_("The name customers and colleagues see."))
]
Skills = Annotated[
    str | None,
    typer.Option(
        "--skills", metavar=_("WORDS"), help=_("What they know, each with a level from 1 to 9 if it has one: cards:3")
    ),
]
Capacity = Annotated[
    str | None,
    typer.Option(
        "--capacity", metavar="N", help=_("How many ordinary conversations they carry; default: as all others.")
    ),
]
Teams = Annotated[
    list[str] | None, typer.Option("--team", metavar=_("TEAM"), help=_("A team they belong to; may be repeated."))
]


@verb(app, "add", _("Add a user. The password is asked for, or read with --password-stdin."))
def add(
    name: Name,
    role: Annotated[Role, typer.Option("--role", help=_("What they may do."))] = Role.advisor,
    display_name: DisplayName = None,
    language: Annotated[Language, typer.Option("--language", help=_("What they read."))] = Language.es,
    team: Teams = None,
    skills: Skills = None,
    capacity: Capacity = None,
    password_stdin: PasswordStdin = False,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from server import wire

    new = wire.NewUser(
        name=name,
        password=asking.password(password_stdin, new=True),
        role=role.value,
        display_name=display_name or "",
        language=language.value,
        teams=team or [],
        skills=skills or "",
        capacity=_capacity(capacity),
    )
    user = calling.send(calls.add_user(new))
    if output is Format.text:
        printing.out(
            _("{name} can sign in now: agent-console login {server} --user {name}").format(
                name=user.name, server=calling.server()
            )
        )
    else:
        _print(user, output)


@verb(app, "list", _("List all users."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column
    from server import wire

    columns: list[Column[wire.User]] = [
        Column("name", _("Name"), lambda u: u.name),
        Column("display_name", _("Shown as"), lambda u: u.display_name, grow=True),
        Column("role", _("Role"), lambda u: words.role(u.role), lambda u: u.role),
        Column("teams", _("Teams"), lambda u: ", ".join(u.teams)),
        Column("skills", _("Skills"), lambda u: u.skills),
        Column("language", _("Language"), lambda u: u.language),
        Column("active", _("Active"), lambda u: _("yes") if u.active else _("no"), lambda u: u.active),
    ]
    users = calling.send(calls.users()).items
    printing.rows(users, columns, output, empty=_("No users."), ids=(lambda u: u.name) if quiet else None)


@verb(app, "show", _("Show one user."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling

    _print(calling.send(calls.user(name)), output)


@verb(app, "set", _("Change a user. What is not named stays as it is."))
def set_(
    name: Name,
    role: Annotated[Role | None, typer.Option("--role", help=_("What they may do."))] = None,
    display_name: DisplayName = None,
    language: Annotated[Language | None, typer.Option("--language", help=_("What they read."))] = None,
    team: Annotated[
        list[str] | None,
        typer.Option("--team", metavar=_("TEAM"), help=_("Their teams from now on; may be repeated.")),
    ] = None,
    no_teams: Annotated[bool, typer.Option("--no-teams", help=_("Take them out of all teams."))] = False,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help=_("Whether they may sign in."))] = None,
    skills: Skills = None,
    capacity: Capacity = None,
    duty: Annotated[
        list[str] | None,
        typer.Option("--duty", metavar=_("TEAM"), help=_("Answers for this team; may be repeated.")),
    ] = None,
    password_stdin: PasswordStdin = False,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls
    from agent_console.cli import calling
    from server import wire

    change = wire.ChangeUser(
        password=asking.password(True) if password_stdin else UNSET,
        role=UNSET if role is None else role.value,
        display_name=UNSET if display_name is None else display_name,
        language=UNSET if language is None else language.value,
        active=UNSET if active is None else active,
        teams=[] if no_teams else (team or UNSET),
        skills=UNSET if skills is None else skills,
        capacity=UNSET if capacity is None else _capacity(capacity),
    )
    if not duty:
        calling.something(change, _("Say what to change, for example --role supervisor."))
    for each in duty or ():
        calling.send(calls.change_team(each, wire.ChangeTeam(duty=name)))
    changed = calls.user(name) if change == wire.ChangeUser() else calls.change_user(name, change)
    _print(calling.send(changed), output)


def _capacity(text: str | None) -> int | None:
    """A number of conversations; `default` (and nothing) stands for the organisation's."""
    if text is None or text == "default":
        return None
    if not text.isascii() or not text.isdecimal():
        raise WrongUsage(_("A capacity is a number of conversations, or default."))
    return int(text)


@verb(app, "status", _("Say for somebody whether they are there (supervisors); without a state, show it."))
def status(
    name: Name,
    state: State = None,
    back: Back = "",
    reason: Reason = "",
    output: Output = Format.text,
) -> None:
    if state is None and not back:
        found = [each for each in everybody() if each.user == name]
        if not found:
            unknown = _("There is no user {name}. See {command}")
            raise Failure(unknown.format(name=name, command="agent-console user list"))
        show_standing(found, output)
        return
    say(name, state, back, reason, output)


@verb(app, "remove", _("Remove a user. What they wrote stays; their open conversations go back to the queue."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the user {name}?").format(name=name), yes)
    calling.send(calls.remove_user(name))
    printing.out(_("{name} was removed.").format(name=name))


def _print(user: object, output: Format) -> None:
    from agent_console.cli import printing
    from server import wire

    assert isinstance(user, wire.User)
    plain = output is Format.text
    printing.one(
        user,
        [
            ("name", _("Name"), user.name),
            ("display_name", _("Shown as"), user.display_name),
            ("role", _("Role"), words.role(user.role) if output is Format.text else user.role),
            ("teams", _("Teams"), ", ".join(user.teams)),
            ("skills", _("Skills"), user.skills),
            ("capacity", _("Capacity"), _("as all others") if plain and user.capacity is None else user.capacity),
            ("language", _("Language"), user.language),
            ("active", _("Active"), (_("yes") if user.active else _("no")) if output is Format.text else user.active),
        ],
        output,
    )
