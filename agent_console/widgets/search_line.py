"""The head of a list that is a search: the query, and while it is typed a line for what may come next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded

if TYPE_CHECKING:
    from textual import events


class SearchLine(Canvas, can_focus=True):
    """`paint(width)` gives its lines, `press` takes a key, `insert` what is pasted, `click` a click."""

    writes = True
    DEFAULT_CSS = "SearchLine { split: top; height: 1; display: none; }"

    def __init__(
        self,
        paint: Callable[[int], list[list[Segment]]],
        press: Callable[[events.Key], None],
        insert: Callable[[str], None],
        click: Callable[[], None],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._paint = paint
        self._press = press
        self._insert = insert
        self._click = click

    def show(self, lines: int) -> None:
        """Take so many lines of the screen, or (0) none."""
        self.styles.height = max(1, lines)
        self.display = bool(lines)
        self.repaint()

    def sync(self) -> None:
        """Paint what looks different."""
        width = self.size.width
        if width and self.display:
            self.replace_lines([strip(segments, self.look.bar, width) for segments in self._paint(width)])

    def paint_line(self, y: int, width: int) -> Strip:
        """One of its lines."""
        lines = self._paint(width)
        return strip(lines[y] if y < len(lines) else [], self.look.bar, width)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Every key is typed here, or does something to what was typed."""
        event.stop()
        event.prevent_default()
        self._press(event)

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        self._insert(" ".join(event.text.split()))

    def on_click(self) -> None:
        """A click changes the query."""
        self._click()
