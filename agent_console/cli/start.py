"""The way into the command line: the options that every command shares, the language, errors and exit codes.

Nothing is imported here that the asked-for command does not need: no word means the console, which does without
Typer; `--help` is printed from the table in `agent_console.cli.nouns`; any other word imports its own module.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage (130 when interrupted with ctrl+c).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

from agent_console import i18n
from agent_console.cli import nouns
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.i18n import _

PROGRAM: Final = "agent-console"
#: what the shell's completion asks through (Typer's naming)
COMPLETION: Final = "_AGENT_CONSOLE_COMPLETE"


class Shared(NamedTuple):
    """The options that may stand anywhere, taken out of `rest`."""

    rest: list[str]
    server: str = ""
    lang: str = ""


def run(args: Sequence[str]) -> int:
    """Do what `args` (without the program's name) say; answers the exit code. Prints errors, raises nothing."""
    _be_readable()
    try:
        shared = take_shared(args)
        i18n.set_language(shared.lang or None)
        if shared.server:
            # One place to look for whoever asks: the environment.
            os.environ["AGENT_CONSOLE_SERVER"] = shared.server
        code = _dispatch(shared.rest)
        sys.stdout.flush()
        return code
    except Failure as failure:
        complain(str(failure))
        return failure.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads us (head, less) has enough. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from agent_console.cli.crash import report

        complain(report(error))
        return 1


def take_shared(args: Sequence[str]) -> Shared:
    """Take `--server` and `--lang` out of the arguments, wherever they stand before a `--`."""
    taken = {"--server": "", "--lang": ""}
    rest: list[str] = []
    items = iter(args)
    for item in items:
        if item == "--":
            rest += [item, *items]
            break
        name, equals, value = item.partition("=")
        if name not in taken:
            rest.append(item)
            continue
        if not equals:
            value = next(items, "")
        if not value:
            raise WrongUsage(_("{option} needs a value").format(option=name))
        taken[name] = value
    if taken["--lang"] and i18n.match(taken["--lang"]) is None:
        raise WrongUsage(_("--lang takes es or en"))
    return Shared(rest, taken["--server"], taken["--lang"])


def _dispatch(args: list[str]) -> int:
    if COMPLETION in os.environ:
        from agent_console.cli.grammar import complete

        return complete()
    word = args[0] if args else ""
    if word in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return 0
    if word == "--version":
        from agent_console.cli.crash import version

        sys.stdout.write(f"{PROGRAM} {version()}\n")
        return 0
    if word in ("--install-completion", "--show-completion"):
        return _dispatch(["completion", *(["--install"] if word.startswith("--install") else []), *args[1:]])
    if word == "--plain":
        if args[1:]:
            raise WrongUsage(_("There is nothing to say after --plain: {what}").format(what=repr(args[1])))
        from agent_console.cli.console import open_plain

        return open_plain()
    if not word or word.partition("=")[0] == "--theme":
        from agent_console.cli.console import open_console

        return open_console(_theme(args) if word else "")
    noun = nouns.find(word)
    if noun is None:
        raise WrongUsage(_unknown(word))
    from agent_console.cli.grammar import execute

    return execute(noun, args[1:])


def _theme(args: Sequence[str]) -> str:
    """The colours asked for by `--theme NAME`."""
    from agent_console.presentation import palette

    given = args[0].partition("=")[2] if "=" in args[0] else next(iter(args[1:]), "")
    if len(args) > (1 if "=" in args[0] else 2) or not palette.named(given):
        raise WrongUsage(_("--theme takes one of {names}.").format(names=", ".join(palette.NAMES)))
    return given


def _unknown(word: str) -> str:
    if word.startswith("-"):
        return _("There is no option {option}. See {command}").format(option=word, command=f"{PROGRAM} --help")
    from difflib import get_close_matches

    close = get_close_matches(word, [noun.name for noun in nouns.NOUNS], 1)
    if close:
        return _("There is no command {word}. Did you mean {close}?").format(word=repr(word), close=close[0])
    return _("There is no command {word}. See {command}").format(word=repr(word), command=f"{PROGRAM} --help")


def overview() -> str:
    """What `agent-console --help` prints."""
    lines = [
        _("Usage:"),
        f"  {PROGRAM:<34}  {_('open the console')}",
        f"  {PROGRAM + ' --plain':<34}  {_('the same line by line, for screen readers and slow lines')}",
        f"  {PROGRAM + ' ' + _('COMMAND …'):<34}  {_('do one thing')}",
        f"  {PROGRAM + ' ' + _('COMMAND') + ' --help':<34}  {_('how to say it')}",
    ]
    for key, title in nouns.GROUPS.items():
        lines += ["", f"{_(title)}:"]
        lines += [f"  {noun.name:<12}{_(noun.help)}" for noun in nouns.NOUNS if noun.group == key]
    lines += [
        "",
        _("Options of every command:"),
        f"  --server URL  {_('the server to talk to (else AGENT_CONSOLE_SERVER, else the last login)')}",
        f"  --lang es|en  {_('the language (else AGENT_CONSOLE_LANG, else that of the system)')}",
        f"  --help        {_('show help')}",
        f"  --version     {_('show the version')}",
        "",
        _("Options of the console itself:"),
        f"  --theme {_('NAME')}  {_('its colours this time: dark, light, contrast, none, ansi')}",
        "",
        _("Variables:"),
        f"  AGENT_CONSOLE_TOKEN     {_('sign in with this token instead of the saved one')}",
        f"  AGENT_CONSOLE_DATA      {_('the data folder, where --data is not given')}",
        f"  AGENT_CONSOLE_DATABASE  {_('the database, where --database is not given')}",
    ]
    return "\n".join(lines) + "\n"


def complain(message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"{PROGRAM}: {' '.join(message.split())}\n")


def _be_readable() -> None:
    """Let no character that the terminal's encoding lacks stop a command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
