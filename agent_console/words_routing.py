"""Routing in words: what a route asks for, why one did not fit, and why a conversation came to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agent_console import words
from agent_console.i18n import _, ngettext, pgettext
from agent_console.word_tables_routing import CONDITIONS, OTHERWISE, SIGNS, TURNS, WHY

if TYPE_CHECKING:
    from server import wire


def followed(counts: Mapping[str, int]) -> str:
    """What took a thing's new name over, in a line; `counts` by kind (`server.wire.Followed`)."""
    return _("The new name is in {what} too.").format(what=", ".join(_counted(*each) for each in counts.items()))


def _counted(kind: str, n: int) -> str:
    texts = {
        "campaign": ngettext("{n} campaign", "{n} campaigns", n),
        "route": ngettext("{n} route", "{n} routes", n),
        "rule": ngettext("{n} rule", "{n} rules", n),
        "service": _("the settings of the service"),
        "sla": ngettext("{n} service-level policy", "{n} service-level policies", n),
        "template": ngettext("{n} template", "{n} templates", n),
        "view": ngettext("{n} view", "{n} views", n),
    }
    return texts.get(kind, "{n} " + kind).format(n=n)


def condition(code: str) -> str:
    """What a route asks for: channel, topic …"""
    return pgettext("condition", CONDITIONS[code]) if code in CONDITIONS else code


def value(code: str, given: str) -> str:
    """One value of a condition, as people read it."""
    if given == "-":
        return _("not known")
    if code == "hours":
        word, _colon, calendar = given.partition(":")
        said = {"open": _("open"), "closed": _("closed")}.get(word, word)
        return f"{said} ({calendar})" if calendar else said
    if code == "complexity":
        return words.complexity(given)
    return words.priority(given) if code == "priority" else given


def values(code: str, given: Iterable[str]) -> str:
    """Several values, of which one has to fit."""
    return _(" or ").join(value(code, each) for each in given)


def conditions(when: Mapping[str, list[str]]) -> str:
    """What a route asks for, in a line; nothing where it fits everything."""
    return " · ".join(f"{condition(code)}: {values(code, given)}" for code, given in when.items() if given)


def missed(route: str, failed: str, wants: Iterable[str], has: str) -> str:
    """Why a route did not fit."""
    if failed == "hours":
        told = _("“{route}” does not fit: it is for the hours {wants}")
    elif has:
        told = _("“{route}” does not fit: {condition} is {has}, not {wants}")
    elif failed == "campaign":
        told = _("“{route}” does not fit: it is for those whom a campaign brings: {wants}")
    else:
        told = _("“{route}” does not fit: {condition} is not known; it wants {wants}")
    return told.format(
        route=route, condition=condition(failed), wants=values(failed, wants), has=value(failed, has) if has else ""
    )


def step(step: wire.WhyStep) -> list[str]:
    """A step on a conversation's way: what happened, then the reasons for it, a line each."""
    data = step.params
    code, where = step.code, ""
    if code.startswith("assigned"):
        where = "user" if data.get("user") else "team" if data.get("team") else "queue"
        code = f"{code}.{where}"
    template = WHY.get(code) or OTHERWISE.get(where)
    if code == "routed.route" and not data.get("team"):
        template = WHY["routed.nobody"]
    if template is None:
        return [words.event(f"conversation.{step.code.partition('.')[0]}")]
    known = {
        **data,
        "actor": words.actor(step.actor),
        "put_by": words.actor(str(data.get("put_by", ""))),
        "team": data.get("team") or _("no team"),
        "rule": _(TURNS[data["rule"]]) if data.get("rule") in TURNS else data.get("rule") or "",
    }
    return [_(template).format_map(_Known(known)), *_reasons(step.code, data)]


def _reasons(code: str, data: Mapping[str, Any]) -> list[str]:
    out: list[str] = []
    if code.startswith("routed"):
        if data.get("name") and code not in ("routed.route", "routed.campaign"):
            out.append(_("The route “{name}” fits, but names no team").format(name=data["name"]))
        if data.get("campaign") and code != "routed.campaign":
            out.append(_("campaign: {campaign}").format(campaign=data["campaign"]))
        if data.get("sign") in SIGNS:
            out.append(_(SIGNS[data["sign"]]).format(seen=data.get("seen", "")))
        if when := _mapping(data.get("when")):
            out.append(_("what counted: {conditions}").format(conditions=conditions(when)))
        if skills := data.get("skills"):
            out.append(_("it takes somebody with: {skills}").format(skills=", ".join(map(str, skills))))
        for each in data.get("why") or []:
            wants, has = each.get("wants") or [], str(each.get("has") or "")
            out.append(missed(str(each.get("route", "")), str(each.get("failed", "")), wants, has))
    elif others := _mapping(data.get("out")):
        said = ", ".join(f"{_fault(why)}: {n}" for why, n in others.items())
        out.append(_("others could not: {others}").format(others=said))
    return out


def _fault(code: str) -> str:
    known = {"skills": _("without the skills"), "full": _("with no room left")}
    return known[code] if code in known else words.availability(code)


def _mapping(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


class _Known(dict[str, Any]):
    """What is known of a step; "?" for what an older server did not say."""

    def __missing__(self, key: str) -> str:
        return "?"
