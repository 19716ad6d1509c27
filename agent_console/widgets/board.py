"""The wallboard's rows, and the cursor among what can be chosen in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from agent_console.presentation.board import Row, Target
from agent_console.widgets.canvas import Canvas, strip

if TYPE_CHECKING:
    from textual import events


class BoardRows(Canvas, can_focus=True):
    """Shows rows, scrolled so that the one chosen is in sight. What is chosen stays chosen when rows are shown anew."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._first = 0
        #: what the cursor is on; None before there is anything
        self.chosen: Target | None = None

    def take(self, rows: Sequence[Row]) -> None:
        """Show these rows now; only lines that look different are painted."""
        self._rows = rows
        if self._place() is None:
            self.chosen = next((target for row in rows for target, _cell in row.targets), None)
        self._scroll()
        width = self.size.width
        if width:
            self.replace_lines([self.paint_line(y, width) for y in range(self.size.height)])

    def paint_line(self, y: int, width: int) -> Strip:
        """One row, the part that is chosen on the cursor's ground."""
        index = y + self._first
        look = self.look
        if index >= len(self._rows):
            return strip([], look.page, width)
        row = self._rows[index]
        at = next((cell for target, cell in row.targets if target == self.chosen), None)
        if at is None:
            return strip(row.segments, look.page, width)
        ends = next((cell for _target, cell in row.targets if cell > at), width)
        return Strip.join(
            [
                strip(_part(row.segments, 0, at), look.page, at),
                strip([Segment("▌", look.accent), *_part(row.segments, at + 1, ends)], look.cursor, ends - at),
                strip(_part(row.segments, ends, width), look.page, width - ends),
            ]
        )

    def move(self, rows: int, columns: int = 0) -> None:
        """Choose what stands so many rows below and columns to the right, if there is something."""
        place = self._place()
        if place is None:
            return
        index, column = place
        if columns:
            self._choose(index, column + columns)
        step = 1 if rows > 0 else -1
        while rows:
            index += step
            while 0 <= index < len(self._rows) and not self._choose(index, column):
                index += step
            if not 0 <= index < len(self._rows):
                break
            rows -= step
        self._scroll()
        self.repaint()

    def next_kind(self) -> None:
        """Choose the first of the next kind of things (teams, channels, campaigns, advisors), wherever it stands."""
        firsts: dict[str, Target] = {}
        for row in self._rows:
            for target, _cell in row.targets:
                firsts.setdefault(target.kind, target)
        kinds = list(firsts)
        if self.chosen is not None and self.chosen.kind in firsts:
            self.chosen = firsts[kinds[(kinds.index(self.chosen.kind) + 1) % len(kinds)]]
            self._scroll()
            self.repaint()

    def _choose(self, index: int, column: int) -> bool:
        targets = self._rows[index].targets
        found = [target for target, cell in targets if (1 if cell else 0) == column]
        if not found and column <= 1 and len(targets) == 1 and not self._beside(index, column):
            found = [targets[0][0]]
        if found:
            self.chosen = found[0]
        return bool(found)

    def _beside(self, index: int, column: int) -> bool:
        """Whether another row of the same block has something in this column, which comes first then."""
        cells = [cell for _target, cell in self._rows[index].targets]
        return bool(cells) and (1 if cells[0] else 0) != column and column == 0 and bool(cells[0])

    def _place(self) -> tuple[int, int] | None:
        """(row, column 0 or 1) of what is chosen."""
        for index, row in enumerate(self._rows):
            for target, cell in row.targets:
                if target == self.chosen:
                    return index, 1 if cell else 0
        return None

    def _scroll(self) -> None:
        place, height = self._place(), self.size.height
        if place is None or not height:
            return
        index = place[0]
        first = max(min(self._first, index), index - height + 1, 0)
        first = max(0, min(first, len(self._rows) - height))
        if index <= 1:
            first = 0
        if first != self._first:
            self._first = first
            self.repaint()

    def choose_at(self, x: int, y: int) -> Target | None:
        """What stands in that cell of the widget, chosen from now on."""
        index = y + self._first
        targets = self._rows[index].targets if index < len(self._rows) else ()
        found = [target for target, cell in targets if cell <= x]
        if found:
            self.chosen = found[-1]
            self.repaint()
        return found[-1] if found else None

    def on_resize(self, event: events.Resize) -> None:
        """Another size shows other rows."""
        super().on_resize(event)
        self._scroll()


def _part(segments: Sequence[Segment], start: int, end: int) -> list[Segment]:
    """The cells from `start` to `end`."""
    return list(Strip(segments).crop(start, end))
