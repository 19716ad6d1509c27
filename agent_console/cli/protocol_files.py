"""Topics and teams' protocols as TOML files, which can live in git; docs/protocol.md shows both."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from agent_console.cli import asking
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.spans import read_span, span
from agent_console.i18n import _
from server import wire

T = TypeVar("T")

#: in which stage an item is asked for unless a file says another one
STAGES: dict[str, wire.Stage] = {
    "greeting": "welcome",
    "identity": "diagnosis",
    "topic": "diagnosis",
    "complexity": "diagnosis",
    "promise": "follow_up",
    "satisfaction": "follow_up",
    "outcome": "closure",
    "own": "resolution",
}


class _Topic(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    es: list[str] = []
    en: list[str] = []
    complexity: wire.Complexity = ""
    priority: wire.Priority = "normal"
    team: str | None = None
    key: str = ""


class _Topics(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    topic: list[_Topic] = []


class _Ask(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    id: str
    kind: wire.ProtocolKind
    stage: wire.Stage | None = None
    title: str = ""
    required: bool = True
    within: str = "0"


class _Team(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    ask: list[_Ask] = []
    outcome: list[wire.OutcomeKind] = []


class _Protocols(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    team: list[_Team] = []


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.convert(tomllib.loads(asking.file(str(path)).decode("utf-8")), kind)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Failure(_("{file}: {why}").format(file=path, why=error)) from None


def _told(thing: Any, usual: Any) -> dict[str, Any]:
    """Its fields that differ from what is usual: TOML has no null."""
    fields = msgspec.to_builtins(thing)
    return {name: value for name, value in fields.items() if value != getattr(usual, name, None)}


def read_topics(path: Path) -> list[wire.NewTopic]:
    """The topics of a file. Raises Failure."""
    return [wire.NewTopic(**msgspec.structs.asdict(topic)) for topic in _read(path, _Topics).topic]


def write_topics(topics: Sequence[wire.Topic]) -> str:
    """Topics as such a file."""
    import tomli_w

    usual = _Topic(name="")
    shown = [_told(msgspec.convert(topic, _Topic, from_attributes=True), usual) for topic in topics]
    return tomli_w.dumps({"topic": shown}) if shown else ""


def read_protocols(path: Path) -> dict[str, wire.ProtocolContent]:
    """The protocols of a file, by team. Raises Failure."""
    found = {}
    for team in _read(path, _Protocols).team:
        try:
            items = [_item(ask) for ask in team.ask]
        except WrongUsage as error:
            raise Failure(_("{file}: {why}").format(file=path, why=error)) from None
        found[team.name] = wire.ProtocolContent(items=items, outcomes=team.outcome)
    return found


def _item(ask: _Ask) -> wire.ProtocolItem:
    return wire.ProtocolItem(
        id=ask.id,
        kind=ask.kind,
        stage=ask.stage or STAGES[ask.kind],
        title=ask.title,
        required=ask.required,
        within_ms=read_span(ask.within),
    )


def write_protocols(protocols: Sequence[wire.Protocol]) -> str:
    """Protocols as such a file."""
    import tomli_w

    teams = []
    for protocol in protocols:
        asked = [
            _told(
                _Ask(
                    id=item.id,
                    kind=item.kind,
                    stage=item.stage,
                    title=item.title,
                    required=item.required,
                    within=span(item.within_ms),
                ),
                _Ask(id="", kind="own"),
            )
            | {"kind": item.kind}
            for item in protocol.items
        ]
        outcomes = [_told(kind, wire.OutcomeKind(name="")) for kind in protocol.outcomes]
        teams.append({"name": protocol.team, "ask": asked, "outcome": outcomes})
    return tomli_w.dumps({"team": teams}) if teams else ""
