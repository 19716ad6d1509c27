"""Answers that somebody looks at before they leave: which ones, and what is decided about each."""

from __future__ import annotations

from typing import Literal

from server.wire.base import Model
from server.wire.conversations import ConversationRow, Message

__all__ = ["DecideReview", "Review", "ReviewRule", "ReviewState", "ReviewWhy", "Reviewed"]

ReviewWhy = Literal["person", "new", "everybody", "public", "channel"]
ReviewState = Literal["pending", "sent", "edited", "returned", "withdrawn"]


class Reviewed(Model, kw_only=True):
    """Somebody whose answers are reviewed: until a moment (UTC ms), or until so many more (`left`) were sent as they
    wrote them; without either until the rule is changed."""

    user: str
    until: int | None = None
    left: int | None = None


class ReviewRule(Model, kw_only=True):
    """Which answers of a team wait for a reviewer. Nothing set: none do.

    `people`: theirs, wherever they answer; `new_days`: those of whoever has been here for less than so many days;
    `public`: public ones; `channels`: on these (names or kinds); `everybody`: all. Supervisors, administrators and the
    `reviewers` (who decide beside supervisors) are never reviewed. `clock_ms`: a review takes so long at most;
    `late`: what happens then: supervisors are alerted (escalate), or it is sent as it is.
    """

    team: str = ""
    everybody: bool = False
    people: list[Reviewed] = []
    new_days: int = 0
    public: bool = False
    channels: list[str] = []
    reviewers: list[str] = []
    clock_ms: int = 10 * 60_000
    late: Literal["escalate", "send"] = "escalate"


class Review(Model, kw_only=True):
    """An answer that waits for a reviewer, or did. It is known by its message's id.

    `why`: what made it wait. `due_at`: the end of its own clock; `late_at`: when that had passed. `decided_by`: empty
    if the clock decided. `original`: what the author wrote, if the reviewer changed it. `context`: the last messages
    before it, oldest first (of the most urgent ones of a list).
    """

    message: Message
    conversation: ConversationRow
    team: str
    why: ReviewWhy
    state: ReviewState = "pending"
    requested_at: int
    due_at: int
    late_at: int | None = None
    decided_at: int | None = None
    decided_by: str = ""
    remark: str = ""
    original: str = ""
    context: list[Message] = []


class DecideReview(Model, kw_only=True):
    """Send it as it is, send it with another `text` (edit), or give it back to its author with a `remark` (return)."""

    decision: Literal["send", "edit", "return"]
    text: str = ""
    remark: str = ""
