"""What can be jumped to in the inbox: rows, panes, messages, whatever can be clicked at the edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent_console.presentation.jump import Target
from agent_console.widgets.bars import Bar
from agent_console.widgets.jump_overlay import JumpOverlay

if TYPE_CHECKING:
    from textual.widget import Widget

    from agent_console.screens.inbox import Inbox


class Jumping:
    """Puts letters on an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._overlay = JumpOverlay(self._targets, self._panes, self._go, id="jump")

    def do_jump(self) -> None:
        """Show the letters."""
        self._inbox.over.raise_(self._overlay)
        self._inbox.sync_bars()

    def _go(self, target: Target) -> None:
        self._inbox.over.close(self._inbox.thelist)
        target.go()
        self._inbox.sync_bars()

    def _panes(self) -> Sequence[Widget]:
        inbox = self._inbox
        parts: list[Widget] = [inbox.edges.top, inbox.edges.footer, inbox.edges.status, inbox.edges.trouble]
        parts += [inbox.thelist, inbox.thread, inbox.customer, *inbox.composer.children]
        return [part for part in parts if part.display and part.region.area]

    def _targets(self) -> Sequence[Target]:
        inbox, seen = self._inbox, self._panes()
        found: list[Target] = []
        if inbox.thelist in seen:
            for conversation, y in inbox.thelist.in_sight():
                found.append(self._at(inbox.thelist, 0, y, self._open(conversation)))
        if inbox.thread in seen:
            for message, y in inbox.thread.in_sight():
                found.append(self._at(inbox.thread, 0, y, self._mark(message)))
            if inbox.opened is not None:
                found.append(self._at(inbox.thread, 0, 0, self._perform("back")))
        if inbox.customer in seen and not inbox.wide:
            found.append(self._at(inbox.customer, 1, 0, inbox.customer.focus))
        for part in inbox.composer.children:
            if part in seen and inbox.opened is not None:
                found.append(self._at(part, 0, 0, self._perform("reply")))
                break
        for bar in (inbox.edges.top, inbox.edges.trouble, inbox.edges.footer):
            if bar in seen and isinstance(bar, Bar):
                found += [self._at(bar, spot.start, 0, self._perform(spot.name), before=True) for spot in bar.spots]
        return found

    @staticmethod
    def _at(part: Widget, x: int, y: int, go: Callable[[], object], before: bool = False) -> Target:
        return Target(part.region.x + x, part.region.y + y, go, before)

    def _perform(self, action: str) -> Callable[[], object]:
        def perform() -> None:
            if action == "back":
                self._inbox.thread.focus()
            self._inbox.acts.perform(action)

        return perform

    def _open(self, conversation: int) -> Callable[[], object]:
        def go() -> None:
            self._inbox.thelist.go_to(conversation)
            self._inbox.open(conversation)

        return go

    def _mark(self, message: int) -> Callable[[], object]:
        def go() -> None:
            if self._inbox.composer.writing:
                self._inbox.writing.leave()
            self._inbox.thread.focus()
            self._inbox.thread.mark(message)

        return go
