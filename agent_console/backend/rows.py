"""The conversations' rows as the server last said, newest version kept, bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

import msgspec
from msgspec import UNSET

from server import wire


class Rows:
    """Rows by conversation. `memory`: how many are kept before those nobody needs are let go."""

    def __init__(self, memory: int = 6_000) -> None:
        self.memory = memory
        self._rows: dict[int, wire.ConversationRow] = {}
        # Conversations that rows came for from the feed, the newest last, with the seq they came with.
        self._touched: OrderedDict[int, int] = OrderedDict()
        self._old: set[int] = set()
        # Conversations whose row is the answer to something done here, of which the feed has not told yet.
        self._ahead: set[int] = set()

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, conversation: int) -> wire.ConversationRow | None:
        """The row, if held."""
        return self._rows.get(conversation)

    def answered(self, row: wire.ConversationRow) -> None:
        """A row is about to be put that answers something done here."""
        held = self._rows.get(row.id)
        if held is not None and row.version > held.version:
            self._ahead.add(row.id)

    def put(self, row: wire.ConversationRow, seq: int = 0) -> bool:
        """A row came (from the feed when `seq` is given). True if what is held changed.

        `seen` never goes back: the feed's rows come without it, and the reader's own acts may be ahead of the server.
        """
        if seq:
            self._touched[row.id] = seq
            self._touched.move_to_end(row.id)
        held = self._rows.get(row.id)
        if seq and (held is None or row.version >= held.version):
            self._ahead.discard(row.id)
        if held is None or row.id in self._old:
            self._old.discard(row.id)
            if held is not None and row.seen is UNSET and held.seen is not UNSET:
                row = msgspec.structs.replace(row, seen=min(held.seen, row.inbound))
            self._rows[row.id] = row
            return held != row
        newer = row if row.version > held.version else held
        seen = _later(held.seen, row.seen)
        if newer.seen is not seen and newer.seen != seen:
            newer = msgspec.structs.replace(newer, seen=seen)
        if newer is held:
            return False
        self._rows[row.id] = newer
        return True

    def touched_since(self, seq: int) -> Iterator[wire.ConversationRow]:
        """Rows that may be newer than what the server knew at `seq`: those of which the feed has yet to tell, and those
        that came by it after that, newest first."""
        yield from (self._rows[each] for each in self._ahead)
        for conversation, touched in reversed(self._touched.items()):
            if touched <= seq:
                return
            row = self._rows.get(conversation)
            if row is not None:
                yield row

    def rename(self, contact: int, name: str) -> list[int]:
        """A customer has another name; their rows' versions do not change with it. Returns the rows that did."""
        changed = []
        for conversation, row in self._rows.items():
            if row.contact == contact and row.contact_name != name:
                self._rows[conversation] = msgspec.structs.replace(row, contact_name=name)
                changed.append(conversation)
        return changed

    def grow_old(self) -> None:
        """The server has reset us: whatever comes now replaces what is held, whatever its version."""
        self._old = set(self._rows)
        self._touched.clear()
        self._ahead.clear()

    def forget(self, needed: Callable[[int], bool]) -> None:
        """Let go of rows that nobody needs, the longest untouched first, when there are too many."""
        if len(self._rows) <= self.memory:
            return
        spare = self.memory // 4
        untouched = [each for each in self._rows if each not in self._touched and not needed(each)]
        oldest = (each for each in list(self._touched) if not needed(each))
        for conversation in untouched:
            self._drop(conversation)
        for conversation in oldest:
            if len(self._rows) <= self.memory - spare:
                return
            self._drop(conversation)

    def _drop(self, conversation: int) -> None:
        self._rows.pop(conversation, None)
        self._touched.pop(conversation, None)
        self._old.discard(conversation)
        self._ahead.discard(conversation)


def _later(one: int | msgspec.UnsetType, other: int | msgspec.UnsetType) -> int | msgspec.UnsetType:
    if one is UNSET:
        return other
    if other is UNSET:
        return one
    return max(one, other)
