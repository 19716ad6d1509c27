"""How `agent-console route`, `campaign` and `conv ID why` print what they were told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from agent_console import words, words_routing
from agent_console.cli import printing
from agent_console.cli.grammar import Format
from agent_console.cli.printing import Column
from agent_console.i18n import _, moment
from server import wire


def _leads(team: str, skills: Sequence[str]) -> str:
    return " · ".join(filter(None, (team, ", ".join(skills))))


def _when(route: wire.NewRoute) -> str:
    return words_routing.conditions(msgspec.to_builtins(route.when)) or _("everything")


def routes(items: Sequence[wire.Route], output: Format, quiet: bool = False) -> None:
    columns: list[Column[wire.Route]] = [
        Column("name", _("Route"), lambda r: r.name if r.active else f"({r.name})", lambda r: r.name),
        Column("place", _("Place"), lambda r: r.place, right=True),
        Column("when", _("When"), _when, grow=True),
        Column("team", _("Team"), lambda r: r.team),
        Column("skills", _("Skills"), lambda r: ", ".join(r.skills)),
        Column("active", _("On"), lambda r: _("yes") if r.active else _("no"), lambda r: r.active),
    ]
    printing.rows(items, columns, output, empty=_("No routes."), ids=(lambda r: r.name) if quiet else None)


def route(found: wire.Route, output: Format) -> None:
    pairs: list[tuple[str, str, object]] = [
        ("id", _("Number"), found.id),
        ("name", _("Route"), found.name),
        ("place", _("Place"), found.place),
        ("when", _("When"), _when(found)),
        ("team", _("Team"), found.team),
        ("skills", _("Skills"), ", ".join(found.skills)),
        ("priority", _("Priority"), words.priority(found.priority) if found.priority else ""),
        ("tags", _("Tags"), ", ".join(found.tags)),
        ("language", _("Language"), found.language),
        ("active", _("On"), _("yes") if found.active else _("no")),
    ]
    printing.one(found, pairs, output)


def tested(found: wire.RouteTested, output: Format) -> None:
    """Where it would go, what was known, and each route that was looked at."""
    known = " · ".join(
        f"{words_routing.condition(name)}: {words_routing.value(name, value)}" for name, value in found.facts.items()
    )
    pairs: list[tuple[str, str, object]] = [
        ("route", _("Route"), found.route or _("none fits")),
        ("team", _("Team"), found.team or _("no team")),
        ("skills", _("Skills"), ", ".join(found.skills)),
        ("priority", _("Priority"), words.priority(found.priority)),
        ("tags", _("Tags"), ", ".join(found.tags)),
        ("campaign", _("Campaign"), found.campaign),
        ("facts", _("Known"), known),
        ("by", _("Because"), because(found)),
    ]
    printing.one(found, pairs, output)
    if output is not Format.text:
        return
    for each in found.considered:
        if each.failed:
            printing.out(printing.safe("  ✗ " + words_routing.missed(each.route, each.failed, each.wants, each.has)))
        else:
            printing.out(printing.safe("  ✓ " + _("“{route}” fits").format(route=each.route)))
    if found.stranded:
        printing.out(_("Nobody who can sign in belongs to this team: say who does with agent-console team set."))


def because(found: wire.RouteTested) -> str:
    """Why this team, in a sentence."""
    params = {"name": found.route, "team": found.team, "campaign": found.campaign}
    step = wire.WhyStep(seq=0, at=0, actor="system", code=f"routed.{found.by}", params=params)
    return words_routing.step(step)[0]


def why(found: wire.Why, output: Format) -> None:
    """Why a conversation is with whom it is."""
    if output is Format.json:
        printing.out(printing.to_json(found))
        return
    if output is Format.csv:
        columns: list[Column[wire.WhyStep]] = [
            Column("seq", "seq", lambda s: s.seq),
            Column("at", "at", lambda s: s.at),
            Column("actor", "actor", lambda s: s.actor),
            Column("code", "code", lambda s: s.code),
        ]
        printing.rows(found.steps, columns, output, empty="")
        return
    now = found.steps[-1].at if found.steps else 0
    for step in found.steps:
        what, *reasons = words_routing.step(step)
        printing.out(printing.safe(f"{moment(step.at, now)}  {what}"))
        for reason in reasons:
            printing.out(printing.safe(f"    {reason}"))


def campaigns(items: Sequence[wire.Campaign], output: Format, quiet: bool = False) -> None:
    columns: list[Column[wire.Campaign]] = [
        Column("name", _("Campaign"), lambda c: c.name if c.active else f"({c.name})", lambda c: c.name),
        Column("title", _("Title"), lambda c: c.title, grow=True),
        Column("team", _("Team"), lambda c: _leads(c.team, c.skills), lambda c: c.team),
        Column("starts_at", _("From"), lambda c: _moment(c.starts_at), lambda c: c.starts_at),
        Column("ends_at", _("Until"), lambda c: _moment(c.ends_at), lambda c: c.ends_at),
        Column("open", _("Open"), lambda c: c.open, right=True),
    ]
    printing.rows(items, columns, output, empty=_("No campaigns."), ids=(lambda c: c.name) if quiet else None)


def _moment(at: int | None) -> str:
    return moment(at, 0) if at is not None else ""


def campaign(found: wire.Campaign, output: Format) -> None:
    pairs: list[tuple[str, str, object]] = [
        ("name", _("Campaign"), found.name),
        ("title", _("Title"), found.title),
        ("sources", _("Ads"), ", ".join(found.sources)),
        ("refs", _("Links"), ", ".join(found.refs)),
        ("words", _("Words"), ", ".join(found.words)),
        ("channel", _("Channel"), found.channel),
        ("starts_at", _("From"), _moment(found.starts_at)),
        ("ends_at", _("Until"), _moment(found.ends_at)),
        ("team", _("Team"), found.team),
        ("skills", _("Skills"), ", ".join(found.skills)),
        ("priority", _("Priority"), words.priority(found.priority) if found.priority else ""),
        ("policy", _("SLA policy"), found.policy),
        *(
            (f"greeting.{language}", _("Greeting ({language})").format(language=language or "*"), text)
            for language, text in found.greeting.items()
        ),
        ("active", _("On"), _("yes") if found.active else _("no")),
    ]
    printing.one(found, pairs, output)


def recognised(found: wire.CampaignFound, output: Format) -> None:
    from agent_console.i18n import _ as say
    from agent_console.word_tables_routing import SIGNS

    if output is not Format.text:
        printing.one(found, [("campaign", "", found.campaign.name if found.campaign else "")], output)
    elif found.campaign is None:
        printing.out(_("No campaign is recognised."))
    else:
        sign = say(SIGNS[found.sign]).format(seen=found.by) if found.sign in SIGNS else found.sign
        printing.out(printing.safe(f"{found.campaign.name} · {found.campaign.title} · {sign}"))
