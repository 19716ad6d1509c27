"""What the chat asks of the store. Every answer holds one visitor's own messages and what was sent to them, no more."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec
from msgspec import UNSET

from server.commands.door import Actor, Need, Query
from server.store import channels, joined, journal, webchat
from server.store.store import Snapshot
from server.store.webchat import Line, Shown
from server.webchat.protocol import Said

#: messages shown at first, and in each page of earlier ones
PAGE = 50
#: changes a returning visitor is told of one by one; if more happened, they get the newest page instead
CHANGES = 500


class ChatChannel(msgspec.Struct, kw_only=True):
    """A web chat that is switched on."""

    id: int
    name: str
    settings: dict[str, str]


class VisitorPage(msgspec.Struct, kw_only=True):
    """Messages of one visitor as of journal entry `seq`. `known`: the store has heard of them before.

    `conversation`: where the newest of theirs shows, 0 if there is none. See `protocol.Welcome` for the rest.
    """

    seq: int
    epoch: str
    messages: list[Said]
    earlier: bool
    reset: bool
    known: bool
    conversation: int


class Arrived(msgspec.Struct, kw_only=True):
    """A visitor's message as it was stored. `order`: its place, a journal seq; `at` in UTC ms."""

    id: int
    conversation: int
    at: int
    order: int


class Item(msgspec.Struct, kw_only=True):
    """Something new for one visitor."""

    channel_id: int
    visitor: str
    messages: list[Said]


class NewsPage(msgspec.Struct, kw_only=True):
    """News for all visitors up to journal entry `upto`."""

    upto: int
    items: list[Item]


class FindChat(Query, kw_only=True):
    """The web chat of this name -> ChatChannel | None (no such chat, or switched off)."""

    needs: ClassVar[Need] = "system"
    name: str

    def run(self, read: Snapshot, actor: Actor) -> ChatChannel | None:
        row = channels.by_name(read, self.name)
        if row is None or row["kind"] != "webchat" or not row["active"]:
            return None
        return ChatChannel(id=row["id"], name=row["name"], settings=channels.settings(row))


class JournalHead(Query, kw_only=True):
    """The newest seq."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int:
        return read.head()


class VisitorMessages(Query, kw_only=True):
    """What is new for a visitor since a journal entry, or (`since` 0 or unusable) their newest -> VisitorPage."""

    needs: ClassVar[Need] = "system"
    channel_id: int
    visitor: str
    since: int = 0
    epoch: str = ""

    def run(self, read: Snapshot, actor: Actor) -> VisitorPage:
        head, epoch = read.head(), journal.epoch(read)
        ids = webchat.conversations(read, self.channel_id, self.visitor)
        lines: list[Line] = []
        reset = not (0 < self.since <= head and self.epoch == epoch)
        if not reset:
            lines = webchat.changed(read, ids, self.since, CHANGES + 1)
            reset = len(lines) > CHANGES
        earlier = False
        if reset:
            lines = webchat.shown(read, ids, None, PAGE + 1)
            earlier = len(lines) > PAGE
            lines = lines[:PAGE]
        return VisitorPage(
            seq=head,
            epoch=epoch,
            messages=_said(read, lines),
            earlier=earlier,
            reset=reset,
            known=bool(ids),
            conversation=joined.root(read, ids[-1]) if ids else 0,
        )


class EarlierMessages(Query, kw_only=True):
    """A visitor's messages before the place `before`, oldest first -> (messages, whether there are more)."""

    needs: ClassVar[Need] = "system"
    channel_id: int
    visitor: str
    before: int

    def run(self, read: Snapshot, actor: Actor) -> tuple[list[Said], bool]:
        ids = webchat.conversations(read, self.channel_id, self.visitor)
        lines = webchat.shown(read, ids, self.before, PAGE + 1)
        return _said(read, lines[:PAGE]), len(lines) > PAGE


class FindArrived(Query, kw_only=True):
    """A visitor's message by its external id -> Arrived | None."""

    needs: ClassVar[Need] = "system"
    channel_id: int
    external_id: str

    def run(self, read: Snapshot, actor: Actor) -> Arrived | None:
        found = webchat.arrival(read, self.channel_id, self.external_id)
        if found is None:
            return None
        return Arrived(id=found.id, conversation=found.conversation_id, at=found.line.at, order=found.line.seq)


class Unconfirmed(Query, kw_only=True):
    """Which of these messages to this visitor still lack the receipt -> their external ids."""

    needs: ClassVar[Need] = "system"
    channel_id: int
    visitor: str
    ids: list[int]
    status: Literal["delivered", "read"]

    def run(self, read: Snapshot, actor: Actor) -> list[str]:
        before = ("sent",) if self.status == "delivered" else ("sent", "delivered")
        conversations = webchat.conversations(read, self.channel_id, self.visitor)
        return webchat.unconfirmed(read, conversations, self.ids, before)


class VisitorNews(Query, kw_only=True):
    """What is new for any visitor after a journal entry -> NewsPage."""

    needs: ClassVar[Need] = "system"
    since: int
    limit: int = 50

    def run(self, read: Snapshot, actor: Actor) -> NewsPage:
        news, upto = webchat.news(read, self.since, self.limit)
        by_visitor: dict[tuple[int, str], list[Line]] = {}
        for one in news:
            if one.line.news:
                by_visitor.setdefault((one.channel_id, one.visitor), []).append(one.line)
        items = [
            Item(channel_id=channel_id, visitor=visitor, messages=messages)
            for (channel_id, visitor), lines in by_visitor.items()
            if (messages := _said(read, lines))
        ]
        return NewsPage(upto=upto or read.head(), items=items)


def _said(read: Snapshot, lines: list[Line]) -> list[Said]:
    """The messages that these lines are about, each once, by their place; those without one last."""
    rows = webchat.messages(read, list({line.message for line in lines}))
    best: dict[int, Line] = {}
    for line in lines:
        if line.message in rows and (line.shows or line.message not in best):
            best[line.message] = line
    said = [_one(rows[id], line) for id, line in best.items()]
    return sorted(said, key=lambda one: one.order if one.order is not None else 2**62)


def _one(message: Shown, line: Line) -> Said:
    """A message as the visitor sees it. Only the line that made it visible gives its place and time."""
    mine, revoked = message.mine, message.revoked
    status = "" if mine else "read" if message.status == "played" else message.status
    return Said(
        id=message.id,
        sender="visitor" if mine else "agent",
        text="" if revoked else message.text,
        at=line.at if line.shows else UNSET,
        order=line.seq if line.shows else None,
        ref=message.external_id.partition(":")[2] if mine else UNSET,
        author="" if mine else message.author,
        status=status,
        edited=bool(message.edited),
        revoked=bool(revoked),
    )
