"""A list to choose from by typing: tags, people, moments, views. Type to narrow it down, Enter takes what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.presentation import drawers
from agent_console.safetext import cells, cut, fit, line
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events

Segments = list[Segment]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to choose: what it is called, what stands on the right, its mark (`✓` on, `~` on some), and why it
    can't be chosen, if it can't."""

    text: str
    right: str = ""
    value: object = None
    mark: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a pick drawer asks. `items` answers what fits the words typed; `take` gets what was chosen. `stays`: more
    may be chosen, Esc ends it. `keys`: other keys, and what they do with the value under the cursor."""

    title: str
    items: Callable[[str], Sequence[Item]]
    take: Callable[[object], None]
    foot: str
    stays: bool = False
    empty: str = ""
    marks: bool = False
    keys: dict[str, Callable[[object], None]] | None = None


class PickDrawer(Drawer):
    """Shows a `Choice`; `again` when what can be chosen has changed."""

    widest = 76
    rows = 10

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._choice = Choice("", lambda typed: (), lambda value: None, "")
        self._line = LineEdit()
        self._chosen = 0
        self._items: Sequence[Item] = ()
        self._first = 0

    def take(self, choice: Choice) -> None:
        """What to ask."""
        self._choice, self._chosen = choice, 0
        self._line.set("")
        self._items = choice.items("")

    def again(self) -> None:
        """What can be chosen has changed; the cursor stays where it is."""
        if self.display:
            self.settle()

    @property
    def typed(self) -> str:
        """The words typed."""
        return self._line.text

    def content(self, width: int, height: int) -> list[Segments]:
        """The words typed, then what fits them."""
        look = self.look
        self._items = items = self._choice.items(self._line.text.strip())
        self._chosen = max(0, min(self._chosen, len(items) - 1))
        rows = max(1, min(self.rows, height - 3))
        self._first = max(0, min(self._chosen - rows + 1, len(items) - rows)) if self._chosen >= rows else 0
        body: list[Segments] = [[Segment(" › ", look.accent), *self._line.paint(look, width - 6)]]
        for index, item in enumerate(items[self._first : self._first + rows], self._first):
            body.append(self._painted(item, index == self._chosen, width - 2))
        if not items:
            body.append([Segment("  " + self._choice.empty, look.muted)])
        body += [[]] * (min(rows, 6) + 1 - len(body))
        return drawers.framed(self._choice.title, body, look, width, self._choice.foot)

    def _painted(self, item: Item, chosen: bool, room: int) -> Segments:
        look = self.look
        lead = [Segment("▌" if chosen else " ", look.accent), Segment(" ")]
        if self._choice.marks:
            lead.append(Segment(fit(item.mark, 2), look.good))
        right = cut(item.why_not or item.right, room // 2)
        left = room - sum(cells(segment.text) for segment in lead) - cells(right) - 3
        style = look.muted if item.why_not else look.strong if chosen else look.text
        return [*lead, Segment(fit(line(item.text, 200), left), style), Segment(f" {right}  ", look.faint)]

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Type, choose, take or close."""
        event.stop()
        event.prevent_default()
        step = {"down": 1, "ctrl+n": 1, "tab": 1, "up": -1, "shift+tab": -1, "pagedown": 8, "pageup": -8}
        if event.key in ("escape", "ctrl+c"):
            self.post_message(Answered("escape"))
            return
        if event.key == "enter":
            self._take()
            return
        if self._choice.keys and event.key in self._choice.keys:
            if self._items and not self._items[self._chosen].why_not:
                self._choice.keys[event.key](self._items[self._chosen].value)
            return
        if event.key in step:
            self._chosen = max(0, min(self._chosen + step[event.key], len(self._items) - 1))
        elif self._line.press(event):
            self._chosen = 0
        self.settle()

    def _take(self) -> None:
        if not self._items or self._items[self._chosen].why_not:
            return
        value, take = self._items[self._chosen].value, self._choice.take
        if not self._choice.stays:
            self.post_message(Answered("escape", lambda: take(value)))
            return
        if self._line.text:
            self._line.set("")
            self._chosen = next((n for n, each in enumerate(self._choice.items("")) if each.value == value), 0)
        take(value)
        self.again()

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        self._line.insert(" ".join(event.text.split()))
        self.settle()

    @guarded
    def on_click(self, event: events.Click) -> None:
        """A click chooses; on what is chosen, it takes it."""
        index = event.y - 2 + self._first
        if not 0 <= index < len(self._items):
            return
        taken = index == self._chosen
        self._chosen = index
        if taken:
            self._take()
        else:
            self.settle()
