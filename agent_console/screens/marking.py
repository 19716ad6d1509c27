"""Conversations marked to be worked on together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.i18n import _, ngettext
from agent_console.keys import first

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox


class Marking:
    """What is marked in an inbox's list. Marks stay while one scrolls, and go with the list."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._marked: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._marked)

    def __contains__(self, conversation: object) -> bool:
        return conversation in self._marked

    def ids(self) -> list[int]:
        """The marked conversations, in the order they were marked."""
        return list(self._marked)

    def said(self) -> str:
        """What the status line says while something is marked."""
        n = len(self._marked)
        if not n:
            return ""
        text = ngettext("{n} marked · {keys}", "{n} marked · {keys}", n)
        offered = (("claim", _("take")), ("tags", _("tags")), ("snooze", _("put aside")), ("resolve", _("resolve")),
                   ("leave_list", _("none")))  # fmt: skip
        return text.format(n=n, keys="  ".join(f"{first(action)} {label}" for action, label in offered))

    def do_mark(self) -> None:
        """Mark the conversation under the cursor, or no longer; then the next one."""
        here = self._inbox.thelist.cursor
        if here is None:
            return
        if here in self._marked:
            del self._marked[here]
        else:
            self._marked[here] = None
        self._inbox.thelist.step(1)
        self._changed()

    def do_mark_next(self) -> None:
        self._extend(1)

    def do_mark_previous(self) -> None:
        self._extend(-1)

    def _extend(self, step: int) -> None:
        thelist = self._inbox.thelist
        if thelist.cursor is not None:
            self._marked[thelist.cursor] = None
        thelist.step(step)
        if thelist.cursor is not None:
            self._marked[thelist.cursor] = None
        self._changed()

    def do_mark_range(self) -> None:
        """From the conversation marked last to the one under the cursor."""
        window, here = self._inbox.session.mirror.window, self._inbox.thelist.cursor
        last = next((each for each in reversed(self._marked) if each in window), None)
        at = window.index(here) if here is not None else None
        start = window.index(last) if last is not None else at
        if at is None or start is None:
            return
        for each in window.ids(min(start, at), max(start, at) + 1):
            self._marked[each] = None
        self._changed()

    def do_mark_all(self) -> None:
        """All that is loaded of the list; none, if all of it is marked."""
        ids = self._inbox.session.mirror.window.ids()
        if all(each in self._marked for each in ids):
            self._marked.clear()
        else:
            self._marked.update(dict.fromkeys(ids))
        self._changed()

    def clear(self) -> bool:
        """Nothing is marked any more. False if nothing was."""
        if not self._marked:
            return False
        self._marked.clear()
        self._changed()
        return True

    def _changed(self) -> None:
        self._inbox.edges.marked = self.said()
        self._inbox.thelist.marked = frozenset(self._marked)
        self._inbox.thelist.sync()
        self._inbox.sync_bars()
