"""The world over HTTP: Graph's stand-in as it is, and `/_world` to set the customers going and to ask for the ledger.

POST /_world/connect  {"server"}: the providers know where to call
POST /_world/begin    `world.Place`: the customers write to this business from now on
POST /_world/rest     nobody says anything new
GET  /_world/pulse    `world.Pulse`
GET  /_world/ledger   `world_ledger.Record`
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox.graph_http import make_app as make_graph_app
from server.sandbox.world import Place, World

#: share of Graph's answers that come late, and how late (seconds): the message's statuses are there before them
SLOW, SLOW_SECONDS = 0.12, 0.5


class Slow:
    """Graph, but some answers to a send take their time."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world
        self._rng = random.Random(f"slow {world.seed}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sends = scope["type"] == "http" and scope["path"].endswith("/messages") and scope["method"] == "POST"
        if not sends or self.world.calm or self._rng.random() >= SLOW:
            return await self.app(scope, receive, send)

        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(SLOW_SECONDS)
            await send(message)

        await self.app(scope, receive, late)


def make_app(world: World) -> Starlette:
    """The ASGI app of a world."""

    async def begin(request: Request) -> Response:
        try:
            place = msgspec.json.decode(await request.body(), type=Place)
        except msgspec.MsgspecError as error:
            return _json({"error": str(error)}, 400)
        try:
            world.begin(place)
        except KeyError:
            return _json({"error": f"{place.trouble} has no provider"}, 400)
        return _json(world.pulse())

    async def connect(request: Request) -> Response:
        try:
            place = msgspec.json.decode(await request.body(), type=Place)
        except msgspec.MsgspecError as error:
            return _json({"error": str(error)}, 400)
        world.providers.connect(place.server)
        return _json(world.pulse())

    async def rest(request: Request) -> Response:
        world.rest()
        return _json(world.pulse())

    async def pulse(request: Request) -> Response:
        return _json(world.pulse())

    async def ledger(request: Request) -> Response:
        return _json(world.record())

    return Starlette(
        routes=[
            Route("/_world/connect", connect, methods=["POST"]),
            Route("/_world/begin", begin, methods=["POST"]),
            Route("/_world/rest", rest, methods=["POST"]),
            Route("/_world/pulse", pulse),
            Route("/_world/ledger", ledger),
            Mount("/", Slow(make_graph_app(world.providers.graph), world)),
        ]
    )


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
