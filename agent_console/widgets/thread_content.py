"""The lines of a conversation: built from its messages, kept block by block until a message looks different."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from agent_console.backend import mail
from agent_console.i18n import _, day, ngettext
from agent_console.presentation import letters
from agent_console.presentation import messages as painted
from agent_console.presentation.look import Look
from agent_console.presentation.messages import Setting
from agent_console.presentation.transfers import waiting_lines
from agent_console.widgets.canvas import strip

if TYPE_CHECKING:
    from agent_console.backend.mirror import Mirror
    from server.wire import ConversationRow, Message


class ThreadContent:
    """`lines` and where each message's begin (`starts`: first line, message id; in order). `fault` is told of a message
    that cannot be painted: it costs its own lines and no others."""

    def __init__(self, mirror: Mirror, fault: Callable[[Exception], None]) -> None:
        self._mirror = mirror
        self._fault = fault
        self.lines: list[Strip] = []
        self.starts: list[tuple[int, int]] = []
        #: the message that keys are about, and those whose quoted lines are shown
        self.marked: int | None = None
        self.unfolded: set[int] = set()
        self.first_unread: int | None = None
        self.unread = 0
        self._blocks: dict[int, tuple[Hashable, list[Strip]]] = {}

    def forget(self) -> None:
        """Another conversation, or another look: nothing painted is of use."""
        self._blocks.clear()

    def begin(self, unread: int, marked: int | None) -> None:
        """Another conversation; the last `unread` of the customer's messages are new."""
        self.forget()
        self.marked, self.unfolded = marked, set()
        self.unread, self.first_unread = unread, None

    def build(self, conversation: int | None, now: int, look: Look, width: int) -> None:
        """The lines as they are now."""
        self.lines, self.starts = [], []
        if conversation is None:
            return
        mirror = self._mirror
        held, thread, row = mirror.messages(conversation), mirror.thread(conversation), mirror.row(conversation)

        def add(segments: list[Segment]) -> None:
            self.lines.append(strip(segments, look.page, width))

        if row is not None and row.surface == "comment":
            for segments in letters.post_lines(row.subject, look, width - 4):
                add([Segment("   "), *segments])
        if thread is not None and thread.older is not None:
            add([Segment("   " + _("… older messages"), look.faint)])
        elif thread is None or not thread.loaded:
            add([Segment("   " + _("loading…"), look.faint)])
        self._find_first_unread(held)
        receipts = thread.about.capabilities.receipts if thread is not None and thread.about is not None else ()
        kept: dict[int, tuple[Hashable, list[Strip]]] = {}
        shown_day = ""
        for message, setting in _settings(held, row, self.marked, self.unfolded):
            today = day(message.at, now)
            if today != shown_day:
                shown_day = today
                add(painted.day_line(today, look))
            if message.id == self.first_unread:
                add(painted.new_line(ngettext("{n} new", "{n} new", self.unread).format(n=self.unread), look, width))
            fate = painted.fate(message, now, row.channel_kind if row else "", receipts)
            quoted = setting.quoted and (setting.quoted.id, setting.quoted.version)
            key = (id(message), message.version, message.status, fate, width, quoted, setting[1:])
            block = self._blocks.get(message.id)
            if block is None or block[0] != key:
                block = (key, self._paint(message, fate, look, width, setting))
            kept[message.id] = block
            self.starts.append((len(self.lines), message.id))
            self.lines += block[1]
        self._blocks = kept
        if thread is not None and thread.about is not None and thread.about.transfers:
            for segments in waiting_lines(thread.about.transfers, mirror.me, now, look, width):
                add(segments)

    def _paint(self, message: Message, fate: painted.Fate, look: Look, width: int, setting: Setting) -> list[Strip]:
        try:
            lines = painted.lines(message, fate, look, width, self._mirror.name, setting)
            return [strip(segments, look.page, width) for segments in lines]
        except Exception as error:
            self._fault(error)
            return [strip([Segment("   " + _("(this message cannot be shown)"), look.bad)], look.page, width)]

    def _find_first_unread(self, held: list[Message]) -> None:
        if self.first_unread is not None or not self.unread:
            return
        inbound = [message.id for message in held if message.direction == "in"]
        if len(inbound) >= self.unread:
            self.first_unread = inbound[-self.unread]

    # ------------------------------------------------------------ places

    def first_line(self, message: int | None) -> int | None:
        """Where a message begins."""
        return next((first for first, each in self.starts if each == message), None) if message else None

    def end_line(self, message: int) -> int:
        """The line below a message's last one."""
        below = next((n + 1 for n, (_first, each) in enumerate(self.starts) if each == message), len(self.starts))
        return self.starts[below][0] if below < len(self.starts) else len(self.lines)

    def at(self, line: int) -> tuple[int, int] | None:
        """The message at a line, and where it begins; the first one above all."""
        index = max(0, bisect_right(self.starts, (line, math.inf)) - 1)
        return (self.starts[index][1], self.starts[index][0]) if self.starts else None

    def step(self, forward: bool, top: int, room: int) -> int | None:
        """The message to mark next: beside the one that is marked, else the last (or first) one in sight."""
        ids = [each for _first, each in self.starts]
        if self.marked in ids:
            index = ids.index(self.marked) + (1 if forward else -1)
            return ids[max(0, min(index, len(ids) - 1))]
        seen = self.in_sight(top, room)
        return (seen[0] if forward else seen[-1]) if seen else None

    def in_sight(self, top: int, room: int) -> list[int]:
        """The messages of which a line lies between `top` and `room` lines below."""
        begin = max(0, bisect_right(self.starts, (top, math.inf)) - 1)
        end = bisect_left(self.starts, (top + room, 0))
        return [each for _first, each in self.starts[begin:end]]

    def target(self, wanted: Callable[[Message], bool], held: list[Message], top: int, room: int) -> Message | None:
        """The message a key is about: the marked one if it will do, else the newest one in sight that does, else the
        newest one. None if none does; where one is marked that will not do, none does."""
        fitting = {message.id: message for message in held if wanted(message)}
        if self.marked is not None:
            return fitting.get(self.marked)
        seen = [each for each in self.in_sight(top, room) if each in fitting]
        return fitting[seen[-1]] if seen else next(reversed(fitting.values()), None)


def _settings(
    held: list[Message], row: ConversationRow | None, marked: int | None, unfolded: set[int]
) -> list[tuple[Message, Setting]]:
    """Each message with what its place in the thread adds to it."""
    by_id = {message.id: message for message in held}
    public = row is not None and row.surface == "comment"
    found: list[tuple[Message, Setting]] = []
    last_subject, album = "", None
    for message in held:
        subject = mail.bare_subject(letters.subject(message))
        group = message.data.get("media_group")
        setting = Setting(
            quoted=by_id.get(message.reply_to) if message.reply_to is not None else None,
            subject=bool(subject) and subject != last_subject,
            unfolded=message.id in unfolded,
            marked=message.id == marked,
            public=public,
            joined=group is not None and group == album,
        )
        last_subject, album = subject or last_subject, group
        found.append((message, setting))
    return found
