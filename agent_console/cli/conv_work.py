"""Verbs of `agent-console conv` that keep work in order: tags, priority, putting aside, following, public comments."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from agent_console.cli import asking
from agent_console.cli.conv_base import MessageRef, app, each, ids, say_row, single
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _


class Priority(StrEnum):
    """How urgent a conversation is."""

    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


Tags = Annotated[list[str], typer.Argument(metavar=_("TAG…"), help=_("Tags, as tag list prints them."))]


@verb(app, "tag", _("Put tags on it."))
def tag(tags: Tags, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_work

    each(lambda id: calls_work.tag(id, tags, []), say_row, output, quiet)


@verb(app, "untag", _("Take tags off it."))
def untag(tags: Tags, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_work

    each(lambda id: calls_work.tag(id, [], tags), say_row, output, quiet)


@verb(app, "priority", _("Say how urgent it is."))
def priority(
    level: Annotated[Priority, typer.Argument(metavar=_("LEVEL"), help=_("How urgent."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_work

    each(lambda id: calls_work.priority(id, level.value), say_row, output, quiet)


@verb(
    app,
    "snooze",
    _("Put it aside until a moment."),
    epilog=_("It comes back by itself then, when the customer writes, and before its time runs out."),
)
def snooze(
    until: Annotated[
        list[str] | None,
        typer.Argument(metavar=_("UNTIL…"), help=_('In words: 2h, tomorrow, "monday 10:00", "30 nov"')),
    ] = None,
    now: Annotated[bool, typer.Option("--now", help=_("Take it up again now."))] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_work

    if now == bool(until):
        raise WrongUsage(_("Say until when, or --now."))
    moment = None if now else asking.moment(" ".join(until or []))
    each(lambda id: calls_work.snooze(id, moment), say_row, output, quiet)


@verb(app, "follow", _("Be told of what happens in it."))
def follow() -> None:
    _follow(True)


@verb(app, "unfollow", _("Be told of it no longer."))
def unfollow() -> None:
    _follow(False)


def _follow(on: bool) -> None:
    from agent_console.backend import calls_work
    from agent_console.cli import calling

    for id in ids:
        calling.send(calls_work.follow(id, on))


@verb(app, "hide", _("Hide a public comment from others."))
def hide(message: MessageRef = "last", output: Output = Format.text, quiet: Quiet = False) -> None:
    _moderate(message, "hide", output, quiet)


@verb(app, "unhide", _("Show a hidden comment again."))
def unhide(message: MessageRef = "last", output: Output = Format.text, quiet: Quiet = False) -> None:
    _moderate(message, "unhide", output, quiet)


@verb(app, "delete-comment", _("Delete a public comment for good."))
def delete_comment(message: MessageRef, output: Output = Format.text, quiet: Quiet = False) -> None:
    _moderate(message, "delete", output, quiet)


def _moderate(message: str, act: str, output: Format, quiet: bool) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(single(), message, {"in", "out"} if act == "delete" else {"in"})
    each(lambda id: calls.moderate(id, ref, act), conv_acts.say_message, output, quiet)
