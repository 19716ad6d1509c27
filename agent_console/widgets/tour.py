"""The tour's lines above the status line. It takes no keys: it watches what is done, and goes on when it was learnt."""

from __future__ import annotations

from collections.abc import Callable

from textual.strip import Strip

from agent_console.presentation import tour
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.messages import Perform

#: for how long (ms) the last word stays
STAY = 12_000


class Tour(Canvas):
    """`now` answers the time, ms; `over` is told when it was seen or skipped."""

    def __init__(self, now: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._now = now
        self._step = 0
        self._ended_at = 0
        self.over: Callable[[], None] = lambda: None

    @property
    def running(self) -> bool:
        """Whether it is shown."""
        return bool(self.display)

    def toggle(self) -> None:
        """Begin, or end it before its time."""
        if self.running:
            self._end()
        else:
            self.begin()

    def begin(self) -> None:
        """From the first key."""
        self._step = 0
        self.display = True
        self.sync()

    def did(self, action: str) -> None:
        """Something was done."""
        if not self.running or self._step >= len(tour.STEPS) or action not in tour.STEPS[self._step].done:
            return
        self._step += 1
        if self._step == len(tour.STEPS):
            self._ended_at = self._now()
            self.over()
        self.sync()

    def tick(self) -> None:
        """A second has passed."""
        if self.running and self._step >= len(tour.STEPS) and self._now() - self._ended_at > STAY:
            self.display = False

    def sync(self) -> None:
        """Paint it again."""
        lines = self._lines(self.size.width or self.screen.size.width)
        height = self.styles.height
        if height is None or height.value != len(lines):
            self.styles.height = len(lines)
        self.repaint()

    def paint_line(self, y: int, width: int) -> Strip:
        """One of its lines."""
        lines = self._lines(width)
        return lines[y] if y < len(lines) else Strip.blank(width, self.look.notice)

    def on_click(self) -> None:
        """A click ends it."""
        self.post_message(Perform("tour"))

    def _lines(self, width: int) -> list[Strip]:
        return [strip(segments, self.look.notice, width) for segments in tour.lines(self._step, self.look, width)]

    def _end(self) -> None:
        self.display = False
        if self._step < len(tour.STEPS):
            self.over()
