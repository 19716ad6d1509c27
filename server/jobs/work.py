"""What every job is made of: something that wakes on the journal or when the next thing is due, and never dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from server.commands.door import SYSTEM, Command, Door, Query, Unavailable

log = logging.getLogger(__name__)

#: how long a job sleeps at most (s), whatever it believes is due: a clock that was set back must not stop it
LONGEST_SLEEP = 30.0
#: pause after a fault (s)
PAUSE = 1.0


class Job:
    """Runs `step` whenever something is due or its journal kinds say so. `step` returns when it wants to run again.

    That is UTC ms, or None if only the journal can bring more work. A fault is logged and tried again a second later.
    """

    name = "job"
    kinds: frozenset[str] = frozenset()
    #: seconds between two steps at least: a thousand messages a second need not be looked at a thousand times
    rest = 0.05

    def __init__(self, door: Door) -> None:
        self.door = door
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self.kinds:
            self.door.on_commit(lambda seq: self.wake(), self.kinds)
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """There may be something to do now."""
        self._wake.set()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def step(self) -> int | None:
        raise NotImplementedError

    async def do(self, command: Command) -> object:
        return await self.door.do(SYSTEM, command)

    async def ask(self, query: Query) -> object:
        return await self.door.ask(SYSTEM, query)

    def now(self) -> int:
        return self.door.store.clock()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                due = await self.step()
            except Unavailable as error:
                log.warning("%s waits for the store: %s", self.name, error)
                due = self.now() + int(PAUSE * 1000)
            except Exception:
                log.exception("%s failed and goes on", self.name)
                await asyncio.sleep(PAUSE)
                due = self.now()
            wait = LONGEST_SLEEP if due is None else min(LONGEST_SLEEP, max(0.0, (due - self.now()) / 1000))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            await asyncio.sleep(self.rest)
