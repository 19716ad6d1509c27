"""`agent-console completion`: the tab key in the shell."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent_console.cli import grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import verb
from agent_console.i18n import _

app = grammar.app(_("Complete commands with the tab key in your shell."))


class Shell(StrEnum):
    """The shells Typer can complete in."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


@verb(
    app,
    "completion",
    _("Print the script that completes commands in your shell, or install it."),
    epilog=_("For example: agent-console completion bash >> ~/.bashrc"),
)
def completion(
    shell: Annotated[
        Shell | None, typer.Argument(metavar="SHELL", help=_("bash, zsh or fish; else the one you use."))
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help=_("Write it where the shell reads it at its start."))
    ] = False,
) -> None:
    # what Typer's own --show-completion and --install-completion call
    from typer.completion import get_completion_script  # type: ignore[attr-defined]
    from typer.completion import install as install_for  # type: ignore[attr-defined]

    from agent_console.cli import printing
    from agent_console.cli.start import COMPLETION, PROGRAM

    name = shell.value if shell else Path(os.environ.get("SHELL", "")).name
    if name not in set(Shell):
        raise WrongUsage(_("Say which shell: bash, zsh or fish."))
    if install:
        _shell, path = install_for(shell=name, prog_name=PROGRAM, complete_var=COMPLETION)
        printing.out(_("Written to {path}. It works in the next shell you start.").format(path=path))
    else:
        printing.out(get_completion_script(prog_name=PROGRAM, complete_var=COMPLETION, shell=name))
