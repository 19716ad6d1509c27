"""`agent-console transfer`: what was handed on, and what became of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from agent_console import words
from agent_console.cli import grammar
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.cli.spans import read_span
from agent_console.i18n import _, moment, ngettext, pgettext

if TYPE_CHECKING:
    from agent_console.cli.printing import Column
    from server import wire

#: transfers that the server is asked for at once
PAGE = 200

app = grammar.app(_("Transfers and questions to colleagues: what became of them, and how many there are."))

Since = Annotated[
    str, typer.Option("--since", metavar=_("SPAN"), help=_("Made in the last 12h, 7d …; 0 for all of them."))
]


@verb(app, "list", _("List them, newest first, and count them."))
def list_(
    since: Since = "7d",
    waiting: Annotated[bool, typer.Option("--waiting", help=_("Only those that wait for your answer."))] = False,
    person: Annotated[str | None, typer.Option("--person", metavar=_("USER"), help=_("From or to them."))] = None,
    conversation: Annotated[
        int | None, typer.Option("--conversation", metavar="ID", help=_("Of this conversation."))
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help=_("At most so many; 0 for all."))] = 50,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_transfers
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    begin, now = _begin(since), _now()
    found: list[wire.Transfer] = []
    after: str | None = None
    while not limit or len(found) < limit:
        want = min(PAGE, limit - len(found)) if limit else PAGE
        call = calls_transfers.transfers(
            since=begin, waiting=waiting, person=person, conversation=conversation, after=after, limit=want
        )
        page = calling.send(call)
        found += page.items
        after = page.next
        if after is None:
            break
    columns: list[Column[wire.Transfer]] = [
        Column("id", _("Number"), lambda t: t.id),
        Column("made_at", _("Made"), lambda t: moment(t.made_at, now), lambda t: t.made_at),
        Column("kind", _("What"), lambda t: _kind(t), lambda t: t.kind),
        Column("conversation", _("Conversation"), lambda t: f"#{t.conversation} {t.contact_name}".strip(),
               lambda t: t.conversation),
        Column("sender", pgettext("transfer", "From"), lambda t: t.sender),
        Column("to", _("To"), to_whom, lambda t: t.to_user or t.to_team or ""),
        Column("state", _("State"), lambda t: words.transfer(t.state), lambda t: t.state),
        Column("reason", _("Reason"), lambda t: t.reason, grow=True),
    ]  # fmt: skip
    printing.rows(found, columns, output, empty=_("No transfers."), ids=(lambda t: t.id) if quiet else None)
    if found and output is Format.text and not quiet and not (waiting or person or conversation):
        printing.out(_counted(calling.send(calls_transfers.totals(begin))))


@verb(app, "totals", _("Count them by person, and name the conversations that went to and fro."))
def totals(since: Since = "30d", output: Output = Format.text) -> None:
    from agent_console.backend import calls_transfers
    from agent_console.cli import calling, printing
    from agent_console.cli.printing import Column

    counted = calling.send(calls_transfers.totals(_begin(since)))
    if output is Format.json:
        printing.out(printing.to_json(counted))
        return
    columns: list[Column[wire.PersonTransfers]] = [
        Column("user", _("Person"), lambda p: p.user),
        Column("sent", _("Sent"), lambda p: p.sent, right=True),
        Column("accepted", _("Accepted"), lambda p: p.accepted, right=True),
        Column("declined", _("Declined"), lambda p: p.declined, right=True),
        Column("expired", _("Unanswered"), lambda p: p.expired, right=True),
        Column("received", _("Taken"), lambda p: p.received, right=True),
        Column("refused", _("Refused"), lambda p: p.refused, right=True),
        Column("missed", _("Missed"), lambda p: p.missed, right=True),
        Column("ping_pong", _("Ping-pong"), lambda p: p.ping_pong, right=True),
        Column("consults", _("Asked"), lambda p: p.consults, right=True),
    ]
    printing.rows(counted.people, columns, output, empty=_("No transfers."))
    if output is not Format.text:
        return
    printing.out(_counted(counted))
    for each in counted.conversations:
        n = ngettext("handed on {n} time", "handed on {n} times", each.transfers).format(n=each.transfers)
        back = _("{n} back and forth").format(n=each.ping_pong) if each.ping_pong else ""
        printing.out(printing.safe(f"#{each.conversation} {each.contact_name}: {', '.join(filter(None, (n, back)))}"))


def said(transfer: wire.Transfer) -> str:
    """What became of one, in a line."""
    from agent_console.cli import printing

    text = f"#{transfer.conversation} {transfer.contact_name}: {transfer.sender} → {to_whom(transfer)}"
    text += f" · {words.transfer(transfer.state)}"
    if transfer.answered_by and transfer.state in ("accepted", "declined"):
        text += f" ({transfer.answered_by})"
    if transfer.decline_reason:
        text += f": {transfer.decline_reason}"
    if transfer.told and transfer.told != "sent":
        text += " · " + _("the customer was not told: {why}").format(why=words.problem(transfer.told))
    return printing.safe(text)


def to_whom(transfer: wire.Transfer) -> str:
    """Whom it is for; of a team, with whoever answers for it."""
    return transfer.to_user or f"{transfer.to_team or ''} ({transfer.responsible})"


def _kind(transfer: wire.Transfer) -> str:
    return _("question") if transfer.kind == "consult" else _("transfer")


def _counted(counted: wire.TransferTotals) -> str:
    text = ngettext("{n} transfer", "{n} transfers", counted.transfers).format(n=counted.transfers)
    parts = [
        f"{words.transfer(state)} {n}"
        for state in ("pending", "accepted", "declined", "expired", "withdrawn")
        if (n := int(getattr(counted, state)))
    ]
    parts += [_("back and forth {n}").format(n=counted.ping_pong)] if counted.ping_pong else []
    parts += [_("questions {n}").format(n=counted.consults)] if counted.consults else []
    return text + (": " + ", ".join(parts) if parts else "")


def _now() -> int:
    return time.time_ns() // 1_000_000


def _begin(since: str) -> int:
    """UTC ms; 0 for all."""
    length = read_span(since)
    return _now() - length if length else 0
