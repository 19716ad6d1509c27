"""Verbs of `agent-console conv` for the protocol of the service: classify, stage, check, outcome, steps, resolve."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli.conv_base import app, each, ids, say_row, single
from agent_console.cli.conv_work import Priority
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire


class Complexity(StrEnum):
    """How hard a conversation is; `none` takes it away again."""

    simple = "simple"
    medium = "medium"
    complex = "complex"
    none = "none"


class Stage(StrEnum):
    """The stages that a person can put an open conversation into."""

    welcome = "welcome"
    diagnosis = "diagnosis"
    resolution = "resolution"
    follow_up = "follow_up"


AmountOption = Annotated[str, typer.Option("--amount", metavar=_("AMOUNT"), help=_("Of a sale: 2400 or 2400.50"))]
CurrencyOption = Annotated[str, typer.Option("--currency", metavar="USD", help=_("Of the amount."))]
ReasonOption = Annotated[str, typer.Option("--reason", metavar=_("TEXT"), help=_("Why it was lost."))]


def cents(text: str) -> int | None:
    """An amount in whole cents; None if there is none. Raises WrongUsage."""
    from agent_console.presentation import checklist

    amount = checklist.cents(text) if text else None
    if text and amount is None:
        raise WrongUsage(_("{text} is no amount: write 2400 or 2400.50.").format(text=text))
    return amount


@verb(app, "resolve", _("Close it: the customer has what they needed."))
def resolve(
    outcome: Annotated[
        str, typer.Option("--outcome", metavar=_("WORD"), help=_("How it ended: solved, lead, sale, lost …"))
    ] = "",
    amount: AmountOption = "",
    currency: CurrencyOption = "",
    reason: ReasonOption = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help=_("Also with something missing that the team's protocol asks for."))
    ] = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_protocol
    from server import wire

    body = wire.Resolve(outcome=outcome, amount=cents(amount), currency=currency, reason=reason, anyway=anyway)
    each(lambda id: calls_protocol.resolve(id, body), say_row, output, quiet)


@verb(app, "outcome", _("Note how it ends, while the customer's word on it is awaited. Without a word: none."))
def outcome(
    word: Annotated[str, typer.Argument(metavar=_("WORD"), help=_("solved, lead, sale, lost …"))] = "",
    amount: AmountOption = "",
    currency: CurrencyOption = "",
    reason: ReasonOption = "",
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling
    from server import wire

    body = wire.SetOutcome(outcome=word, amount=cents(amount), currency=currency, reason=reason)
    _print(calling.send(calls_protocol.outcome(single(), body)), output)


@verb(app, "classify", _("Say what it is about, how hard and how urgent it is."))
def classify(
    topic: Annotated[
        str | None, typer.Option("--topic", metavar=_("TOPIC"), help=_("As topic list prints it; none for none."))
    ] = None,
    complexity: Annotated[Complexity | None, typer.Option("--complexity", help=_("How hard it is."))] = None,
    priority: Annotated[Priority | None, typer.Option("--priority", help=_("How urgent it is."))] = None,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_protocol
    from server import wire

    if topic is None and complexity is None and priority is None:
        raise WrongUsage(_("Say what: --topic TOPIC, --complexity LEVEL or --priority LEVEL."))
    given: dict[str, Any] = {}
    if topic is not None:
        given["topic"] = "" if topic == "none" else topic
    if complexity is not None:
        given["complexity"] = "" if complexity is Complexity.none else complexity.value
    if priority is not None:
        given["priority"] = priority.value
    body = wire.Classify(**given)
    each(lambda id: calls_protocol.classify(id, body), _say_classified, output, quiet)


def _say_classified(row: wire.ConversationRow) -> str:
    from agent_console import words
    from agent_console.cli import printing

    parts = [row.topic or _("no topic"), words.complexity(row.complexity), words.priority(row.priority)]
    return printing.safe(f"#{row.id} {row.contact_name}: " + " · ".join(parts))


@verb(app, "stage", _("Say which stage of the service it is in."))
def stage(
    stage: Annotated[Stage, typer.Argument(metavar=_("STAGE"), help=_("Which one."))],
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console import words
    from agent_console.backend import calls_protocol
    from agent_console.cli import printing

    def say(row: wire.ConversationRow) -> str:
        return printing.safe(f"#{row.id} {row.contact_name}: " + words.stage(row.stage))

    each(lambda id: calls_protocol.stage(id, stage.value), say, output, quiet)


Items = Annotated[list[str] | None, typer.Argument(metavar=_("ITEM…"), help=_("As the list calls them."))]


@verb(app, "check", _("What the team's protocol asks for; with ITEM: tick it."))
def check(items: Items = None, output: Output = Format.text) -> None:
    _check(items or [], True, output)


@verb(app, "uncheck", _("Take a tick away."))
def uncheck(items: Items = None, output: Output = Format.text) -> None:
    if not items:
        raise WrongUsage(_("Say which item."))
    _check(items, False, output)


def _check(items: list[str], on: bool, output: Format) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling

    for id in ids:
        for item in items:
            calling.send(calls_protocol.tick(id, item, on))
        _print(calling.send(calls_protocol.checklist(id)), output)


def _print(checklist: wire.Checklist, output: Format) -> None:
    from agent_console.cli import printing
    from agent_console.presentation import checklist as shown

    if output is Format.json:
        printing.out(printing.to_json(checklist))
    elif output is Format.csv:
        from agent_console.cli.printing import Column

        names = ("id", "stage", "kind", "title", "required", "done", "late", "by", "at")
        columns = [Column[Any](name, name, lambda item, name=name: getattr(item, name)) for name in names]  # type: ignore[misc]
        printing.rows(checklist.items, columns, output, empty="")
    else:
        for text in shown.told(checklist, time.time_ns() // 1_000_000):
            printing.out(printing.safe(text).rstrip())


@verb(app, "steps", _("What moved it through the stages, who classified it and who ticked what."))
def steps(output: Output = Format.text) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling, printing
    from agent_console.presentation import checklist as shown

    now = time.time_ns() // 1_000_000
    found = [event for id in ids for event in calling.send(calls_protocol.steps(id)).items]
    if output is Format.text:
        for event in found:
            printing.out(printing.safe(shown.step(event, now)))
    else:
        from agent_console.cli.printing import Column

        columns = [
            Column[Any]("at", "at", lambda event: event.at),
            Column[Any]("conversation", "conversation", lambda event: event.conversation),
            Column[Any]("kind", "kind", lambda event: event.kind),
            Column[Any]("actor", "actor", lambda event: event.actor),
            Column[Any]("data", "data", lambda event: printing.json_line(event.data)),
        ]
        printing.rows(found, columns, output, empty="")
