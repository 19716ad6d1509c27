"""Offering what could be meant by what is being typed: Tab puts it in, Escape leaves the text as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent_console.widgets.offer_drawer import Offer, OfferDrawer

if TYPE_CHECKING:
    from textual import events

    from agent_console.screens.inbox import Inbox

_KEYS = frozenset(("up", "down", "tab", "enter", "escape"))


class Offering:
    """Base: watches what is typed in an inbox's answers. Subclasses say what a beginning stands for."""

    def __init__(self, inbox: Inbox, drawer: OfferDrawer) -> None:
        self._inbox = inbox
        self._drawer = drawer
        #: what was begun, what was left with Escape, and the line as it was told last
        self._word = self._left = self._seen = ""
        self._moved = False

    def begun(self, before: str) -> str:
        """What was typed of something that can be offered, at the end of the line before the cursor; empty if
        nothing was."""
        raise NotImplementedError

    def fitting(self, word: str) -> Sequence[Offer]:
        """What it could be meant for."""
        raise NotImplementedError

    def typed(self, before: str) -> None:
        """Show what fits what was begun, put it away when there is none."""
        self._seen = before
        word = self.begun(before) if self._inbox.composer.writing else ""
        found = self.fitting(word) if word else ()
        if not found or word.startswith(self._left or "\0"):
            self.hide(forget=not found)
            return
        self._word = word
        drawer = self._drawer
        rising = not drawer.display
        if rising:
            self._moved = False
        self._inbox.over.show(drawer)
        drawer.show(found)
        if rising:
            self._inbox.sync_bars()

    def takes(self, event: events.Key) -> bool:
        """Tab (or Enter, once one was looked for) inserts."""
        drawer, key = self._drawer, event.key
        if key in _KEYS and (before := self._inbox.composer.prepare().before) != self._seen:
            self.typed(before)  # keys may come faster than what they typed is told of
        if not drawer.display:
            return False
        if key in ("up", "down"):
            self._moved = True
            drawer.move(1 if key == "down" else -1)
        elif key == "tab" or (key == "enter" and self._moved):
            text = drawer.offers[drawer.chosen].text
            self.hide()
            self._inbox.composer.prepare().swap(self._word, text)
        elif key == "escape":
            self._left = self._word
            self.hide(forget=False)
        else:
            return False
        return True

    def hide(self, forget: bool = True) -> None:
        """Offer nothing any more; `forget`: what was left with Escape may be offered again."""
        if forget:
            self._left = ""
        if self._drawer.display:
            self._drawer.sink()
            self._inbox.sync_bars()
