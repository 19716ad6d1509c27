"""Widgets painted by whole lines that they keep themselves.

A key is painted fast when nothing is built twice: a `Canvas` keeps the strip of each of its lines until it is told that
the line looks different, and hands the kept strips to the compositor as they are. Strips keep what they were cut into
and rendered to, so an unchanged line costs next to nothing in any frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, cast

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from agent_console.presentation.look import Look
from agent_console.safetext import cells, guard

if TYPE_CHECKING:
    from textual import events


class HasLook(Protocol):
    """What a canvas needs from its app."""

    look: Look

    def fault(self, error: Exception) -> None:
        """Something could not be painted; go on."""


class Painted(Strip):
    """A strip that does not keep itself among its own pieces.

    Textual's remembers how it was divided; undivided, that is itself, a circle that only the collector can undo. Paging
    would leave tens of thousands of objects in such circles.
    """

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """The pieces between the cuts; the strip itself if there is only one."""
        wanted = list(cuts)
        return [self] if wanted == [self.cell_length] else super().divide(wanted)


def strip(segments: Iterable[Segment], surface: Style, width: int) -> Strip:
    """Segments laid on a surface in exactly `width` cells: the last place where text is checked on its way out."""
    laid: list[Segment] = []
    used = 0
    for text, style, _ in segments:
        if not text:
            continue
        if not text.isprintable():
            text = guard(text)
        length = cells(text)
        if used + length > width:
            length = width - used
            text = set_cell_size(text, length)
        if length > 0:
            laid.append(Segment(text, surface + style if style is not None else surface))
            used += length
        if used >= width:
            break
    if used < width:
        laid.append(Segment(" " * (width - used), surface))
    return Painted(laid, width)


class Canvas(Widget):
    """Base of the widgets that paint themselves line by line. Subclasses give `paint_line`."""

    ALLOW_SELECT: ClassVar[bool] = False
    #: whether people write text here that a slip must not touch (see `key_gate`)
    writes: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._kept: list[Strip | None] = []
        self._kept_width = -1

    @property
    def look(self) -> Look:
        """The styles of the theme in use."""
        return cast(HasLook, self.app).look

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the keys now, not when the app comes to it: who asks right after is told the truth, and of two that are
        called one after the other the second has them."""
        self.screen.set_focus(self, scroll_visible=scroll_visible)
        return self

    def paint_line(self, y: int, width: int) -> Strip:
        """The strip of line `y`, `width` cells wide. Called only when the line is not kept."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Everything looks different."""
        self._kept = []
        self.refresh()

    def repaint_lines(self, lines: Iterable[int]) -> None:
        """These lines (from the top, 0) look different."""
        width = self.size.width
        regions: list[Region] = []
        for y in lines:
            if 0 <= y < len(self._kept):
                self._kept[y] = None
            regions.append(Region(0, y, width, 1))
        if regions:
            self.refresh(*regions)

    def replace_lines(self, strips: Sequence[Strip], first: int = 0) -> None:
        """These strips are lines `first` and on; only those that look different from the kept ones are painted."""
        self._fill()
        changed: list[int] = []
        for y, new in enumerate(strips, first):
            if y < len(self._kept):
                kept = self._kept[y]
                if kept is not new and kept != new:
                    self._kept[y] = new
                    changed.append(y)
        width = self.size.width
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """The strip of line `y`."""
        self._fill()
        if not 0 <= y < len(self._kept):
            return Strip.blank(self._kept_width, self.look.page)
        kept = self._kept[y]
        if kept is None:
            kept = self._kept[y] = self._paint_safely(y)
        return kept

    def _paint_safely(self, y: int) -> Strip:
        """Paint a line; one that can't be painted is left empty and the fault told, so that the rest is seen."""
        try:
            return self.paint_line(y, self._kept_width)
        except Exception as error:
            cast(HasLook, self.app).fault(error)
            return Strip.blank(self._kept_width, self.look.page)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of a region: the kept ones, as they are."""
        strips = [self.render_line(y) for y in crop.line_range]
        width = self.size.width
        for line_filter in self.get_line_filters():
            if isinstance(line_filter, ANSIToTruecolor):
                continue  # there are no terminal colours in what we paint
            background = self.background_colors[1]
            strips = [each.apply_filter(line_filter, background) for each in strips]
        if crop.column_span != (0, width):
            strips = [each.crop(*crop.column_span) for each in strips]
        return strips

    def _fill(self) -> None:
        width, height = self.size
        if width != self._kept_width:
            self._kept_width = width
            self._kept = []
        if len(self._kept) != height:
            self._kept = (self._kept + [None] * height)[:height]

    def on_resize(self, event: events.Resize) -> None:
        """Lines are as wide as the widget: all of them look different."""
        self._kept = []
