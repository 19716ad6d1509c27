"""A file that came with a message: the picture itself where the terminal shows it, and what there is to know of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from agent_console.i18n import _
from agent_console.presentation import drawers
from agent_console.presentation.picture import Picture
from agent_console.safetext import cut
from agent_console.widgets.canvas import Painted
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events

#: the frame, and lines of words around a picture
FRAME = 2
WORDS = 4
NARROWEST = 60


class PictureDrawer(Drawer):
    """`do` gets what was asked for: save, open, next or previous. `resized` is called when another size is there."""

    at_bottom = False

    def __init__(self, do: Callable[[str], None], resized: Callable[[], None], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._do, self._resized = do, resized
        self._title = ""
        self._words: list[tuple[str, str]] = []
        self._foot = ""
        self._picture: Picture | None = None
        self._for: tuple[int, int] = (0, 0)

    def take(self, title: str, words: Sequence[tuple[str, str]], foot: str, picture: Picture | None = None) -> None:
        """What to show: (text, style's name) of each line of words, and the picture once it is here."""
        self._title, self._words, self._foot, self._picture = title, list(words), foot, picture
        if self.display:
            self.settle()

    def room(self) -> tuple[int, int]:
        """Columns and lines of cells that a picture may take."""
        width, height = self.screen.size
        return max(1, width - FRAME - 4), max(1, height - 2 - FRAME - WORDS)

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The frame and the words; the picture's lines are empty in it."""
        look = self.look
        body: list[list[Segment]] = [[] for _ in (self._picture.lines if self._picture else ())]
        for text, tone in self._words:
            body.append([Segment(" " + cut(text, width - FRAME - 2), getattr(look, tone))])
        return drawers.framed(self._title, body, look, width, self._foot)

    def settle(self) -> None:
        """Lay out for the screen's size; a picture made for another size is made anew."""
        if self._picture is not None and self._for not in ((0, 0), tuple(self.screen.size)):
            self._picture = None
            self._resized()
        picture = self._picture
        self._for = (self.screen.size.width, self.screen.size.height) if picture else (0, 0)
        self.widest = max(NARROWEST, picture.columns + FRAME + 4) if picture else NARROWEST
        super().settle()
        if picture is not None:
            width = self._lines[0].cell_length
            for y, segments in enumerate(picture.lines, 1):
                if y < len(self._lines) - 1:
                    self._lines[y] = self._framed(segments, picture.columns, width)
            self.repaint()

    def _framed(self, segments: Sequence[Segment], columns: int, width: int) -> Strip:
        """A line of the picture in the frame. It passes nothing that was not made here, so it is not looked at."""
        surface, left = self.look.drawer, (width - FRAME - columns) // 2
        edge = Segment("│", surface + self.look.faint)
        right = width - FRAME - columns - left
        painted = [Segment(text, surface + style if style else None if control else surface, control)
                   for text, style, control in segments]  # fmt: skip
        return Painted(
            [edge, Segment(" " * left, surface), *painted, Segment(" " * right, surface), edge],
            width,
        )

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Save, open, another file, or close."""
        event.stop()
        event.prevent_default()
        asked = {
            "s": "save",
            "o": "open",
            "right": "next",
            "n": "next",
            "v": "next",
            "left": "previous",
            "N": "previous",
        }
        wanted = asked.get(event.key) or asked.get(event.character or "")
        if wanted:
            self._do(wanted)
        elif event.key in ("escape", "q", "h", "enter"):
            self.post_message(Answered("escape"))


def foot(several: bool, can_open: bool) -> str:
    """The keys that work here."""
    said = [_("s save")]
    if can_open:
        said.append(_("o open"))
    if several:
        said.append(_("← → other file"))
    return "  ".join([*said, _("Esc closes")])
