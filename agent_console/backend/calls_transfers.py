"""Calls of the HTTP API about transfers and questions to colleagues; see `agent_console.backend.calls`."""

from __future__ import annotations

from agent_console.backend.calls import Call, get, send
from server import wire


def _at(conversation: int, rest: str) -> str:
    return f"/conversations/{conversation}/{rest}"


def transfer(conversation: int, new: wire.NewTransfer, key: str = "") -> Call[wire.Transfer]:
    return send("POST", _at(conversation, "transfer"), wire.Transfer, new, key)


def proposal(conversation: int) -> Call[wire.Proposal]:
    """A summary made from the conversation."""
    return get(_at(conversation, "transfer/proposal"), wire.Proposal)


def accept(conversation: int, key: str = "") -> Call[wire.Transfer]:
    return send("POST", _at(conversation, "transfer/accept"), wire.Transfer, None, key)


def decline(conversation: int, reason: str, key: str = "") -> Call[wire.Transfer]:
    return send("POST", _at(conversation, "transfer/decline"), wire.Transfer, wire.Decline(reason=reason), key)


def withdraw(conversation: int, key: str = "") -> Call[wire.Transfer]:
    return send("POST", _at(conversation, "transfer/withdraw"), wire.Transfer, None, key)


def consult(conversation: int, to: str, question: str, key: str = "") -> Call[wire.Transfer]:
    return send("POST", _at(conversation, "consult"), wire.Transfer, wire.Consult(to=to, question=question), key)


def answer_consult(conversation: int, answer: str, key: str = "") -> Call[wire.Transfer]:
    return send("POST", _at(conversation, "consult/answer"), wire.Transfer, wire.ConsultAnswer(answer=answer), key)


def withdraw_consults(conversation: int, key: str = "") -> Call[wire.Page[wire.Transfer]]:
    return send("POST", _at(conversation, "consult/withdraw"), wire.Page[wire.Transfer], None, key)


def transfers(
    *,
    since: int = 0,
    conversation: int | None = None,
    person: str | None = None,
    waiting: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Call[wire.Page[wire.Transfer]]:
    """Transfers and consults, newest first."""
    return get(
        "/transfers",
        wire.Page[wire.Transfer],
        since=since or None,
        conversation=conversation,
        person=person,
        waiting="true" if waiting else None,
        after=after,
        limit=limit,
    )


def totals(since: int = 0) -> Call[wire.TransferTotals]:
    """What became of the transfers made since a moment (UTC ms)."""
    return get("/transfers/totals", wire.TransferTotals, since=since or None)


def people() -> Call[wire.Page[wire.Availability]]:
    """Everybody a conversation can be handed to, and how they stand."""
    return get("/availability", wire.Page[wire.Availability])
