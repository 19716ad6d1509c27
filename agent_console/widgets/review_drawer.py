"""The queue of answers that wait for a reviewer: each decided with one key, its words changed or given back there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import drawers, reviews
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Answered
from agent_console.widgets.text_edit import TextEdit
from server import wire

if TYPE_CHECKING:
    from textual import events

Segments = list[Segment]
#: what is decided, or that its conversation is opened
Decision = Literal["send", "edit", "return", "open"]

#: rows of the list, and lines of what is written
ROWS, LINES = 6, 6


class ReviewDrawer(Drawer):
    """`decided` gets what was decided about one, and the words to it. `now`: UTC ms."""

    writes = True
    widest = 100

    def __init__(
        self, decided: Callable[[wire.Review, Decision, str], None], now: Callable[[], int], *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._decided, self._now = decided, now
        self._items: list[wire.Review] = []
        self._loaded = False
        self._chosen = 0
        self._first = self._scrolled = 0
        self._doing: Literal["", "edit", "return"] = ""
        self._edit = TextEdit()
        self._wrong = ""

    @property
    def chosen(self) -> wire.Review | None:
        """The one under the cursor."""
        return self._items[self._chosen] if self._chosen < len(self._items) else None

    def begin(self) -> None:
        """It is not known yet what waits."""
        self._items, self._loaded = [], False
        self._chosen = self._first = self._scrolled = 0
        self._doing, self._wrong = "", ""

    def take(self, items: Sequence[wire.Review]) -> None:
        """What waits now. The cursor stays on its answer, and so does what is being written to it."""
        before = self.chosen
        self._items, self._loaded = list(items), True
        ids = [each.message.id for each in self._items]
        if before is not None and before.message.id in ids:
            self._chosen = ids.index(before.message.id)
        else:
            self._chosen, self._scrolled = max(0, min(self._chosen, len(ids) - 1)), 0
            if self._doing:
                self._doing, self._wrong = "", _("Somebody else decided about it meanwhile.")
        if self.display:
            self.settle()

    def complain(self, text: str) -> None:
        """Say why it was refused; what was written stays."""
        self._wrong = text
        if self.display:
            self.settle()

    def on_mount(self) -> None:
        """What is left of each clock is counted down."""
        self.set_interval(1.0, self._tick)

    @guarded
    def _tick(self) -> None:
        if self.display and self._items:
            self.settle()

    # ------------------------------------------------------------ looks

    def content(self, width: int, height: int) -> list[Segments]:
        """The list, the one under the cursor whole, and what is written."""
        look, inner = self.look, width - 2
        title = _("Waits for review") + (f" · {len(self._items)}" if self._items else "")
        review = self.chosen
        if review is None:
            empty = _("Nothing waits for your review.") if self._loaded else _("loading…")
            wrong = [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self._wrong, width - 4)]
            return drawers.framed(title, [[Segment("  " + empty, look.muted)], *wrong], look, width, _("Esc closes"))
        rows = min(ROWS, max(1, (height - 2) // 3), len(self._items))
        self._first = max(0, min(self._first, self._chosen, len(self._items) - rows))
        self._first = max(self._first, self._chosen - rows + 1)
        body: list[Segments] = []
        for n, each in enumerate(self._items[self._first : self._first + rows], self._first):
            cursor = Segment("▌" if n == self._chosen else " ", look.accent)
            body.append([cursor, *reviews.row(each, self._now(), look, inner - 2)])
        body.append([Segment("─" * inner, look.faint)])
        below = self._below(width)
        said = reviews.whole(review, look, inner - 3)
        room = max(1, height - 2 - len(body) - len(below))
        most = max(0, len(said) - room)
        # the answer is what is decided about: it is in sight, what was said before it as far as there is room
        at = max(0, most - self._scrolled)
        self._scrolled = most - at
        body += [[Segment(" "), *segments] for segments in said[at : at + room]]
        return drawers.framed(title, [*body, *below], look, width, self._foot())

    def _below(self, width: int) -> list[Segments]:
        look = self.look
        lines: list[Segments] = []
        if self._doing:
            label = _("Changed answer") if self._doing == "edit" else _("Why it goes back")
            lines.append([Segment(" " + label, look.key)])
            painted = self._edit.paint(look, width - 5, LINES, True)
            lines += [[Segment("   "), *segments] for segments in painted]
        lines += [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self._wrong, width - 4) if self._wrong]
        return lines

    def _foot(self) -> str:
        if self._doing == "edit":
            return _("ctrl+s sends it like this · Esc goes back")
        if self._doing == "return":
            return _("Enter gives it back · Esc goes on reviewing")
        return _("s send · e change · r give back · Enter open · Esc closes")

    # ------------------------------------------------------------ keys

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Decide, move, write or leave."""
        event.stop()
        event.prevent_default()
        self._wrong = ""
        review = self.chosen
        if self._doing and review is not None:
            self._write(event, review)
        elif event.key in ("escape", "q", "h", "f4"):
            self.post_message(Answered("escape"))
            return
        elif step := {"down": 1, "j": 1, "up": -1, "k": -1}.get(event.key):
            self._chosen = max(0, min(len(self._items) - 1, self._chosen + step))
            self._scrolled = 0
        elif step := {"pageup": 4, "pagedown": -4}.get(event.key):
            self._scrolled = max(0, self._scrolled + step)
        elif review is not None:
            self._decide(event.key, review)
        if self.display:
            self.settle()

    def _decide(self, key: str, review: wire.Review) -> None:
        if key == "s":
            self._decided(review, "send", "")
        elif key == "enter":
            self._decided(review, "open", "")
        elif key == "e":
            self._doing = "edit"
            self._edit.set(review.message.text)
        elif key == "r":
            self._doing = "return"
            self._edit.set("")

    def _write(self, event: events.Key, review: wire.Review) -> None:
        if event.key in ("escape", "ctrl+c"):
            self._doing = ""
        elif event.key == "ctrl+s" or (event.key == "enter" and self._doing == "return"):
            if self._edit.text.strip():
                self._decided(review, "edit" if self._doing == "edit" else "return", self._edit.text)
            else:
                self._wrong = _("Write something first.")
        else:
            self._edit.press(event)

    def finished(self) -> None:
        """What was written went through."""
        self._doing = ""

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        if self._doing:
            self._edit.insert(event.text)
            self.settle()
