"""The words that messages have, so that the beginning of one finds all that begin so."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server.commands.door import Actor, Command, Need, Query
from server.store import vocabulary
from server.store.store import Snapshot, Tx
from server.store.words import completable

#: messages read at once
MOST = 2_000


class Heard(msgspec.Struct, kw_only=True):
    """Words that were not known, in the messages after those known before, up to `last`. `more`: there are others."""

    words: list[str]
    last: int
    more: bool


class Hear(Query, kw_only=True):
    """What the next messages say; None if there are none."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> Heard | None:
        found = vocabulary.following(read, vocabulary.upto(read), MOST)
        if not found:
            return None
        words = {word for row in found for word in completable(row["text"])}
        return Heard(words=vocabulary.unknown(read, words), last=found[-1]["id"], more=len(found) == MOST)


class Learn(Command, kw_only=True):
    """Know these words from now on."""

    needs: ClassVar[Need] = "system"

    heard: Heard

    def run(self, tx: Tx, actor: Actor) -> None:
        vocabulary.learn(tx, self.heard.words, self.heard.last, not self.heard.more)
