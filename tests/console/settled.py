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


def _running(before: set[asyncio.Task[object]]) -> list[str]:
    """What the console does now, beside what it always does."""
    names = []
    for task in asyncio.all_tasks() - before:
        name = getattr(task.get_coro(), "__qualname__", "")
        if task is not asyncio.current_task() and not name.startswith(_RESIDENT):
            names.append(name)
    return names


async def settled(pilot: Pilot[None], before: frozenset[asyncio.Task[object]] = frozenset()) -> None:
    """Wait until no key waits for its turn and nothing that was asked for is on its way. `before`: tasks that are not
    waited for."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    still, deadline = 0, time.monotonic() + PATIENCE
    while still < STILL:
        await pilot.pause()
        running = _running(set(before))
        still = still + 1 if app.gate.idle and not running else 0
        if not still:
            assert time.monotonic() < deadline, f"the console never settles: {running}, {vars(app.gate)}"
            await asyncio.sleep(0.001)
