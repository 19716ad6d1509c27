"""Calls of the HTTP API about answers that wait for a reviewer; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, named, send
from server import wire


def reviews() -> Call[wire.Page[wire.Review]]:
    return get("/reviews", wire.Page[wire.Review])


def review(id: int) -> Call[wire.Review]:
    return get(f"/reviews/{id}", wire.Review)


def decide(id: int, decide: wire.DecideReview, key: str = "") -> Call[wire.Review]:
    return send("POST", f"/reviews/{id}/decision", wire.Review, decide, key)


def review_rules() -> Call[wire.Page[wire.ReviewRule]]:
    return get("/review-rules", wire.Page[wire.ReviewRule])


def set_review_rule(team: str, rule: wire.ReviewRule) -> Call[wire.ReviewRule]:
    return send("PUT", f"/review-rules/{named(team)}", wire.ReviewRule, rule)


def remove_review_rule(team: str) -> Call[None]:
    return send("DELETE", f"/review-rules/{named(team)}", type(None))
