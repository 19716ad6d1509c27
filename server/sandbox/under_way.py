"""What a stand-in has under way beside its answers: deliveries, messages on their way, and who waits for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import httpx

T = TypeVar("T")


class UnderWay:
    """Base of the stand-ins."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._news = asyncio.Condition()
        self._http: httpx.AsyncClient | None = None

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside, until `close`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> int:
        """How many messages and calls are under way."""
        return len(self._tasks)

    async def settle(self, wait: float = 30.0) -> bool:
        """Wait until nothing is under way; False if that took longer than `wait` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))
        return not self._tasks

    async def close(self) -> None:
        """Stop everything that is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def client(self) -> httpx.AsyncClient:
        """Who calls hooks and fetches files; made when it is first needed."""
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False)
        return self._http

    async def announce(self) -> None:
        """Something reached somebody: whoever waits looks again."""
        async with self._news:
            self._news.notify_all()

    async def until(self, news: Callable[[], T], wait: float) -> T:
        """What `news()` says once it says something, or after `wait` seconds."""
        async with self._news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait_for(news)
        return news()

    def tell(self, result: Awaitable[None] | None) -> None:
        """Let a listener that takes its time do so beside."""
        if result is not None:
            self.spawn(_awaited(result))


async def _awaited(result: Awaitable[None]) -> None:
    await result
