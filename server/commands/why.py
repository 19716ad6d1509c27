"""Why a conversation is with whom it is: what the journal says of the last things that moved it."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from server import wire
from server.commands.door import Actor, Need, Query
from server.commands.replies import load
from server.store import journal, people, routes
from server.store.store import Row, Snapshot

#: the kinds of events that move a conversation
_MOVES = (
    "conversation.created",
    "conversation.reopened",
    "conversation.routed",
    "conversation.assigned",
    "conversation.claimed",
    "conversation.transferred",
    "conversation.transfer_declined",
    "conversation.transfer_returned",
    "conversation.transfer_withdrawn",
)
_BEGINNINGS = ("conversation.created", "conversation.reopened")
#: steps of one answer: the newest
MOST = 12


class WhyHere(Query, kw_only=True):
    """The last things that brought a conversation where it is, oldest first: from its last beginning on or, where
    nothing since then says why it is with whom it is, from the one before."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Why:
        conv = load(read, self.conversation)
        owner = people.user_by_id(read, conv.assignee_id) if conv.assignee_id is not None else None
        steps: list[wire.WhyStep] = []
        told = False
        for row in journal.last_of_kind(read, conv.id, _MOVES, 0)[:MOST]:
            steps.append(_step(row))
            told = told or _gives(steps[-1], owner["name"] if owner is not None else None)
            if told and row["kind"] in _BEGINNINGS:
                break
        steps.reverse()
        return wire.Why(
            conversation=conv.id,
            assignee=owner["name"] if owner is not None else None,
            team=routes.team_name(read, conv.team_id) if conv.team_id is not None else None,
            skills=conv.skills.split(),
            steps=steps,
        )


def _gives(step: wire.WhyStep, owner: str | None) -> bool:
    """Whether a step is what gave a conversation to whoever has it, or put it where nobody does."""
    kind = step.code.partition(".")[0]
    if owner is None:
        return kind in ("assigned", "routed")
    given = step.params.get("user") if kind == "assigned" else step.params.get("by") if kind == "claimed" else None
    return given == owner


def _step(row: Row) -> wire.WhyStep:
    data: dict[str, Any] = msgspec.json.decode(row["data"])
    kind = row["kind"].partition(".")[2]
    how = data.get("by") if kind == "routed" else data.get("how") if kind in ("assigned", "claimed") else None
    code = f"{kind}.{how}" if isinstance(how, str) and how else kind
    if isinstance(transfer := data.get("transfer"), dict):
        data = {
            "sender": transfer["sender"],
            "to": transfer["to_user"] or transfer["to_team"],
            "reason": transfer["decline_reason"] or transfer["reason"],
        }
    return wire.WhyStep(seq=row["seq"], at=row["at"], actor=row["actor"], code=code, params=data)
