"""Letters over the whole screen: type one (or two) and be there. What is not a letter closes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.strip import Strip

from agent_console.presentation.jump import Target, lettered
from agent_console.presentation.look import Look
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget


class JumpOverlay(Drawer):
    """`targets` answers what can be gone to, `panes` the widgets that make up the screen as it is now; `chosen` closes
    it and goes."""

    def __init__(
        self,
        targets: Callable[[], Sequence[Target]],
        panes: Callable[[], Sequence[Widget]],
        chosen: Callable[[Target], None],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._targets = targets
        self._panes = panes
        self._chosen = chosen
        self._codes: dict[str, Target] = {}
        self._typed = ""
        self._under: list[Strip] = []

    def rise(self) -> None:
        """Look at the screen as it is and put letters on it."""
        self._typed = ""
        self._codes = lettered(self._targets())
        super().rise()

    def settle(self) -> None:
        """Cover the screen. Where its size has changed the letters stand where nothing is any more: be gone."""
        width, height = self.screen.size
        if self._under and (len(self._under) != height or self._under[0].cell_length != width):
            self._under = []
            self.post_message(Answered("escape"))
            return
        self._under = self._under or self._picture(width, height)
        self.styles.width, self.styles.height = width, height
        self.styles.offset = Offset(0, 0)
        self.repaint()

    def sink(self) -> None:
        """Gone, and nothing kept of the screen."""
        super().sink()
        self._under = []

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """It has no frame: it is painted over what is there."""
        return []

    def _picture(self, width: int, height: int) -> list[Strip]:
        """The screen's lines, put together from the panes."""
        rows: list[list[tuple[int, Strip]]] = [[] for _ in range(height)]
        for pane in self._panes():
            region = pane.region
            for y in range(max(0, region.y), min(height, region.bottom)):
                rows[y].append((region.x, pane.render_line(y - region.y)))
        lines: list[Strip] = []
        for row in rows:
            parts: list[Strip] = []
            at = 0
            for x, strip in sorted(row, key=lambda each: each[0]):
                if x < at:
                    continue
                parts += [Strip.blank(x - at), strip]
                at = x + strip.cell_length
            lines.append(Strip.join(parts).adjust_cell_length(width))
        return lines

    def paint_line(self, y: int, width: int) -> Strip:
        """A line of the screen below, quiet, and the letters on it."""
        under = self._under[y] if y < len(self._under) else Strip.blank(width)
        typed = len(self._typed)
        labels = [
            (max(0, target.x - len(code)) if target.before else target.x, code[typed:])
            for code, target in self._codes.items()
            if target.y == y and code.startswith(self._typed)
        ]
        return overlaid(under, labels, self.look, width)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Go there, wait for the second letter, or close."""
        event.stop()
        event.prevent_default()
        typed = self._typed + (event.character or "").lower()
        target = self._codes.get(typed)
        if target is not None:
            self._chosen(target)
        elif event.is_printable and any(code.startswith(typed) for code in self._codes):
            self._typed = typed
            self.repaint()
        else:
            self.post_message(Answered("escape"))

    def on_click(self) -> None:
        """A click closes it."""
        self.post_message(Answered("escape"))


def overlaid(line: Strip, labels: Sequence[tuple[int, str]], look: Look, width: int) -> Strip:
    """A line of the screen, quiet, with labels at their cells. `labels`: (cell, what is to be typed yet)."""
    quiet = look.page + look.muted
    label = look.notice + look.key + Style(reverse=look.notice.reverse)
    plain = Strip([Segment(segment.text, quiet) for segment in line if not segment.control]).adjust_cell_length(
        width, quiet
    )
    parts: list[Strip] = []
    at = 0
    for x, text in sorted(labels):
        if x < at or x + len(text) > width:
            continue
        parts += [plain.crop(at, x), Strip([Segment(text, label)], len(text))]
        at = x + len(text)
    return Strip.join([*parts, plain.crop(at, width)])
