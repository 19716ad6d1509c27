"""The outbox: what waits to leave, what nobody knows of, the dead letters; and sending many of those again."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from server.commands.dead_letters import ListOutbox, ResendMany
from server.routes.conversations import Cursor, Limit
from server.routes.endpoint import Call, Endpoint


class Wanted(msgspec.Struct, kw_only=True):
    """Which messages: those that failed for good, unless another state is asked for."""

    state: wire.OutboxState = "failed"
    channel: str | None = None
    after: Cursor | None = None
    limit: Limit = 50


async def listing(call: Call, wanted: Wanted) -> Any:
    return await call.ask(
        ListOutbox(state=wanted.state, channel=wanted.channel, after=wanted.after, limit=wanted.limit)
    )


async def resend(call: Call, body: wire.ResendMany) -> Any:
    return await call.do(ResendMany(wanted=body))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/outbox",
        summary="Messages that have not left, newest first; advisors see what they wrote",
        handler=listing,
        query=Wanted,
        answer=wire.Page[wire.OutboxItem],
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/outbox/resend",
        summary="Send a channel's failed messages again, oldest first",
        handler=resend,
        needs="supervisor",
        body=wire.ResendMany,
        answer=wire.Resent,
        codes=("not_found", "channel_off"),
    ),
)
