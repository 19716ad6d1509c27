"""Raw provider calls that were kept: look at the ones that could not be read, and read them again."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from server import wire
from server.commands.queries import ListDeliveries
from server.commands.receive import ReplayDelivery
from server.routes.conversations import Cursor, Limit
from server.routes.endpoint import Call, Endpoint


class Wanted(msgspec.Struct, kw_only=True):
    """Which deliveries. `bad`: every one that was not read in full."""

    state: Literal["done", "partial", "failed", "bad"] | None = None
    after: Cursor | None = None
    limit: Limit = 50


async def listing(call: Call, wanted: Wanted) -> Any:
    return await call.ask(ListDeliveries(state=wanted.state, after=wanted.after, limit=wanted.limit))


async def replay(call: Call) -> Any:
    return await call.do(ReplayDelivery(id=call.id))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/deliveries",
        summary="Raw provider calls, newest first",
        handler=listing,
        needs="admin",
        query=Wanted,
        answer=wire.Page[wire.Delivery],
    ),
    Endpoint(
        method="POST",
        path="/deliveries/{id}/replay",
        summary="Read a kept call again; what it brought before is not brought twice",
        handler=replay,
        needs="admin",
        answer=wire.Delivery,
        codes=("not_found",),
    ),
)
