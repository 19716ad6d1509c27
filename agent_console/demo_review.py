"""Who is looked at in the demo: Rosa is new. Ana and Sofía review her (`f4`), one of whom is the person there."""

from __future__ import annotations

from agent_console.backend import calls_reviews
from agent_console.backend.api import Api
from server import wire

TEAM = "Servicio al cliente"
#: an answer that nobody looks at leaves as it is, so that no customer waits for somebody who only looks on
RULE = wire.ReviewRule(
    people=[wire.Reviewed(user="rosa", left=20)], reviewers=["ana", "sofia"], clock_ms=3 * 60_000, late="send"
)


async def furnish(api: Api) -> None:
    """Once the team and its people are there, unless it has a rule of its own. Raises ApiError, Unreachable."""
    if TEAM not in {rule.team for rule in (await api.send(calls_reviews.review_rules())).items}:
        await api.send(calls_reviews.set_review_rule(TEAM, RULE))
