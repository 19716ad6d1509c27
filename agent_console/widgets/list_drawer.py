"""A list that rises inside the screen: rows to choose from, and keys that do something with the one chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.keys import key_name
from agent_console.presentation import drawers
from agent_console.presentation.look import Look
from agent_console.safetext import cells
from agent_console.widgets.drawers import Drawer, unready
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events

Segments = list[Segment]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to choose. `paint` gives its lines (without the cursor's cell) for a width; one that cannot be chosen
    is a heading."""

    paint: Callable[[Look, int], Sequence[Segments]]
    value: object = None
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list drawer shows. `keys`: (what it does, what is done with the value of the row chosen); `empty`: what is
    said when there is no row; `note`: a line above the rows."""

    title: str
    rows: Sequence[Row]
    keys: Mapping[str, tuple[str, Callable[[object], None]]] = field(default_factory=dict)
    empty: str = ""
    note: str = ""


class ListDrawer(Drawer):
    """Shows a `Listing`; it may be shown anew while it is up, and the cursor stays where it was.

    One that may rise by itself, in the middle of keys for what was there before, is given the clock (`now`, ms).
    """

    widest = 100

    def __init__(self, *, now: Callable[[], int] | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self._now = now
        self._rose: int | None = None
        self._listing = Listing("", ())
        self._chosen = 0
        self._first = 0
        self._places: list[int] = []

    def take(self, listing: Listing, again: bool = False, uncalled: bool = False) -> None:
        """What to show; `again`: the same list as it is now; `uncalled`: nobody asked for it just now."""
        self._listing = listing
        self._rose = self._now() if uncalled and self._now is not None else None
        if not again:
            self._chosen = self._first = 0
        self._land(1)
        if self.display:
            self.settle()

    @property
    def value(self) -> object:
        """What the row under the cursor stands for."""
        rows = self._listing.rows
        return rows[self._chosen].value if self._chosen < len(rows) else None

    def content(self, width: int, height: int) -> list[Segments]:
        """The rows that fit, in a frame, the one chosen among them."""
        listing, look = self._listing, self.look
        room = max(1, height - 2 - bool(listing.note))
        lines: list[tuple[int, Segments]] = []
        for index, row in enumerate(listing.rows):
            for segments in row.paint(look, width - 4):
                mark = "▌" if index == self._chosen and not row.heading else " "
                lines.append((index, [Segment(mark + " ", look.accent), *segments]))
        mine = [y for y, (index, _segments) in enumerate(lines) if index == self._chosen] or [0]
        self._first = max(min(self._first, mine[0]), mine[-1] - room + 1, 0)
        if mine[0] <= 1:
            self._first = 0  # a heading above the first row stays in sight
        shown = lines[self._first : self._first + room]
        note = [[Segment(" " + listing.note, look.muted)]] if listing.note else []
        self._places = [-1, *([-1] * len(note)), *(index for index, _segments in shown)]
        body = [*note, *(segments for _index, segments in shown)]
        if not listing.rows:
            body.append([Segment("  " + listing.empty, look.muted)])
        return drawers.framed(listing.title, body, look, width, self._foot(width - 6))

    def _foot(self, room: int) -> str:
        said = [f"{key_name(key)} {label}" for key, (label, _do) in self._listing.keys.items() if label]
        said = said if self._listing.rows else []
        while len(said) > 1 and cells("  ".join(said)) + cells(_("Esc closes")) + 2 > room:
            said.pop()
        return "  ".join([*said, _("Esc closes")])

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Choose, do, or close."""
        event.stop()
        event.prevent_default()
        if self._now is not None and unready(self._rose, self._now()):
            return
        step = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 8, "space": 8, "pageup": -8}.get(event.key)
        if step is not None:
            self._chosen += step
            self._land(1 if step > 0 else -1)
            self.settle()
            return
        keys = self._listing.keys
        key = event.key if event.key in keys else event.character
        if key is not None and key in keys:
            if self._listing.rows and self.value is not None:
                keys[key][1](self.value)
        elif event.key in ("escape", "q", "h"):
            self.post_message(Answered("escape"))

    @guarded
    def on_click(self, event: events.Click) -> None:
        """A click chooses; on what is chosen, it does what Enter does."""
        index = self._places[event.y] if event.y < len(self._places) else -1
        if index < 0 or self._listing.rows[index].heading:
            return
        if index == self._chosen and "enter" in self._listing.keys:
            self._listing.keys["enter"][1](self.value)
            return
        self._chosen = index
        self.settle()

    def _land(self, towards: int) -> None:
        """Stand on a row that can be chosen."""
        rows = self._listing.rows
        self._chosen = max(0, min(self._chosen, len(rows) - 1))
        for way in (towards, -towards):
            at = self._chosen
            while 0 <= at < len(rows):
                if not rows[at].heading:
                    self._chosen = at
                    return
                at += way
