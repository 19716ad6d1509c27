"""The few things our routes need of HTTP, straight on ASGI: read a body under a cap, send an answer.

No framework objects per request: the hooks live on this path and it is what their throughput is made of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.types import Receive, Scope, Send

from server import wire
from server.routes.problems import BodyTooLarge, BodyTooSlow, Headers, problem_of

JSON = b"application/json"
PROBLEM = b"application/problem+json"

#: seconds a whole small body may take, and one piece of a large one
BODY_SECONDS = 30.0

encode = msgspec.json.Encoder().encode

#: what every answer of ours carries: nothing in them is for a browser to run, frame, sniff or keep
GUARDS: Headers = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
#: a browser that came by TLS shall not come back without (one year)
HSTS = (b"strict-transport-security", b"max-age=31536000")


class ClientGone(Exception):
    """The client hung up before its request was complete; there is nobody to answer."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header called `name` (lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def _check_length(scope: Scope, limit: int) -> None:
    """Refuse a body by its announced length, before a byte of it is read (or 100 Continue is said)."""
    announced = header(scope, b"content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge(limit)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, at most `limit` bytes of it ever in memory. Raises BodyTooLarge, BodyTooSlow, ClientGone."""
    _check_length(scope, limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
            if message["type"] != "http.request":
                raise ClientGone
            body: bytes = message.get("body", b"")
            if len(body) > limit:
                raise BodyTooLarge(limit)
            if not message.get("more_body", False):
                return body
            pieces, size = [body], len(body)
            while message.get("more_body", False):
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientGone
                piece: bytes = message.get("body", b"")
                size += len(piece)
                if size > limit:
                    raise BodyTooLarge(limit)
                pieces.append(piece)
            return b"".join(pieces)
    except TimeoutError:
        raise BodyTooSlow from None


async def read_pieces(scope: Scope, receive: Receive, limit: int) -> AsyncIterator[bytes]:
    """A large body piece by piece, as it arrives. Raises like `read_body`."""
    _check_length(scope, limit)
    size, more = 0, True
    while more:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow from None
        if message["type"] != "http.request":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > limit:
            raise BodyTooLarge(limit)
        if piece:
            yield piece


async def answer(
    scope: Scope, send: Send, status: int, body: bytes = b"", kind: bytes = JSON, headers: Headers | None = None
) -> None:
    """Send a complete answer."""
    sent = [*GUARDS, (b"content-length", str(len(body)).encode())]
    if body:
        sent.append((b"content-type", kind))
    if scope["scheme"] == "https":
        sent.append(HSTS)
    if headers:
        sent += headers
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})


async def answer_problem(scope: Scope, send: Send, error: BaseException) -> wire.Problem:
    """Send the problem document that tells of `error`; on a socket that is not open yet, refuse the handshake so."""
    problem, headers = problem_of(error)
    body = encode(problem)
    if scope["type"] == "websocket":
        sent = [*GUARDS, (b"content-type", PROBLEM), (b"content-length", str(len(body)).encode()), *headers]
        await send({"type": "websocket.http.response.start", "status": problem.status, "headers": sent})
        await send({"type": "websocket.http.response.body", "body": body})
    else:
        await answer(scope, send, problem.status, body, PROBLEM, headers)
    return problem
