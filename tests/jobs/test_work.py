"""What every job is made of: it wakes, goes on, and ends when it is told to."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from server.commands.door import Door
from server.jobs.work import Job


class Counting(Job):
    """Counts its steps; only `wake` brings more work."""

    rest = 0.0

    def __init__(self) -> None:
        super().__init__(cast(Door, None))
        self.steps = 0
        self.stepped = asyncio.Event()

    async def step(self) -> int | None:
        self.steps += 1
        self.stepped.set()
        return None

    async def until(self, steps: int) -> None:
        async with asyncio.timeout(10):
            while self.steps < steps:
                self.stepped.clear()
                await self.stepped.wait()


async def test_it_steps_when_it_is_woken() -> None:
    job = Counting()
    job.start()
    for steps in range(1, 4):
        await job.until(steps)
        job.wake()
    await job.stop()


async def test_it_ends_also_when_it_is_woken_at_the_same_moment() -> None:
    job = Counting()
    job.start()
    await job.until(1)
    for _turn in range(5):
        await asyncio.sleep(0)  # until it waits
    job.wake()
    async with asyncio.timeout(5):
        await job.stop()
    task: Any = job._task
    assert task.cancelled()
