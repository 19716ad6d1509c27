"""The part of a list that the console holds: which conversations, in which order. No rows, only their places.

A window is contiguous: everything the server has between its two ends is in it, and what lies beyond an end is known
only to be there (`has_before`, `has_after`). The conversation under the cursor keeps its place whatever happens to it,
until the cursor leaves; one that left the list stays, marked gone, while it is under the cursor or open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from agent_console.backend.views import ListSpec, Place

#: Before every row: where a list ends of which nothing but a cursor is known.
NOWHERE: Place = (-(1 << 63), 0)

#: Rows kept around the cursor when the window is trimmed, at most (a quarter of the limit, if that is less).
MARGIN = 200


class ListWindow:
    """One list. `limit`: rows held before the far end is trimmed. Positions (`index`) count from 0 at the top."""

    def __init__(self, spec: ListSpec, limit: int = 2_000) -> None:
        self.spec = spec
        self.limit = limit
        self._margin = min(MARGIN, limit // 4)
        #: whether a first page has come; `stale` when it must come again (the server has reset us)
        self.loaded = False
        self.stale = False
        self.cursor: int | None = None
        self.open: int | None = None
        #: arrived by the feed and not yet shown to the reader
        self.fresh: set[int] = set()
        self._gone: set[int] = set()
        self._places: list[Place] = []
        self._place_of: dict[int, Place] = {}
        self._waiting: dict[int, tuple[Place, bool]] = {}
        self._low: Place | None = None
        self._high: Place | None = None
        # Cursors the server gave us, each with the place it was given for: (after the place | before the place).
        self._after_marks: list[tuple[Place, str]] = []
        self._before_marks: list[tuple[Place, str]] = []

    # ------------------------------------------------------------ reading

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, conversation: object) -> bool:
        return conversation in self._place_of

    def ids(self, start: int = 0, stop: int | None = None) -> list[int]:
        """The conversations at positions `start` to `stop` (exclusive)."""
        return [place[1] for place in self._places[start:stop]]

    def index(self, conversation: int) -> int | None:
        """The position of a conversation, or None when it is not here."""
        place = self._place_of.get(conversation)
        return None if place is None else bisect_left(self._places, place)

    def nearest(self, place: Place) -> int | None:
        """The conversation at or after `place`, else the last one."""
        if not self._places:
            return None
        return self._places[min(bisect_left(self._places, place), len(self._places) - 1)][1]

    def is_gone(self, conversation: int) -> bool:
        """Whether it left the list and stays only because it is under the cursor or open."""
        return conversation in self._gone

    @property
    def has_after(self) -> bool:
        """Whether the server has more below."""
        return self._high is not None

    @property
    def has_before(self) -> bool:
        """Whether the server has more above."""
        return self._low is not None

    @property
    def after(self) -> str | None:
        """The server's cursor for the page below, or None at the end."""
        return self._after_marks[-1][1] if self._high is not None and self._after_marks else None

    @property
    def before(self) -> str | None:
        """The server's cursor for the page above, or None at the top."""
        return self._before_marks[0][1] if self._low is not None and self._before_marks else None

    def covers(self, place: Place) -> bool:
        """Whether a row at `place` lies between the ends."""
        return (self._low is None or place >= self._low) and (self._high is None or place <= self._high)

    def fresh_above(self, index: int) -> int:
        """How many fresh rows stand above position `index`."""
        return sum(1 for found in self._fresh_at() if found < index)

    def fresh_below(self, index: int) -> int:
        """How many fresh rows stand below position `index`."""
        return sum(1 for found in self._fresh_at() if found > index)

    def first_fresh(self) -> int | None:
        """The topmost fresh conversation."""
        found = sorted(self._fresh_at())
        return self._places[found[0]][1] if found else None

    def _fresh_at(self) -> list[int]:
        return [at for at in (self.index(each) for each in self.fresh) if at is not None]

    # ------------------------------------------------------------ the reader

    def seen_fresh(self, start: int = 0, stop: int | None = None) -> set[int]:
        """Positions `start` to `stop` have been shown: their rows are not fresh any more. Returns which were."""
        if not self.fresh:
            return set()
        shown = self.fresh.intersection(self.ids(start, stop))
        self.fresh -= shown
        return shown

    def set_cursor(self, conversation: int | None) -> bool:
        """Move the cursor; whatever was held in its place before goes where it belongs. True if rows moved or left."""
        before, self.cursor = self.cursor, conversation
        return before != conversation and self._release(before)

    def set_open(self, conversation: int | None) -> bool:
        """Say which conversation is open; the one open before may leave. True if rows moved or left."""
        before, self.open = self.open, conversation
        return before != conversation and self._release(before)

    def _release(self, conversation: int | None) -> bool:
        if conversation is None or conversation not in self._waiting:
            return False
        place, belongs = self._waiting[conversation]
        self.update(conversation, place, belongs)
        return conversation not in self._waiting

    # ------------------------------------------------------------ changes

    def update(self, conversation: int, place: Place, belongs: bool, fresh: bool = False) -> bool:
        """The row's place, or whether it belongs here, may have changed. True if rows came, left or moved."""
        current = self._place_of.get(conversation)
        if current is None:
            if not belongs or not self.loaded or not self.covers(place):
                return False
            self._insert(conversation, place)
            if fresh:
                self.fresh.add(conversation)
            return True
        inside = belongs and self.covers(place)
        under_cursor = conversation == self.cursor
        held = under_cursor or conversation == self.open
        self._waiting.pop(conversation, None)
        self._gone.discard(conversation)
        if not inside and not held:
            self._remove(conversation)
            return True
        if not belongs:
            self._gone.add(conversation)
        if not inside or (under_cursor and place != current):
            self._waiting[conversation] = (place, belongs)
            return False
        if place == current:
            return False
        self._remove(conversation, forget=False)
        self._insert(conversation, place)
        return True

    def load(
        self,
        rows: list[tuple[int, Place, bool]],
        edge: str,
        after: str | None,
        before: str | None,
        first: Place | None,
        last: Place | None,
    ) -> None:
        """A page came. `rows`: (conversation, place now, belongs now); `first` and `last`: the page's own ends.

        `edge`: `first` replaces everything, `after` goes on below and `before` above. `after` and `before` are the
        page's cursors, None where the list ends. A search by frequent words goes through the history part by part, and
        a part's rows stand among those of the others: a mark is put where it has all rows of the pages on its side.
        """
        if edge == "first":
            self._clear()
        if edge in ("first", "after"):
            if after is not None:
                # A page may be empty and yet not the last: what is asked for lies further on.
                end = last or (self._after_marks[-1][0] if self._after_marks else NOWHERE)
                if self._after_marks:
                    end = max(end, self._after_marks[-1][0])
                    if last is None:
                        self._after_marks.pop()
                self._after_marks.append((end, after))
            self._high = self._after_marks[-1][0] if after is not None else None
        if edge in ("first", "before"):
            if first is not None and before is not None:
                first = min([first, *(place for place, _ in self._before_marks[:1])])
                self._before_marks.insert(0, (first, before))
            # A page asked for without a cursor begins at the top, whatever cursor comes with it.
            self._low = first if before is not None and edge == "before" else None
        if edge == "after" and first is not None and before is not None:
            self._before_marks = [mark for mark in self._before_marks if mark[0] < first]
            self._before_marks.append((first, before))
            self._low = None if self._low is None else min(self._low, first)
        if edge == "before" and last is not None and after is not None:
            self._after_marks = [(max(place, last), cursor) for place, cursor in self._after_marks]
            self._after_marks.insert(0, (last, after))
            self._high = None if self._high is None else max(self._high, last)
        self.loaded = True
        self.stale = False
        for conversation, place, belongs in rows:
            self.update(conversation, place, belongs)

    def trim(self, towards: str = "") -> list[int]:
        """Let go of rows far from the cursor when there are more than `limit`. Returns which.

        `towards`: the edge that was just loaded (`after` or `before`) and is therefore kept. Cuts only where the
        server gave a cursor, so that the rest can be loaded again.
        """
        if len(self._places) <= self.limit:
            return []
        at = None if self.cursor is None else self.index(self.cursor)
        middle = len(self._places) // 2
        cut_top = towards == "after" or (towards != "before" and at is not None and at > middle)
        return self._cut_top(at) if cut_top else self._cut_bottom(at)

    def _cut_top(self, at: int | None) -> list[int]:
        ceiling = (len(self._places) if at is None else at) - self._margin
        wanted = len(self._places) - self.limit
        marks = [(bisect_left(self._places, place), n) for n, (place, _) in enumerate(self._before_marks)]
        good = [mark for mark in marks if 0 < mark[0] <= ceiling]
        if not good:
            return []
        enough = [mark for mark in good if mark[0] >= wanted]
        cut, n = enough[0] if enough else good[-1]
        self._before_marks = self._before_marks[n:]
        self._low = self._before_marks[0][0]
        self._after_marks = [mark for mark in self._after_marks if mark[0] >= self._low]
        return self._drop(self._places[:cut])

    def _cut_bottom(self, at: int | None) -> list[int]:
        floor = (0 if at is None else at + 1) + self._margin
        marks = [(bisect_right(self._places, place), n) for n, (place, _) in enumerate(self._after_marks)]
        good = [mark for mark in marks if floor <= mark[0] < len(self._places)]
        if not good:
            return []
        enough = [mark for mark in good if mark[0] <= self.limit]
        cut, n = enough[-1] if enough else good[0]
        self._after_marks = self._after_marks[: n + 1]
        self._high = self._after_marks[-1][0]
        self._before_marks = [mark for mark in self._before_marks if mark[0] <= self._high]
        return self._drop(self._places[cut:])

    def _drop(self, places: list[Place]) -> list[int]:
        dropped = [place[1] for place in places if place[1] != self.cursor]
        for conversation in dropped:
            self._remove(conversation)
        return dropped

    def _insert(self, conversation: int, place: Place) -> None:
        insort(self._places, place)
        self._place_of[conversation] = place

    def _remove(self, conversation: int, forget: bool = True) -> None:
        place = self._place_of.pop(conversation)
        del self._places[bisect_left(self._places, place)]
        if forget:
            self.fresh.discard(conversation)
            self._gone.discard(conversation)
            self._waiting.pop(conversation, None)

    def _clear(self) -> None:
        self._places.clear()
        self._place_of.clear()
        self._after_marks.clear()
        self._before_marks.clear()
        self._gone.clear()
        self._waiting.clear()
        self.fresh.clear()
        self._low = self._high = None
