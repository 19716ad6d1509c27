"""What this advisor can see, kept in step by the feed's events. Pure: no I/O, no widgets, no clock of its own.

The server's word is kept as it came (rows and messages by version, so that anything may come twice or out of order);
what the advisor did and the server has not yet answered lies over it (`overlay`). What is shown is always the fold of
both, so it never has to be undone by hand. Each method says in its `Changes` what looks different now.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET

from agent_console.backend.changes import Alert, Changes, Line
from agent_console.backend.overlay import Change, Overlays, Reply, Seen, Ticket
from agent_console.backend.rows import Rows
from agent_console.backend.thread import Thread
from agent_console.backend.views import ListSpec, belongs, in_view, place_of, unanswered, unread
from agent_console.backend.window import ListWindow
from server import wire

Frame: TypeAlias = wire.FeedEvent | wire.ServerFrame
Edge: TypeAlias = Literal["first", "after", "before"]

#: Lists kept in step beside the one shown, so that going back to one paints at once.
LISTS = 6

_ALERTS = frozenset(
    (
        "sla.warned",
        "sla.breached",
        "message.status",
        "conversation.assigned",
        "attachment.failed",
        "delivery.failed",
        "channel.notice",
    )
)
_COUNTED: tuple[wire.View, ...] = ("mine", "unassigned", "open", "waiting")


class Mirror:
    """The state that the console paints. `limit`: rows of a list, `threads`: conversations kept ready."""

    def __init__(self, me: wire.User | None = None, *, limit: int = 2_000, threads: int = 50) -> None:
        self.me = me
        self.epoch = ""
        #: the newest event held; the feed goes on from here
        self.seq = 0
        #: add it to the local clock (UTC ms) to get the server's
        self.clock_offset = 0
        self._limit = limit
        self._thread_limit = threads
        self._rows = Rows(memory=limit * 2 + 2_000)
        self._windows: OrderedDict[ListSpec, ListWindow] = OrderedDict()
        self._threads: OrderedDict[int, Thread] = OrderedDict()
        self._overlays = Overlays()
        self._counts = wire.Counts()
        self._settling: list[Ticket] = []
        self._presence: dict[int, wire.Presence] = {}
        self._lines: dict[int, Line] = {}
        self._stamp = 0
        self.window = self._window(ListSpec())

    @property
    def name(self) -> str:
        """The reader's sign-in name."""
        return self.me.name if self.me else ""

    # ------------------------------------------------------------ reading

    @property
    def counts(self) -> wire.Counts:
        """How many conversations each view holds, with the pending changes in it."""
        total: dict[str, int] = {view: getattr(self._counts, view) for view in _COUNTED}
        for ticket in [*self._overlays.all(), *self._settling]:
            for view, delta in ticket.counts.items():
                total[view] = max(0, total[view] + delta)
        return wire.Counts(**total)

    def row(self, conversation: int) -> wire.ConversationRow | None:
        """A row with the pending changes in it, if it is held."""
        row = self._rows.get(conversation)
        return None if row is None else self._overlays.row(row, self.name)

    def line(self, conversation: int) -> Line | None:
        """A line ready to paint; the same object until something in it changes."""
        line = self._lines.get(conversation)
        if line is None:
            row = self.row(conversation)
            if row is None:
                return None
            self._stamp += 1
            who = self._presence.get(conversation)
            line = self._lines[conversation] = Line(
                row,
                self._stamp,
                unread=unread(row),
                gone=self.window.is_gone(conversation),
                fresh=conversation in self.window.fresh,
                pending=any(not ticket.settled for ticket in self._overlays.of(conversation)),
                viewing=tuple(who.viewing) if who else (),
                typing=tuple(who.typing) if who else (),
                customer_typing=bool(who and who.customer_typing),
            )
        return line

    def lines(self, start: int = 0, stop: int | None = None) -> list[Line]:
        """The lines at positions `start` to `stop` (exclusive) of the list shown."""
        found = (self.line(each) for each in self.window.ids(start, stop))
        return [line for line in found if line is not None]

    def thread(self, conversation: int) -> Thread | None:
        """An opened (or prefetched) conversation, if it is held."""
        return self._threads.get(conversation)

    def messages(self, conversation: int) -> list[wire.Message]:
        """A conversation's messages with the pending changes in them, oldest first. Do not change the list.

        A reply or note that waits for the server has a negative id.
        """
        thread = self._threads.get(conversation)
        truth = thread.messages() if thread else []
        return self._overlays.messages(conversation, truth, self.name)

    def presence(self, conversation: int) -> wire.Presence | None:
        """Who else is at a conversation now."""
        return self._presence.get(conversation)

    def server_now(self, now: int) -> int:
        """The server's clock when the local one says `now` (UTC ms)."""
        return now + self.clock_offset

    def next_unanswered(self, after: int | None = None) -> int | None:
        """The next conversation below `after` whose customer waits for us, going round at the end."""
        return self._unanswered(after, +1)

    def previous_unanswered(self, before: int | None = None) -> int | None:
        """The one above, going round at the top."""
        return self._unanswered(before, -1)

    def _unanswered(self, start: int | None, step: int) -> int | None:
        ids = self.window.ids()
        at = self.window.index(start) if start is not None else None
        if at is None:
            at = -1 if step > 0 else len(ids)
        ahead = ids[at + 1 :] + ids[: max(at, 0)] if step > 0 else ids[:at][::-1] + ids[at + 1 :][::-1]
        for each in ahead:
            row = self.row(each)
            if row is not None and unanswered(row) and not self.window.is_gone(each):
                return each
        return None

    # ------------------------------------------------------------ the reader

    def show(self, spec: ListSpec) -> bool:
        """Make a list the one shown. True if it is held already and in step, False if it has to be loaded."""
        self.window = self._window(spec)
        self._lines.clear()
        return self.window.loaded and not self.window.stale

    def set_cursor(self, conversation: int | None) -> Changes:
        """The cursor moved; the row it leaves goes where it belongs."""
        changes = Changes()
        before = self.window.cursor
        if before is not None and self.window.set_cursor(conversation):
            self._repaint(before, changes)
            changes.order = True
        self.window.cursor = conversation
        return changes

    def set_open(self, conversation: int | None) -> Changes:
        """A conversation was opened, or closed (None)."""
        changes = Changes()
        for window in self._windows.values():
            before = window.open
            if window.set_open(conversation) and before is not None:
                self._repaint(before, changes)
                changes.order |= window is self.window
        return changes

    def seen_fresh(self, start: int = 0, stop: int | None = None) -> Changes:
        """The rows at these positions have been on the screen: they are not new any more."""
        changes = Changes()
        for conversation in self.window.seen_fresh(start, stop):
            self._repaint(conversation, changes)
        return changes

    # ------------------------------------------------------------ pages

    def load_page(self, spec: ListSpec, page: wire.Page[wire.ConversationRow], edge: Edge = "first") -> Changes:
        """A page of a list came. Rows the feed has already brought further are kept as they are."""
        changes = Changes(order=True)
        window = self._window(spec)
        self._begin(page.as_of)
        for row in page.items:
            if self._rows.put(row):
                self._reshow(row.id, changes)
        ends = [place_of(row) for row in page.items]
        first, last = (ends[0], ends[-1]) if ends else (None, None)
        cursor_place = self._place(window.cursor)
        rows = [self._standing(row.id, spec, listed=True) for row in page.items]
        window.load(rows, edge, page.next, page.previous, first, last)
        for row in list(self._rows.touched_since(page.as_of)):
            window.update(*self._standing(row.id, spec, listed=row.id in window))
        for dropped in window.trim(edge):
            self._lines.pop(dropped, None)
        if window.cursor is not None and window.cursor not in window and cursor_place is not None:
            window.cursor = window.nearest(cursor_place)
        if window is self.window:
            self._lines.clear()
            changes.rows.update(row.id for row in page.items)
        self._rows.forget(self._needed)
        return changes

    def load_counts(self, counts: wire.Counts) -> Changes:
        """The server's counts came; they contain every change it has answered."""
        before = self.counts
        self._counts = counts
        self._settling.clear()
        for conversation in {ticket.conversation for ticket in self._overlays.all()}:
            self._count_again(conversation)
        return Changes(counts=self.counts != before)

    def expect_thread(self, conversation: int) -> Thread:
        """A thread is about to be loaded: what the feed brings meanwhile is kept for it."""
        thread = self._threads.get(conversation)
        if thread is None:
            thread = self._threads[conversation] = Thread(conversation)
        self._threads.move_to_end(conversation)
        for old in list(self._threads)[: len(self._threads) - self._thread_limit]:
            if old != self.window.open and old not in self._overlays:
                del self._threads[old]
        return thread

    def load_conversation(self, about: wire.Conversation) -> Changes:
        """The conversation's own data came."""
        thread = self.expect_thread(about.row.id)
        changes = Changes(threads={about.row.id} if thread.about != about else set())
        thread.about = about
        if self._rows.put(about.row):
            self._reshow(about.row.id, changes)
        return changes

    def load_messages(self, conversation: int, page: wire.Page[wire.Message], *, older: bool = False) -> Changes:
        """The newest messages came, or (`older`) those before the ones held."""
        changed = self.expect_thread(conversation).load(page, older)
        return Changes(threads={conversation} if changed else set())

    def load_history(self, conversation: int, items: Iterable[wire.PastConversation]) -> Changes:
        """The customer's earlier conversations came."""
        self.expect_thread(conversation).history = list(items)
        return Changes(threads={conversation})

    # ------------------------------------------------------------ the feed

    def apply(self, frame: Frame) -> Changes:
        """One frame of the feed. An event that was applied before changes nothing."""
        changes = Changes()
        if isinstance(frame, wire.FeedEvent):
            self._event(frame, changes)
        elif frame.resume is not None:
            self.epoch = frame.resume.epoch
        elif frame.reset is not None:
            self._reset(frame.reset, changes)
        elif frame.presence is not None:
            self._present(frame.presence, changes)
        elif frame.counts is not None:
            changes = self.load_counts(frame.counts)
        return changes

    def alone(self) -> Changes:
        """The connection is lost: nothing is known any more of who is where."""
        changes = Changes()
        for conversation in list(self._presence):
            self._present(wire.Presence(conversation=conversation), changes)
        return changes

    def _event(self, event: wire.FeedEvent, changes: Changes) -> None:
        if event.seq <= self.seq:
            return
        self.seq = event.seq
        if event.row is not None:
            row = event.row
            if event.kind == "conversation.created" and row.seen is UNSET and self._rows.get(row.id) is None:
                row = msgspec.structs.replace(row, seen=0)
            self._take_row(row, changes, seq=event.seq, fresh=event.actor != f"user:{self.name}")
        if event.message is not None:
            self._take_message(event.message, changes)
        if event.kind in _ALERTS:
            alert = Alert(event.kind, event.conversation, event.at, event.seq, dict(event.data))
            changes.alerts.append(alert)
        if event.kind.startswith(("contact.", "identity.")):
            contact = event.data.get("contact")
            for thread in self._threads.values():
                if thread.about is not None and thread.about.contact.id == contact:
                    changes.about.add(thread.conversation)

    def _reset(self, reset: wire.Reset, changes: Changes) -> None:
        self.epoch, self.seq = reset.epoch, reset.head
        self._rows.grow_old()
        for thread in self._threads.values():
            thread.stale = thread.loaded
        for spec, window in list(self._windows.items()):
            window.stale = True
            if window is not self.window:
                del self._windows[spec]
        changes.merge(self.alone())
        changes.reload = True

    def _present(self, presence: wire.Presence, changes: Changes) -> None:
        conversation = presence.conversation
        empty = not (presence.viewing or presence.typing or presence.customer_typing)
        before = self._presence.get(conversation)
        if (before is None and empty) or before == presence:
            return
        if empty:
            del self._presence[conversation]
        else:
            self._presence[conversation] = presence
        changes.presence.add(conversation)
        self._repaint(conversation, changes)

    # ------------------------------------------------------------ optimistic changes

    def pretend(self, change: Change) -> Ticket:
        """Show a change before the server has answered. `dirty(ticket)` says what looks different."""
        row = self._rows.get(change.conversation)
        thread = self._threads.get(change.conversation)
        held = thread.messages() if thread else []
        newest = held[-1].id if held else 0
        ticket = self._overlays.add(change, self.me, row.version if row else 0, newest)
        self._count_again(change.conversation)
        self._reshow(change.conversation, Changes(), fresh=False)
        return ticket

    def confirm(
        self, ticket: Ticket, answer: wire.ConversationRow | wire.Message | wire.Attachment | None = None
    ) -> Changes:
        """The server said yes, with the row or message as it is now."""
        changes = Changes()
        row = self._rows.get(ticket.conversation)
        if isinstance(ticket.change, Seen) and row is not None:
            self._rows.put(msgspec.structs.replace(row, seen=ticket.change.inbound))
        if isinstance(answer, wire.ConversationRow):
            self._rows.put(answer)
        if isinstance(answer, wire.Message):
            self._take_message(answer, changes)
        # The row with the reply in it comes by the feed: until it is here, keep showing what it will say.
        if isinstance(ticket.change, Reply) and row is not None and row.version <= ticket.base_version:
            ticket.settled = True
        elif self._overlays.remove(ticket) and ticket.counts:
            self._settling.append(ticket)
        self._dirty(ticket, changes)
        return changes

    def take_back(self, ticket: Ticket) -> Changes:
        """The server said no, or the advisor took it back: as if it had never been."""
        changes = Changes()
        self._overlays.remove(ticket)
        self._count_again(ticket.conversation)
        self._dirty(ticket, changes)
        return changes

    def dirty(self, ticket: Ticket) -> Changes:
        """What a ticket made look different."""
        changes = Changes()
        self._dirty(ticket, changes)
        return changes

    def pending(self, conversation: int) -> list[Ticket]:
        """The changes that the server has not answered yet."""
        return [ticket for ticket in self._overlays.of(conversation) if not ticket.settled]

    def _dirty(self, ticket: Ticket, changes: Changes) -> None:
        changes.threads.add(ticket.conversation)
        changes.counts = True
        self._reshow(ticket.conversation, changes, fresh=False)

    def _count_again(self, conversation: int) -> None:
        """Work out anew what the pending changes of a conversation add to the counts."""
        row = self._rows.get(conversation)
        if row is None:
            return
        for ticket in self._overlays.of(conversation):
            row, before = self._overlays.step(row, ticket, self.name), row
            ticket.counts = {
                view: delta
                for view in _COUNTED
                if (delta := in_view(view, row, self.name) - in_view(view, before, self.name))
            }

    # ------------------------------------------------------------ inside

    def _begin(self, as_of: int) -> None:
        if self.seq == 0:
            self.seq = as_of

    def _window(self, spec: ListSpec) -> ListWindow:
        window = self._windows.get(spec)
        if window is None:
            window = self._windows[spec] = ListWindow(spec, self._limit)
        self._windows.move_to_end(spec)
        while len(self._windows) > LISTS:
            self._windows.popitem(last=False)
        return window

    def _needed(self, conversation: int) -> bool:
        return (
            conversation in self._threads
            or conversation in self._overlays
            or any(conversation in window for window in self._windows.values())
        )

    def _place(self, conversation: int | None) -> tuple[int, int] | None:
        row = None if conversation is None else self.row(conversation)
        return None if row is None else place_of(row)

    def _standing(self, conversation: int, spec: ListSpec, listed: bool) -> tuple[int, tuple[int, int], bool]:
        """(conversation, its place, whether it belongs to the list); `listed`: the server's search found it."""
        row = self.row(conversation)
        assert row is not None
        fits = belongs(spec, row, self.name) and (listed or not spec.q)
        return conversation, place_of(row), fits

    def _take_row(self, row: wire.ConversationRow, changes: Changes, seq: int, fresh: bool) -> None:
        if not self._rows.put(row, seq):
            return
        for ticket in self._overlays.of(row.id):
            if ticket.settled and row.version > ticket.base_version:
                self._overlays.remove(ticket)
                self._settling.append(ticket)
        self._reshow(row.id, changes, fresh)
        if len(self._rows) > self._rows.memory:
            self._rows.forget(self._needed)

    def _take_message(self, message: wire.Message, changes: Changes) -> None:
        thread = self._threads.get(message.conversation)
        if thread is not None and thread.put(message):
            changes.threads.add(message.conversation)

    def _reshow(self, conversation: int, changes: Changes, fresh: bool = False) -> None:
        """A row, or what lies over it, changed: put it where it now belongs in every list."""
        if self._rows.get(conversation) is None:
            return
        for spec, window in self._windows.items():
            standing = self._standing(conversation, spec, listed=conversation in window)
            if window.update(*standing, fresh=fresh) and window is self.window:
                changes.order = True
        self._repaint(conversation, changes)
        if conversation in self._threads:
            changes.threads.add(conversation)

    def _repaint(self, conversation: int, changes: Changes) -> None:
        self._lines.pop(conversation, None)
        changes.rows.add(conversation)
