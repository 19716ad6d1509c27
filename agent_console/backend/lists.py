"""The lists of the inbox: rows and what lies over them, put where they belong, made into lines ready to paint."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Literal, TypeAlias

from agent_console.backend.changes import Changes, Line
from agent_console.backend.overlay import Overlays
from agent_console.backend.rows import Rows
from agent_console.backend.views import ListSpec, Place, belongs, place_of, unanswered, unread
from agent_console.backend.window import ListWindow
from server import wire

if TYPE_CHECKING:
    from server.query import Node

Edge: TypeAlias = Literal["first", "after", "before"]

#: Lists kept in step, the one shown among them, so that going back to one paints at once; long ones are not kept.
KEPT = 6
KEPT_ROWS = 500


class Lists:
    """Every list the reader has looked at lately, each in step with the rows. `limit`: rows held in one list."""

    def __init__(self, rows: Rows, overlays: Overlays, limit: int) -> None:
        self.me = ""
        self._rows = rows
        self._overlays = overlays
        self._limit = limit
        self._windows: OrderedDict[ListSpec, ListWindow] = OrderedDict()
        self._presence: dict[int, wire.Presence] = {}
        self._lines: dict[int, Line] = {}
        self._mentioned: set[int] = set()
        self._stamp = 0
        #: a list to come back to, kept whatever its length
        self.home: ListSpec | None = None
        #: conversations of which only the server knows whether the search shown finds them
        self.doubtful: set[int] = set()
        self._trees: dict[str, Node | None] = {}
        self.window = self._window(ListSpec())

    # ------------------------------------------------------------ reading

    def row(self, conversation: int) -> wire.ConversationRow | None:
        """A row with the pending changes in it, if it is held."""
        row = self._rows.get(conversation)
        return None if row is None else self._overlays.row(row, self.me)

    def line(self, conversation: int) -> Line | None:
        """A line ready to paint; the same object until something in it changes."""
        line = self._lines.get(conversation)
        if line is not None:
            return line
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
            mentioned=conversation in self._mentioned,
        )
        return line

    def holds(self, conversation: int) -> bool:
        """Whether the conversation is in any list."""
        return any(conversation in window for window in self._windows.values())

    def presence(self, conversation: int) -> wire.Presence | None:
        """Who else is at a conversation now."""
        return self._presence.get(conversation)

    def unanswered(self, start: int | None, step: int) -> int | None:
        """The next conversation after `start` (`step` +1 down, -1 up) whose customer waits for us, going round."""
        ids = self.window.ids()[::step]
        at = ids.index(start) if start is not None and start in self.window else -1
        for each in ids[at + 1 :] + ids[: max(at, 0)]:
            row = self.row(each)
            if row is not None and unanswered(row) and not self.window.is_gone(each):
                return each
        return None

    # ------------------------------------------------------------ the reader

    def show(self, spec: ListSpec) -> bool:
        """Make a list the one shown. True if it is in step already, False if it has to be loaded."""
        if spec != self.window.spec:
            if len(self.window) > KEPT_ROWS and self.window.spec != self.home:
                self.drop(self.window.spec)
            self.doubtful.clear()
            self.window = self._window(spec)
            self._lines.clear()
        return self.window.loaded and not self.window.stale

    def drop(self, spec: ListSpec) -> None:
        """Let go of a list that nobody will come back to."""
        self._windows.pop(spec, None)

    def told(self, spec: ListSpec, asked: set[int], found: set[int], changes: Changes) -> None:
        """The server said which of the conversations `asked` about a search finds."""
        window = self._windows.get(spec)
        if window is None:
            return
        self.doubtful -= asked
        for conversation in asked:
            row = self.row(conversation)
            if row is None:
                continue
            belonging = conversation in found and belongs(spec, row, self.me)
            if window.update(conversation, place_of(row), belonging) and window is self.window:
                changes.order = True
            if window is self.window:
                self.repaint(conversation, changes)

    def set_cursor(self, conversation: int | None) -> Changes:
        """The cursor moved; the row it leaves goes where it belongs."""
        changes = Changes()
        before = self.window.cursor
        if self.window.set_cursor(conversation) and before is not None:
            changes.order = True
            self.repaint(before, changes)
        return changes

    def set_open(self, conversation: int | None) -> Changes:
        """A conversation was opened, or closed (None)."""
        changes = Changes()
        if conversation in self._mentioned:
            self._mentioned.discard(conversation)
            self.repaint(conversation, changes)
        for window in self._windows.values():
            before = window.open
            if window.set_open(conversation) and before is not None:
                changes.order |= window is self.window
                self.repaint(before, changes)
        return changes

    def seen_fresh(self, start: int, stop: int | None) -> Changes:
        """The rows at these positions have been on the screen: they are not new any more."""
        changes = Changes()
        for conversation in self.window.seen_fresh(start, stop):
            self.repaint(conversation, changes)
        return changes

    # ------------------------------------------------------------ what comes in

    def load(self, spec: ListSpec, page: wire.Page[wire.ConversationRow], edge: Edge, changes: Changes) -> None:
        """A page of a list came; its rows are in `rows` already, or newer ones."""
        window = self._window(spec)
        ends = [place_of(row) for row in page.items]
        first, last = (ends[0], ends[-1]) if ends else (None, None)
        cursor_place = self._place(window.cursor)
        found = [self._standing(row.id, spec, listed=True) for row in page.items]
        window.load(found, edge, page.next, page.previous, first, last)
        # What the feed brought while the page was on its way, and the page does not have yet.
        newer = [row.id for row in self._rows.touched_since(page.as_of)]
        # And what the reader did that the server has not answered.
        pending = [ticket.conversation for ticket in self._overlays.all() if self._rows.get(ticket.conversation)]
        for conversation in dict.fromkeys((*newer, *pending)):
            window.update(*self._standing(conversation, spec, listed=conversation in window))
        for dropped in window.trim(edge):
            self._lines.pop(dropped, None)
        if window.cursor is not None and window.cursor not in window and cursor_place is not None:
            window.cursor = window.nearest(cursor_place)
        if window is self.window:
            self.doubtful.difference_update(row.id for row in page.items)
            self._lines.clear()
            changes.order = True
            changes.rows.update(row.id for row in page.items)

    def reshow(self, conversation: int, changes: Changes, fresh: bool = False) -> None:
        """A row, or what lies over it, changed: put it where it now belongs in every list, and paint it."""
        if self._rows.get(conversation) is not None:
            self.settle(conversation, changes, fresh)
            self.repaint(conversation, changes)

    def settle(self, conversation: int, changes: Changes, fresh: bool = False) -> None:
        """Put a row where it belongs in every list; paint it if it came, left or moved."""
        for spec, window in self._windows.items():
            listed = conversation in window and not window.is_gone(conversation)
            standing = self._standing(conversation, spec, listed, doubt=window is self.window)
            if window.update(*standing, fresh=fresh) and window is self.window:
                changes.order = True
                self.repaint(conversation, changes)
        self._shed(changes)

    def _shed(self, changes: Changes) -> None:
        """Lists that the feed alone has made too long: one that is not shown goes, the one shown is loaded anew."""
        for spec in [spec for spec, window in self._windows.items() if len(window) > 2 * self._limit]:
            if spec != self.window.spec:
                del self._windows[spec]
            elif not self.window.trim() and not self.window.stale:
                self.window.stale = changes.reload = True

    def repaint(self, conversation: int, changes: Changes) -> None:
        """Something in a line changed."""
        self._lines.pop(conversation, None)
        changes.rows.add(conversation)

    def mention(self, conversation: int, changes: Changes) -> None:
        """A note there calls the reader, who is not looking at it."""
        if conversation != self.window.open:
            self._mentioned.add(conversation)
            self.repaint(conversation, changes)

    def present(self, presence: wire.Presence, changes: Changes) -> None:
        """Who is at a conversation changed."""
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
        self.repaint(conversation, changes)

    def alone(self, changes: Changes) -> None:
        """Nothing is known any more of who is where."""
        for conversation in list(self._presence):
            self.present(wire.Presence(conversation=conversation), changes)

    def grow_stale(self) -> None:
        """Every list has to be loaded again; the one shown stays on the screen until it has."""
        self.window.stale = True
        for spec in [spec for spec, window in self._windows.items() if window is not self.window]:
            del self._windows[spec]

    # ------------------------------------------------------------ inside

    def _window(self, spec: ListSpec) -> ListWindow:
        window = self._windows.get(spec)
        if window is None:
            window = self._windows[spec] = ListWindow(spec, self._limit)
        self._windows.move_to_end(spec)
        while len(self._windows) > KEPT:
            del self._windows[next(each for each in self._windows if each != self.home)]
        return window

    def _place(self, conversation: int | None) -> Place | None:
        row = None if conversation is None else self.row(conversation)
        return None if row is None else place_of(row)

    def _standing(
        self, conversation: int, spec: ListSpec, listed: bool, doubt: bool = False
    ) -> tuple[int, Place, bool]:
        """(conversation, its place, whether it belongs to the list); `listed`: the server's search found it. `doubt`:
        it may have changed since, so the server is to be asked again where the row alone does not tell."""
        row = self.row(conversation)
        if row is None:
            raise KeyError(conversation)
        belonging = belongs(spec, row, self.me)
        if belonging and spec.q:
            found = self._found(spec.q, row)
            if found is None and doubt:
                self.doubtful.add(row.id)
            belonging = listed if found is None else found
        return conversation, place_of(row), belonging

    def _found(self, q: str, row: wire.ConversationRow) -> bool | None:
        """Whether a search finds a row, as far as the row alone can tell."""
        from agent_console.backend import matching  # the query language is not needed to paint the first list

        if q not in self._trees:
            if len(self._trees) >= KEPT * 2:
                self._trees.clear()
            self._trees[q] = matching.read(q)
        tree = self._trees[q]
        return None if tree is None else matching.matches(tree, row, self.me)
