"""Sees to answers that wait too long for their reviewer."""

from __future__ import annotations

from typing import cast

from server.commands.reviews import LateReviews, ReviewsDue
from server.jobs.work import Job


class Reviews(Job):
    """Sleeps until the next review has waited too long; new ones wake it."""

    name = "reviews"
    kinds = frozenset({"review.requested"})

    async def step(self) -> int | None:
        while True:
            due = cast("int | None", await self.ask(ReviewsDue()))
            if due is None or due > self.now():
                return due
            await self.do(LateReviews())
