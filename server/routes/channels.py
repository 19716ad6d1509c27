"""Channels: the accounts we are reached at."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec

from server import wire
from server.channels.base import SendError
from server.commands.channel_health import NoteCheck, first_problem
from server.commands.channels import CreateChannel, GetChannel, ListChannels, RemoveChannel, UpdateChannel
from server.commands.door import Refusal
from server.routes.endpoint import Call, Endpoint

#: seconds a provider may take to answer our questions
TEST_SECONDS = 30.0


def _with_address(call: Call, channel: Any) -> wire.Channel:
    """The channel's hook as the provider must know it, where we know how we are reached."""
    shown = msgspec.convert(channel, wire.Channel, from_attributes=True)  # a repeated command answers plain values
    shown.hook = call.services.settings.public_url.rstrip("/") + shown.hook
    return shown


async def listing(call: Call) -> Any:
    page: wire.Page[wire.Channel] = await call.ask(ListChannels())
    page.items = [_with_address(call, channel) for channel in page.items]
    return page


async def create(call: Call, body: wire.NewChannel) -> Any:
    return _with_address(call, await call.do(CreateChannel(channel=body)))


async def show(call: Call) -> Any:
    return _with_address(call, await call.ask(GetChannel(name=call.name)))


async def update(call: Call, body: wire.ChangeChannel) -> Any:
    return _with_address(call, await call.do(UpdateChannel(name=call.name, change=body)))


async def remove(call: Call) -> None:
    await call.do(RemoveChannel(name=call.name))


async def test(call: Call) -> wire.Checks:
    """Try the settings against the provider. If they work, what waits to leave need not wait any longer."""
    call.admit(UpdateChannel)
    found = await call.services.channels.by_name(call.name)
    if found is None:
        raise Refusal(404, "not_found", what="channel", id=call.name)
    ends: int | None = None
    try:
        async with asyncio.timeout(TEST_SECONDS):
            with contextlib.suppress(SendError):  # the check says what is wrong
                await found.adapter.set_up(call.services.http)
            checks = list(await found.adapter.check(call.services.http))
            if all(check.ok for check in checks):
                ends = await found.adapter.token_expiry(call.services.http)
    except TimeoutError:
        checks = [wire.Check(name="provider", ok=False)]
    problem, detail = first_problem(checks)
    note = NoteCheck(channel_id=found.id, problem=problem, detail=detail, token_expires_at=ends, by_hand=True)
    await call.services.door.do(call.who, note)
    return wire.Checks(items=checks)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/channels",
        summary="All channels; secrets only as set or missing",
        handler=listing,
        answer=wire.Page[wire.Channel],
    ),
    Endpoint(
        method="POST",
        path="/channels",
        summary="Set a channel up",
        handler=create,
        needs="admin",
        body=wire.NewChannel,
        answer=wire.Channel,
        status=201,
        codes=("name_taken", "bad_settings", "unknown_kind"),
    ),
    Endpoint(
        method="GET",
        path="/channels/{name}",
        summary="A channel",
        handler=show,
        answer=wire.Channel,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/channels/{name}",
        summary="Change settings, the team, or switch a channel on or off",
        handler=update,
        needs="admin",
        body=wire.ChangeChannel,
        answer=wire.Channel,
        codes=("not_found", "bad_settings"),
    ),
    Endpoint(
        method="DELETE",
        path="/channels/{name}",
        summary="Take a channel out of service for good; its conversations stay",
        handler=remove,
        needs="admin",
        codes=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/channels/{name}/test",
        summary="Try the settings against the provider",
        handler=test,
        needs="admin",
        answer=wire.Checks,
        codes=("not_found",),
    ),
)
