"""Reading what a person gives: passwords, texts from stdin or files, a yes before something is removed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import typer

from agent_console.cli.errors import Failure, WrongUsage, why
from agent_console.i18n import _


def password(from_stdin: bool, *, new: bool = False) -> str:
    """A password: the first line of stdin, or asked for without showing it (twice if it is `new`)."""
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        given = typer.prompt(_("Password"), hide_input=True, default="", show_default=False, err=True)
        if new and given and given != typer.prompt(_("Once more"), hide_input=True, default="", err=True):
            raise Failure(_("The two were not the same. Nothing was done."))
    else:
        raise WrongUsage(_("A password is needed: give it on standard input with --password-stdin."))
    if not given:
        raise Failure(_("The password is empty."))
    return str(given)


def text(given: str | None) -> str:
    """A text: as given, or what stdin holds where it is `-` (without the line end at its end)."""
    return stdin_text() if given == "-" else (given or "")


def stdin_text() -> str:
    """All of stdin as UTF-8."""
    return _decode(sys.stdin.buffer.read(), "-")


def value(given: str) -> str:
    """An option's value that may be kept out of the shell's history: `@FILE`, `-` for stdin, `@@…` for a real @."""
    if given == "-":
        return stdin_text().strip()
    if given.startswith("@@"):
        return given[1:]
    if given.startswith("@"):
        return _decode(file(given[1:]), given[1:]).strip()
    return given


def file(name: str) -> bytes:
    """What a file holds. Raises Failure if it can't be read."""
    try:
        return Path(name).expanduser().read_bytes()
    except OSError as error:
        raise Failure(_("{file} cannot be read: {why}").format(file=name, why=why(error))) from None


def settings(pairs: list[str]) -> dict[str, str]:
    """`--set key=value …` as a dictionary; at most one value may come from stdin."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, given = pair.partition("=")
        if not equals or not key.strip():
            raise WrongUsage(_("--set takes key=value, not {given}").format(given=repr(pair)))
        found[key.strip()] = given
    if list(found.values()).count("-") > 1:
        raise WrongUsage(_("Only one value can come from standard input."))
    return {key: value(given) for key, given in found.items()}


def moment(given: str) -> int:
    """The moment (UTC ms) that words say, in the organisation's zone. Raises WrongUsage if none that lies ahead."""
    from agent_console import i18n
    from agent_console.backend import calls
    from agent_console.cli import calling
    from agent_console.presentation import moments

    i18n.set_zone(calling.send(calls.organisation()).zone)
    at = moments.read(given, time.time_ns() // 1_000_000, i18n.zone())
    if at is None:
        raise WrongUsage(
            _('{text} is no moment that lies ahead. Try 2h, tomorrow, "monday 10:00" or "30 nov".').format(
                text=repr(given)
            )
        )
    return at


def sure(question: str, yes: bool) -> None:
    """Ask a person before something is removed; a script (no terminal) is not asked."""
    if not yes and sys.stdin.isatty() and sys.stderr.isatty() and not typer.confirm(question, err=True):
        raise Failure(_("Nothing was done."))


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Failure(_("{file} is not UTF-8 text.").format(file=name)) from None
