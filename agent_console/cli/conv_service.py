"""Verbs of `agent-console conv` for promises and help: remind, flag, whisper, observe, take-over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking
from agent_console.cli.conv_base import app, each, ids, say_row
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire


@verb(
    app,
    "remind",
    _("Note what somebody will do at a moment: a reminder, a promise, a call."),
    epilog=_('conv 12 remind "call her" --at "thursday 10:00" --callback'),
)
def remind(
    at: Annotated[
        str,
        typer.Option("--at", metavar=_("MOMENT"), help=_('In words: 2h, tomorrow, "thursday 10:00", "30 nov 4 pm"')),
    ],
    text: Annotated[str, typer.Argument(metavar=_("TEXT"), help=_("What is to be done."))] = "",
    promise: Annotated[bool, typer.Option("--promise", help=_("The customer was promised it."))] = False,
    callback: Annotated[bool, typer.Option("--callback", help=_("It is a call to the customer."))] = False,
    phone: Annotated[
        str, typer.Option("--phone", metavar=_("NUMBER"), help=_("Another number than the customer's; for calls."))
    ] = "",
    user: Annotated[str, typer.Option("--for", metavar=_("USER"), help=_("This colleague looks after it."))] = "",
    team: Annotated[str, typer.Option("--team", metavar=_("TEAM"), help=_("This team looks after it."))] = "",
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_reminders
    from server import wire

    if promise and callback:
        raise WrongUsage(_("A call is promised anyway: --promise or --callback, not both."))
    if phone and not callback:
        raise WrongUsage(_("--phone goes with --callback."))
    new = wire.NewReminder(
        text=text,
        due_at=asking.moment(at),
        kind="callback" if callback else "promise" if promise else "reminder",
        user=user or None,
        team=team or None,
        phone=phone,
    )
    each(lambda id: calls_reminders.remind(id, new), _say, output, quiet)


@verb(app, "flag", _("Ask a supervisor for help with it."))
def flag(
    reason: Annotated[str, typer.Argument(metavar=_("REASON"), help=_("Why, if you want to say."))] = "",
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_reminders

    each(lambda id: calls_reminders.flag(id, reason), say_row, output, quiet)


@verb(app, "unflag", _("Help is not needed any more."))
def unflag(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_reminders

    each(lambda id: calls_reminders.flag(id, on=False), say_row, output, quiet)


@verb(app, "whisper", _("Write to its advisor, unseen by other advisors (supervisors)."))
def whisper(
    text: Annotated[str, typer.Argument(metavar=_("TEXT"), help=_("The words; - reads them from standard input."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_reminders
    from agent_console.cli import conv_acts

    words = asking.text(text)
    each(lambda id: calls_reminders.whisper(id, words), conv_acts.say_message, output, quiet)


@verb(app, "take-over", _("Take it from whoever has it (supervisors)."))
def take_over(
    reason: Annotated[str, typer.Option("--reason", metavar=_("TEXT"), help=_("Why."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_reminders

    each(lambda id: calls_reminders.take_over(id, reason), say_row, output, quiet)


@verb(
    app,
    "observe",
    _("Show it without a trace for its advisor; the journal keeps it (supervisors)."),
)
def observe(
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help=_("The newest N messages; 0 for all."))
    ] = 50,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_reminders
    from agent_console.cli import calling, conv_show

    for id in ids:
        calling.send(calls_reminders.observe(id))
    conv_show.show(ids, limit, output, False)


def _say(reminder: wire.Reminder) -> str:
    import time

    from agent_console.presentation import reminders

    now = time.time_ns() // 1_000_000
    return f"#{reminder.conversation} {reminder.contact_name}: {reminders.sentence(reminder, now, '')}"
