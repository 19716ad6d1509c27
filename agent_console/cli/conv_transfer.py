"""Verbs of `agent-console conv` that hand a conversation on, answer that, and ask a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking
from agent_console.cli.conv_base import app, each, single
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

To = Annotated[str, typer.Option("--to", metavar=_("USER|TEAM"), help=_("To this colleague or team."))]
Reason = Annotated[str, typer.Option("--reason", metavar=_("TEXT"), help=_("Why."))]


@verb(
    app,
    "transfer",
    _("Hand it on with its context; it stays with you until it is accepted."),
    epilog=_("conv 12 proposal prints a summary made from the conversation; --summary - reads one from stdin."),
)
def transfer(
    to: To,
    reason: Reason,
    summary: Annotated[
        str, typer.Option("--summary", metavar=_("TEXT"), help=_("What whoever takes it has to know; - for stdin."))
    ],
    promised: Annotated[
        str, typer.Option("--promised", metavar=_("TEXT"), help=_("What the customer was told will happen."))
    ] = "",
    tell_customer: Annotated[
        bool, typer.Option("--tell-customer", help=_("Tell the customer once it is accepted."))
    ] = False,
    even_if_absent: Annotated[
        bool, typer.Option("--even-if-absent", help=_("Also to somebody who is not there now."))
    ] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_transfers
    from server import wire

    new = wire.NewTransfer(
        to=to,
        reason=reason,
        summary=asking.text(summary),
        promised=promised,
        tell_customer=tell_customer,
        even_if_absent=even_if_absent,
    )
    each(lambda id: calls_transfers.transfer(id, new), _say, output, quiet)


@verb(app, "proposal", _("Print a summary made from it, as a transfer needs one."))
def proposal(output: Output = Format.text) -> None:
    from agent_console import safetext
    from agent_console.backend import calls_transfers
    from agent_console.cli import calling, printing

    proposed = calling.send(calls_transfers.proposal(single()))
    printing.out(
        printing.to_json(proposed) if output is Format.json else safetext.block(proposed.summary, len(proposed.summary))
    )


@verb(app, "accept", _("Take it, if it was offered to you."))
def accept(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_transfers

    each(calls_transfers.accept, _say, output, quiet)


@verb(app, "decline", _("Give it back, if it was offered to you."))
def decline(reason: Reason, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_transfers

    each(lambda id: calls_transfers.decline(id, reason), _say, output, quiet)


@verb(app, "withdraw", _("Take back a transfer that nobody has answered."))
def withdraw(
    question: Annotated[
        bool, typer.Option("--question", help=_("What you asked colleagues here, instead of the transfer."))
    ] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_transfers
    from agent_console.cli import calling, printing

    if not question:
        each(calls_transfers.withdraw, _say, output, quiet)
        return
    ended = calling.send(calls_transfers.withdraw_consults(single())).items
    if output is Format.json:
        printing.out(printing.to_json(ended))
    else:
        for each_one in ended:
            printing.out(str(each_one.id) if quiet else _say(each_one))


@verb(app, "consult", _("Ask a colleague without handing it over."))
def consult(
    question: Annotated[str, typer.Argument(metavar=_("QUESTION"), help=_("What to ask; - reads it from stdin."))],
    to: Annotated[str, typer.Option("--to", metavar=_("USER"), help=_("This colleague."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_transfers

    words = asking.text(question)
    if not words.strip():
        raise WrongUsage(_("Say what to ask."))
    each(lambda id: calls_transfers.consult(id, to, words), _say, output, quiet)


@verb(app, "answer", _("Answer what a colleague asked you here."))
def answer(
    text: Annotated[str, typer.Argument(metavar=_("TEXT"), help=_("The answer; - reads it from standard input."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_transfers

    words = asking.text(text)
    each(lambda id: calls_transfers.answer_consult(id, words), _say, output, quiet)


def _say(transfer: wire.Transfer) -> str:
    from agent_console.cli.transfer import said

    return said(transfer)
