"""One opened conversation: its messages as the server has them, who writes, what came before."""

from __future__ import annotations

from bisect import bisect_left, insort

import msgspec

from server import wire

#: Messages that lie before what is loaded, and changed, are remembered up to this many.
BEYOND = 200

#: kinds of events after which a checklist stands differently; after some there may be one where there was none
_CHECKED = frozenset(f"conversation.{what}" for what in ("stage", "classified", "checked", "resolved", "reopened"))
_CHECKED_ANEW = frozenset(("conversation.assigned", "conversation.outcome"))


class Thread:
    """Messages oldest first, applied idempotently: the newer version of a message wins, ids give the order."""

    def __init__(self, conversation: int) -> None:
        self.conversation = conversation
        #: contact, channel's capabilities and outcome; None until loaded. Its `row` is not kept up to date.
        self.about: wire.Conversation | None = None
        #: earlier conversations of the same customer; None until loaded
        self.history: list[wire.PastConversation] | None = None
        self.loaded = False
        #: the server has reset us since it was loaded
        self.stale = False
        #: the server's cursor for older messages, None when all are here
        self.older: str | None = None
        self._messages: dict[int, wire.Message] = {}
        self._ids: list[int] = []
        self._renewed: set[int] = set()
        self._beyond: dict[int, wire.Message] = {}

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def newest(self) -> int:
        """Id of the newest message held, 0 when there is none."""
        return self._ids[-1] if self._ids else 0

    def checked_by(self, kind: str) -> bool:
        """Whether what the protocol asks for here stands differently after an event of this kind."""
        if self.about is None:
            return False
        return kind in _CHECKED_ANEW or (kind in _CHECKED and bool(self.about.checklist))

    def drop_draft(self) -> bool:
        """What is written here takes the place of the draft that the server told of; whether it told of one."""
        if self.about is None or not self.about.draft:
            return False
        self.about = msgspec.structs.replace(self.about, draft="")
        return True

    def get(self, message: int) -> wire.Message | None:
        """A message by its id."""
        return self._messages.get(message)

    def messages(self) -> list[wire.Message]:
        """All held, oldest first, as the server has them."""
        return [self._messages[each] for each in self._ids]

    def put(self, message: wire.Message) -> bool:
        """A message came by the feed or as an answer. True if anything changed."""
        held = self._messages.get(message.id)
        if held is None:
            if self.loaded and self.older is not None and self._ids and message.id < self._ids[0]:
                self._keep_for_its_page(message)
                return False
            insort(self._ids, message.id)
        elif held.version >= message.version and not (self.stale and message.id not in self._renewed):
            return False
        self._messages[message.id] = message
        if self.stale:
            self._renewed.add(message.id)
        return True

    def load(self, page: wire.Page[wire.Message], older: bool = False) -> bool:
        """A page came: the newest messages, or those before what is held. True if anything changed."""
        changed = False
        if older:
            for message in page.items:
                changed |= self._merge(message)
            self.older = page.next
            return changed
        fresh_start = not self.loaded or self.stale
        if self.stale:
            self._forget_all_but(self._renewed)
            self._beyond.clear()
            self.stale = False
            self._renewed = set()
        elif self._ids and page.items and page.next is not None and page.items[0].id > self._ids[-1]:
            fresh_start = True  # messages between what is held and this page are missing
        for message in page.items:
            changed |= self._merge(message)
        if fresh_start:
            self.older = page.next
            if page.next is not None and page.items:
                self._forget_before(page.items[0].id)
        changed |= not self.loaded
        self.loaded = True
        return changed

    def _keep_for_its_page(self, message: wire.Message) -> None:
        """It is older than what is loaded and comes with its page; but that may have been read before this change."""
        known = self._beyond.pop(message.id, None)
        self._beyond[message.id] = message if known is None or known.version < message.version else known
        if len(self._beyond) > BEYOND:
            del self._beyond[next(iter(self._beyond))]

    def _merge(self, message: wire.Message) -> bool:
        kept = self._beyond.pop(message.id, None)
        if kept is not None and kept.version > message.version:
            message = kept
        held = self._messages.get(message.id)
        if held is None:
            insort(self._ids, message.id)
        elif held.version >= message.version:
            return False
        self._messages[message.id] = message
        return True

    def _forget_before(self, first: int) -> None:
        cut = bisect_left(self._ids, first)
        for gone in self._ids[:cut]:
            del self._messages[gone]
        del self._ids[:cut]

    def _forget_all_but(self, keep: set[int]) -> None:
        self._ids = [each for each in self._ids if each in keep]
        self._messages = {each: self._messages[each] for each in self._ids}
