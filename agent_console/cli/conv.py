"""`agent-console conv ID [VERB …]`: one conversation (or several), the id first.

    conv 12                     show it
    conv 12 reply "…"           answer the customer
    conv 12 14 resolve          several at once; `-` takes the ids from standard input

Every verb does what it says for each id in turn; one that is refused does not stop the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent_console.cli import asking, conv_protocol, conv_routing, conv_service, conv_transfer, conv_work
from agent_console.cli.conv_base import MessageRef, app, each, ids, say_row, single
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

#: verbs written elsewhere: they add themselves to `app`
ELSEWHERE = (conv_protocol, conv_work, conv_service, conv_transfer, conv_routing)
#: The longest time a reply can be held back, in seconds (`server.wire.Reply`).
LONGEST_HOLD = 60


@verb(app, "show", _("Show the customer and the messages."))
def show(
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help=_("The newest N messages; 0 for all."))
    ] = 50,
    output: Output = Format.text,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help=_("Print the messages' numbers only."))] = False,
) -> None:
    from agent_console.cli import conv_show

    conv_show.show(ids, limit, output, quiet)


@verb(app, "reply", _("Answer the customer."))
def reply(
    text: Annotated[
        str | None, typer.Argument(metavar=_("TEXT"), help=_("What to say; - reads it from standard input."))
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("--file", metavar=_("FILE"), help=_("Send this file; TEXT is its caption. May be repeated.")),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help=_("Answer a public comment in private, which is possible once."))
    ] = False,
    cc: Annotated[
        list[str] | None, typer.Option("--cc", metavar=_("ADDRESS"), help=_("A copy to; may be repeated. E-mail."))
    ] = None,
    bcc: Annotated[
        list[str] | None, typer.Option("--bcc", metavar=_("ADDRESS"), help=_("A copy nobody sees. E-mail."))
    ] = None,
    subject: Annotated[str, typer.Option("--subject", metavar=_("TEXT"), help=_("Another subject. E-mail."))] = "",
    template: Annotated[
        str | None,
        typer.Option("--template", metavar=_("NAME:LANGUAGE"), help=_("Send an approved template instead.")),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar=_("TEXT"), help=_("Fills the template's next blank; may be repeated.")),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar=_("MESSAGE"), help=_("Quote this message (its number, or: last)."))
    ] = None,
    hold: Annotated[
        int,
        typer.Option(
            "--hold",
            metavar=_("SECONDS"),
            min=0,
            max=LONGEST_HOLD,
            help=_("Wait so long before it leaves; until then take-back undoes it."),
        ),
    ] = 0,
    seen: Annotated[
        int | None,
        typer.Option("--seen", metavar=_("EVENT"), help=_("Refuse if somebody answered after this event.")),
    ] = None,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import calling, conv_acts
    from server import wire

    words = asking.text(text)
    if template and (words or file):
        raise WrongUsage(_("A template is sent alone, without TEXT or --file."))
    if param and not template:
        raise WrongUsage(_("--param belongs to --template."))
    if not (words or file or template):
        raise WrongUsage(_("Say what to answer: TEXT, --file or --template."))
    chosen = conv_acts.template(template, param or []) if template else None

    def act(id: int) -> wire.Message:
        body = wire.Reply(
            text=words,
            seen_seq=seen,
            hold_ms=hold * 1000,
            reply_to=None if to is None else conv_acts.message(id, to, {"in", "out"}),
            # a file belongs to one message: each conversation gets its own
            attachments=[conv_acts.upload(name) for name in file or []],
            template=chosen,
            private=private,
            cc=cc or [],
            bcc=bcc or [],
            subject=subject,
        )
        return calling.send(calls.reply(id, body))

    conv_acts.each(ids, act, conv_acts.say_message, output, quiet)


@verb(app, "note", _("Write a note that only colleagues see."))
def note(
    text: Annotated[str, typer.Argument(metavar=_("TEXT"), help=_("The note; - reads it from standard input."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    words = asking.text(text)
    each(lambda id: calls.note(id, words), conv_acts.say_message, output, quiet)


@verb(app, "claim", _("Take it yourself."))
def claim(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    each(calls.claim, say_row, output, quiet)


@verb(app, "assign", _("Give it to a colleague, a team, or back to the queue."))
def assign(
    user: Annotated[str | None, typer.Argument(metavar=_("USER"), help=_("To this colleague."))] = None,
    team: Annotated[str | None, typer.Option("--team", metavar=_("TEAM"), help=_("To this team."))] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help=_("Back to the queue."))] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls

    if nobody == bool(user or team):
        raise WrongUsage(_("Say to whom: USER, --team TEAM, or --nobody."))
    each(lambda id: calls.assign(id, user=user, team=team), say_row, output, quiet)


@verb(app, "reopen", _("Open it again."))
def reopen(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    each(calls.reopen, say_row, output, quiet)


OtherConversation = Annotated[int, typer.Argument(metavar=_("OTHER"), help=_("The other conversation's number."))]


@verb(app, "merge", _("Make another conversation of the same customer part of it."))
def merge(other: OtherConversation, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    single()
    each(lambda id: calls.merge_conversations(id, other), say_row, output, quiet)


@verb(app, "split", _("Take a conversation that was merged into it out again."))
def split(other: OtherConversation, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    single()
    each(lambda id: calls.split_conversation(id, other), say_row, output, quiet)


@verb(app, "take-back", _("Take back a reply that has not left yet."))
def take_back(message: MessageRef = "last", output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(single(), message, {"out"}, {"queued"})
    each(lambda id: calls.take_back(ref), conv_acts.say_message, output, quiet)


@verb(app, "resend", _("Send a failed message again."))
def resend(message: MessageRef = "last", output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(single(), message, {"out"}, {"failed"})
    each(lambda id: calls.resend(ref), conv_acts.say_message, output, quiet)


@verb(app, "settle", _("Say whether a message of unknown fate was sent."))
def settle(
    message: MessageRef,
    decision: Annotated[
        str, typer.Argument(metavar="sent|resend", help=_("sent: it did arrive; resend: send it again."))
    ],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    if decision not in ("sent", "resend"):
        raise WrongUsage(_("Say sent or resend."))
    ref = conv_acts.message(single(), message, {"out"}, {"unknown"})
    each(lambda id: calls.settle(ref, decision), conv_acts.say_message, output, quiet)


@verb(app, "react", _("React to a message of the customer."))
def react(
    message: MessageRef,
    emoji: Annotated[str, typer.Argument(metavar="EMOJI", help=_("The emoji; '' takes the reaction back."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(single(), message, {"in"})
    each(lambda id: calls.react(id, ref, emoji), conv_acts.say_message, output, quiet)
