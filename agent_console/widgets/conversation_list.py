"""The list of conversations: painted line by line from the mirror, one widget for any number of rows.

The cursor is a conversation, not a position. Whatever arrives, leaves or moves, the row under the cursor keeps its
place on the screen; what came in above it is counted in the status line until `.` shows it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from agent_console import actions
from agent_console.backend.changes import Line
from agent_console.presentation import rows, sla
from agent_console.presentation.times import age
from agent_console.safetext import cells, wrap
from agent_console.widgets.canvas import Canvas, Painted, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import InSight, Moved, Perform

if TYPE_CHECKING:
    from textual import events

    from agent_console.backend.mirror import Mirror

#: rows from an end at which the next page is asked for
NEAR = 60
#: rows kept in sight above and below the cursor while it moves
MARGIN = 2
#: painted rows kept; each is some fifty objects that the collector has to look through
KEPT = 300


class ConversationList(Canvas, can_focus=True):
    """Shows `mirror.window`. `now` answers the server's time, UTC ms; `empty` what to say when there is nothing,
    `draft` what the reader has begun to write in a conversation."""

    def __init__(
        self,
        mirror: Mirror,
        now: Callable[[], int],
        empty: Callable[[], list[str]],
        draft: Callable[[int], str],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._draft = draft
        self._mirror = mirror
        self._now = now
        self._empty = empty
        #: the conversation that is open beside the list
        self.opened: int | None = None
        #: conversations that are marked to be worked on together
        self.marked: frozenset[int] = frozenset()
        self._top = 0
        self._cursor_row = 0
        self._tall: bool | None = None
        self._edge = False
        self._painted: OrderedDict[Hashable, tuple[Strip, ...]] = OrderedDict()

    # ------------------------------------------------------------ for the screen

    @property
    def cursor(self) -> int | None:
        """The conversation under the cursor."""
        return self._mirror.window.cursor

    @property
    def per_row(self) -> int:
        """Lines of a row: two where the list is narrow (beside other panes, or a small screen), else one."""
        return 2 if (self.size.width < 64 if self._tall is None else self._tall) else 1

    def set_shared(self, shared: bool) -> None:
        """The screen is shared with other panes: two lines a row and an edge on the right, else by the width."""
        if shared != self._edge:
            self._edge = shared
            self._tall = True if shared else None
            self._keep_in_sight()
            self.repaint()

    def show(self) -> None:
        """Another list is in the mirror now: begin at its cursor."""
        window = self._mirror.window
        ids = window.ids(0, 1)
        if window.cursor is None and ids:
            self._mirror.set_cursor(ids[0])
        index = self._index()
        self._top = min(self._top, index)
        self._top = max(0, index - self._capacity() + 1 + MARGIN) if index >= self._capacity() else 0
        self._cursor_row = index - self._top
        self.sync()

    def rows_changed(self, order: bool) -> None:
        """Rows look different; with `order`, some came, left or moved. The cursor's row stays where it is, unless that
        would leave room below while rows above are out of sight that are no news."""
        window = self._mirror.window
        if order:
            if window.cursor is None or window.cursor not in window:
                self._adopt_cursor()
            index = self._index()
            self._top = max(0, index - self._cursor_row)
            if not window.fresh_above(self._top):
                self._use_room()
            self._cursor_row = index - self._top
        self.sync()

    def sync(self) -> None:
        """Paint what looks different now (rows, clocks, cursor) and nothing else."""
        width, height = self.size
        if not width or not height:
            return
        self.replace_lines(self._visible(width, height))
        self._seen()

    def forget_look(self) -> None:
        """The theme changed: nothing painted is of use."""
        self._painted.clear()
        self.repaint()

    def go_to(self, conversation: int) -> None:
        """Put the cursor on a conversation of the list."""
        index = self._mirror.window.index(conversation)
        if index is not None:
            self._go(index)

    def step(self, rows: int) -> None:
        """Move the cursor so many rows down (or up)."""
        self._go(self._index() + rows)

    def show_fresh(self) -> None:
        """Put the cursor on the topmost conversation that came in unseen."""
        fresh = self._mirror.window.first_fresh()
        if fresh is not None:
            self.go_to(fresh)

    def hidden_fresh(self) -> int:
        """How many conversations came in outside of what is on the screen."""
        window = self._mirror.window
        return window.fresh_above(self._top) + window.fresh_below(self._top + self._capacity() - 1)

    def in_sight(self) -> list[tuple[int, int]]:
        """The conversations on the screen, each with the line it begins at."""
        ids = self._mirror.window.ids(self._top, self._top + self._capacity())
        return [(conversation, y * self.per_row) for y, conversation in enumerate(ids)]

    # ------------------------------------------------------------ keys and mouse

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Moving is done here and now; every other action goes to the screen."""
        action = actions.find("list", event.key, event.character)
        if action is None:
            return
        event.stop()
        event.prevent_default()
        if not self.move(action.id):
            self.post_message(Perform(action.id))

    def move(self, action: str) -> bool:
        """Do a moving action; False if it is none."""
        page = max(1, self._capacity() - 1)
        steps = {
            "up": -1,
            "down": 1,
            "page_up": -page,
            "page_down": page,
            "half_up": -(page // 2),
            "half_down": page // 2,
        }
        if action in steps:
            self._go(self._index() + steps[action], paged=abs(steps[action]) > 1)
        elif action == "top":
            self._go(0)
        elif action == "end":
            self._go(len(self._mirror.window) - 1)
        else:
            return False
        return True

    @guarded
    def on_click(self, event: events.Click) -> None:
        """A click opens the conversation it hits."""
        index = self._top + event.y // self.per_row
        if index < len(self._mirror.window):
            self._go(index)
            self.post_message(Perform("open"))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves what is in sight, not the cursor."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves what is in sight, not the cursor."""
        event.stop()
        self._scroll(-3)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor shows whether keys go here."""
        super().watch_has_focus(has_focus)
        if self.is_mounted:
            self.sync()

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight, and use the room there is."""
        super().on_resize(event)
        self._use_room()
        self._keep_in_sight()
        self._seen()

    # ------------------------------------------------------------ moving

    def _capacity(self) -> int:
        return max(1, self.size.height // self.per_row)

    def _index(self) -> int:
        cursor = self._mirror.window.cursor
        index = None if cursor is None else self._mirror.window.index(cursor)
        return 0 if index is None else index

    def _adopt_cursor(self) -> None:
        window = self._mirror.window
        ids = window.ids()
        self._mirror.set_cursor(ids[min(self._top + self._cursor_row, len(ids) - 1)] if ids else None)
        self.post_message(Moved(window.cursor))

    def _go(self, index: int, paged: bool = False) -> None:
        window = self._mirror.window
        if not len(window):
            return
        before = self._index()
        index = max(0, min(index, len(window) - 1))
        target = window.ids(index, index + 1)[0]
        if target == window.cursor and self._top <= index < self._top + self._capacity():
            return
        old_top = self._top
        screen_row = index - self._top
        if self._mirror.set_cursor(target).order:
            # The row it left was only kept in its place for the cursor's sake.
            index = self._index()
            self._top = max(0, index - max(0, min(screen_row, self._capacity() - 1)))
        elif paged:
            self._top = max(0, min(self._top + index - before, len(window) - self._capacity()))
        self._keep_in_sight(index)
        if self._top == old_top:
            self._sync_rows(before - old_top, index - old_top)
        else:
            self.sync()
        self._want_more()
        self.post_message(Moved(target))

    def _keep_in_sight(self, index: int | None = None) -> None:
        index = self._index() if index is None else index
        capacity = self._capacity()
        margin = min(MARGIN, (capacity - 1) // 2)
        last = max(0, len(self._mirror.window) - capacity)
        if index - margin < self._top:
            self._top = max(0, index - margin)
        elif index + margin >= self._top + capacity:
            self._top = max(min(last, index + margin - capacity + 1), index - capacity + 1)
        self._cursor_row = index - self._top

    def _use_room(self) -> None:
        """Leave no room below while there are rows above."""
        self._top = min(self._top, max(0, len(self._mirror.window) - self._capacity()))

    def _scroll(self, rows_down: int) -> None:
        last = max(0, len(self._mirror.window) - self._capacity())
        top = max(0, min(self._top + rows_down, last))
        if top != self._top:
            self._top = top
            self._cursor_row = self._index() - top
            self.sync()
            self._want_more()

    def _want_more(self) -> None:
        window, bottom = self._mirror.window, self._top + self._capacity()
        if (window.has_after and bottom + NEAR > len(window)) or (window.has_before and self._top < NEAR):
            self.post_message(InSight(self._top, bottom))

    # ------------------------------------------------------------ painting

    def paint_line(self, y: int, width: int) -> Strip:
        """One line of one row, or of what is said when there are none."""
        per_row = self.per_row
        lines = self._mirror.lines(self._top + y // per_row, self._top + y // per_row + 1)
        if lines:
            return self._row(lines[0], width, self._now())[y % per_row]
        return self._nothing(y, width)

    def _sync_rows(self, *screen_rows: int) -> None:
        """Paint these rows of the screen again; the fast way for a cursor that moves in sight."""
        now, width, per_row = self._now(), self.size.width, self.per_row
        for screen_row in screen_rows:
            lines = self._mirror.lines(self._top + screen_row, self._top + screen_row + 1)
            if lines and 0 <= screen_row < self._capacity():
                self.replace_lines(self._row(lines[0], width, now), screen_row * per_row)

    def _visible(self, width: int, height: int) -> list[Strip]:
        now = self._now()
        strips: list[Strip] = []
        rows_in_sight = -(-height // self.per_row)  # the last one may be cut
        for line in self._mirror.lines(self._top, self._top + rows_in_sight):
            strips += self._row(line, width, now)
        if not strips:
            return [self._nothing(y, width) for y in range(height)]
        return (strips + [self._blank(width)] * (height - len(strips)))[:height]

    def _blank(self, width: int) -> Strip:
        key = ("blank", width, self._edge)
        if key not in self._painted:
            self._painted[key] = (self._edged([], self.look.page, width),)
        return self._painted[key][0]

    def _row(self, line: Line, width: int, now: int) -> tuple[Strip, ...]:
        window = self._mirror.window
        selected = line.id == window.cursor
        opened = line.id == self.opened
        focused = selected and self.has_focus
        row = line.row
        sign = sla.sign(row.sla, row.state, now)
        old = age(now - row.last_at)
        people = window.spec.view not in ("mine", "unassigned")
        per_row = self.per_row
        draft = "" if opened else self._draft(line.id)
        marked = line.id in self.marked
        look_of = (selected, opened, focused, marked)
        until = rows.back_at(row, now)
        due = row.remind_at is not None and row.remind_at <= now and row.state != "resolved"
        key = (line.id, line.stamp, look_of, sign, old, width, per_row, self._edge, people, draft, until, due)
        painted = self._painted.get(key)
        if painted is None:
            look = self.look
            surface = look.cursor if focused else look.cursor_away if selected else look.page
            room = width - 1 if self._edge else width
            mark = rows.pointer(look, selected, opened)
            shown = rows.Shown(line, sign, old, self._mirror.name, people, mark, draft, marked, until, due)
            parts = rows.two_lines(shown, look, room) if per_row == 2 else (rows.one_line(shown, look, room),)
            painted = self._painted[key] = tuple(self._edged(part, surface, width) for part in parts)
            if len(self._painted) > KEPT:
                self._painted.popitem(last=False)
        return painted

    def _edged(self, segments: list[Segment], surface: Style, width: int) -> Strip:
        if not self._edge:
            return strip(segments, surface, width)
        edge = Segment("│", self.look.page + self.look.rule)
        return Painted([*strip(segments, surface, width - 1), edge], width)

    def _nothing(self, y: int, width: int) -> Strip:
        look = self.look
        said = self._empty() if not len(self._mirror.window) else []
        lines = [(part, style) for n, text in enumerate(said) for style in (look.muted if n else look.strong,)
                 for part in wrap(text, width - 3)]  # fmt: skip
        first = max(1, (self.size.height - len(lines)) // 3)
        if not first <= y < first + len(lines):
            return self._edged([], look.page, width)
        text, style = lines[y - first]
        pad = Segment(" " * max(1, (width - cells(text)) // 2))
        return self._edged([pad, Segment(text, style)], look.page, width)

    def _seen(self) -> None:
        if self._mirror.window.fresh and self.size.height:
            self._mirror.seen_fresh(self._top, self._top + self._capacity())
