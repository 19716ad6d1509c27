"""Letting the server into a channel's account with a browser, where the provider takes no passwords."""

from __future__ import annotations

from server import wire
from server.channels.base import Adapter, BadSettings, Refused, SendError, TryAgain
from server.commands.channels import UpdateChannel
from server.commands.door import Refusal
from server.routes.endpoint import Call, Endpoint


async def _adapter(call: Call) -> Adapter:
    call.admit(UpdateChannel)
    found = await call.services.channels.by_name(call.name)
    if found is None:
        raise Refusal(404, "not_found", what="channel", id=call.name)
    return found.adapter


async def begin(call: Call) -> wire.BrowserSignIn:
    adapter = await _adapter(call)
    try:
        return await adapter.begin_sign_in(call.services.http)
    except BadSettings as error:
        raise Refusal(422, "bad_settings", **error.params) from None
    except SendError as error:
        raise _failed(error) from None


async def end(call: Call, body: wire.BrowserAnswer) -> wire.BrowserState:
    """What the sign-in brought is set as an administrator would set it: what waited for it goes on."""
    adapter = await _adapter(call)
    try:
        found = await adapter.end_sign_in(body.ticket, body.answer, call.services.http)
    except BadSettings as error:
        raise Refusal(422, "bad_settings", **error.params) from None
    except TryAgain as error:
        return wire.BrowserState(done=False, later_ms=error.after_ms or 0)
    except Refused as error:
        raise _failed(error) from None
    if found is None:
        return wire.BrowserState(done=False)
    await call.do(UpdateChannel(name=call.name, change=wire.ChangeChannel(settings=found)))
    return wire.BrowserState(done=True)


def _failed(error: SendError) -> Refusal:
    said = " ".join(filter(None, (error.failure.code, error.failure.detail)))
    return Refusal(422, "sign_in_failed", detail=said)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/channels/{name}/sign-in",
        summary="Begin to sign in to a channel's account with a browser",
        handler=begin,
        needs="admin",
        answer=wire.BrowserSignIn,
        codes=("not_found", "bad_settings", "sign_in_failed"),
    ),
    Endpoint(
        method="POST",
        path="/channels/{name}/sign-in/answer",
        summary="Whether somebody has signed in; keep what that brought",
        handler=end,
        needs="admin",
        body=wire.BrowserAnswer,
        answer=wire.BrowserState,
        codes=("not_found", "bad_settings", "sign_in_failed"),
    ),
)
