"""Messages on their way: take one back, send one again or let it be, settle one whose fate is unknown."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.dead_letters import DropFailed, Resend, SettleUnknown
from server.commands.replies import TakeBack
from server.routes.endpoint import Call, Endpoint


async def cancel(call: Call) -> Any:
    return await call.do(TakeBack(message=call.id))


async def resend(call: Call) -> Any:
    return await call.do(Resend(message=call.id))


async def drop(call: Call) -> Any:
    return await call.do(DropFailed(message=call.id))


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
        codes=("not_found", "wrong_status", "window_closed", "channel_off"),
    ),
    Endpoint(
        method="POST",
        path="/messages/{id}/drop",
        summary="Let a failed message be: it leaves the dead letters",
        handler=drop,
        answer=wire.Message,
        codes=("not_found", "wrong_status"),
    ),
    Endpoint(
        method="POST",
        path="/messages/{id}/settle",
        summary="Decide about a message of which nobody knows whether it was sent",
        handler=settle,
        body=wire.Settle,
        answer=wire.Message,
        codes=("not_found", "wrong_status", "window_closed", "channel_off"),
    ),
)
