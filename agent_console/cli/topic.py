"""`agent-console topic`: what conversations can be about, and the keywords that classify them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console import words
from agent_console.cli import asking, grammar
from agent_console.cli.conv_protocol import Complexity
from agent_console.cli.conv_work import Priority
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Topics: what conversations can be about, and the keywords that classify them."))

Name = Annotated[str, typer.Argument(metavar=_("TOPIC"), help=_("Its name, a path: banca en línea/acceso"))]
Es = Annotated[str, typer.Option("--es", metavar=_("WORDS"), help=_("Spanish keywords, divided by commas."))]
En = Annotated[str, typer.Option("--en", metavar=_("WORDS"), help=_("English keywords, divided by commas."))]
TeamOption = Annotated[str, typer.Option("--team", metavar=_("TEAM"), help=_("Who usually sees to it."))]


@verb(app, "add", _("Add a topic."))
def add(
    name: Name,
    es: Es = "",
    en: En = "",
    complexity: Annotated[
        Complexity, typer.Option("--complexity", help=_("How hard it usually is."))
    ] = Complexity.none,
    priority: Annotated[Priority, typer.Option("--priority", help=_("How urgent it is."))] = Priority.normal,
    team: TeamOption = "",
    key: Annotated[str, typer.Option("--key", metavar=_("LETTER"), help=_("Its letter in the console."))] = "",
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling
    from server import wire

    fields: dict[str, Any] = {"es": _words(es), "en": _words(en), "key": key, "team": team or None}
    fields |= {"complexity": _complexity(complexity.value), "priority": priority.value}
    _show(calling.send(calls_protocol.add_topic(wire.NewTopic(name=name, **fields))), output)


@verb(app, "list", _("List all topics."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    _print(_all(), output, quiet)


@verb(app, "show", _("Show one topic."))
def show(name: Name, output: Output = Format.text) -> None:
    _show(_one(name), output)


@verb(
    app,
    "set",
    _("Change a topic. What is not named stays as it is; an empty value takes it away."),
    epilog=_('For example: agent-console topic set mora complexity=complex "es=cuota atrasada, mora" team=Cobros'),
)
def set_(
    name: Name,
    pairs: Annotated[
        list[str], typer.Argument(metavar=_("NAME=VALUE…"), help=_("es, en, complexity, priority, team, key"))
    ],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling
    from server import wire

    given: dict[str, Any] = {}
    for key, value in asking.settings(pairs).items():
        match key:
            case "es" | "en":
                given[key] = _words(value)
            case "complexity":
                given[key] = _one_of(key, _complexity(value), ("", "simple", "medium", "complex"))
            case "priority":
                given[key] = _one_of(key, value or "normal", tuple(Priority))
            case "team":
                given[key] = value or None
            case "key":
                given[key] = value
            case _:
                known = "es, en, complexity, priority, team, key"
                raise WrongUsage(_("{name} is no setting; there are: {known}").format(name=key, known=known))
    _show(calling.send(calls_protocol.change_topic(_one(name).id, wire.ChangeTopic(**given))), output)


@verb(app, "remove", _("Take a topic off the list. Conversations that were about it still say so."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling, printing

    topic = _one(name)
    asking.sure(_("Remove the topic {name}?").format(name=topic.name), yes)
    calling.send(calls_protocol.remove_topic(topic.id))
    printing.out(printing.safe(_("{name} was removed.").format(name=topic.name)))


@verb(app, "test", _("What the rule makes of a message, and why. Nothing is changed."))
def test(
    text: Annotated[str, typer.Argument(metavar=_("TEXT"), help=_("The message; - reads it from standard input."))],
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling, printing

    found = calling.send(calls_protocol.try_topics(asking.text(text)))
    if output is Format.json:
        printing.out(printing.to_json(found))
        return
    if output is Format.csv:
        from agent_console.cli.printing import Column

        columns = [Column[Any](name, name, lambda each, name=name: getattr(each, name))  # type: ignore[misc]
                   for name in ("topic", "keyword", "found")]  # fmt: skip
        printing.rows(found.found, columns, output, empty="")
        return
    if not found.found:
        printing.out(_("No topic's keywords are in it."))
        return
    parts = [found.topic, words.complexity(found.complexity), words.priority(found.priority)]
    if found.team:
        parts.append(_("team {name}").format(name=found.team))
    printing.out(printing.safe(" · ".join(parts)))
    for each in found.found:
        printing.out(printing.safe(f"«{each.keyword}» → {each.topic}"))


@verb(app, "import", _("Keep the topics of a file: new ones are added, known ones become as they are there."))
def import_(
    file: Annotated[str, typer.Argument(metavar=_("FILE"), help=_("A TOML file; see docs/protocol.md."))],
    prune: Annotated[bool, typer.Option("--prune", help=_("Remove the topics that are not in it."))] = False,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling, protocol_files
    from server import wire

    topics = protocol_files.read_topics(Path(file))
    kept = calling.send(calls_protocol.keep_topics(wire.TopicList(topics=topics, prune=prune)))
    _print(list(kept.items), output)


@verb(app, "export", _("Print all topics as such a file."))
def export() -> None:
    from agent_console.cli import protocol_files

    sys.stdout.write(protocol_files.write_topics(_all()))


def _all() -> list[wire.Topic]:
    from agent_console.backend import calls_protocol
    from agent_console.cli import calling

    return list(calling.send(calls_protocol.topics()).items)


def _one(name: str) -> wire.Topic:
    wanted = _flat(name)
    for topic in _all():
        if _flat(topic.name) == wanted:
            return topic
    raise Failure(words.problem("not_found", {"what": "topic", "id": name}))


def _flat(name: str) -> str:
    import unicodedata

    folded = unicodedata.normalize("NFKD", "/".join(" ".join(part.split()) for part in name.split("/")).casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _complexity(value: str) -> str:
    return "" if value == "none" else value


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        shown = ", ".join(word or "none" for word in known)
        raise WrongUsage(_("{field} has no {value}. There are: {known}.").format(field=name, value=value, known=shown))
    return value


def _show(topic: wire.Topic, output: Format) -> None:
    from agent_console.cli import printing

    pairs: list[tuple[str, str, object]] = [
        ("id", _("Number"), topic.id),
        ("name", _("Topic"), topic.name),
        ("es", _("Spanish"), ", ".join(topic.es)),
        ("en", _("English"), ", ".join(topic.en)),
        (
            "complexity",
            _("Complexity"),
            topic.complexity if output is Format.csv else words.complexity(topic.complexity),
        ),
        ("priority", _("Priority"), topic.priority if output is Format.csv else words.priority(topic.priority)),
        ("team", _("Team"), topic.team),
        ("key", _("Letter"), topic.key),
        ("uses", _("Chosen"), topic.uses),
    ]
    printing.one(topic, pairs, output)


def _print(topics: list[wire.Topic], output: Format, quiet: bool = False) -> None:
    from agent_console.cli import printing
    from agent_console.cli.printing import Column

    columns: list[Column[wire.Topic]] = [
        Column("name", _("Topic"), lambda t: t.name),
        Column("complexity", _("Complexity"), lambda t: words.complexity(t.complexity), lambda t: t.complexity),
        Column("priority", _("Priority"), lambda t: words.priority(t.priority), lambda t: t.priority),
        Column("team", _("Team"), lambda t: t.team or ""),
        Column("uses", _("Chosen"), lambda t: t.uses, right=True),
        Column("keywords", _("Keywords"), lambda t: ", ".join([*t.es, *t.en]), grow=True),
    ]
    printing.rows(topics, columns, output, empty=_("No topics."), ids=(lambda t: t.name) if quiet else None)
