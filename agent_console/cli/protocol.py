"""`agent-console protocol`: what each team's stages ask for."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.cli.spans import read_span, span
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("What each stage of the service asks for, team by team."))

Team = Annotated[str, typer.Argument(metavar=_("TEAM"), help=_("The team's name."))]


@verb(app, "list", _("List the teams that have a protocol."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.Protocol]] = [
        Column("team", _("Team"), lambda p: p.team),
        Column("required", _("Required"), lambda p: ", ".join(i.id for i in p.items if i.required), grow=True),
        Column("wished", _("If possible"), lambda p: ", ".join(i.id for i in p.items if not i.required)),
        Column("outcomes", _("Outcomes"), lambda p: ", ".join(o.name for o in p.outcomes)),
    ]
    ids = (lambda p: p.team) if quiet else None
    printing.rows(_all(), columns, output, empty=_("No team has a protocol."), ids=ids)


@verb(app, "show", _("Show what a team's stages ask for."))
def show(team: Team, output: Output = Format.text) -> None:
    _show(_one(team), output)


@verb(
    app,
    "set",
    _("Say anew what a team's stages ask for; an exclamation mark after an item: resolving without it asks."),
    epilog=_(
        "For example: agent-console protocol set Créditos greeting=10m identity! topic! own='buró consultado'"
        " --outcome solved --outcome sale=amount --outcome lost=reason"
    ),
)
def set_(
    team: Team,
    items: Annotated[
        list[str],
        typer.Argument(
            metavar=_("ITEM…"),
            help=_("greeting=TIME, identity, topic, complexity, outcome, satisfaction, promise, own=TEXT"),
        ),
    ],
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar=_("WORD"), help=_("How conversations may end: sale=amount, lost=reason")),
    ] = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling
    from server import wire

    asked: list[wire.ProtocolItem] = []
    for given in items:
        asked.append(_item(given, {item.id for item in asked}))
    content = wire.ProtocolContent(items=asked, outcomes=[_outcome(given) for given in outcomes or []])
    _show(calling.send(calls_protocol.set_protocol(team, content)), output)


@verb(app, "remove", _("A team's stages ask for nothing any more."))
def remove(team: Team, yes: Yes = False) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the protocol of {team}?").format(team=team), yes)
    calling.send(calls_protocol.remove_protocol(team))
    printing.out(printing.safe(_("{name} was removed.").format(name=team)))


@verb(app, "import", _("Keep the protocols of a file: those of the teams in it become as they are there."))
def import_(
    file: Annotated[str, typer.Argument(metavar=_("FILE"), help=_("A TOML file; see docs/protocol.md."))],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling, protocol_files

    for team, content in protocol_files.read_protocols(Path(file)).items():
        _show(calling.send(calls_protocol.set_protocol(team, content)), output)


@verb(app, "export", _("Print all protocols as such a file."))
def export() -> None:
    from agent_console.cli import protocol_files

    sys.stdout.write(protocol_files.write_protocols(_all()))


# ---------------------------------------------------------------- as people write it


def _item(given: str, taken: set[str]) -> wire.ProtocolItem:
    """`topic!`, `greeting=10m`, `own=in your words`. Raises WrongUsage."""
    from agent_console.cli.protocol_files import STAGES
    from server import wire

    name, _equals, value = given.partition("=")
    required = name.endswith("!") or value.endswith("!")
    kind, value = name.rstrip("!").strip(), value.rstrip("!").strip()
    if kind not in STAGES or (kind == "own" and not value):
        known = "greeting=10m, identity, topic, complexity, outcome, satisfaction, promise, own=…"
        raise WrongUsage(_("{given} is nothing that can be asked for; there are: {known}").format(
            given=given, known=known))  # fmt: skip
    fields: dict[str, Any] = {"id": _id(value if kind == "own" else kind, taken), "kind": kind, "required": required}
    fields["stage"] = STAGES[kind]
    if kind == "greeting" and value:
        fields["within_ms"] = read_span(value)
    elif value:
        fields["title"] = value
    return wire.ProtocolItem(**fields)


def _id(text: str, taken: set[str]) -> str:
    """A short name for an item, made of its words."""
    import unicodedata

    flat = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:30] or "item"
    return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 99))) if each not in taken)


def _outcome(given: str) -> wire.OutcomeKind:
    from server import wire

    name, _equals, asks = given.partition("=")
    if asks not in ("", "amount", "reason"):
        raise WrongUsage(_("{given}: an outcome asks for an amount or a reason.").format(given=given))
    return wire.OutcomeKind(name=name.strip(), asks=asks)  # type: ignore[arg-type]


def _all() -> list[wire.Protocol]:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling

    return list(calling.send(calls_protocol.protocols()).items)


def _one(team: str) -> wire.Protocol:
    for protocol in _all():
        if protocol.team.casefold() == team.casefold():
            return protocol
    raise Failure(words.problem("not_found", {"what": "protocol", "id": team}))


def _show(protocol: wire.Protocol, output: Format) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    if output is Format.json:
        printing.out(printing.to_json(protocol))
        return
    if output is Format.text:
        printing.out(printing.safe(_("Team {name}").format(name=protocol.team)))
    columns: list[Column[wire.ProtocolItem]] = [
        Column("stage", _("Stage"), lambda i: words.stage(i.stage), lambda i: i.stage),
        Column("id", _("Item"), lambda i: i.id),
        Column("kind", _("What"), lambda i: words.check_item(i.kind, i.title), lambda i: i.kind),
        Column("title", _("Title"), lambda i: i.title) if output is Format.csv else
        Column("within", _("Within"), lambda i: span(i.within_ms) if i.within_ms else ""),
        Column("required", "!", lambda i: "!" if i.required else "", lambda i: i.required),
    ]  # fmt: skip
    printing.rows(protocol.items, columns, output, empty=_("It asks for nothing."))
    if output is Format.text and protocol.outcomes:
        ends = [
            words.outcome(k.name) + (f" ({words.outcome_asks(k.asks)})" if k.asks else "") for k in protocol.outcomes
        ]
        printing.out(printing.safe(_("Outcomes: {what}").format(what=", ".join(ends))))
