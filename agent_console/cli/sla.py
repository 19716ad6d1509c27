"""`agent-console sla`: what customers are promised, and by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent_console.cli import asking, following, grammar
from agent_console.cli.errors import WrongUsage
from agent_console.cli.grammar import Format, Output, Quiet, Yes, verb
from agent_console.cli.spans import read_span
from agent_console.i18n import _

if TYPE_CHECKING:
    from server import wire

app = grammar.app(_("What customers are promised: policies, the most specific first."))

Values = list[str] | None


def _many(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help)


def _span(name: str, help: str) -> Any:
    return typer.Option(name, metavar="15m|8h|…", help=help)


Name = Annotated[str, typer.Argument(metavar=_("POLICY"), help=_("The policy's name."))]
Channel = Annotated[Values, _many("--channel", _("CHANNEL"), _("A channel's name or kind; may be repeated."))]
Team = Annotated[Values, _many("--team", _("TEAM"), _("The team that has it; may be repeated."))]
Priority = Annotated[Values, _many("--priority", _("LEVEL"), _("How urgent it is: low, normal, high or urgent."))]
Profile = Annotated[Values, _many("--profile", _("PROFILE"), _("The customer's profile."))]
Campaign = Annotated[Values, _many("--campaign", _("CAMPAIGN"), _("The campaign that brought them."))]
First = Annotated[str | None, _span("--first", _("Time to the first answer; empty: not promised."))]
Next = Annotated[str | None, _span("--next", _("Time to each answer after that; empty: not promised."))]
Resolution = Annotated[str | None, _span("--resolution", _("Time to the end; empty: not promised."))]
Transfer = Annotated[str | None, _span("--transfer", _("Time until a transfer is accepted; empty: not promised."))]
Warn = Annotated[
    int | None, typer.Option("--warn", metavar="1-99", help=_("Warn when so many percent of the time are over."))
]
Hours = Annotated[
    str | None,
    typer.Option("--calendar", metavar=_("CALENDAR"), help=_("In whose hours it is counted; empty: day and night.")),
]
Pause = Annotated[
    bool | None,
    typer.Option("--pause/--no-pause", help=_("Whether the time to the end stands still while the customer is asked.")),
]


@verb(
    app,
    "add",
    _("Add a policy. It needs a condition; what fits no policy goes by the default one."),
    epilog=_("For example: agent-console sla add urgent --priority urgent --first 5m --next 10m --resolution 4h"),
)
def add(
    name: Annotated[str, typer.Argument(metavar=_("POLICY"), help=_("What to call it: one word."))],
    channel: Channel = None,
    team: Team = None,
    priority: Priority = None,
    profile: Profile = None,
    campaign: Campaign = None,
    first: First = None,
    next_: Next = None,
    resolution: Resolution = None,
    transfer: Transfer = None,
    warn: Warn = None,
    calendar: Hours = None,
    pause: Pause = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show
    from server import wire

    new = wire.NewPolicy(
        name=name,
        when=_when(wire.PolicyWhen(), channel, team, priority, profile, campaign),
        calendar=calendar or None,
        **_spans(first, next_, resolution, transfer),
    )
    if warn is not None:
        new.warn_percent = _percent(warn)
    if pause is not None:
        new.pause = pause
    sla_show.policy(calling.send(calls_sla.add_policy(new)), output)


@verb(app, "list", _("List the policies in the order in which they are tried."))
def list_(output: Output = Format.text, quiet: Quiet = False) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show

    sla_show.policies(calling.send(calls_sla.policies()).items, output, quiet)


@verb(app, "show", _("Show one policy."))
def show(name: Name, output: Output = Format.text) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show

    sla_show.policy(calling.send(calls_sla.policy(name)), output)


@verb(
    app,
    "set",
    _("Change a policy; clocks that run follow. What is not named stays as it is."),
    epilog=_('An empty value takes away: --resolution "" promises no end, --channel "" asks for no channel.'),
)
def set_(
    name: Name,
    new_name: Annotated[
        str | None, typer.Option("--name", metavar=_("POLICY"), help=_("Its name from now on."))
    ] = None,
    channel: Channel = None,
    team: Team = None,
    priority: Priority = None,
    profile: Profile = None,
    campaign: Campaign = None,
    first: First = None,
    next_: Next = None,
    resolution: Resolution = None,
    transfer: Transfer = None,
    warn: Warn = None,
    calendar: Hours = None,
    pause: Pause = None,
    output: Output = Format.text,
) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, sla_show
    from server import wire

    change = wire.ChangePolicy(**_spans(first, next_, resolution, transfer))
    conditions = (channel, team, priority, profile, campaign)
    if any(values is not None for values in conditions):
        change.when = _when(calling.send(calls_sla.policy(name)).when, *conditions)
    if new_name is not None:
        change.name = new_name
    if warn is not None:
        change.warn_percent = _percent(warn)
    if calendar is not None:
        change.calendar = calendar or None
    if pause is not None:
        change.pause = pause
    policy = calling.send(calls_sla.change_policy(name, change))
    sla_show.policy(policy, output)
    following.tell(policy.followed, output)


@verb(app, "remove", _("Remove a policy; its clocks go by the next one that fits."))
def remove(name: Name, yes: Yes = False) -> None:
    from agent_console.backend import calls_sla
    from agent_console.cli import calling, printing

    asking.sure(_("Remove the policy {name}?").format(name=name), yes)
    calling.send(calls_sla.remove_policy(name))
    printing.out(_("{name} was removed.").format(name=name))


@verb(
    app,
    "test",
    _("Say which policy holds, why, and when an answer to a message at some moment would be due."),
    epilog=_('For example: agent-console sla test --channel whatsapp --priority high --at "2026-12-24 16:30"'),
)
def test(
    conversation: Annotated[
        int | None, typer.Argument(metavar=_("CONVERSATION"), help=_("A conversation there is, by its number."))
    ] = None,
    channel: Annotated[str, _many("--channel", _("CHANNEL"), _("A channel's name or kind."))] = "",
    team: Annotated[str, _many("--team", _("TEAM"), _("The team that has it."))] = "",
    priority: Annotated[str, _many("--priority", _("LEVEL"), _("low, normal, high or urgent."))] = "normal",
    profile: Annotated[str, _many("--profile", _("PROFILE"), _("The customer's profile."))] = "",
    campaign: Annotated[str, _many("--campaign", _("CAMPAIGN"), _("The campaign that brought them."))] = "",
    at: Annotated[str, _many("--at", _("MOMENT"), _("When they write; now without it."))] = "",
    output: Output = Format.text,
) -> None:
    from agent_console import i18n
    from agent_console.backend import calls, calls_sla
    from agent_console.cli import calling, dates, sla_show
    from server import wire

    i18n.set_zone(calling.send(calls.organisation()).zone)
    asked = wire.TestPolicy(
        channel=channel,
        team=team,
        priority=_level(priority),
        profile=profile,
        campaign=campaign,
        conversation=conversation,
        at=dates.read_date(at) if at else None,
    )
    sla_show.tested(calling.send(calls_sla.test_policies(asked)), output)


# ---------------------------------------------------------------- reading what is given


def _spans(first: str | None, next_: str | None, resolution: str | None, transfer: str | None) -> dict[str, Any]:
    given = {"first_response": first, "next_response": next_, "resolution": resolution, "transfer": transfer}
    return {
        f"{name}_ms": (read_span(text) or None) if text else None for name, text in given.items() if text is not None
    }


def _when(now: wire.PolicyWhen, *given: Values) -> wire.PolicyWhen:
    """The conditions with those that are given in place of the old ones."""
    import msgspec

    names = ("channel", "team", "priority", "profile", "campaign")
    changed: dict[str, Any] = {
        name: [value for value in values if value]
        for name, values in zip(names, given, strict=True)
        if values is not None
    }
    changed |= {"priority": [_level(word) for word in changed["priority"]]} if "priority" in changed else {}
    return msgspec.structs.replace(now, **changed)


def _level(word: str) -> wire.Priority:
    from agent_console.word_tables import PRIORITIES

    if word not in PRIORITIES:
        raise WrongUsage(_("{word} is no priority: low, normal, high or urgent.").format(word=word))
    return word  # type: ignore[return-value]


def _percent(warn: int) -> int:
    if not 1 <= warn <= 99:
        raise WrongUsage(_("--warn takes a number from 1 to 99."))
    return warn
