"""Rules of automation: kept, tried on the past, counted."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec

from server import wire
from server.commands.automation import CreateRule, GetRule, GetRuleStats, ListRules, RemoveRule, UpdateRule
from server.commands.automation_trial import BeginTrial, EndTrial, GoOn, Trial
from server.routes.endpoint import Call, Endpoint


class Days(msgspec.Struct, kw_only=True):
    """How many days back."""

    days: Annotated[int, msgspec.Meta(ge=1, le=92)] = 31


async def listing(call: Call) -> Any:
    return await call.ask(ListRules())


async def create(call: Call, body: wire.NewRule) -> Any:
    return await call.do(CreateRule(rule=body))


async def show(call: Call) -> Any:
    return await call.ask(GetRule(name=call.name))


async def update(call: Call, body: wire.ChangeRule) -> Any:
    return await call.do(UpdateRule(name=call.name, change=body))


async def remove(call: Call) -> None:
    await call.do(RemoveRule(name=call.name))


async def stats(call: Call, query: Days) -> Any:
    return await call.ask(GetRuleStats(name=call.name, days=query.days))


async def test(call: Call, body: wire.TryRule) -> Any:
    """Page by page, so that no snapshot is held for long."""
    trial = cast(Trial, await call.ask(BeginTrial(wanted=body)))
    while not trial.done():
        await call.ask(GoOn(trial=trial))
    return await call.ask(EndTrial(trial=trial))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/rules",
        summary="All rules of automation, in the order in which they go",
        handler=listing,
        needs="supervisor",
        answer=wire.Page[wire.Rule],
    ),
    Endpoint(
        method="POST",
        path="/rules",
        summary="Add a rule; it minds what happens from when it is active",
        handler=create,
        needs="admin",
        body=wire.NewRule,
        answer=wire.Rule,
        status=201,
        codes=("bad_rule", "bad_query", "name_taken", "not_found"),
    ),
    Endpoint(
        method="GET",
        path="/rules/{name}",
        summary="A rule",
        handler=show,
        needs="supervisor",
        answer=wire.Rule,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/rules/{name}",
        summary="Change a rule; switch it on or off",
        handler=update,
        needs="admin",
        body=wire.ChangeRule,
        answer=wire.Rule,
        codes=("bad_rule", "bad_query", "not_found"),
    ),
    Endpoint(
        method="DELETE",
        path="/rules/{name}",
        summary="Remove a rule and its statistics",
        handler=remove,
        needs="admin",
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/rules/{name}/stats",
        summary="How often a rule did what, by day",
        handler=stats,
        needs="supervisor",
        query=Days,
        answer=wire.RuleStats,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/rule-trials",
        summary="Try a rule on the past: what it would have done; nothing is changed",
        handler=test,
        needs="supervisor",
        body=wire.TryRule,
        answer=wire.RuleTrial,
        codes=("bad_rule", "bad_query", "not_found"),
    ),
)
