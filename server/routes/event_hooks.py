"""Outgoing event webhooks: who is told of the journal's events."""

from __future__ import annotations

from typing import Any, cast

from server import wire
from server.commands.event_hooks import (
    CreateEventHook,
    GetEventHook,
    ListEventHooks,
    OpenEventHook,
    Receiver,
    RemoveEventHook,
    UpdateEventHook,
)
from server.jobs.event_hooks import Untold, tell
from server.routes.endpoint import Call, Endpoint


async def listing(call: Call) -> Any:
    return await call.ask(ListEventHooks())


async def create(call: Call, body: wire.NewEventHook) -> Any:
    return await call.do(CreateEventHook(hook=body))


async def show(call: Call) -> Any:
    return await call.ask(GetEventHook(name=call.name))


async def update(call: Call, body: wire.ChangeEventHook) -> Any:
    return await call.do(UpdateEventHook(name=call.name, change=body))


async def remove(call: Call) -> None:
    await call.do(RemoveEventHook(name=call.name))


async def test(call: Call) -> wire.Checks:
    """Call it once, with an event that is in no journal (`seq` 0)."""
    receiver = cast(Receiver, await call.ask(OpenEventHook(name=call.name)))
    now = call.services.door.store.clock()
    event = wire.Event(seq=0, at=now, kind="hook.test", conversation=None, actor=str(call.who))
    try:
        await tell(call.services.http, receiver, f"evt_test_{now}", event, now)
    except Untold as error:
        return wire.Checks(items=[wire.Check(name="hook", ok=False, detail=str(error))])
    return wire.Checks(items=[wire.Check(name="hook", ok=True, detail=receiver.url)])


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/event-hooks",
        summary="All outgoing event webhooks",
        handler=listing,
        needs="admin",
        answer=wire.Page[wire.EventHook],
    ),
    Endpoint(
        method="POST",
        path="/event-hooks",
        summary="Tell a URL of events from now on, signed the Standard Webhooks way",
        handler=create,
        needs="admin",
        body=wire.NewEventHook,
        answer=wire.EventHook,
        status=201,
        codes=("name_taken", "bad_settings"),
    ),
    Endpoint(
        method="GET",
        path="/event-hooks/{name}",
        summary="An outgoing event webhook",
        handler=show,
        needs="admin",
        answer=wire.EventHook,
        codes=("not_found",),
    ),
    Endpoint(
        method="PATCH",
        path="/event-hooks/{name}",
        summary="Change where, of what and by which secret it is told; switch it on or off",
        handler=update,
        needs="admin",
        body=wire.ChangeEventHook,
        answer=wire.EventHook,
        codes=("not_found", "bad_settings"),
    ),
    Endpoint(
        method="DELETE",
        path="/event-hooks/{name}",
        summary="Tell it nothing any more",
        handler=remove,
        needs="admin",
        codes=("not_found", "in_use"),
    ),
    Endpoint(
        method="POST",
        path="/event-hooks/{name}/test",
        summary="Call it once with a test event",
        handler=test,
        needs="admin",
        answer=wire.Checks,
        codes=("not_found",),
    ),
)
