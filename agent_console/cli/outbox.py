"""`agent-console outbox`: messages of ours that have not left."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.cli.spans import read_span
from agent_console.i18n import _, moment, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent_console.backend.calls import Call
    from agent_console.cli.printing import Column
    from server import wire

#: How many messages the server is asked for at once.
PAGE = 100

app = grammar.app(_("Messages of ours that have not left: see them, send them again, let them be."))


class State(StrEnum):
    """Which messages to list."""

    failed = "failed"
    unknown = "unknown"
    waiting = "waiting"


Ids = Annotated[list[int], typer.Argument(metavar=_("ID…"), help=_("Numbers of messages; outbox list -q prints them."))]
Channel = Annotated[str | None, typer.Option("--channel", metavar=_("NAME"), help=_("Only of this channel."))]


@verb(app, "list", _("List messages that have not left, newest first: those that failed, or those of --state."))
def list_(
    state: Annotated[
        State, typer.Option("--state", help=_("failed, unknown (nobody knows whether they were sent) or waiting."))
    ] = State.failed,
    channel: Channel = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing

    found = calling.pages(
        lambda after, n: calls.outbox(state.value, channel=channel, after=after, limit=n),
        limit,
        PAGE,
    )
    printing.rows(
        found,
        _columns(time.time_ns() // 1_000_000),
        output,
        empty=_("Nothing of that kind."),
        ids=(lambda item: item.message.id) if quiet else None,
    )


@verb(
    app,
    "resend",
    _("Send failed messages again: those with these numbers, or with --channel all of a channel (for supervisors)."),
)
def resend(
    ids: Annotated[list[int] | None, typer.Argument(metavar=_("ID…"), help=_("Numbers of messages."))] = None,
    channel: Channel = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar=_("CODE"), help=_("Only those that failed for this reason."))
    ] = "",
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="30m|2h|1d", help=_("Only those that failed longer ago than this."))
    ] = "",
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls

    if bool(ids) == bool(channel) or (ids and (reason or older_than)):
        raise WrongUsage(_("Give numbers of messages, or --channel NAME with what narrows it down."))
    if channel:
        _resend_all(channel, reason, older_than, output)
        return
    _each(ids or [], calls.resend, output)


@verb(app, "drop", _("Let failed messages be: they stay in their conversations and leave this list."))
def drop(ids: Ids, output: Output = Format.text) -> None:
    from agent_console.backend import calls

    _each(ids, calls.drop, output)


def _resend_all(channel: str, reason: str, older_than: str, output: Format) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, printing
    from server import wire

    until = time.time_ns() // 1_000_000 - read_span(older_than) if older_than else None
    total = wire.Resent(resent=0, skipped=[])
    after: str | None = None
    while True:
        wanted = wire.ResendMany(channel=channel, reason=reason, older_than=until, after=after)
        answer = calling.send(calls.resend_many(wanted))
        total.resent += answer.resent
        total.skipped += answer.skipped
        after = answer.next
        if after is None:
            break
    if output is not Format.text:
        pairs = [("resent", _("Sent again"), total.resent), ("skipped", _("Not sent again"), len(total.skipped))]
        printing.one(total, pairs, output)
        return
    printing.out(
        ngettext("{n} message is sent again.", "{n} messages are sent again.", total.resent).format(n=total.resent)
    )
    for skipped in total.skipped:
        why = words.problem(skipped.code)
        printing.out(printing.safe(f"{skipped.message} (#{skipped.conversation}): {why}"))


def _each(ids: list[int], call: Callable[[int], Call[wire.Message]], output: Format) -> None:
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    done: list[wire.Message] = []
    for id in ids:
        try:
            done.append(calling.send(call(id)))
        except Failure as why:
            raise type(why)(f"{id}: {why}") from None
    if output is Format.text:
        printing.out(ngettext("Done: {n} message.", "Done: {n} messages.", len(done)).format(n=len(done)))
        return
    columns: list[Column[wire.Message]] = [
        Column("id", "#", lambda m: m.id, right=True),
        Column("conversation", _("Conversation"), lambda m: m.conversation),
        Column("status", _("State"), lambda m: words.status(m.status), lambda m: m.status),
    ]
    printing.rows(done, columns, output, empty="")


def _columns(now: int) -> list[Column[wire.OutboxItem]]:
    from agent_console.cli.printing import Column

    return [
        Column("id", _("Message"), lambda i: i.message.id, right=True),
        Column("conversation", "#", lambda i: i.conversation.id, right=True),
        Column("at", _("When"), lambda i: moment(i.at, now), lambda i: i.at),
        Column("channel", _("Channel"), lambda i: i.conversation.channel),
        Column("contact", _("Customer"), lambda i: i.conversation.contact_name),
        Column("author", _("By"), lambda i: i.message.author),
        Column("attempts", _("Times"), lambda i: i.attempts, right=True),
        Column("next_at", _("Next"), lambda i: moment(i.next_at, now) if i.next_at else "", lambda i: i.next_at),
        Column("reason", _("Reason"), _reason, lambda i: i.reason),
        Column("detail", _("Detail"), lambda i: i.detail),
        Column("text", _("Text"), _text, grow=True),
    ]


def _reason(item: wire.OutboxItem) -> str:
    return words.reason(item.reason, item.conversation.channel_kind) if item.reason else ""


def _text(item: wire.OutboxItem) -> str:
    return item.message.text or words.kind(item.message.kind)
