"""`agent-console campaign`: the ads and links that bring customers, and what is done for whom they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli import asking, grammar
from agent_console.cli.errors import Failure, WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.cli.route import referral
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("Campaigns: how those are recognised whom they bring, and what is done for them."))

Name = Annotated[str, typer.Argument(metavar=_("CAMPAIGN"), help=_("The campaign's name."))]
Values = list[str] | None
Title = Annotated[str | None, typer.Option("--title", metavar=_("TEXT"), help=_("What people see."))]
Ad = Annotated[Values, typer.Option("--ad", metavar=_("NUMBER"), help=_("An ad's or post's number; may be repeated."))]
Ref = Annotated[
    Values, typer.Option("--ref", metavar=_("WORD"), help=_("What a link carries (m.me, t.me, utm_campaign)."))
]
Word = Annotated[
    Values, typer.Option("--word", metavar=_("TEXT"), help=_("Words of the first message, as wa.me links put them in."))
]
Channel = Annotated[
    str | None, typer.Option("--channel", metavar=_("CHANNEL"), help=_("Only there: a channel's name or kind."))
]
From = Annotated[str | None, typer.Option("--from", metavar=_("DAY"), help=_("It begins with this day or moment."))]
Until = Annotated[str | None, typer.Option("--until", metavar=_("DAY"), help=_("It ends with this day or moment."))]
Team = Annotated[str | None, typer.Option("--team", metavar=_("TEAM"), help=_("The team it goes to."))]
Skill = Annotated[
    Values, typer.Option("--skill", metavar=_("SKILL"), help=_("What the advisor has to have; may be repeated."))
]
Priority = Annotated[
    str | None, typer.Option("--priority", metavar=_("LEVEL"), help=_("How urgent it is from then on."))
]
Greeting = Annotated[
    Values,
    typer.Option("--greeting", metavar=_("[LANGUAGE=]TEXT"), help=_("Said once, at once: es=Hola …; may be repeated.")),
]
Policy = Annotated[str | None, typer.Option("--policy", metavar=_("POLICY"), help=_("The SLA policy for them."))]


@verb(
    app,
    "add",
    _("Add a campaign."),
    epilog=_(
        'For example: agent-console campaign add escolar --title "Crédito escolar" --ad 120210000 --word "crédito'
        ' escolar" --team Créditos --until 2027-02-28'
    ),
)
def add(
    name: Annotated[str, typer.Argument(metavar=_("CAMPAIGN"), help=_("What searches and routes call it."))],
    title: Title = None,
    ad: Ad = None,
    ref: Ref = None,
    word: Word = None,
    channel: Channel = None,
    starts: From = None,
    until: Until = None,
    team: Team = None,
    skill: Skill = None,
    priority: Priority = None,
    greeting: Greeting = None,
    policy: Policy = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_show
    from server import wire

    made = wire.NewCampaign(
        name=name,
        title=title or "",
        sources=ad or [],
        refs=ref or [],
        words=word or [],
        channel=channel or "",
        starts_at=_day(starts),
        ends_at=_day(until, end=True),
        team=team or "",
        skills=skill or [],
        priority=_level(priority),
        greeting=_greetings(greeting or []),
        policy=policy or "",
    )
    routing_show.campaign(calling.send(calls_routing.add_campaign(made)), output)


@verb(app, "list", _("List the campaigns, the newest first."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.cli import routing_show

    routing_show.campaigns(_all(), output, quiet)


@verb(app, "show", _("Show one campaign."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.cli import routing_show

    routing_show.campaign(_find(name), output)


@verb(
    app,
    "set",
    _("Change a campaign. What is not named stays as it is."),
    epilog=_('An empty value takes something away: --ad "" --until ""'),
)
def set_(
    name: Name,
    title: Title = None,
    ad: Ad = None,
    ref: Ref = None,
    word: Word = None,
    channel: Channel = None,
    starts: From = None,
    until: Until = None,
    team: Team = None,
    skill: Skill = None,
    priority: Priority = None,
    greeting: Greeting = None,
    policy: Policy = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help=_("Whether it is recognised at all."))] = None,
    output: Output = Format.text,
) -> None:
    from msgspec import UNSET

    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_show
    from server import wire

    def several(given: list[str] | None) -> Any:
        return UNSET if given is None else [each for each in given if each]

    change = wire.ChangeCampaign(
        title=UNSET if title is None else title,
        active=UNSET if on is None else on,
        sources=several(ad),
        refs=several(ref),
        words=several(word),
        channel=UNSET if channel is None else channel,
        starts_at=UNSET if starts is None else _day(starts),
        ends_at=UNSET if until is None else _day(until, end=True),
        team=UNSET if team is None else team,
        skills=several(skill),
        priority=UNSET if priority is None else _level(priority),
        greeting=UNSET if greeting is None else _greetings(greeting),
        policy=UNSET if policy is None else policy,
    )
    calling.something(change, _("Say what to change, for example --team Créditos."))
    routing_show.campaign(calling.send(calls_routing.change_campaign(_find(name).id, change)), output)


@verb(app, "remove", _("End a campaign for good. What it brought keeps its name."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, printing

    found = _find(name)
    asking.sure(_("Remove the campaign {name}?").format(name=found.name), yes)
    calling.send(calls_routing.remove_campaign(found.id))
    printing.out(_("{name} was removed.").format(name=found.name))


@verb(app, "test", _("Say which campaign a first message would be counted to, and by what."))
def test(
    text: Annotated[
        str, typer.Argument(metavar=_("TEXT"), help=_("What the customer writes first; - reads standard input."))
    ] = "",
    channel: Channel = None,
    ad: Annotated[str, typer.Option("--ad", metavar=_("NUMBER"), help=_("The ad they come from."))] = "",
    ref: Annotated[str, typer.Option("--ref", metavar=_("WORD"), help=_("What their link carried."))] = "",
    at: Annotated[str, typer.Option("--at", metavar=_("MOMENT"), help=_("When; otherwise now."))] = "",
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling, routing_show
    from server import wire

    given = wire.TestCampaign(text=asking.text(text), channel=channel or "", referral=referral(ad, ref), at=_day(at))
    routing_show.recognised(calling.send(calls_routing.test_campaign(given)), output)


def _day(given: str | None, *, end: bool = False) -> int | None:
    from agent_console.cli import dates

    return dates.read_date(given, end=end) if given else None


def _level(given: str | None) -> Any:
    if given and given not in ("low", "normal", "high", "urgent"):
        raise WrongUsage(_("{given} is no priority: low, normal, high or urgent.").format(given=repr(given)))
    return given or ""


def _greetings(given: list[str]) -> dict[str, str]:
    """`es=Hola …`, or a text alone for every language."""
    found: dict[str, str] = {}
    for text in given:
        language, equals, said = text.partition("=")
        tagged = bool(equals) and language.replace("-", "").isalnum() and 2 <= len(language) <= 11
        found[language if tagged else ""] = said if tagged else text
    return {language: text for language, text in found.items() if text}


def _all() -> list[wire.Campaign]:
    from agent_console.backend import calls_routing
    from agent_console.cli import calling

    return calling.send(calls_routing.campaigns()).items


def _find(name: str) -> wire.Campaign:
    for campaign in _all():
        if name.casefold() in (campaign.name, campaign.title.casefold(), str(campaign.id)):
            return campaign
    raise Failure(
        _("There is no campaign {name}. See {command}").format(name=repr(name), command="agent-console campaign list")
    )
