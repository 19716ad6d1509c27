"""What the verbs of `agent-console conv` stand on: the group that takes ids first, and doing something for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

#: the conversations that this run is about
ids: list[int] = []


class IdFirst(grammar.Group):
    """Takes the ids that stand before the verb; without a verb it is `show`."""

    before_verb = "ID…"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = list(args)
        taken: list[str] = []
        while rest and _like_ids(rest[0]):
            taken.append(rest.pop(0))
        if ctx.resilient_parsing:  # the shell completes: whatever is there is not finished
            return super().parse_args(ctx, rest)
        if taken and (not rest or (rest[0].startswith("-") and rest[0] not in ctx.help_option_names)):
            rest.insert(0, "show")
        ids[:] = _numbers(taken)
        wants_help = any(name in rest for name in ctx.help_option_names)
        if rest and not taken and not wants_help:
            raise WrongUsage(_("Say which conversation: agent-console conv 12 {rest}").format(rest=rest[0]))
        if taken and not ids and not wants_help:
            raise typer.Exit(0)  # no ids on standard input: nothing to do
        return super().parse_args(ctx, rest)


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


def each(call: Callable[[int], Any], say: Callable[[Any], str], output: Format, quiet: bool) -> None:
    from agent_console.cli import calling, conv_acts

    conv_acts.each(ids, lambda id: calling.send(call(id)), say, output, quiet)


def say_row(row: wire.ConversationRow) -> str:
    from agent_console.cli import conv_acts

    return conv_acts.say_row(row)


def single() -> int:
    if len(ids) != 1:
        raise WrongUsage(_("This is done to one conversation at a time."))
    return ids[0]
