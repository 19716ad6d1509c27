"""The stage of a conversation, and what its team's protocol asks for before it is resolved.

Other commands tell what happened (`advance`, `unanswered`, `reopened`, `conclude`); each change of the stage is in the
journal with its reason. The rules are in `server.desk.stages` and `server.desk.checklists`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

import msgspec

from server import wire
from server.commands import clocks
from server.commands.door import Actor, Refusal
from server.desk import calendars, checklists, stages
from server.store import protocol, service
from server.store.conversations import Conversation
from server.store.store import Snapshot, Tx

#: characters of an outcome and of its reason
OUTCOME_LIMIT, REASON_LIMIT = 200, 500
_CURRENCY = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=256)
def _content(text: str) -> wire.ProtocolContent:
    return msgspec.json.decode(text, type=wire.ProtocolContent)


def content_of(read: Snapshot, team_id: int | None) -> wire.ProtocolContent | None:
    """What a team's protocol says; None for a team without one. Not to be changed."""
    text = protocol.of_team(read, team_id)
    return None if text is None else _content(text)


# ---------------------------------------------------------------- stages


def _move(tx: Tx, conv: Conversation, stage: stages.Stage, why: str, **more: Any) -> bool:
    if stage == conv.stage:
        return False
    was, conv.stage = conv.stage, stage
    tx.emit("conversation.stage", conv.id, stage=stage, was=was, why=why, **more)
    return True


def diagnosed(conv: Conversation) -> bool:
    """Whether it is known what a conversation is about and how hard it is."""
    return bool(conv.topic and conv.complexity)


def advance(tx: Tx, conv: Conversation, fact: stages.Fact, *, message: int | None = None) -> bool:
    """Something happened in a conversation: its stage follows. The caller saves. Whether it changed.

    `message`: the answer that it was, so that `unanswered` can take it back.
    """
    stage = stages.after(cast(stages.Stage, conv.stage), fact, diagnosed(conv))
    return _move(tx, conv, stage, fact, **({} if message is None else {"message": message}))


def put(tx: Tx, conv: Conversation, stage: stages.Stage) -> bool:
    """A person says which stage it is. The caller saves. Refused where that does not go with its state."""
    if not stages.by_hand(stage, conv.state == "resolved"):
        raise Refusal(409, "stage_by_state", stage=stage)
    return _move(tx, conv, stage, "hand")


def unanswered(tx: Tx, conv: Conversation, message: int) -> bool:
    """An answer was taken back or never arrived: what it did to the stage is undone, if nothing came after it.
    The caller saves. Whether the stage changed."""
    return _take_back(tx, conv, "answered", message)


def unclassified(tx: Tx, conv: Conversation) -> None:
    """Topic or complexity is not known any more: back to the diagnosis, if it was that which ended it."""
    if not diagnosed(conv):
        _take_back(tx, conv, "classified")


def _take_back(tx: Tx, conv: Conversation, why: str, message: int | None = None) -> bool:
    last = protocol.last_event(tx, conv.id, "conversation.stage")
    data = msgspec.json.decode(last["data"]) if last is not None else {}
    if data.get("why") != why or data.get("stage") != conv.stage or data.get("message") != message:
        return False
    return _move(tx, conv, data["was"], "taken_back")


def reopened(tx: Tx, conv: Conversation, by: str) -> None:
    """A resolved conversation is open again. By an advisor it stands where it stood before (they take the resolving
    back); by the customer its diagnosis begins anew, and what belongs to the end is asked again."""
    if by != "advisor" or not _take_back(tx, conv, "resolved"):
        advance(tx, conv, "reopened")
    if conv.stage != "follow_up":
        conv.outcome = ""
        protocol.forget_ending(tx, conv.id)
    content = content_of(tx, conv.team_id) if by != "advisor" else None
    if content is not None:
        protocol.untick(tx, conv.id, [item.id for item in content.items if item.stage in checklists.AGAIN])


# ---------------------------------------------------------------- the checklist


def known(read: Snapshot, conv: Conversation, content: wire.ProtocolContent) -> checklists.Known:
    """What the conversation itself says, as far as the protocol asks for it."""
    greeted = None
    if conv.first_reply_at is not None:
        begun = conv.opened_at or conv.created_at
        greeted = max(0, conv.first_reply_at - begun)
        asked = min((item.within_ms for item in content.items if item.kind == "greeting"), default=0)
        if asked and greeted > asked:  # late by the clock on the wall; what counts is business time
            greeted = calendars.between(clocks.choice(read, conv).policy.calendar, begun, conv.first_reply_at)
    return checklists.Known(conv.topic, conv.complexity, conv.outcome, greeted, conv.remind_at is not None)


def rule(item: wire.ProtocolItem) -> checklists.Item:
    return checklists.Item(item.id, item.kind, item.stage, item.required, item.within_ms)


def items_of(read: Snapshot, conv: Conversation) -> list[wire.CheckItem]:
    """How a conversation stands with what its team's protocol asks for, in the protocol's order, stage by stage."""
    content = content_of(read, conv.team_id)
    if content is None:
        return []
    facts, ticks = known(read, conv, content), protocol.ticks(read, conv.id)
    found = []
    for item in sorted(content.items, key=lambda each: stages.STAGES.index(each.stage)):
        state, tick = checklists.state(rule(item), facts, item.id in ticks), ticks.get(item.id)
        found.append(
            wire.CheckItem(
                id=item.id,
                stage=item.stage,
                kind=item.kind,
                title=item.title,
                required=item.required,
                within_ms=item.within_ms,
                done=state.done,
                late=state.late,
                can_tick=item.kind not in checklists.FACTS and not (state.done and state.by_fact),
                by=tick["who"] if tick is not None and not state.by_fact else "",
                at=conv.first_reply_at if state.by_fact and item.kind == "greeting" else tick["at"] if tick else None,
            )
        )
    return found


def ending_of(read: Snapshot, conv: Conversation) -> wire.Ending:
    row = protocol.ending(read, conv.id) if conv.outcome else None
    if row is None:
        return wire.Ending(outcome=conv.outcome)
    return wire.Ending(outcome=conv.outcome, amount=row["amount"], currency=row["currency"], reason=row["reason"])


# ---------------------------------------------------------------- the end


def note_outcome(tx: Tx, conv: Conversation, actor: Actor, given: wire.SetOutcome, *, lenient: bool = False) -> None:
    """Keep how a conversation ends. The caller saves. `lenient`: whatever the team's protocol says of outcomes."""
    content = content_of(tx, conv.team_id)
    outcome = " ".join(given.outcome.split())[:OUTCOME_LIMIT]
    if content is not None and content.outcomes and outcome and not lenient:
        outcome = _allowed(content, outcome, given)
    conv.outcome = outcome
    if not outcome or (given.amount is None and not given.reason.strip()):
        protocol.forget_ending(tx, conv.id)
        return
    currency = given.currency.upper() or service.settings(tx).currency if given.amount is not None else ""
    if currency and not _CURRENCY.fullmatch(currency):
        raise Refusal(422, "bad_currency", currency=currency[:20])
    reason = " ".join(given.reason.split())[:REASON_LIMIT]
    protocol.end(tx, conv.id, given.amount, currency, reason, actor.id if actor.kind == "user" else None)


def _allowed(content: wire.ProtocolContent, outcome: str, given: wire.SetOutcome) -> str:
    """An outcome as the protocol writes it, or why it cannot be had."""
    kind = next((each for each in content.outcomes if each.name.casefold() == outcome.casefold()), None)
    if kind is None:
        raise Refusal(422, "unknown_outcome", outcome=outcome, known=[each.name for each in content.outcomes])
    if (kind.asks == "amount" and given.amount is None) or (kind.asks == "reason" and not given.reason.strip()):
        raise Refusal(422, "outcome_needs", outcome=kind.name, asks=kind.asks)
    return kind.name


def conclude(tx: Tx, conv: Conversation, actor: Actor, resolve: wire.Resolve) -> dict[str, Any]:
    """Note the outcome, look whether everything asked for is there, and close; what the journal keeps of it.

    Something missing is asked about once: without `anyway` the refusal (409 checklist_open) lists it. The server's own
    acts have nobody to ask. The caller saves.
    """
    lenient = resolve.anyway or actor.kind != "user"
    if resolve.outcome:
        given = wire.SetOutcome(
            outcome=resolve.outcome, amount=resolve.amount, currency=resolve.currency, reason=resolve.reason
        )
        note_outcome(tx, conv, actor, given, lenient=lenient)
    content = content_of(tx, conv.team_id)
    missing: list[wire.ProtocolItem] = []
    if content is not None and content.items:
        left = checklists.missing(map(rule, content.items), known(tx, conv, content), protocol.ticks(tx, conv.id))
        ids = {item.id for item in left}
        missing = [item for item in content.items if item.id in ids]
    if missing and not lenient:
        shown = [{"id": item.id, "kind": item.kind, "title": item.title, "stage": item.stage} for item in missing]
        raise Refusal(409, "checklist_open", missing=shown, conversation=conv.id)
    advance(tx, conv, "resolved")
    ending = ending_of(tx, conv)
    told: dict[str, Any] = {"outcome": conv.outcome}
    if ending.amount is not None:
        told |= {"amount": ending.amount, "currency": ending.currency}
    if ending.reason:
        told["reason"] = ending.reason
    if missing:
        told["missing"] = [item.id for item in missing]
    return told
