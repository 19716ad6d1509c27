"""Serve an ASGI app on a real socket inside a program that goes on with other things."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import ASGIApp


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """The app listens while the block runs; gives its base URL. `port` 0: any free one. Signals are left alone."""
    # Made by hand for its protocol number: without it asyncio leaves Nagle's algorithm on (44 ms an answer).
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        async with _listening(app, listening):
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{listening.getsockname()[1]}"
    finally:
        listening.close()


@contextlib.asynccontextmanager
async def _listening(app: ASGIApp, sock: socket.socket) -> AsyncIterator[None]:
    # `uvicorn.Server.serve` would take over the program's signals and take 0.2 s to end: start and end it here.
    config = uvicorn.Config(app, http="httptools", ws="none", lifespan="off", log_level="critical", access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    try:
        yield
    finally:
        for listener in server.servers:
            listener.close()
        state = server.server_state
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        for connection in list(state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # lets the connections go
