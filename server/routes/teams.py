"""Teams."""

from __future__ import annotations

from typing import Any

from server import wire
from server.commands.accounts import CreateTeam, RemoveTeam, UpdateTeam
from server.commands.queries import ListTeams
from server.routes.endpoint import Call, Endpoint


async def listing(call: Call) -> Any:
    return await call.ask(ListTeams())


async def create(call: Call, body: wire.NewTeam) -> Any:
    return await call.do(CreateTeam(team=body))


async def update(call: Call, body: wire.ChangeTeam) -> Any:
    return await call.do(UpdateTeam(name=call.name, change=body))


async def remove(call: Call) -> None:
    await call.do(RemoveTeam(name=call.name))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/teams",
        summary="All teams with their members",
        handler=listing,
        answer=wire.Page[wire.Team],
    ),
    Endpoint(
        method="POST",
        path="/teams",
        summary="Add a team",
        handler=create,
        needs="admin",
        body=wire.NewTeam,
        answer=wire.Team,
        status=201,
        codes=("name_taken", "bad_leave_time"),
    ),
    Endpoint(
        method="PATCH",
        path="/teams/{name}",
        summary="Rename a team or change its members",
        handler=update,
        needs="admin",
        body=wire.ChangeTeam,
        answer=wire.Team,
        codes=("not_found", "name_taken", "name_unwritable", "bad_leave_time"),
    ),
    Endpoint(
        method="DELETE",
        path="/teams/{name}",
        summary="Remove a team that has no open work",
        handler=remove,
        needs="admin",
        codes=("not_found", "in_use", "last_resort", "team_has_work"),
    ),
)
