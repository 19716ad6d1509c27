"""Advisors, supervisors and admins."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from server import wire
from server.commands.accounts import CreateUser, RemoveUser, UpdateUser
from server.commands.queries import GetUser, ListUsers
from server.routes.endpoint import Call, Endpoint


async def listing(call: Call) -> Any:
    return await call.ask(ListUsers())


async def create(call: Call, body: wire.NewUser) -> Any:
    call.admit(CreateUser)
    hash = await call.services.passwords.hash(body.password)
    # The password itself goes no further than this.
    return await call.do(CreateUser(user=msgspec.structs.replace(body, password=""), password_hash=hash))


async def show(call: Call) -> Any:
    return await call.ask(GetUser(name=call.name))


async def update(call: Call, body: wire.ChangeUser) -> Any:
    hash = ""
    if body.password is not UNSET:
        hash = await call.services.passwords.hash(body.password)
        body = msgspec.structs.replace(body, password=UNSET)
    return await call.do(UpdateUser(name=call.name, change=body, password_hash=hash))


async def remove(call: Call) -> None:
    await call.do(RemoveUser(name=call.name))


ENDPOINTS = (
    Endpoint(
        method="GET", path="/users", summary="Everybody who works here", handler=listing, answer=wire.Page[wire.User]
    ),
    Endpoint(
        method="POST",
        path="/users",
        summary="Add a user",
        handler=create,
        needs="admin",
        body=wire.NewUser,
        answer=wire.User,
        status=201,
        codes=("name_taken", "weak_password", "bad_skills", "bad_capacity"),
    ),
    Endpoint(
        method="GET",
        path="/users/{name}",
        summary="A user",
        handler=show,
        answer=wire.User,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/users/{name}",
        summary="Change a user (oneself: name shown, language, password); a new password or role ends their sessions",
        handler=update,
        body=wire.ChangeUser,
        answer=wire.User,
        codes=("not_found", "weak_password", "last_admin", "bad_skills", "bad_capacity"),
    ),
    Endpoint(
        method="DELETE",
        path="/users/{name}",
        summary="Switch a user off for good; what they wrote stays",
        handler=remove,
        needs="admin",
        codes=("not_found", "last_admin"),
    ),
)
