"""What all stand-ins do over HTTP: answer JSON, let things go wrong, and be steered under `/_control`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.sandbox.graph_faults import Fault, Faults

#: what a request that is no good raises while it is read
BAD = (msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError)


def as_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def object_in(raw: bytes) -> dict[str, Any]:
    return msgspec.json.decode(raw, type=dict[str, Any])


class Cut(Response):
    """No answer: the connection is cut. (A server that stops within an answer it announced has to close the line.)"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


def _proxy(fault: Fault) -> Response:
    return Response("<html>upstream</html>", fault.status or 502, retry_after(fault), media_type="text/html")


async def upset(
    faults: Faults,
    refuse: Callable[[Fault], Response],
    on: str,
    narrow: dict[str, str],
    status: Callable[[Fault], Response] = _proxy,
) -> Response | None:
    """What goes wrong before a request is looked at; None if nothing does.

    `refuse`: an error in the provider's words; `status`: one that is not, as a proxy's.
    """
    fault = faults.take("error", "status", "slow", "cut_before", on=on, **narrow)
    if fault is None:
        return None
    if fault.kind == "slow":
        await asyncio.sleep(fault.ms / 1000)
        return None
    if fault.kind == "cut_before":
        return Cut()
    return (status if fault.kind == "status" else refuse)(fault)


def retry_after(fault: Fault) -> dict[str, str]:
    """The header that says when to come again, if the fault does."""
    return {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}


async def lost(request: Request, fault: Fault, status: int = 200) -> Response:
    """It was done, but the answer does not get through. `status`: of an answer that is garbled."""
    if fault.kind == "garbled":
        return Response("<html>OK</html>", status, media_type="text/html")
    if fault.kind == "hang":
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(fault.ms / 1000):
                await request.receive()  # until the caller hangs up
    return Cut()


class Switches:
    """The faults of a stand-in, switched from outside."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def faults(self, request: Request) -> Response:
        """GET shows what is switched on, POST switches on one or a list, DELETE switches all off."""
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            given = msgspec.json.decode(await request.body())
            self._faults.add(*msgspec.convert(given if isinstance(given, list) else [given], list[Fault]))
        return as_json(self._faults.active)


class State(Protocol):
    """What of a stand-in's state is steered."""

    settings: Any

    def reset(self) -> None:
        """Forget everybody and everything."""
        ...


class Steering(Switches):
    """The controls of a stand-in that has settings and can begin anew."""

    def __init__(self, state: State, faults: Faults) -> None:
        super().__init__(faults)
        self._state = state

    async def settings(self, request: Request) -> Response:
        """GET shows them, POST changes those given."""
        now = self._state.settings
        if request.method == "POST":
            merged = {**msgspec.to_builtins(now), **object_in(await request.body())}
            now = self._state.settings = msgspec.convert(merged, type(now))
        return as_json(now)

    async def reset(self, request: Request) -> Response:
        """Forget everybody and everything, faults too."""
        self._state.reset()
        self._faults.clear()
        return as_json({})


def waited(request: Request) -> tuple[int, float]:
    """(after how many messages, how long to wait for one in seconds) of a question for what reached somebody."""
    query = request.query_params
    return int(query.get("after", "0")), float(query.get("wait", "0"))
