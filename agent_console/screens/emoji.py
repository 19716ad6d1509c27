"""Emoji by their names while one writes: `:gracias:` becomes 🙏, `:gra` shows what there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import drawers, emoji
from agent_console.safetext import cut, fit
from agent_console.widgets.drawers import Drawer

if TYPE_CHECKING:
    from textual import events

    from agent_console.screens.inbox import Inbox

_TYPED = re.compile(r"(?:^|(?<=[\s(¡¿])):([^\W\d][\w+-]{1,24})(:?)$")


class EmojiDrawer(Drawer):
    """The emoji that fit, one of them chosen. `floor_of` answers the line it stands on."""

    widest = 44

    def __init__(self, floor_of: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._floor_of = floor_of
        self.found: list[emoji.Found] = []
        self.chosen = 0

    def floor(self, screen_height: int) -> int:
        """Above the text."""
        return max(4, self._floor_of())

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """A line for each."""
        look, room = self.look, width - 8
        body = []
        for n, (sign, names) in enumerate(self.found):
            mine = n == self.chosen
            style = look.strong if mine else look.text
            body.append(
                [
                    Segment("▌" if mine else " ", look.accent),
                    Segment(fit(sign, 3), style),
                    Segment(cut(names, room), style),
                ]
            )
        return drawers.framed(_("Emoji"), body, look, width, _("Tab inserts"))


class EmojiEntry:
    """Watches what is typed in an inbox's answers."""

    def __init__(self, inbox: Inbox, floor_of: Callable[[], int]) -> None:
        self._inbox = inbox
        self._drawer = EmojiDrawer(floor_of, id="emoji")
        self._word = self._left = ""
        self._moved = False

    def typed(self, before: str) -> None:
        """A whole name becomes its emoji; the beginning of one shows what there is."""
        match = _TYPED.search(before)
        if match is None or not self._inbox.composer.writing:
            self._hide()
            return
        name, ended = match[1], bool(match[2])
        if ended:
            sign = emoji.exact(name)
            self._hide()
            if sign:
                self._inbox.composer.prepare().swap(match[0], sign)
            return
        found = emoji.find(name)
        if not found or match[0].startswith(self._left or "\0"):
            self._hide(forget=not found)
            return
        self._word = match[0]
        drawer = self._drawer
        if not drawer.display:
            self._moved = False
        drawer.found, drawer.chosen = found, 0
        self._inbox.over.show(drawer)
        drawer.display = True
        drawer.settle()

    def takes(self, event: events.Key) -> bool:
        """Tab (or Enter, once one was looked for) inserts."""
        drawer, key = self._drawer, event.key
        if not drawer.display:
            return False
        if key in ("up", "down"):
            self._moved = True
            drawer.chosen = (drawer.chosen + (1 if key == "down" else -1)) % len(drawer.found)
            drawer.settle()
        elif key == "tab" or (key == "enter" and self._moved):
            sign = drawer.found[drawer.chosen][0]
            self._hide()
            self._inbox.composer.prepare().swap(self._word, sign)
        elif key == "escape":
            self._left = self._word
            self._hide(forget=False)
        else:
            return False
        return True

    def _hide(self, forget: bool = True) -> None:
        if forget:
            self._left = ""
        if self._drawer.display:
            self._drawer.sink()
            self._inbox.sync_bars()
