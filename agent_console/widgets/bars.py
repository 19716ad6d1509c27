"""The screen's edges: the views above, notices and keys below, the customer beside the conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from agent_console import actions
from agent_console.presentation import bars, customer
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Perform

if TYPE_CHECKING:
    from textual import events

    from agent_console.backend.mirror import Mirror


class Bar(Canvas):
    """One line at an edge; a click on something in it performs its action. `paint` answers what it shows."""

    def __init__(self, paint: Callable[[int], bars.Bar], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paint = paint
        self._spots: Sequence[bars.Spot] = ()

    def paint_line(self, y: int, width: int) -> Strip:
        """The one line there is."""
        painted = self._paint(width)
        self._spots = painted.spots
        return strip(painted.segments, self.look.bar, width)

    @property
    def spots(self) -> Sequence[bars.Spot]:
        """What can be clicked in it now."""
        return self._spots

    def sync(self) -> None:
        """Paint it again if it looks different."""
        width = self.size.width
        if width:
            new = self.paint_line(0, width)
            if not self._kept or self._kept[0] != new:
                self.replace_lines([new])

    def on_click(self, event: events.Click) -> None:
        """Do what was clicked."""
        action = bars.spot_at(self._spots, event.x)
        if action is not None:
            self.post_message(Perform(action))


class StatusLine(Canvas):
    """One line for what is worth saying now, and for the state of the connection."""

    def __init__(self, paint: Callable[[int], list[Segment]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paint = paint

    def paint_line(self, y: int, width: int) -> Strip:
        """The one line there is."""
        return strip(self._paint(width), self.look.page, width)

    def sync(self) -> None:
        """Paint it again if it looks different."""
        width = self.size.width
        if width:
            new = self.paint_line(0, width)
            if not self._kept or self._kept[0] != new:
                self.replace_lines([new])

    def on_click(self) -> None:
        """A click on the notice of new conversations shows them."""
        self.post_message(Perform("show_new"))


class CustomerPane(Canvas, can_focus=True):
    """Who the customer of the open conversation is. Takes keys only where it has the screen to itself. `kind_of`
    answers the kind of a channel, by its name."""

    def __init__(
        self, mirror: Mirror, now: Callable[[], int], kind_of: Callable[[str], str], *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._kind_of = kind_of
        self._mirror = mirror
        self._now = now
        self.conversation: int | None = None
        self._content: list[Strip] = []
        self._offset = 0

    def show(self, conversation: int | None) -> None:
        """Turn to another conversation's customer."""
        if conversation != self.conversation:
            self.conversation = conversation
            self._offset = 0
            self.sync()

    def sync(self) -> None:
        """Paint what looks different now."""
        width, height = self.size
        if not width or not height:
            return
        self._content = self._lines(width)
        self._offset = max(0, min(self._offset, len(self._content) - height))
        shown = self._content[self._offset : self._offset + height]
        blank = strip([Segment("│", self.look.rule)], self.look.page, width)
        new = shown + [blank] * (height - len(shown))
        self._fill()
        self.replace_lines([kept if kept == each else each for kept, each in zip(self._kept, new, strict=True)])

    def paint_line(self, y: int, width: int) -> Strip:
        """One line of what is in sight."""
        lines = self._lines(width)[self._offset :]
        return lines[y] if y < len(lines) else strip([Segment("│", self.look.rule)], self.look.page, width)

    def _lines(self, width: int) -> list[Strip]:
        line = self._mirror.line(self.conversation) if self.conversation is not None else None
        if line is None:
            return []
        thread = self._mirror.thread(line.id)
        about, history = (thread.about, thread.history) if thread else (None, None)
        look = self.look
        me, now = self._mirror.name, self._now()
        painted = customer.lines(line, about, history, now, look, width - 1, me, self._kind_of)
        edge = Segment("│", look.rule)
        return [strip([edge, *segments], look.page, width) for segments in painted]

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Reading is done here and now; every other action goes to the screen."""
        if event.key == "enter":
            event.stop()
            self.post_message(Perform("edit_customer"))
            return
        action = actions.find("thread", event.key, event.character)
        if action is None:
            return
        event.stop()
        event.prevent_default()
        page = max(1, self.size.height - 2)
        step = {"up": -1, "down": 1, "page_up": -page, "page_down": page, "read_on": page}.get(action.id)
        if step is not None:
            self.scroll_lines(step)
        else:
            self.post_message(Perform(action.id))

    def scroll_lines(self, lines: int) -> None:
        """Show what is further down (or up)."""
        self._offset += lines
        self.sync()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_lines(-3)
