"""`agent-console tag`: the organisation's list of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking, following, grammar
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("The tags that conversations are marked with."))

Name = Annotated[str, typer.Argument(metavar=_("TAG"), help=_("The tag: one word."))]


@verb(app, "add", _("Add tags."))
def add(
    names: Annotated[list[str], typer.Argument(metavar=_("TAG…"), help=_("One word each."))],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling

    _print([calling.send(calls_work.add_tag(name)) for name in names], output)


@verb(app, "list", _("List all tags."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling

    _print(calling.send(calls_work.tags()).items, output, quiet)


@verb(app, "rename", _("Call a tag something else, wherever it is."))
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(metavar=_("NEW"), help=_("What it is called from now on."))],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling

    tag = calling.send(calls_work.rename_tag(name, new_name))
    _print([tag], output)
    following.tell(tag.followed, output)


@verb(app, "remove", _("Take a tag off the list and off every conversation."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the tag {name} from all conversations?").format(name=name), yes)
    calling.send(calls_work.remove_tag(name))
    printing.out(_("{name} was removed.").format(name=name))


def _print(tags: list[wire.Tag], output: Format, quiet: bool = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.Tag]] = [Column("name", _("Tag"), lambda t: t.name, grow=True)]
    printing.rows(tags, columns, output, empty=_("No tags."), ids=(lambda t: t.name) if quiet else None)
