"""A conversation, painted line by line: header, days, messages, notes; older ones come as one scrolls up.

At the bottom it stays at the bottom as messages arrive; further up it stays where it is and says how many are new.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from agent_console import actions
from agent_console.i18n import _, day, ngettext
from agent_console.presentation import messages as painted
from agent_console.presentation.header import thread_header
from agent_console.safetext import cells
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import OlderMessages, Perform

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
        self._content: list[Strip] = []
        self._starts: list[tuple[int, int]] = []  # (first line, message id), in order
        self._blocks: dict[int, tuple[Hashable, list[Strip]]] = {}
        self._offset = 0
        self._stuck = True
        self._last_seen = 0
        self._first_unread: int | None = None
        self._unread = 0
        self._asked: str | None = None

    # ------------------------------------------------------------ for the screen

    def open(self, conversation: int | None, unread: int = 0) -> None:
        """Show a conversation from its newest message; the last `unread` of the customer's are marked as new."""
        if conversation != self.conversation:
            self.conversation = conversation
            self._blocks.clear()
            self._unread = unread
            self._first_unread = None
            self._asked = None
        self._stuck = True
        self._offset = 0
        self._last_seen = 0
        self.sync()

    def nothing_new(self) -> None:
        """It was answered: the mark of what was new has done its work."""
        self._unread, self._first_unread = 0, None

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
        self._blocks.clear()
        self.repaint()
        self.sync()

    def scroll_lines(self, lines: int) -> None:
        """Read further down (or up, when negative)."""
        last = max(0, len(self._content) - self._room())
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
        page = max(1, self._room() - 2)
        steps = {
            "up": -1,
            "down": 1,
            "page_up": -page,
            "page_down": page,
            "half_up": -(page // 2),
            "half_down": page // 2,
            "thread_up": -(page // 2) - 1,
            "thread_down": page // 2 + 1,
            "top": -len(self._content),
            "end": len(self._content),
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
        """The arrow in the header goes back; the line that counts new messages goes to them."""
        if event.y == 0 and event.x < 4:
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
        """The content's lines, from the kept blocks of the messages and new ones for those that changed."""
        anchor = self._anchor()
        self._content = []
        self._starts = []
        conversation = self.conversation
        if conversation is None:
            return
        look, now, me = self.look, self._now(), self._mirror.name
        held = self._mirror.messages(conversation)
        thread = self._mirror.thread(conversation)
        row = self._mirror.row(conversation)
        kind = row.channel_kind if row else ""
        page = look.page

        def add(segments: list[Segment]) -> None:
            self._content.append(strip(segments, page, width))

        if thread is not None and thread.older is not None:
            add([Segment("   " + _("… older messages"), look.faint)])
        elif thread is None or not thread.loaded:
            add([Segment("   " + _("loading…"), look.faint)])
        self._find_first_unread(held)
        shown_day = ""
        kept: dict[int, tuple[Hashable, list[Strip]]] = {}
        by_id = {message.id: message for message in held}
        for message in held:
            today = day(message.at, now)
            if today != shown_day:
                shown_day = today
                add(painted.day_line(today, look))
            if message.id == self._first_unread:
                add(painted.new_line(ngettext("{n} new", "{n} new", self._unread).format(n=self._unread), look, width))
            quoted = by_id.get(message.reply_to) if message.reply_to is not None else None
            fate = painted.fate(message, now, kind)
            key = (id(message), message.version, message.status, fate, width, quoted and quoted.version)
            block = self._blocks.get(message.id)
            if block is None or block[0] != key:
                lines = painted.lines(message, fate, look, width, me, quoted)
                block = (key, [strip(segments, page, width) for segments in lines])
            kept[message.id] = block
            self._starts.append((len(self._content), message.id))
            self._content += block[1]
        self._blocks = kept
        self._restore(anchor)

    def _find_first_unread(self, held: list[Message]) -> None:
        if self._first_unread is not None or not self._unread:
            return
        inbound = [message.id for message in held if message.direction == "in"]
        if len(inbound) >= self._unread:
            self._first_unread = inbound[-self._unread]

    def _anchor(self) -> tuple[int, int] | None:
        """The message at the top of what is in sight, and how far into it: what must not move."""
        if self._stuck:
            return None
        before = [start for start in self._starts if start[0] <= self._offset]
        if not before:
            return (self._starts[0][1], self._offset - self._starts[0][0]) if self._starts else None
        return before[-1][1], self._offset - before[-1][0]

    def _restore(self, anchor: tuple[int, int] | None) -> None:
        if anchor is None:
            return
        for first, message in self._starts:
            if message == anchor[0]:
                self._offset = max(0, first + anchor[1])
                return

    def _place(self) -> None:
        last = max(0, len(self._content) - self._room())
        if self._stuck:
            self._offset = last
            first = self._first_line(self._first_unread)
            if first is not None and not self._last_seen and first - 1 < last:
                # More is new than fits: begin where the reader stopped.
                self._offset = max(0, first - 2)
                self._stuck = False
        self._offset = min(self._offset, last)
        self._stuck = self._stuck or self._offset >= last
        self._mark_seen()
        if self._offset < NEAR:
            self._want_older()

    def _first_line(self, message: int | None) -> int | None:
        return next((first for first, each in self._starts if each == message), None) if message else None

    def _mark_seen(self) -> None:
        bottom = self._offset + self._room()
        for first, message in reversed(self._starts):
            if first < bottom:
                self._last_seen = max(self._last_seen, message)
                return

    def _below(self) -> int:
        """How many messages came in below what has been in sight."""
        if self._stuck or self.conversation is None:
            return 0
        return sum(1 for _first, message in self._starts if message > self._last_seen)

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
        header = thread_header(line, thread.about if thread else None, self._now(), look, width, self._mirror.name)
        strips = [self._same(y, strip(segments, look.bar, width)) for y, segments in enumerate(header)]
        room = max(0, height - HEADER)
        body = self._content[self._offset : self._offset + room]
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
