"""Help asked for, and what supervisors do in a conversation."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.supervision import FlagForHelp, Observe, TakeOver, Whisper
from server.routes.endpoint import Call, Endpoint


async def flag(call: Call, body: wire.Flag) -> Any:
    return await call.do(FlagForHelp(conversation=call.id, flag=body))


async def whisper(call: Call, body: wire.Whisper) -> Any:
    return await call.do(Whisper(conversation=call.id, whisper=body))


async def observe(call: Call) -> None:
    await call.do(Observe(conversation=call.id))


async def take_over(call: Call, body: wire.TakeOver) -> Any:
    return await call.do(TakeOver(conversation=call.id, take=body))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/conversations/{id}/flag",
        summary="Ask a supervisor for help, or no longer",
        handler=flag,
        body=wire.Flag,
        answer=wire.ConversationRow,
        codes=("not_found", "already_resolved", "already_assigned", "too_long"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/whisper",
        summary="Write to the conversation's advisor, unseen by other advisors",
        handler=whisper,
        needs="supervisor",
        body=wire.Whisper,
        answer=wire.Message,
        status=201,
        codes=("not_found", "nobody_to_whisper", "empty", "too_long"),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/observe",
        summary="Note in the journal that the caller looks on silently",
        handler=observe,
        needs="supervisor",
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/conversations/{id}/take-over",
        summary="Take a conversation from whoever has it, and say why",
        handler=take_over,
        needs="supervisor",
        body=wire.TakeOver,
        answer=wire.ConversationRow,
        codes=("not_found", "already_resolved", "empty", "too_long"),
    ),
)
