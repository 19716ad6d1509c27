"""Messages on their way: take one back, send one again, settle one whose fate is unknown."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.replies import Resend, SettleUnknown, TakeBack
from server.routes.endpoint import Call, Endpoint


async def cancel(call: Call) -> Any:
    return await call.do(TakeBack(message=call.id))


async def resend(call: Call) -> Any:
    return await call.do(Resend(message=call.id))


async def settle(call: Call, body: wire.Settle) -> Any:
    return await call.do(SettleUnknown(message=call.id, settle=body))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/messages/{id}/cancel",
        summary="Take back a reply that has not left yet",
        handler=cancel,
        answer=wire.Message,
        codes=("not_found", "already_sent"),
    ),
    Endpoint(
        method="POST",
        path="/messages/{id}/resend",
        summary="Send a failed message again",
        handler=resend,
        answer=wire.Message,
        codes=("not_found", "already_sent"),
    ),
    Endpoint(
        method="POST",
        path="/messages/{id}/settle",
        summary="Decide about a message of which nobody knows whether it was sent",
        handler=settle,
        body=wire.Settle,
        answer=wire.Message,
        codes=("not_found", "already_sent"),
    ),
)
