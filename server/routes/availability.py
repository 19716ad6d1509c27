"""Who is there and what they carry."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.availability import ListAvailability, SetAvailability
from server.routes.endpoint import Call, Endpoint


async def listing(call: Call) -> Any:
    return await call.ask(ListAvailability())


async def put(call: Call, body: wire.SetAvailability) -> Any:
    return await call.do(SetAvailability(name=call.name, set=body))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/availability",
        summary="Everybody who works here: state, load, capacity, teams and skills",
        handler=listing,
        answer=wire.Page[wire.Availability],
    ),
    Endpoint(
        method="PUT",
        path="/availability/{name}",
        summary="Set one's own state or, as a supervisor, somebody else's",
        handler=put,
        body=wire.SetAvailability,
        answer=wire.Availability,
        codes=("not_found", "bad_back_at"),
    ),
)
