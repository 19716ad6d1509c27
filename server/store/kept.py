"""What is asked at every message and changes seldom: read once, then kept in memory.

The database renews a stamp in the transaction that changes any of it (`schema_kept`). A stamp never comes twice, so
what was read under one is true for ever, in a snapshot of the past too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from server.store.store import Snapshot

T = TypeVar("T")
#: what is kept of one kind: of a few stores, and of the moments around a change
_KEPT = 8


class Kept(Generic[T]):
    """A question whose answer is kept: `load` reads it from topics, routes, campaigns, team names or the service
    settings, and nothing else. Nobody may change an answer."""

    def __init__(self, load: Callable[[Snapshot], T]) -> None:
        self._load = load
        self._answers: dict[str, tuple[T]] = {}

    def __call__(self, read: Snapshot) -> T:
        """One small query at most, unless something has changed."""
        stamp = read.stamp()
        found = self._answers.get(stamp)
        if found is None:
            found = (self._load(read),)
            if len(self._answers) >= _KEPT:
                self._answers.clear()
            self._answers[stamp] = found
        return found[0]
