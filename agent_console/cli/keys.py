"""`agent-console keys`: the keys in force, and what is wrong with a settings file. Needs no server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, verb
from agent_console.i18n import _, ngettext

if TYPE_CHECKING:
    from agent_console.actions import Action

app = grammar.app(_("The keys of the console, and what is wrong with a settings file."))


@verb(app, "keys", _("Print the keys in force, or check a settings file."))
def keys(
    preset: Annotated[
        str, typer.Option("--preset", metavar="default|gmail|vim", help=_("As if the settings file said this one."))
    ] = "",
    check: Annotated[
        Path | None, typer.Option("--check", metavar=_("FILE"), help=_("Check this file instead of one's own."))
    ] = None,
    output: Output = Format.text,
) -> None:
    from agent_console import actions, keymap, settings
    from agent_console.cli import printing
    from agent_console.cli.printing import Column
    from agent_console.keys import key_name

    if preset and preset not in keymap.PRESETS:
        raise WrongUsage(_("--preset takes one of {names}.").format(names=", ".join(keymap.PRESETS)))
    try:
        found = settings.load(check, preset)
    except OSError as error:
        raise Failure(_("{file}: {why}").format(file=check, why=error.strerror or error)) from None
    in_force = (found.keymap or keymap.build()).keys

    def where(action: Action) -> str:
        return ", ".join(actions.place_name(place) for place in action.where)

    if output is Format.json:
        table = [{"action": each.id, "keys": in_force[each.id], "where": each.where} for each in actions.ACTIONS]
        printing.out(printing.to_json({"keys": table, "problems": found.problems}))
    elif check is None or output is Format.csv:
        columns: list[Column[Action]] = [
            Column("keys", _("Key"), lambda each: "  ".join(key_name(key) for key in in_force[each.id])),
            Column("action", _("Action"), lambda each: each.id),
            Column("help", _("What it does"), lambda each: _(each.help), grow=True),
            Column("where", _("Where"), where),
        ]
        printing.rows(actions.ACTIONS, columns, output, empty="")
    elif not found.problems:
        printing.out(_("{file}: nothing is wrong with it.").format(file=printing.safe(str(check))))
    else:
        for problem in found.problems:
            printing.out(printing.safe(problem))
    if found.problems:
        wrong = ngettext("{n} thing is wrong with {file}", "{n} things are wrong with {file}", len(found.problems))
        raise Failure(wrong.format(n=len(found.problems), file=check or settings.path()))
    if check is None and output is Format.text:
        printing.out("\n" + _("Settings file: {path}").format(path=printing.safe(str(settings.path()))))
