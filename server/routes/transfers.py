"""Transfers with context, and questions put to colleagues."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from server import wire
from server.commands.consulting import AnswerConsult, ConsultColleague, WithdrawConsults
from server.commands.handing import CountTransfers, ListTransfers, ProposeTransfer
from server.commands.transfers import AcceptTransfer, DeclineTransfer, TransferConversation, WithdrawTransfer
from server.routes.conversations import Cursor, Limit
from server.routes.endpoint import Call, Endpoint

Since = Annotated[int, msgspec.Meta(ge=0, description="made at this moment or after it (UTC ms)")]


class Which(msgspec.Struct, kw_only=True):
    """Which transfers. `person`: who sent it, is to answer it, or did. `waiting`: those that wait for the caller."""

    since: Since = 0
    conversation: int | None = None
    person: str | None = None
    state: wire.TransferState | None = None
    kind: Literal["transfer", "consult"] | None = None
    waiting: bool = False
    after: Cursor | None = None
    limit: Limit = 50


class From(msgspec.Struct, kw_only=True):
    since: Since = 0


async def transfer(call: Call, body: wire.NewTransfer) -> Any:
    return await call.do(TransferConversation(conversation=call.id, transfer=body))


async def proposal(call: Call) -> Any:
    return await call.ask(ProposeTransfer(conversation=call.id))


async def accept(call: Call) -> Any:
    return await call.do(AcceptTransfer(conversation=call.id))


async def decline(call: Call, body: wire.Decline) -> Any:
    return await call.do(DeclineTransfer(conversation=call.id, decline=body))


async def withdraw(call: Call) -> Any:
    return await call.do(WithdrawTransfer(conversation=call.id))


async def consult(call: Call, body: wire.Consult) -> Any:
    return await call.do(ConsultColleague(conversation=call.id, consult=body))


async def answer_consult(call: Call, body: wire.ConsultAnswer) -> Any:
    return await call.do(AnswerConsult(conversation=call.id, answer=body))


async def withdraw_consults(call: Call) -> Any:
    return await call.do(WithdrawConsults(conversation=call.id))


async def listing(call: Call, which: Which) -> Any:
    return await call.ask(ListTransfers(**msgspec.structs.asdict(which)))


async def totals(call: Call, which: From) -> Any:
    return await call.ask(CountTransfers(since=which.since))


_OVER = ("not_found", "no_transfer", "transfer_over", "transfer_taken")

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/conversations/{id}/transfer",
        summary="Hand a conversation on, with its reason and summary; it stays until it is accepted",
        handler=transfer,
        body=wire.NewTransfer,
        answer=wire.Transfer,
        status=201,
        codes=(
            "not_found",
            "already_assigned",
            "already_resolved",
            "name_ambiguous",
            "team_absent",
            "team_empty",
            "too_long",
            "transfer_lacks",
            "transfer_pending",
            "transfer_to_holder",
            "user_absent",
            "user_off",
        ),
    ),
    Endpoint(
        method="GET",
        path="/conversations/{id}/transfer/proposal",
        summary="A summary made from the conversation, to be edited",
        handler=proposal,
        answer=wire.Proposal,
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/transfer/accept",
        summary="Take a conversation that was offered",
        handler=accept,
        answer=wire.Transfer,
        codes=(*_OVER, "transfer_not_yours"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/transfer/decline",
        summary="Give back what was offered, with a reason",
        handler=decline,
        body=wire.Decline,
        answer=wire.Transfer,
        codes=(*_OVER, "transfer_lacks", "transfer_not_yours", "transfer_responsible", "too_long"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/transfer/withdraw",
        summary="Take back what nobody has answered",
        handler=withdraw,
        answer=wire.Transfer,
        codes=_OVER,
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/consult",
        summary="Ask a colleague without handing over",
        handler=consult,
        body=wire.Consult,
        answer=wire.Transfer,
        status=201,
        codes=("not_found", "already_resolved", "consult_pending", "consult_self", "empty", "too_long", "user_off"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/consult/answer",
        summary="Answer what a colleague asked",
        handler=answer_consult,
        body=wire.ConsultAnswer,
        answer=wire.Transfer,
        codes=("not_found", "no_consult", "empty", "too_long"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/consult/withdraw",
        summary="Take back what one asked here and nobody answered",
        handler=withdraw_consults,
        answer=wire.Page[wire.Transfer],
        codes=("not_found", "no_consult"),
    ),
    Endpoint(
        method="GET",
        path="/transfers",
        summary="Transfers and consults, newest first",
        handler=listing,
        query=Which,
        answer=wire.Page[wire.Transfer],
        codes=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/transfers/totals",
        summary="What became of transfers: all together, by person, by conversation",
        handler=totals,
        query=From,
        answer=wire.TransferTotals,
    ),
)
