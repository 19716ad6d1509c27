"""The supervisor's wallboard."""

from __future__ import annotations

from typing import Any

from server import wire
from server.routes.endpoint import Call, Endpoint


async def show(call: Call) -> Any:
    return await call.services.tally.board(call.who)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/wallboard",
        summary="Who waits, who works, and how the day goes: by team, channel, campaign and advisor",
        handler=show,
        needs="supervisor",
        answer=wire.Board,
    ),
)
