"""The journal, as pages. (The feed is the same, as it happens.)"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from server import wire
from server.commands.queries import ListEvents
from server.routes.endpoint import Call, Endpoint


class Wanted(msgspec.Struct, kw_only=True):
    """Which events: those after `since`, oldest first, of one conversation or of all."""

    since: Annotated[int, msgspec.Meta(ge=0)] = 0
    conversation: int | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200


async def listing(call: Call, wanted: Wanted) -> Any:
    return await call.ask(ListEvents(since=wanted.since, conversation=wanted.conversation, limit=wanted.limit))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/events",
        summary="The journal after `since`, oldest first",
        handler=listing,
        query=Wanted,
        answer=wire.Page[wire.Event],
    ),
)
