"""`agent-console reminder`: what was promised, to whom, and when it is due."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, moment

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

app = grammar.app(_("Reminders, promises and calls: see them, move them, say what came of them."))

Ids = Annotated[
    list[int], typer.Argument(metavar=_("ID…"), help=_("Numbers of reminders; reminder list -q prints them."))
]
At = Annotated[
    str, typer.Option("--at", metavar=_("MOMENT"), help=_('In words: 2h, tomorrow, "thursday 10:00", "30 nov 4 pm"'))
]
#: reminders that the server is asked for at once
PAGE = 200


class Whose(StrEnum):
    """Whose reminders."""

    mine = "mine"
    team = "team"
    all = "all"


class Ended(StrEnum):
    """How a call ended."""

    reached = "reached"
    no_answer = "no-answer"


@verb(app, "list", _("List the open reminders, the earliest first."))
def list_(
    whose: Annotated[Whose, typer.Option("--whose", help=_("Mine, also my colleagues', or everybody's."))] = Whose.mine,
    due: Annotated[bool, typer.Option("--due", help=_("Only those that are due."))] = False,
    late: Annotated[bool, typer.Option("--late", help=_("Only those that count as late."))] = False,
    conversation: Annotated[
        int | None, typer.Option("--conversation", metavar="ID", help=_("All that were made in this conversation."))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_reminders
    from agent_console.cli import calling

    state = "late" if late else "due" if due else "open"
    found: list[wire.Reminder] = []
    after: str | None = None
    while not limit or len(found) < limit:
        want = min(PAGE, limit - len(found)) if limit else PAGE
        if conversation is not None:
            page = calling.send(calls_reminders.reminders_of(conversation, after, want))
        else:
            page = calling.send(calls_reminders.reminders(whose.value, state, after, want))
        found += page.items
        after = page.next
        if after is None:
            break
    _print(found, output, quiet)


@verb(app, "show", _("Show reminders, also those that are over."))
def show(ids: Ids, output: Output = Format.text) -> None:
    from agent_console.backend import calls_reminders
    from agent_console.cli import calling

    _print([calling.send(calls_reminders.reminder(id)) for id in ids], output)


@verb(
    app,
    "done",
    _("Say that it is done."),
    epilog=_("A call needs --outcome; one that nobody answered is tried again with --again MOMENT."),
)
def done(
    ids: Ids,
    outcome: Annotated[Ended | None, typer.Option("--outcome", help=_("How the call ended."))] = None,
    note: Annotated[
        str, typer.Option("--note", metavar=_("TEXT"), help=_("What came of it, where it was no call."))
    ] = "",
    again: Annotated[
        str, typer.Option("--again", metavar=_("MOMENT"), help=_("Nobody answered: call again then."))
    ] = "",
    output: Output = Format.text,
) -> None:
    from server import wire

    if outcome and note:
        raise WrongUsage(_("--outcome is for calls, --note for everything else."))
    if again and outcome is not Ended.no_answer:
        raise WrongUsage(_("--again goes with --outcome no-answer."))
    code = note if outcome is None else outcome.value.replace("-", "_")
    at = asking.moment(again) if again else None
    _change(ids, wire.ChangeReminder(done=True, outcome=code, again_at=at), output)


@verb(app, "move", _("Put it off, or bring it forward."))
def move(ids: Ids, at: At, output: Output = Format.text) -> None:
    from server import wire

    _change(ids, wire.ChangeReminder(due_at=asking.moment(at)), output)


@verb(app, "give", _("Let somebody else look after it."))
def give(
    ids: Ids,
    user: Annotated[str, typer.Option("--to", metavar=_("USER"), help=_("This colleague."))] = "",
    team: Annotated[str, typer.Option("--team", metavar=_("TEAM"), help=_("Everybody of this team."))] = "",
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from server import wire

    if bool(user) == bool(team):
        raise WrongUsage(_("Say to whom: --to USER or --team TEAM."))
    _change(ids, wire.ChangeReminder(user=user or UNSET, team=team or UNSET), output)


@verb(app, "cancel", _("Nobody will do it."))
def cancel(ids: Ids, output: Output = Format.text) -> None:
    from server import wire

    _change(ids, wire.ChangeReminder(cancelled=True), output)


@verb(app, "reopen", _("It is not over, after all."))
def reopen(ids: Ids, output: Output = Format.text) -> None:
    from server import wire

    _change(ids, wire.ChangeReminder(done=False, cancelled=False), output)


def _change(ids: list[int], change: wire.ChangeReminder, output: Format) -> None:
    from agent_console.backend import calls_reminders
    from agent_console.cli import calling

    _print([calling.send(calls_reminders.change_reminder(id, change)) for id in ids], output)


def _print(reminders: list[wire.Reminder], output: Format, quiet: bool = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column
    from agent_console.presentation import reminders as shown

    now = int(time.time() * 1000)
    columns: list[Column[wire.Reminder]] = [
        Column("id", _("Number"), lambda r: r.id),
        Column("due_at", _("Due"), lambda r: moment(r.due_at, now), lambda r: r.due_at),
        Column("kind", _("Kind"), lambda r: words.reminder_kind(r.kind), lambda r: r.kind),
        Column("user", _("Whose"), lambda r: r.user or r.team or ""),
        Column("conversation", _("Conversation"), lambda r: r.conversation),
        Column("contact_name", _("Customer"), lambda r: r.contact_name),
        Column("text", _("What"), lambda r: " · ".join(filter(None, (shown.what(r), _state(r, now)))), grow=True),
    ]
    printing.rows(reminders, columns, output, empty=_("No reminders."), ids=(lambda r: r.id) if quiet else None)


def _state(reminder: wire.Reminder, now: int) -> str:
    from agent_console.presentation import reminders as shown

    if over := shown.ended(reminder, now):
        return over
    return _("late") if reminder.late_at is not None else _("due") if reminder.due_at <= now else ""
