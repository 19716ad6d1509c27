"""`agent-console conv ID [VERB …]`: one conversation (or several), the id first.

    conv 12                     show it
    conv 12 reply "…"           answer the customer
    conv 12 14 resolve          several at once; `-` takes the ids from standard input

Every verb does what it says for each id in turn; one that is refused does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

#: The longest time a reply can be held back, in seconds (`server.wire.Reply`).
LONGEST_HOLD = 60

_ids: list[int] = []


class IdFirst(grammar.Group):
    """Takes the ids that stand before the verb; without a verb it is `show`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = list(args)
        taken: list[str] = []
        while rest and _like_ids(rest[0]):
            taken.append(rest.pop(0))
        if ctx.resilient_parsing:  # the shell completes: whatever is there is not finished
            return super().parse_args(ctx, rest)
        if taken and (not rest or (rest[0].startswith("-") and rest[0] not in ctx.help_option_names)):
            rest.insert(0, "show")
        _ids[:] = _numbers(taken)
        wants_help = any(name in rest for name in ctx.help_option_names)
        if rest and not taken and not wants_help:
            raise WrongUsage(_("Say which conversation: agent-console conv 12 {rest}").format(rest=rest[0]))
        if taken and not _ids and not wants_help:
            raise typer.Exit(0)  # no ids on standard input: nothing to do
        return super().parse_args(ctx, rest)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return ["ID…", *super().collect_usage_pieces(ctx)]


def _like_ids(word: str) -> bool:
    return word == "-" or word.lstrip("#").replace(",", "").isdecimal()


def _numbers(words: list[str]) -> list[int]:
    text = " ".join(asking.stdin_text() if word == "-" else word for word in words)
    numbers = []
    for word in text.replace(",", " ").split():
        number = word.lstrip("#")
        if not number.isdecimal():
            raise WrongUsage(_("{given} is no conversation's number.").format(given=repr(word)))
        numbers.append(int(number))
    return list(dict.fromkeys(numbers))


app = grammar.app(
    _("Show a conversation, or act on it. Without a verb: show. ID may be several, or - for standard input."),
    cls=IdFirst,
)

MessageRef = Annotated[str, typer.Argument(metavar=_("MESSAGE"), help=_("A message's number, or: last"))]


@verb(app, "show", _("Show the customer and the messages."))
def show(
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help=_("The newest N messages; 0 for all."))
    ] = 50,
    output: Output = Format.text,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help=_("Print the messages' numbers only."))] = False,
) -> None:
    from agent_console.cli import conv_show

    conv_show.show(_ids, limit, output, quiet)


@verb(app, "reply", _("Answer the customer."))
def reply(
    text: Annotated[
        str | None, typer.Argument(metavar=_("TEXT"), help=_("What to say; - reads it from standard input."))
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar=_("FILE"), help=_("Send this file; TEXT is its caption."))
    ] = None,
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
    attachment = conv_acts.upload(file) if file else None

    def act(id: int) -> wire.Message:
        body = wire.Reply(
            text=words,
            seen_seq=seen,
            hold_ms=hold * 1000,
            reply_to=None if to is None else conv_acts.message(id, to, {"in", "out"}),
            attachment=attachment,
            template=chosen,
        )
        return calling.send(calls.reply(id, body))

    conv_acts.each(_ids, act, conv_acts.say_message, output, quiet)


@verb(app, "note", _("Write a note that only colleagues see."))
def note(
    text: Annotated[str, typer.Argument(metavar=_("TEXT"), help=_("The note; - reads it from standard input."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    words = asking.text(text)
    _each(lambda id: calls.note(id, words), conv_acts.say_message, output, quiet)


@verb(app, "claim", _("Take it yourself."))
def claim(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    _each(calls.claim, _say_row, output, quiet)


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
    _each(lambda id: calls.assign(id, user=user, team=team), _say_row, output, quiet)


@verb(app, "resolve", _("Close it: the customer has what they needed."))
def resolve(
    outcome: Annotated[
        str, typer.Option("--outcome", metavar=_("WORD"), help=_("How it ended: solved, lead, sale, lost …"))
    ] = "",
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls

    _each(lambda id: calls.resolve(id, outcome), _say_row, output, quiet)


@verb(app, "reopen", _("Open it again."))
def reopen(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    _each(calls.reopen, _say_row, output, quiet)


OtherConversation = Annotated[int, typer.Argument(metavar=_("OTHER"), help=_("The other conversation's number."))]


@verb(app, "merge", _("Make another conversation of the same customer part of it."))
def merge(other: OtherConversation, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    _single()
    _each(lambda id: calls.merge_conversations(id, other), _say_row, output, quiet)


@verb(app, "split", _("Take a conversation that was merged into it out again."))
def split(other: OtherConversation, output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls

    _single()
    _each(lambda id: calls.split_conversation(id, other), _say_row, output, quiet)


@verb(app, "take-back", _("Take back a reply that has not left yet."))
def take_back(message: MessageRef = "last", output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(_single(), message, {"out"}, {"queued"})
    _each(lambda id: calls.take_back(ref), conv_acts.say_message, output, quiet)


@verb(app, "resend", _("Send a failed message again."))
def resend(message: MessageRef = "last", output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(_single(), message, {"out"}, {"failed"})
    _each(lambda id: calls.resend(ref), conv_acts.say_message, output, quiet)


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
    ref = conv_acts.message(_single(), message, {"out"}, {"unknown"})
    _each(lambda id: calls.settle(ref, decision), conv_acts.say_message, output, quiet)


@verb(app, "react", _("React to a message of the customer."))
def react(
    message: MessageRef,
    emoji: Annotated[str, typer.Argument(metavar="EMOJI", help=_("The emoji; '' takes the reaction back."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls
    from agent_console.cli import conv_acts

    ref = conv_acts.message(_single(), message, {"in"})
    _each(lambda id: calls.react(id, ref, emoji), conv_acts.say_message, output, quiet)


def _each(call: Callable[[int], Any], say: Callable[[Any], str], output: Format, quiet: bool) -> None:
    from agent_console.cli import calling, conv_acts

    conv_acts.each(_ids, lambda id: calling.send(call(id)), say, output, quiet)


def _say_row(row: wire.ConversationRow) -> str:
    from agent_console.cli import conv_acts

    return conv_acts.say_row(row)


def _single() -> int:
    if len(_ids) != 1:
        raise WrongUsage(_("This is done to one conversation at a time."))
    return _ids[0]
