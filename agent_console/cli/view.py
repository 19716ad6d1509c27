"""`agent-console view`: saved views, queries with a name."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import Failure
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import NC_, _, pgettext

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Saved views: searches with a name, in everybody's console."))


class Scope(StrEnum):
    """Who has a view."""

    user = "user"
    team = "team"
    all = "all"


_SCOPES = {"user": NC_("view", "mine"), "team": NC_("view", "team"), "all": NC_("view", "everybody")}

Name = Annotated[str, typer.Argument(metavar=_("VIEW"), help=_("The view's name, or its number."))]
Query = Annotated[str, typer.Argument(metavar=_("QUERY"), help=_("What it shows, as convs takes it."))]
Place = Annotated[int | None, typer.Option("--place", metavar="N", help=_("Views are shown in the order of N."))]


@verb(
    app,
    "add",
    _("Save a search as a view."),
    epilog=_('For example: agent-console view add "Mora oriente" "tag:mora region:oriente"'),
)
def add(
    name: Annotated[str, typer.Argument(metavar=_("VIEW"), help=_("What to call it."))],
    query: Query,
    scope: Annotated[
        Scope, typer.Option("--for", help=_("Yourself, a team or everybody; sharing is for supervisors."))
    ] = Scope.user,
    team: Annotated[str | None, typer.Option("--team", metavar=_("TEAM"), help=_("The team that has it."))] = None,
    place: Place = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling
    from server import wire

    view = wire.NewView(name=name, query=query, scope="team" if team else scope.value, team=team, place=place or 0)
    _print([calling.send(calls_work.add_view(view))], output)


@verb(app, "list", _("List the views you have."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    _print(_all(), output, quiet)


@verb(app, "show", _("List the conversations of a view."))
def show(
    name: Name,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.cli import convs

    convs.convs(query=_find(name).query, limit=limit, output=output, quiet=quiet)


@verb(app, "set", _("Change a view. What is not named stays as it is."))
def set_(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", metavar=_("VIEW"), help=_("Its name from now on."))] = None,
    query: Annotated[str | None, typer.Option("--query", metavar=_("QUERY"), help=_("What it shows."))] = None,
    place: Place = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls_work
    from agent_console.cli import calling
    from server import wire

    change = wire.ChangeView(
        name=UNSET if new_name is None else new_name,
        query=UNSET if query is None else query,
        place=UNSET if place is None else place,
    )
    _print([calling.send(calls_work.change_view(_find(name).id, change))], output)


@verb(app, "remove", _("Remove a view; the conversations stay."))
def remove(name: Name) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling, printing

    view = _find(name)
    calling.send(calls_work.remove_view(view.id))
    printing.out(_("{name} was removed.").format(name=printing.safe(view.name)))


def _all() -> list[wire.SavedView]:
    from agent_console.backend import calls_work
    from agent_console.cli import calling

    return calling.send(calls_work.views()).items


def _find(name: str) -> wire.SavedView:
    """One's own of this name first, then a shared one; a number is taken as the view's."""
    found = [view for view in _all() if view.name == name or str(view.id) == name]
    if not found:
        raise Failure(_("There is no view {name}. agent-console view list shows them.").format(name=repr(name)))
    return min(found, key=lambda view: view.scope != "user")


def _print(views: list[wire.SavedView], output: Format, quiet: bool = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.SavedView]] = [
        Column("id", "#", lambda v: v.id, right=True),
        Column("name", _("View"), lambda v: v.name),
        Column("scope", _("Whose"), lambda v: v.team or pgettext("view", _SCOPES[v.scope]), lambda v: v.scope),
        Column("query", _("Search"), lambda v: v.query, grow=True),
    ]
    printing.rows(views, columns, output, empty=_("No views."), ids=(lambda v: v.id) if quiet else None)
