"""Calls of the HTTP API about rules of automation; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, named, send
from server import wire


def rules() -> Call[wire.Page[wire.Rule]]:
    return get("/rules", wire.Page[wire.Rule])


def rule(name: str) -> Call[wire.Rule]:
    return get(f"/rules/{named(name)}", wire.Rule)


def add_rule(rule: wire.NewRule) -> Call[wire.Rule]:
    return send("POST", "/rules", wire.Rule, rule)


def change_rule(name: str, change: wire.ChangeRule) -> Call[wire.Rule]:
    return send("PATCH", f"/rules/{named(name)}", wire.Rule, change)


def remove_rule(name: str) -> Call[None]:
    return send("DELETE", f"/rules/{named(name)}", type(None))


def rule_stats(name: str, days: int) -> Call[wire.RuleStats]:
    return get(f"/rules/{named(name)}/stats", wire.RuleStats, days=days)


def try_rule(wanted: wire.TryRule) -> Call[wire.RuleTrial]:
    return send("POST", "/rule-trials", wire.RuleTrial, wanted)
