"""Wait until a console has done all that it began: nobody knows how many turns of the loop that takes."""

from __future__ import annotations

import asyncio
import time

from textual.pilot import Pilot

from agent_console.app import ConsoleApp

#: what always runs: the widgets' own loops, timers, who waits for something to send
_RESIDENT = ("MessagePump._process_messages", "Timer._run_timer", "App.run", "App.run_test", "Event.wait")
#: looks in a row at which nothing runs, and seconds after which something never ends
STILL, PATIENCE = 2, 10.0
#: looks after which it never ends, at least: on a busy machine a second is soon over
LOOKS = 40


def _running() -> bool:
    """Whether the console does something beside what it always does."""
    names = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks() - {asyncio.current_task()})
    return any(not name.startswith(_RESIDENT) for name in names)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until no key waits for its turn and nothing that was asked for is on its way."""
    assert await calm(pilot, PATIENCE, STILL), "the console never settles"


async def calm(pilot: Pilot[None], patience: float, still: int = 1) -> bool:
    """The same for `patience` seconds at most; whether it is so."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    found, looks, deadline = 0, 0, time.monotonic() + patience
    while found < still:
        looks += 1
        await pilot.pause()
        found = found + 1 if app.gate.idle and not _running() else 0
        if not found:
            if looks > LOOKS and time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.001)
    return True
