"""Holding an answer back until somebody has looked at it, and letting it be; what is decided is in `reviews`."""

from __future__ import annotations

from typing import Any

import msgspec

from server.commands import alerts
from server.commands.door import Actor
from server.desk import review as rules
from server.store import contacts, messages, people, reviews
from server.store.conversations import Conversation
from server.store.store import Row, Tx

#: under this key the data of a message says how its review stands
REVIEW = "review"


def asked(tx: Tx, conv: Conversation, channel: Row, surface: str, actor: Actor) -> rules.Held | None:
    """Whether what `actor` sends here waits for a reviewer."""
    known = reviews.rules(tx)
    if not known or actor.role != "advisor":
        return None
    author = people.user_by_id(tx, actor.id)
    assert author is not None
    answer = rules.Answer(
        author=author["name"],
        role=author["role"],
        since=author["created_at"],
        channel=channel["name"],
        channel_kind=channel["kind"],
        public=surface == "comment",
        now=tx.now,
    )
    return rules.held(known, conv.team_id, people.teams_of(tx, actor.id), answer)


def hold(tx: Tx, conv: Conversation, message: int, held: rules.Held, actor: Actor) -> None:
    """A written answer waits for a reviewer; the customer still has none, and their clock goes on. The caller saves."""
    rule = reviews.rules(tx)[held.team]
    due_at = tx.now + rule.clock_ms
    reviews.ask(tx, message, held.team, actor.id, held.why, due_at)
    mark(tx, message, state="pending", due_at=due_at)
    conv.reviewing = reviews.waiting_in(tx, conv.id)
    customer = contacts.get(tx, conv.contact_id)
    tx.emit(
        "review.requested",
        conv.id,
        message=message,
        author=actor.name,
        contact_name=customer["name"] if customer is not None else "",
        team=rule.team,
        reviewers=rule.reviewers,
        why=held.why,
        due_at=due_at,
    )


def mark(tx: Tx, message: int, **review: Any) -> dict[str, Any]:
    """Note on a message how its review stands; all that is noted on it."""
    row = messages.get(tx, message)
    assert row is not None
    data: dict[str, Any] = msgspec.json.decode(row["data"]) if row["data"] else {}
    data[REVIEW] = {key: value for key, value in review.items() if value not in ("", None)}
    messages.set_data(tx, message, data)
    return data


def over(tx: Tx, conv: Conversation, message: int) -> None:
    """Nothing waits here for a reviewer any more because of this message. The caller saves."""
    conv.reviewing = reviews.waiting_in(tx, conv.id)
    alerts.over(tx, "review_late", message)


def withdraw(tx: Tx, conv: Conversation, message: int, actor: Actor) -> bool:
    """The author takes back what waits for a reviewer; whether it did. The caller saves."""
    row = reviews.get(tx, message)
    if row is None or not reviews.decide(tx, message, "withdrawn", actor.name):
        return False
    mark(tx, message, state="withdrawn")
    over(tx, conv, message)
    tx.emit("review.withdrawn", conv.id, message=message, took=tx.now - row["requested_at"])
    return True
