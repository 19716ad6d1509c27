"""`/hooks/{channel}`: where providers call. Genuine calls are written down before they are answered.

The hottest path of the server, so it stands outside the framework's routing: raw ASGI, one body, one command.
"""

from __future__ import annotations

import asyncio
import logging
import time
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from server.channels.base import Adapter, Call, NotGenuine
from server.commands.door import SYSTEM, Refusal
from server.commands.receive import Receive as TakeIn
from server.facts import Fact, Unreadable
from server.routes.http import ClientGone, answer, answer_problem, read_body
from server.routes.services import Services

log = logging.getLogger(__name__)

PREFIX = "/hooks/"
LIMIT = 5 * 1024 * 1024
#: bytes from which on a call is read in a thread
LARGE = 128 * 1024
TEXT = b"text/plain; charset=utf-8"
_METRIC = "/hooks/{name}"


class Hooks:
    """Answers /hooks/…, hands everything else on."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        try:
            if method == "POST":
                status = await self._take(scope, receive, send)
            elif method in ("GET", "HEAD"):
                status = await self._handshake(scope, send)
            else:
                method = "other"
                raise Refusal(405, "method_not_allowed")
        except ClientGone:
            status = 499
        except Exception as error:
            status = (await answer_problem(scope, send, error)).status
        self._services.metrics.answered(method, _METRIC, status, time.perf_counter() - started)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> int:
        channel_id, adapter = await self._channel(scope)
        body = await read_body(scope, receive, LIMIT)
        now = self._services.door.store.clock()
        call = _call(scope, body, now)
        try:
            adapter.authenticate(call)
        except NotGenuine as error:
            raise _refusal(error) from None
        body = adapter.document(call)
        if len(body) > LARGE:
            facts = await asyncio.to_thread(_read, adapter, body, now)
        else:
            facts = _read(adapter, body, now)
        command = TakeIn(channel_id=channel_id, body=body, facts=facts, received_at=now)
        await self._services.door.do(SYSTEM, command)
        kind, words = adapter.answer_to(body)
        await answer(scope, send, 200, words, kind)
        return 200

    async def _handshake(self, scope: Scope, send: Send) -> int:
        _, adapter = await self._channel(scope)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            words = adapter.handshake(query)
        except NotGenuine as error:
            raise _refusal(error) from None
        await answer(scope, send, 200, words.encode(), TEXT)
        return 200

    async def _channel(self, scope: Scope) -> tuple[int, Adapter]:
        name = scope["path"][len(PREFIX) :]
        found = await self._services.channels.by_name(name)
        if found is None or not found.active:
            raise Refusal(404, "not_found", what="channel", id=name)
        return found.id, found.adapter


def _call(scope: Scope, body: bytes, now: int) -> Call:
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw_path.decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
    return Call(url=f"{scope['scheme']}://{headers.get('host', '')}{target}", headers=headers, body=body, at=now)


def _refusal(error: NotGenuine) -> Refusal:
    return Refusal(error.status, "unauthenticated" if error.status == 401 else "forbidden")


def _read(adapter: Adapter, body: bytes, now: int) -> list[Fact]:
    """The facts in a genuine call. An adapter never raises for content; if one has a fault all the same, the call is
    kept for replay after the repair."""
    try:
        return adapter.parse(body, now)
    except Exception as error:
        log.exception("an adapter of kind %s could not read a call", adapter.kind)
        return [Unreadable(where="call", why=f"{type(error).__name__}: {error}")]
