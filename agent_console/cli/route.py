"""`agent-console route`: where conversations go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Where conversations go: a table of routes, the most specific first."))


def _many(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help)


Name = Annotated[str, typer.Argument(metavar=_("ROUTE"), help=_("The route's name or number."))]
Values = list[str] | None
Channel = Annotated[Values, _many("--channel", _("CHANNEL"), _("A channel's name or kind; may be repeated."))]
Topic = Annotated[Values, _many("--topic", _("TOPIC"), _("What it is about; parts of a topic count too."))]
Complexity = Annotated[Values, _many("--complexity", _("LEVEL"), _("simple, medium or complex."))]
Profile = Annotated[Values, _many("--profile", _("PROFILE"), _("The customer's profile; - is: not known."))]
Region = Annotated[Values, _many("--region", _("REGION"), _("The customer's region."))]
Language = Annotated[Values, _many("--language", "es|en|…", _("What the customer speaks."))]
Campaign = Annotated[Values, _many("--campaign", _("CAMPAIGN"), _("The campaign that brought them."))]
Priority = Annotated[Values, _many("--priority", _("LEVEL"), _("How urgent it is: low, normal, high or urgent."))]
Hours = Annotated[Values, _many("--hours", "open|closed[:…]", _("Only in (or outside) the hours of a calendar."))]
Team = Annotated[str | None, typer.Option("--team", metavar=_("TEAM"), help=_("The team it goes to."))]
Skill = Annotated[Values, _many("--skill", _("SKILL"), _("What the advisor has to have; may be repeated."))]
SetPriority = Annotated[
    str | None, typer.Option("--set-priority", metavar=_("LEVEL"), help=_("How urgent it is from then on."))
]
SetLanguage = Annotated[
    str | None,
    typer.Option("--set-language", metavar="es|en|…", help=_("What the customer speaks, if that is not known.")),
]
Tag = Annotated[Values, _many("--tag", _("TAG"), _("A tag to put on it; may be repeated."))]
Place = Annotated[
    int | None, typer.Option("--place", metavar="N", help=_("Which goes first among equally specific ones."))
]


@verb(
    app,
    "add",
    _("Add a route. Without conditions it fits everything."),
    epilog=_('For example: agent-console route add "Oriente" --region "San Miguel" --region Usulután --team Oriente'),
)
def add(
    name: Annotated[str, typer.Argument(metavar=_("ROUTE"), help=_("What to call it."))],
    channel: Channel = None,
    topic: Topic = None,
    complexity: Complexity = None,
    profile: Profile = None,
    region: Region = None,
    language: Language = None,
    campaign: Campaign = None,
    priority: Priority = None,
    hours: Hours = None,
    team: Team = None,
    skill: Skill = None,
    set_priority: SetPriority = None,
    set_language: SetLanguage = None,
    tag: Tag = None,
    place: Place = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_show
    from server import wire

    when = _given(locals())
    made = wire.NewRoute(
        name=name,
        place=place or 0,
        when=wire.RouteWhen(**{key: value or [] for key, value in when.items()}),
        team=team or "",
        skills=skill or [],
        priority=_level(set_priority),
        tags=tag or [],
        language=set_language or "",
    )
    routing_show.route(calling.send(calls_routing.add_route(made)), output)


@verb(app, "list", _("List the routes in the order in which they are tried."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.cli import routing_show

    routing_show.routes(_all(), output, quiet)


@verb(app, "show", _("Show one route."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.cli import routing_show

    routing_show.route(_find(name), output)


@verb(
    app,
    "set",
    _("Change a route. What is not named stays as it is."),
    epilog=_('An empty value takes a condition away: --region ""'),
)
def set_(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", metavar=_("ROUTE"), help=_("Its name from now on."))] = None,
    channel: Channel = None,
    topic: Topic = None,
    complexity: Complexity = None,
    profile: Profile = None,
    region: Region = None,
    language: Language = None,
    campaign: Campaign = None,
    priority: Priority = None,
    hours: Hours = None,
    team: Team = None,
    skill: Skill = None,
    set_priority: SetPriority = None,
    set_language: SetLanguage = None,
    tag: Tag = None,
    place: Place = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help=_("Whether it is tried at all."))] = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET, structs

    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_show
    from server import wire

    now = _find(name)
    named = {key: [each for each in value if each] for key, value in _given(locals()).items() if value is not None}
    change = wire.ChangeRoute(
        name=UNSET if new_name is None else new_name,
        place=UNSET if place is None else place,
        active=UNSET if on is None else on,
        when=structs.replace(now.when, **named) if named else UNSET,
        team=UNSET if team is None else team,
        skills=UNSET if skill is None else [each for each in skill if each],
        priority=UNSET if set_priority is None else _level(set_priority),
        tags=UNSET if tag is None else [each for each in tag if each],
        language=UNSET if set_language is None else set_language,
    )
    calling.something(change, _("Say what to change, for example --team Oriente."))
    routing_show.route(calling.send(calls_routing.change_route(now.id, change)), output)


@verb(app, "remove", _("Remove a route. Conversations stay where they are."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, printing

    found = _find(name)
    asking.sure(_("Remove the route {name}?").format(name=printing.safe(found.name)), yes)
    calling.send(calls_routing.remove_route(found.id))
    printing.out(_("{name} was removed.").format(name=printing.safe(found.name)))


@verb(
    app,
    "test",
    _("Say where a conversation would go, and why. Nothing is changed."),
    epilog=_(
        'For example: agent-console route test "quiero un crédito" --channel whatsapp --region "San Miguel"'
        " --profile socio"
    ),
)
def test(
    text: Annotated[
        str, typer.Argument(metavar=_("TEXT"), help=_("What the customer writes first; - reads standard input."))
    ] = "",
    channel: Annotated[str, typer.Option("--channel", metavar=_("CHANNEL"), help=_("Its name or its kind."))] = "",
    topic: Annotated[str, typer.Option("--topic", metavar=_("TOPIC"), help=_("Otherwise found in TEXT."))] = "",
    complexity: Annotated[str, typer.Option("--complexity", metavar=_("LEVEL"), help=_("How hard it is."))] = "",
    profile: Annotated[str, typer.Option("--profile", metavar=_("PROFILE"), help=_("The customer's profile."))] = "",
    region: Annotated[str, typer.Option("--region", metavar=_("REGION"), help=_("The customer's region."))] = "",
    language: Annotated[str, typer.Option("--language", metavar="es|en|…", help=_("What they speak."))] = "",
    campaign: Annotated[
        str, typer.Option("--campaign", metavar=_("CAMPAIGN"), help=_("Otherwise recognised by TEXT, --ad or --ref."))
    ] = "",
    ad: Annotated[str, typer.Option("--ad", metavar=_("NUMBER"), help=_("The ad they come from."))] = "",
    ref: Annotated[str, typer.Option("--ref", metavar=_("WORD"), help=_("What their link carried."))] = "",
    priority: Annotated[str, typer.Option("--priority", metavar=_("LEVEL"), help=_("How urgent it is."))] = "normal",
    at: Annotated[str, typer.Option("--at", metavar=_("MOMENT"), help=_("When; otherwise now."))] = "",
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, dates, routing_show
    from server import wire

    given = wire.TestRoute(
        text=asking.text(text),
        channel=channel,
        topic=topic,
        complexity=complexity,  # type: ignore[arg-type]
        profile=profile,
        region=region,
        language=language,
        campaign=campaign,
        priority=priority,  # type: ignore[arg-type]
        referral=referral(ad, ref),
        at=dates.read_date(at) if at else None,
    )
    routing_show.tested(calling.send(calls_routing.test_route(given)), output)


@verb(app, "export", _("Write the whole table to standard output, as TOML or JSON."))
def export(
    output: Annotated[Format, typer.Option("-o", "--output", help=_("text is TOML; json."))] = Format.text,
) -> None:
    from agent_console.cli import printing, routing_files

    table = _all()
    printing.out(routing_files.to_json(table) if output is Format.json else routing_files.to_toml(table).rstrip("\n"))


@verb(app, "import", _("Take over a whole table: it takes the place of the one that is there."))
def import_(
    file: Annotated[str, typer.Argument(metavar=_("FILE"), help=_("TOML or JSON, as export writes it; - is stdin."))],
    yes: Yes = False,
    output: Output = Format.text,
    quiet: Quiet = False,
) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_files, routing_show

    text = asking.text("-") if file == "-" else asking.value(f"@{file}")
    table = routing_files.read(text, file)
    asking.sure(
        _("Put {new} routes in the place of the {old} that are there?").format(new=len(table.routes), old=len(_all())),
        yes or file == "-",
    )
    routing_show.routes(calling.send(calls_routing.replace_routes(table)).items, output, quiet)


def referral(ad: str, ref: str) -> dict[str, Any]:
    """What a provider would say of where somebody comes from."""
    return {**({"source_id": ad} if ad else {}), **({"ref": ref} if ref else {})}


_CONDITIONS = ("campaign", "topic", "complexity", "profile", "region", "language", "channel", "priority", "hours")


def _given(options: dict[str, Any]) -> dict[str, list[str] | None]:
    """The conditions among a verb's options."""
    return {name: options[name] for name in _CONDITIONS}


def _level(given: str | None) -> Any:
    if given and given not in ("low", "normal", "high", "urgent"):
        raise WrongUsage(_("{given} is no priority: low, normal, high or urgent.").format(given=repr(given)))
    return given or ""


def _all() -> list[wire.Route]:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling

    return calling.send(calls_routing.routes()).items


def _find(name: str) -> wire.Route:
    listed = _all()
    for route in listed:
        if route.name == name:
            return route
    for route in listed:
        if str(route.id) == name or route.name.casefold() == name.casefold():
            return route
    raise Failure(
        _("There is no route {name}. See {command}").format(name=repr(name), command="agent-console route list")
    )
