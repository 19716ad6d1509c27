"""For whoever runs the server: is it alive, is it ready, what are its numbers."""

from __future__ import annotations

import asyncio
import time

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.commands.channel_health import Condition, ListConditions
from server.commands.door import SYSTEM, Refusal, Unavailable
from server.commands.health import Health, LookAfter, Probe
from server.routes.http import answer, answer_problem, encode, header
from server.routes.services import Services
from server.settings import is_loopback

#: seconds the writer may take to commit a probe before we are not ready
READY_SECONDS = 3.0
#: seconds a probe's outcome is believed: anyone may ask, and each costs a commit
BELIEVED = 1.0
METRICS = b"text/plain; version=0.0.4; charset=utf-8"


async def probe(services: Services) -> float:
    """Commit something small; seconds that took. Raises Unavailable if it cannot, or not in time."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(READY_SECONDS):
            await services.door.do(SYSTEM, Probe())
    except TimeoutError:
        raise Unavailable("the writer does not answer") from None
    return time.perf_counter() - started


class Alive:
    """The process answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, send, 200, b'{"status":"alive"}')


class Ready:
    """The store takes writes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = asyncio.Lock()
        self._at = 0.0
        self._trouble: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._turn:
            if time.monotonic() - self._at > BELIEVED or not self._at:
                try:
                    await probe(self._services)
                    self._trouble = None
                except Exception as error:
                    self._trouble = error
                self._at = time.monotonic()
            trouble = self._trouble
        if trouble is None:
            await answer(scope, send, 200, b'{"status":"ready"}')
        else:
            await answer_problem(scope, send, trouble)


class Numbers:
    """Prometheus' page, for this machine and for admins."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if not _is_local(scope):
                actor = await self._services.auth.actor(scope)
                if not actor.at_least("admin"):
                    raise Refusal(403, "forbidden", needs="admin")
            metrics = self._services.metrics
            seen: Health = await self._services.door.ask(SYSTEM, LookAfter())
            metrics.waiting(queued=seen.queued, sending=seen.sending, unknown=seen.unknown)
            now = self._services.door.store.clock()
            metrics.oldest.set(0 if seen.oldest is None else max(0, now - seen.oldest) / 1000)
            found: list[Condition] = await self._services.door.ask(SYSTEM, ListConditions())
            metrics.channels({channel.name: channel.health for channel in found})
            text = await asyncio.to_thread(metrics.text)
        except Exception as error:
            await answer_problem(scope, send, error)
            return
        await answer(scope, send, 200, text, METRICS)


class Described:
    """The OpenAPI document, made once."""

    def __init__(self, document: object) -> None:
        self._body = encode(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, send, 200, self._body)


def _is_local(scope: Scope) -> bool:
    """Whether a program on this machine asks for itself (a proxy on this machine asks for others)."""
    client = scope.get("client")
    forwarded = any(header(scope, name) for name in (b"forwarded", b"x-forwarded-for", b"via"))
    return client is not None and is_loopback(client[0]) and not forwarded


def watch(services: Services) -> None:
    """Numbers that are read when somebody asks for them."""
    store, metrics = services.door.store, services.metrics
    metrics.gauge("feed_clients", "Consoles connected to the feed", lambda: len(services.hub))
    metrics.gauge("writer_queue", "Commands waiting for the writer", store.queue_depth)
    metrics.gauge("commit_batch", "Commands in the newest commit", lambda: store.last_batch)
    metrics.gauge("journal_seq", "Newest entry of the journal", lambda: store.seq)


def routes(services: Services, document: object) -> list[Route]:
    """Routes outside the table: nobody signs in for them."""
    return [
        Route("/healthz", Alive(), methods=["GET"]),
        Route("/readyz", Ready(services), methods=["GET"]),
        Route("/metrics", Numbers(services), methods=["GET"]),
        Route("/api/v1/openapi.json", Described(document), methods=["GET"]),
    ]
