"""What helps while one writes: templates after `;`, emoji after `:`, links after `//`. Each is told of
the line before the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from agent_console.widgets.write_box import Helper


class Completing:
    """Several helpers as one; the first that wants a key gets it."""

    def __init__(self, helpers: Sequence[Helper]) -> None:
        self._helpers = helpers

    def typed(self, before: str) -> None:
        """The line before the cursor is this now."""
        for helper in self._helpers:
            helper.typed(before)

    def takes(self, event: events.Key) -> bool:
        """Whether one of them wanted the key."""
        return any(helper.takes(event) for helper in self._helpers)
