"""What the stand-ins for Meta's products have under way: deliveries, messages on their way, and who waits for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from server.sandbox.graph_faults import Faults
from server.sandbox.graph_hooks import Counters, Hook
from server.sandbox.graph_state import HookSettings

T = TypeVar("T")


class Running:
    """`faults`: what goes wrong; `counters`: what went over the hook."""

    def __init__(self, settings: Callable[[], HookSettings], seed: int) -> None:
        self.faults = Faults(seed)
        self.counters = Counters()
        self.hook = Hook(settings, self.counters)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._news = asyncio.Condition()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside, until `close`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> int:
        """How many messages and deliveries are under way."""
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
        await self.hook.close()

    async def deliver(self, body: dict[str, Any], times: int, who: str) -> None:
        """Deliver a document about somebody, with whatever goes wrong on the way."""
        if delay := self.faults.take("delay", to=who):
            await asyncio.sleep(delay.ms / 1000)
        if self.faults.take("duplicate", to=who):
            times += 1
        await self.hook.deliver(body, times)

    async def announce(self) -> None:
        """Something reached somebody: whoever waits looks again."""
        async with self._news:
            self._news.notify_all()

    async def until(self, news: Callable[[], T], wait: float) -> T:
        """What `news()` says once it says something, or after `wait` seconds."""
        async with self._news:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait_for(news), wait)
        return news()

    def tell(self, result: Awaitable[None] | None) -> None:
        """Let a listener that takes its time do so beside."""
        if result is not None:
            self.spawn(_awaited(result))


async def _awaited(result: Awaitable[None]) -> None:
    await result
