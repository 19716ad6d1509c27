"""A conversation, painted line by line: header, days, messages, notes; older ones come as one scrolls up.

At the bottom it stays at the bottom as messages arrive; further up it stays where it is and says how many are new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from textual.strip import Strip

from agent_console import actions
from agent_console.i18n import _, ngettext
from agent_console.presentation.header import thread_header
from agent_console.safetext import cells
from agent_console.widgets.canvas import Canvas, HasLook, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import LinkClicked, OlderMessages, Perform
from agent_console.widgets.thread_content import ThreadContent

if TYPE_CHECKING:
    from textual import events

    from agent_console.backend.mirror import Mirror
    from server.wire import Message

HEADER = 2
#: lines from the beginning at which older messages are asked for
NEAR = 20


class ThreadView(Canvas, can_focus=True):
    """Shows the conversation given to `open`; `now` answers the server's time, UTC ms."""

    def __init__(self, mirror: Mirror, now: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._mirror = mirror
        self._now = now
        self.conversation: int | None = None
        self._content = ThreadContent(mirror, lambda error: cast(HasLook, self.app).fault(error))
        self._offset = 0
        self._stuck = True
        self._last_seen = 0
        self._asked: str | None = None

    # ------------------------------------------------------------ for the screen

    def open(self, conversation: int | None, unread: int = 0, marked: int | None = None) -> None:
        """Show a conversation from its newest message; the last `unread` of the customer's are shown as new, and
        `marked` is marked."""
        if conversation != self.conversation:
            self.conversation = conversation
            self._content.begin(unread, marked)
            self._asked = None
        self._stuck = True
        self._offset = 0
        self._last_seen = 0
        self.sync()

    def nothing_new(self) -> None:
        """It was answered: the mark of what was new has done its work."""
        self._content.unread, self._content.first_unread = 0, None

    @property
    def at_end(self) -> bool:
        """Whether the newest message is in sight."""
        return self._stuck

    def sync(self) -> None:
        """Paint what looks different now."""
        width, height = self.size
        if not width or not height:
            return
        self._rebuild(width)
        self._place()
        self.replace_lines(self._frame(width, height))

    def sync_header(self) -> None:
        """Paint the header again if it looks different: its clock went on."""
        width, height = self.size
        if width and height > HEADER:
            self.replace_lines(self._frame(width, height)[:HEADER])

    def forget_look(self) -> None:
        """The theme changed: nothing painted is of use."""
        self._content.forget()
        self.repaint()
        self.sync()

    def scroll_lines(self, lines: int) -> None:
        """Read further down (or up, when negative)."""
        last = max(0, len(self._content.lines) - self._room())
        offset = max(0, min(self._offset + lines, last))
        self._stuck = offset >= last
        if offset != self._offset:
            self._offset = offset
            self._mark_seen()
            self.replace_lines(self._frame(*self.size))
        if offset < NEAR:
            self._want_older()

    def newest(self, wanted: Callable[[Message], bool]) -> Message | None:
        """The newest message that is `wanted`."""
        if self.conversation is None:
            return None
        return next((m for m in reversed(self._mirror.messages(self.conversation)) if wanted(m)), None)

    @property
    def marked(self) -> Message | None:
        """The message that is marked, for keys that are about one message."""
        return self.newest(lambda message: message.id == self._content.marked)

    def target(self, wanted: Callable[[Message], bool]) -> Message | None:
        """The message that a key for messages that are `wanted` is about: marked, else the newest one in sight."""
        if self.conversation is None:
            return None
        return self._content.target(wanted, self._mirror.messages(self.conversation), self._offset, self._room())

    def mark(self, message: int | None) -> None:
        """Mark a message, or (None) none; it is brought into sight."""
        self._content.marked = message
        self.sync()
        first = self._content.first_line(message)
        if first is None or message is None:
            return
        below = self._content.end_line(message) - (self._offset + self._room())
        if first < self._offset:
            self.scroll_lines(first - self._offset)
        elif below > 0:
            self.scroll_lines(min(below, first - self._offset))

    def in_sight(self) -> list[tuple[int, int]]:
        """The messages that begin on the screen, each with the line it begins at."""
        top, room = self._offset, self._room()
        starts = self._content.starts
        return [(message, HEADER + first - top) for first, message in starts if top <= first < top + room]

    def fold(self, message: int) -> None:
        """Show the quoted lines of a message, or put them away."""
        self._content.unfolded ^= {message}
        self._stuck = False
        self.sync()
        if (first := self._content.first_line(message)) is not None and first < self._offset:
            self.scroll_lines(first - self._offset)

    # ------------------------------------------------------------ keys and mouse

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Reading is done here and now; every other action goes to the screen."""
        action = actions.find("thread", event.key, event.character)
        if action is None:
            return
        event.stop()
        event.prevent_default()
        if not self.move(action.id):
            self.post_message(Perform(action.id))

    def move(self, action: str) -> bool:
        """Do a moving action; False if it is none."""
        if action in ("mark_up", "mark_down"):
            self.mark(self._content.step(action == "mark_down", self._offset, self._room()))
            return True
        page = max(1, self._room() - 2)
        steps = {
            "up": -1,
            "down": 1,
            "page_up": -page,
            "page_down": page,
            "read_on": page,
            "half_up": -(page // 2),
            "half_down": page // 2,
            "thread_up": -(page // 2) - 1,
            "thread_down": page // 2 + 1,
            "top": -len(self._content.lines),
            "end": len(self._content.lines),
        }
        if action not in steps:
            return False
        self.scroll_lines(steps[action])
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Read further down."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Read further up."""
        event.stop()
        self.scroll_lines(-3)

    @guarded
    def on_click(self, event: events.Click) -> None:
        """A link asks whether to open it; the arrow in the header goes back; the line that counts new messages goes to
        them."""
        if link := event.style.meta.get("link"):
            self.post_message(LinkClicked(str(link)))
        elif event.y == 0 and event.x < 4:
            self.post_message(Perform("back"))
        elif event.y == self.size.height - 1 and not self._stuck:
            self.move("end")

    def on_resize(self, event: events.Resize) -> None:
        """Lines wrap anew."""
        super().on_resize(event)
        self.sync()

    # ------------------------------------------------------------ building

    def _room(self) -> int:
        return max(1, self.size.height - HEADER)

    def _rebuild(self, width: int) -> None:
        """The content's lines; what is at the top stays there."""
        anchor = None if self._stuck else self._content.at(self._offset)
        into = self._offset - anchor[1] if anchor else 0
        self._content.build(self.conversation, self._now(), self.look, width)
        if anchor is not None and (first := self._content.first_line(anchor[0])) is not None:
            self._offset = max(0, first + into)

    def _place(self) -> None:
        last = max(0, len(self._content.lines) - self._room())
        if self._stuck:
            self._offset = last
            first = self._content.first_line(self._content.first_unread)
            if first is not None and not self._last_seen and first - 1 < last:
                # More is new than fits: begin where the reader stopped.
                self._offset = max(0, first - 2)
                self._stuck = False
        self._offset = min(self._offset, last)
        self._stuck = self._stuck or self._offset >= last
        self._mark_seen()
        if self._offset < NEAR:
            self._want_older()

    def _mark_seen(self) -> None:
        bottom = self._offset + self._room()
        for first, message in reversed(self._content.starts):
            if first < bottom:
                self._last_seen = max(self._last_seen, message)
                return

    def _below(self) -> int:
        """How many messages came in below what has been in sight."""
        if self._stuck or self.conversation is None:
            return 0
        return sum(1 for _first, message in self._content.starts if message > self._last_seen)

    def _want_older(self) -> None:
        thread = self._mirror.thread(self.conversation) if self.conversation is not None else None
        if thread is not None and thread.older is not None and thread.older != self._asked:
            self._asked = thread.older
            self.post_message(OlderMessages(thread.conversation))

    # ------------------------------------------------------------ painting

    def paint_line(self, y: int, width: int) -> Strip:
        """One line of what is in sight."""
        return self._frame(width, self.size.height)[y]

    def _frame(self, width: int, height: int) -> list[Strip]:
        look = self.look
        blank = Strip.blank(width, look.page)
        line = self._mirror.line(self.conversation) if self.conversation is not None else None
        if line is None:
            return self._nobody(width, height)
        thread = self._mirror.thread(line.id)
        about, followed = thread.about if thread else None, self._mirror.followed(line.id)
        me, observed = self._mirror.name, self._mirror.observed
        header = thread_header(line, about, self._now(), look, width, me, followed, observed)
        strips = [self._same(y, strip(segments, look.bar, width)) for y, segments in enumerate(header)]
        room = max(0, height - HEADER)
        body = self._content.lines[self._offset : self._offset + room]
        strips += body + [blank] * (room - len(body))
        if not self._stuck and room:
            strips[-1] = self._same(height - 1, self._more_below(width))
        return strips[:height]

    def _more_below(self, width: int) -> Strip:
        look = self.look
        new = self._below()
        text = ngettext("↓ {n} new message · End", "↓ {n} new messages · End", new).format(n=new) if new else _("↓ End")
        text = f" {text} "
        style = look.key if new else look.muted
        return strip([Segment(" " * max(0, width - cells(text) - 1)), Segment(text, style)], look.page, width)

    def _nobody(self, width: int, height: int) -> list[Strip]:
        look = self.look
        blank = Strip.blank(width, look.page)
        strips = [blank] * height
        text = _("Enter opens the conversation under the cursor")
        y = height // 3
        if height > y and width > 10:
            pad = Segment(" " * max(1, (width - cells(text)) // 2))
            strips[y] = self._same(y, strip([pad, Segment(text, look.faint)], look.page, width))
        return strips

    def _same(self, y: int, new: Strip) -> Strip:
        """The strip already kept for a line if it looks the same, so that it is not painted again."""
        kept = self._kept[y] if y < len(self._kept) else None
        return kept if kept is not None and kept == new else new
