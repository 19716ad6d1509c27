"""`WS /api/v1/feed`: the handshake, what the client sends, and the end."""

from __future__ import annotations

import asyncio
import logging
import time

import msgspec
from starlette.types import Message, Receive, Scope, Send

from server import wire
from server.feed.client import Client
from server.feed.frames import (
    BAD_FRAME,
    FRAMES_AT_ONCE,
    FRAMES_PER_SECOND,
    HELLO_SECONDS,
    LARGEST_FRAME,
    TOO_LARGE,
    TOO_MANY_FRAMES,
    decode_client,
    encode_frame,
)
from server.feed.line import PATIENCE, LineGone, TooSlow, line_of
from server.routes.auth import bearer, token_hash
from server.routes.http import answer_problem
from server.routes.services import Services

log = logging.getLogger(__name__)

#: seconds a close frame may take to be taken
CLOSE_SECONDS = 1.0


class _Refused(Exception):
    """The client broke the protocol: close with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Gone(Exception):
    """The client closed the connection."""


class FrameRate:
    """A bucket of frames that fills again over time."""

    def __init__(self, now: float) -> None:
        self._left = FRAMES_AT_ONCE
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more frame is allowed now (seconds of any steady clock)."""
        self._left = min(FRAMES_AT_ONCE, self._left + (now - self._at) * FRAMES_PER_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class FeedSocket:
    """The feed's endpoint."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        try:
            actor = await self._services.auth.actor(scope)
        except Exception as error:
            await answer_problem(scope, send, error)
            return
        await send({"type": "websocket.accept"})
        hub = self._services.hub
        line = line_of(scope, send)
        client = Client(hub.number(), actor, token_hash(bearer(scope) or ""), line, 0)
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = _frame(await receive()).hello
            if hello is None:
                raise _Refused(BAD_FRAME, "the first frame must be a hello")
            frame, client.cursor = await hub.place(hello)
            await line.send([encode_frame(frame)], PATIENCE)
            await self._converse(client, receive)
        except _Refused as refused:
            client.close(refused.code, refused.reason)
        except TimeoutError:
            client.close(BAD_FRAME, "no hello")
        except TooSlow:
            line.abort()
        except (_Gone, LineGone):
            return
        if client.closing is not None:
            await self._close(client, send)

    async def _converse(self, client: Client, receive: Receive) -> None:
        """Send and receive until one of the two ends."""
        hub = self._services.hub
        hub.join(client)
        sending = asyncio.create_task(client.run(hub.ring, hub.pages))
        reading = asyncio.create_task(self._listen(client, receive))
        try:
            await asyncio.wait((sending, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.leave(client)
            for task in (sending, reading):
                task.cancel()
            ends = await asyncio.gather(sending, reading, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _listen(self, client: Client, receive: Receive) -> None:
        rate = FrameRate(time.monotonic())
        while True:
            message = await receive()
            frame = _frame(message)
            if not rate.take(time.monotonic()):
                raise _Refused(TOO_MANY_FRAMES, "too many frames")
            self._services.hub.seen_from(client, frame)

    async def _close(self, client: Client, send: Send) -> None:
        assert client.closing is not None
        code, reason = client.closing
        self._services.metrics.feed_closed.labels(str(code)).inc()
        if client.line.stuck:
            client.line.farewell(code, reason)
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await send({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            client.line.abort()
        except OSError:
            log.debug("the client was gone before it could be told why")


def _frame(message: Message) -> wire.ClientFrame:
    """The frame in an ASGI message. Raises _Gone, _Refused."""
    if message["type"] != "websocket.receive":
        raise _Gone
    text: str | bytes = message.get("text") or message.get("bytes") or b""
    if len(text) > LARGEST_FRAME:
        raise _Refused(TOO_LARGE, "frame too large")
    try:
        return decode_client(text)
    except msgspec.MsgspecError as error:
        raise _Refused(BAD_FRAME, str(error)[:100]) from None
