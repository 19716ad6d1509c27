"""What the stand-ins for Meta's products share: deliveries over their hook, and what goes wrong with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from server.sandbox.graph_faults import Faults
from server.sandbox.graph_hooks import Counters, Hook
from server.sandbox.graph_state import HookSettings
from server.sandbox.under_way import UnderWay


class Running(UnderWay):
    """`faults`: what goes wrong; `counters`: what went over the hook."""

    def __init__(self, settings: Callable[[], HookSettings], seed: int) -> None:
        super().__init__()
        self.faults = Faults(seed)
        self.counters = Counters()
        self.hook = Hook(settings, self.counters)

    async def close(self) -> None:
        """Stop everything that is under way."""
        await super().close()
        await self.hook.close()

    async def deliver(self, body: dict[str, Any], times: int, who: str) -> None:
        """Deliver a document about somebody, with whatever goes wrong on the way."""
        if delay := self.faults.take("delay", to=who):
            await asyncio.sleep(delay.ms / 1000)
        if self.faults.take("duplicate", to=who):
            times += 1
        await self.hook.deliver(body, times)
