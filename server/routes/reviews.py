"""Answers that wait for a reviewer, and which ones do."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.reviews import Decide, GetReview, ListReviewRules, ListReviews, SetReviewRule
from server.routes.endpoint import Call, Endpoint


async def listing(call: Call) -> Any:
    return await call.ask(ListReviews())


async def show(call: Call) -> Any:
    return await call.ask(GetReview(id=call.id))


async def decide(call: Call, body: wire.DecideReview) -> Any:
    return await call.do(Decide(id=call.id, decide=body))


async def rules(call: Call) -> Any:
    return await call.ask(ListReviewRules())


async def set_rule(call: Call, body: wire.ReviewRule) -> Any:
    return await call.do(SetReviewRule(team=call.name, rule=body))


async def remove_rule(call: Call) -> None:
    await call.do(SetReviewRule(team=call.name, rule=None))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/reviews",
        summary="Answers that wait for the reader's review, the most urgent first",
        handler=listing,
        answer=wire.Page[wire.Review],
    ),
    Endpoint(
        method="GET",
        path="/reviews/{id}",
        summary="A review, by its message's id",
        handler=show,
        answer=wire.Review,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/reviews/{id}/decision",
        summary="Send an answer as it is or with another text, or give it back to its author",
        handler=decide,
        body=wire.DecideReview,
        answer=wire.Review,
        codes=("not_found", "review_over", "remark_needed", "window_closed", "channel_off", "empty", "too_long"),
    ),
    Endpoint(
        method="GET",
        path="/review-rules",
        summary="Which answers of which teams wait for a reviewer",
        handler=rules,
        needs="supervisor",
        answer=wire.Page[wire.ReviewRule],
    ),
    Endpoint(
        method="PUT",
        path="/review-rules/{name}",
        summary="Say which answers of a team wait for a reviewer",
        handler=set_rule,
        needs="admin",
        body=wire.ReviewRule,
        answer=wire.ReviewRule,
        codes=("not_found", "bad_review_clock"),
    ),
    Endpoint(
        method="DELETE",
        path="/review-rules/{name}",
        summary="None of a team's answers wait any more",
        handler=remove_rule,
        needs="admin",
        codes=("not_found",),
    ),
)
