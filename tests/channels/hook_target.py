"""A webhook's receiving end: checks signatures as our server does, keeps what came, and can be told to fail."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

from server.channels.base import Adapter, Call
from server.facts import Fact, MessageFact, ReactionFact, StatusFact
from server.sandbox.graph_server import serving
from server.sandbox.graph_state import now_ms


class HookTarget:
    """`answers` are the statuses of the next calls, 200 when used up."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self.bodies: list[bytes] = []
        self.answers: list[int] = []
        self.calls = 0
        self._news = asyncio.Condition()
        self.url = ""

    @property
    def facts(self) -> list[Fact]:
        """What all calls that got a 200 say, in the order they came."""
        return [fact for body in self.bodies for fact in self.adapter.parse(body, now_ms())]

    @property
    def statuses(self) -> list[str]:
        return [fact.status for fact in self.facts if isinstance(fact, StatusFact)]

    @property
    def messages(self) -> list[MessageFact | ReactionFact]:
        return [fact for fact in self.facts if isinstance(fact, (MessageFact, ReactionFact))]

    async def until(self, count: int) -> None:
        """Wait until that many calls were taken."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.bodies) >= count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        self.calls += 1
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.adapter.authenticate(Call(url=self.url, headers=headers, body=body, at=now_ms()))
        status = self.answers.pop(0) if self.answers else 200
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        if status == 200:
            async with self._news:
                self.bodies.append(body)
                self._news.notify_all()


@contextlib.asynccontextmanager
async def listening(target: HookTarget) -> AsyncIterator[HookTarget]:
    """The target on a free port."""
    async with serving(target) as url:
        target.url = f"{url}/hooks/wa"
        yield target
