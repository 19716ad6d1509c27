"""The way to one client's socket: without waiting while it keeps up, with a limit when it does not.

ASGI only offers "send one message, and wait if you must". For one event to hundreds of consoles that costs a task
switch and a framing each, and it cannot drop a client that stopped reading (a close frame would wait behind what it
never reads). `FeedProtocol` is uvicorn's own websocket protocol with one addition: it offers its transport to the
application as an extension of the scope. Where that is absent (another ASGI server, a uvicorn whose insides changed)
the feed works through plain ASGI, only slower.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.types import Scope, Send
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.feed.frames import framed

#: name of the extension in the scope
EXTENSION = "agent_console.transport"
#: a client that does not take what it was sent for so long (seconds) is given up
PATIENCE = 30.0
#: seconds a stuck connection is kept for its client to read why it was closed
LINGER = 5.0
#: bytes written at once to a client that catches up
CHUNK = 64 * 1024
#: what uvicorn's protocol must have for the short way
_NEEDED = ("transport", "writable", "disconnected", "close_sent", "conn")


class TooSlow(Exception):
    """The client did not take what it was sent in time."""


class LineGone(Exception):
    """The connection is closed."""


class Line(Protocol):
    """One client's socket. `push` takes framed bytes, `send` bare payloads."""

    def push(self, data: bytes) -> bool:
        """Write framed bytes if that needs no waiting; whether it was done."""

    async def send(self, payloads: Sequence[bytes], patience: float) -> None:
        """Send each payload as a text frame, in order, waiting for room. Raises TooSlow, LineGone."""

    @property
    def stuck(self) -> bool:
        """Whether the client has not taken what was sent to it so far."""

    def farewell(self, code: int, reason: str) -> None:
        """Close a stuck connection without waiting: if the client ever reads on, it learns why."""

    def abort(self) -> None:
        """Drop the connection without another word."""


class FeedProtocol(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol, which also lets the feed write to its transport."""

    async def run_asgi(self) -> None:
        if all(hasattr(self, name) for name in _NEEDED):
            offered: dict[str, Any] = {EXTENSION: DirectLine(self)}
            self.scope["extensions"] = {**(self.scope["extensions"] or {}), **offered}
        await super().run_asgi()

    def keepalive_timeout(self) -> None:
        """The peer is silent: close as usual, and do not wait for it to read what it will never read."""
        super().keepalive_timeout()
        if not self.writable.is_set():
            self.transport.abort()


class DirectLine:
    """Writes frames to the transport itself."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: FeedProtocol) -> None:
        self._protocol = protocol

    def push(self, data: bytes) -> bool:
        p = self._protocol
        if p.disconnected or p.close_sent or not p.writable.is_set() or p.transport.is_closing():
            return False
        p.transport.write(data)
        return True

    async def send(self, payloads: Sequence[bytes], patience: float) -> None:
        batch: list[bytes] = []
        size = 0
        for payload in payloads:
            batch.append(payload)
            size += len(payload)
            if size >= CHUNK:
                await self._write(batch, patience)
                batch, size = [], 0
        if batch:
            await self._write(batch, patience)

    async def _write(self, batch: list[bytes], patience: float) -> None:
        p = self._protocol
        if not p.writable.is_set():
            try:
                async with asyncio.timeout(patience):
                    await p.writable.wait()
            except TimeoutError:
                raise TooSlow from None
        if not self.push(framed(batch)):
            raise LineGone

    @property
    def stuck(self) -> bool:
        return not self._protocol.writable.is_set()

    def farewell(self, code: int, reason: str) -> None:
        p = self._protocol
        if not p.transport.is_closing():
            p.conn.send_close(code, reason)
            p.transport.write(b"".join(p.conn.data_to_send()))
            p.close_sent = True
            asyncio.get_running_loop().call_later(LINGER, p.transport.abort)

    def abort(self) -> None:
        self._protocol.transport.abort()


class PlainLine:
    """Sends by ASGI alone."""

    __slots__ = ("_send", "_stuck")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._stuck = False

    def push(self, data: bytes) -> bool:
        return False

    async def send(self, payloads: Sequence[bytes], patience: float) -> None:
        try:
            for payload in payloads:
                self._stuck = True
                message = {"type": "websocket.send", "text": payload.decode()}
                async with asyncio.timeout(patience):
                    await self._send(message)
                self._stuck = False
        except TimeoutError:
            raise TooSlow from None
        except OSError:
            raise LineGone from None

    @property
    def stuck(self) -> bool:
        return self._stuck

    def farewell(self, code: int, reason: str) -> None:
        self.abort()

    def abort(self) -> None:
        """ASGI has no way to; the server drops the connection when its own time-outs pass."""


def line_of(scope: Scope, send: Send) -> Line:
    """The best way to this connection's client."""
    direct = scope.get("extensions", {}).get(EXTENSION)
    return direct if isinstance(direct, DirectLine) else PlainLine(send)
