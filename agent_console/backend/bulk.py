"""Many conversations changed at once: each change is a command of its own, sent as all are (a few at a time, each with
its own key, kept on disk), and here it is known how far they have come and which were refused."""

from __future__ import annotations

from collections.abc import Iterable

from server import wire


class Bulk:
    """One such change. `keys`: command → conversation."""

    def __init__(self, keys: dict[str, int]) -> None:
        self.keys = keys
        #: conversation → why the server said no
        self.refused: dict[int, wire.Problem] = {}
        self._left = set(keys)

    @property
    def total(self) -> int:
        """How many conversations it is about."""
        return len(set(self.keys.values()))

    @property
    def left(self) -> int:
        """How many of them the server has not answered yet."""
        return len({self.keys[key] for key in self._left})

    def ended(self, key: str, problem: wire.Problem | None = None) -> bool:
        """A command has ended. False if it is none of these."""
        if key not in self._left:
            return False
        self._left.discard(key)
        if problem is not None:
            self.refused[self.keys[key]] = problem
        return True

    def only(self, keys: Iterable[str]) -> None:
        """Commands that are not among `keys` any more have ended, whoever took them away."""
        self._left &= set(keys)
