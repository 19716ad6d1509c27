"""What runs beside everything else: held until it ends, and heard of when it fails.

A task that nobody waits for keeps what it raised to itself until it is collected, which may be never. What one begun
here raises goes to the event loop's handler as soon as it has ended, and from there the program's own way of failing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: the event loop itself holds a task only weakly
_running: set[asyncio.Task[Any]] = set()


def begin(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run `work` in the background. It catches what is to be expected; anything else is a mistake of ours."""
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        context = {"message": "in the background", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)
