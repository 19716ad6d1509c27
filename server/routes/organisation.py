"""The organisation itself."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.organisation import GetOrganisation, UpdateOrganisation
from server.routes.endpoint import Call, Endpoint


async def show(call: Call) -> Any:
    return await call.ask(GetOrganisation())


async def update(call: Call, body: wire.ChangeOrganisation) -> Any:
    return await call.do(UpdateOrganisation(change=body))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/organisation",
        summary="Name and time zone of the organisation",
        handler=show,
        answer=wire.Organisation,
    ),
    Endpoint(
        method="PATCH",
        path="/organisation",
        summary="Change the organisation's name or time zone",
        handler=update,
        needs="admin",
        body=wire.ChangeOrganisation,
        answer=wire.Organisation,
        codes=("unknown_zone",),
    ),
)
