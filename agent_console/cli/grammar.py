"""How commands are written: Typer's classes with our words, the options that several commands take, and the doors
through which `agent_console.cli.start` runs one command or completes a half-written one.

A noun's module (and this one) is imported when the language is known, so its help texts are plain `_("…")`; it has
its Typer app in `app`. Rich's help (100 ms more) is switched off.
"""

from __future__ import annotations

import gettext
import os
import re
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from importlib import import_module
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from agent_console import i18n
from agent_console.cli import choices, nouns
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.i18n import N_, _

PROGRAM = "agent-console"
#: characters of a verb's first sentence that its noun's help shows: all of it
SENTENCE = 200

F = TypeVar("F", bound=Callable[..., Any])

#: Texts that Typer looks up by gettext itself, listed for our catalogue.
TYPERS_OWN = (
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("default: {default}"),
    N_("env var: {var}"),
    N_("required"),
)


class Format(StrEnum):
    """How data is printed."""

    text = "text"
    json = "json"
    csv = "csv"


class Command(TyperCommand):
    """A command whose usage line and `--help` are in the reader's language."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        path, before = ctx.command_path, getattr(ctx.parent and ctx.parent.command, "before_verb", "")
        if before:
            path = f"{ctx.parent.command_path} {before} {ctx.info_name}"
        formatter.write_usage(path, " ".join(self.collect_usage_pieces(ctx)), _("Usage: "))

    def get_help_option(self, ctx: Any) -> Any:
        return _translated(super().get_help_option(ctx))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        super().format_epilog(ctx, formatter)
        _write_shared(formatter)


class Group(TyperGroup):
    """A group of commands, likewise. `before_verb`: what stands between its name and a verb's."""

    before_verb = ""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [*([self.before_verb] if self.before_verb else []), *super().collect_usage_pieces(ctx)]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        rows = [(name, verb.get_short_help_str(SENTENCE)) for name, verb in self.commands.items() if not verb.hidden]
        with formatter.section(_("Commands")):
            formatter.write_dl(rows)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), _("Usage: "))

    def get_help_option(self, ctx: Any) -> Any:
        return _translated(super().get_help_option(ctx))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        super().format_epilog(ctx, formatter)
        _write_shared(formatter)


class Nouns(Group):
    """All of `agent-console`, for completion: each noun is built when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [noun.name for noun in nouns.NOUNS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        noun = nouns.find(cmd_name)
        return None if noun is None else _command(noun)


def app(help: str, cls: type[TyperGroup] = Group, completes: bool = False) -> typer.Typer:
    """An empty noun. `help` is translated text. `completes`: with what answers the shell."""
    return typer.Typer(
        cls=cls,
        help=help,
        add_completion=completes,
        rich_markup_mode=None,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        subcommand_metavar=_("VERB …"),
        options_metavar=_("[OPTIONS]"),
    )


def verb(noun: typer.Typer, name: str, help: str, epilog: str = "") -> Callable[[F], F]:
    """Add a function to a noun as one of its commands. `help` is translated text."""
    return noun.command(name, cls=Command, help=help, epilog=epilog or None, options_metavar=_("[OPTIONS]"))


def execute(noun: nouns.Noun, args: Sequence[str]) -> int:
    """Run one noun with its arguments; the exit code. Raises Failure for what a person got wrong."""
    _speak_typers_own()
    try:
        answer = _command(noun).main(list(args), prog_name=f"{PROGRAM} {noun.name}", standalone_mode=False)
    except typer.Abort:
        raise Failure(_("Nothing was done.")) from None
    except Exception as error:
        if getattr(error, "exit_code", None) != 2 or isinstance(error, Failure):
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{error}\n")
            return 2
        raise WrongUsage(_in_our_words(error)) from None
    return answer if isinstance(answer, int) else 0


def complete() -> int:
    """Answer the shell that completes a half-written command."""
    _speak_typers_own()
    top = app(_("An omnichannel contact centre in the terminal"), cls=Nouns, completes=True)
    top.callback()(lambda: None)
    try:
        typer.main.get_command(top).main([], prog_name=PROGRAM)
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1
    return 0


def _command(noun: nouns.Noun) -> Any:
    module = import_module(f"agent_console.cli.{noun.module}")
    command = typer.main.get_command(module.app)
    command.name = noun.name
    choices.translate(command)
    return command


def _speak_typers_own() -> None:
    """Point the gettext that Typer uses at our catalogue and language."""
    gettext.bindtextdomain(i18n.DOMAIN, i18n.LOCALE)
    gettext.textdomain(i18n.DOMAIN)
    os.environ["LANGUAGE"] = i18n.language()


def _translated(option: Any) -> Any:
    if option is not None:
        option.help = _("Show this help.")
    return option


def _write_shared(formatter: Any) -> None:
    with formatter.section(_("Options of every command")):
        formatter.write_dl([("--server URL", _("The server to talk to.")), ("--lang es|en", _("The language."))])


def _in_our_words(error: Any) -> str:
    """Typer's complaint about a command line as one line that says where to read on."""
    ctx = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    shown = _name_of(parameter) if parameter is not None else ""
    match type(error).__name__:
        case "MissingParameter":
            text = _("{name} is missing.").format(name=shown)
            if parameter is not None and (wanted := _wanted(parameter)):
                text += " " + _("It takes {wanted}.").format(wanted=wanted)
        case "NoSuchOption":
            close = getattr(error, "possibilities", None) or ()
            text = _("There is no option {option}.").format(option=error.option_name)
            if close:
                text += " " + _("Did you mean {close}?").format(close=", ".join(sorted(close)))
        case "BadParameter" if shown:
            wanted = _wanted(parameter)
            text = (
                _("{name} takes {wanted}.").format(name=shown, wanted=wanted) if wanted else f"{shown}: {error.message}"
            )
        case _:
            text = _typers_own(str(getattr(error, "message", "") or error))
    if ctx is not None:
        text = f"{text.rstrip()} {_('See {command}').format(command=ctx.command_path + ' --help')}"
    return text


def _typers_own(text: str) -> str:
    """What Typer says in English whatever the language, in the reader's; the rest as it is."""
    if words := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", text):
        return _("There are words too many: {words}. A text of several words stands in quotation marks.").format(
            words=words[1]
        )
    if option := re.fullmatch(r"Option '(.*)' requires an argument\.", text):
        return _("{option} needs a value").format(option=option[1]) + "."
    said, found, close = text.partition(" Did you mean ")
    return f"{said} {_('Did you mean {close}?').format(close=close.rstrip('?'))}" if found else text


def _wanted(parameter: Any) -> str:
    """What a parameter takes: its choices, a number within bounds; empty where Typer's own words are better."""
    kind = parameter.type
    if getattr(kind, "choices", ()):
        return choices.explained(kind)
    if bounds := choices.bounds(getattr(kind, "min", None), getattr(kind, "max", None)):
        return _("a number, {bounds}").format(bounds=bounds)
    return _("a number") if kind.name in ("integer", "float") else ""


def _name_of(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(max(parameter.opts, key=len))


# ---------------------------------------------------------------- options that several commands take


Output = Annotated[Format, typer.Option("-o", "--output", help=_("How to print it."))]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help=_("Print ids only, one a line."))]
Yes = Annotated[bool, typer.Option("-y", "--yes", help=_("Do not ask."))]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help=_("Read the password from standard input (its first line)."))
]
