"""`agent-console convs`: list and search conversations."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _, duration, moment

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

#: How many conversations the server is asked for at once.
PAGE = 100

app = grammar.app(_("List and search conversations."))


class View(StrEnum):
    """The inbox's views."""

    mine = "mine"
    unassigned = "unassigned"
    open = "open"
    waiting = "waiting"
    resolved = "resolved"
    all = "all"


class State(StrEnum):
    """A conversation's states."""

    bot = "bot"
    queued = "queued"
    open = "open"
    waiting = "waiting"
    snoozed = "snoozed"
    resolved = "resolved"


_EXAMPLES = _(
    "A QUERY is words, and terms such as channel:whatsapp sla<10m -assigned region:oriente tag:mora from:maria "
    "after:2026-11-01 has:attachment is:unread; docs/search.md tells them all. "
    "Without --view, a QUERY or --state looks through all conversations, else the open ones are listed. "
    "Act on what is found: agent-console convs --view resolved -q | agent-console conv - reopen"
)


@verb(app, "convs", _("List and search conversations."), epilog=_EXAMPLES)
def convs(
    query: Annotated[
        str | None,
        typer.Argument(metavar=_("QUERY"), help=_("What to look for: words, channel:wa, sla<10m, -assigned …")),
    ] = None,
    view: Annotated[View | None, typer.Option("--view", help=_("Which conversations."))] = None,
    state: Annotated[State | None, typer.Option("--state", help=_("In this state."))] = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar=_("NAME"), help=_("Of this channel."))] = None,
    assignee: Annotated[
        str | None, typer.Option("--assignee", metavar=_("USER"), help=_("Assigned to this user."))
    ] = None,
    team: Annotated[str | None, typer.Option("--team", metavar=_("TEAM"), help=_("Of this team."))] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    chosen = view or (View.all if query or state else View.open)
    found = calling.pages(
        lambda after, size: calls.conversations(
            chosen.value,
            q=query,
            state=None if state is None else state.value,
            channel=channel,
            assignee=assignee,
            team=team,
            after=after,
            limit=size,
        ),
        limit,
        PAGE,
    )
    now = time.time_ns() // 1_000_000
    printing.rows(
        found,
        columns(now),
        output,
        empty=_("No conversations."),
        ids=(lambda row: row.id) if quiet else None,
    )


def columns(now: int) -> list[Column[wire.ConversationRow]]:
    """What a list of conversations shows."""
    from agent_console.cli.printing import Column

    return [
        Column("id", "#", lambda r: r.id, right=True),
        Column("state", _("State"), lambda r: words.state(r.state), lambda r: r.state),
        Column("due_at", _("SLA"), lambda r: sla(r, now), lambda r: r.sla.due_at if r.sla else ""),
        Column("channel", _("Channel"), lambda r: r.channel),
        Column("contact_name", _("Customer"), lambda r: r.contact_name),
        Column("preview", _("Last message"), preview, lambda r: r.preview, grow=True),
        Column("unread", _("New"), lambda r: unread(r) or "", unread, right=True),
        Column("assignee", _("Assigned to"), lambda r: r.assignee or ""),
        Column("team", _("Team"), lambda r: r.team or ""),
        Column("last_at", _("When"), lambda r: moment(r.last_at, now), lambda r: r.last_at, right=True),
    ]


def sla(row: wire.ConversationRow, now: int) -> str:
    """The running clock: how long is left, or since when it is over."""
    from agent_console.presentation import sla as clocks

    if row.sla is None:
        return ""
    if row.sla.paused_at is not None:
        return "‖"
    if now > row.sla.due_at:
        return "▲ " + duration(now - row.sla.due_at)
    return ("! " if now >= row.sla.warn_at else "") + duration(clocks.left(row.sla, now))


def preview(row: wire.ConversationRow) -> str:
    """The last message, with who wrote it when it was one of us."""
    text = row.preview or (words.kind(row.preview_kind) if row.preview_kind != "text" else "")
    return f"{row.preview_author}: {text}" if row.preview_direction != "in" and row.preview_author else text


def unread(row: wire.ConversationRow) -> int:
    """The reader's unread messages."""
    return max(0, row.inbound - row.seen) if isinstance(row.seen, int) else 0
