"""Tags, priority, following: how people mark conversations."""

from __future__ import annotations

import re
from typing import ClassVar

from server import wire
from server.commands import clocks, naming, routing
from server.commands.acts import line
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.replies import load
from server.store import conversations, labels
from server.store.store import Row, Snapshot, Tx

#: a tag is one word, so that the query language takes it without quotation marks
_NAME = re.compile(r"[\w][\w./-]{0,39}")
#: tags one conversation has at most, and one command changes
MOST = 50


def _name(name: str) -> str:
    name = name.strip().lstrip("#").casefold()
    if not _NAME.fullmatch(name):
        raise Refusal(422, "bad_tag", tag=name[:60])
    return name


def _tag(read: Snapshot, name: str) -> Row:
    row = labels.by_name(read, name.strip().lstrip("#").casefold())
    if row is None:
        raise not_found("tag", name)
    return row


class CreateTag(Command, kw_only=True):
    """Add a tag to the organisation's list. Names are compared without case."""

    needs: ClassVar[Need] = "supervisor"

    name: str

    def run(self, tx: Tx, actor: Actor) -> wire.Tag:
        name = _name(self.name)
        if labels.by_name(tx, name) is not None:
            raise Refusal(409, "name_taken", name=name)
        id = labels.create(tx, name)
        tx.emit("tag.created", tag=name)
        return wire.Tag(id=id, name=name)


class RenameTag(Command, kw_only=True):
    """Call a tag something else, on every conversation that has it and in whatever names it (see `naming`)."""

    needs: ClassVar[Need] = "supervisor"

    name: str
    new_name: str

    def run(self, tx: Tx, actor: Actor) -> wire.Tag:
        row, name = _tag(tx, self.name), _name(self.new_name)
        other = labels.by_name(tx, name)
        if other is not None and other["id"] != row["id"]:
            raise Refusal(409, "name_taken", name=name)
        labels.rename(tx, row["id"], name)
        followed = naming.renamed(tx, naming.TAG, row["name"], name)
        tx.emit("tag.updated", tag=name, was=row["name"])
        return wire.Tag(id=row["id"], name=name, followed=followed)


class RemoveTag(Command, kw_only=True):
    """Take a tag off the list and off every conversation. The journal still tells who had it. Refused (409 in_use)
    while rules, routes, shared templates or views name it."""

    needs: ClassVar[Need] = "supervisor"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = _tag(tx, self.name)
        naming.free(tx, naming.TAG, row["name"])
        labels.remove(tx, row["id"])
        tx.emit("tag.removed", tag=row["name"])


class ListTags(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Tag]:
        return wire.Page(items=[wire.Tag(id=row["id"], name=row["name"]) for row in labels.listing(read)])


class TagConversation(Command, kw_only=True):
    """Put tags on a conversation and take others off. Unknown ones are refused, and nothing is changed then."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    change: wire.ChangeTags

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        add = [_tag(tx, name) for name in self.change.add[:MOST]]
        remove = [_tag(tx, name) for name in self.change.remove[:MOST]]
        added = [row["name"] for row in add if labels.put_on(tx, conv.id, row["id"])]
        removed = [row["name"] for row in remove if labels.take_off(tx, conv.id, row["id"])]
        if added or removed:
            conversations.save(tx, conv)
            tx.emit("conversation.tagged", conv.id, added=added, removed=removed)
        return line(tx, conv.id, actor.id)


class SetPriority(Command, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    conversation: int
    change: wire.ChangePriority

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        was, conv.priority = conv.priority, self.change.priority
        if was != conv.priority:
            clocks.reapply(tx, conv)
            tx.emit("conversation.prioritised", conv.id, priority=conv.priority, was=was)
            routing.reclassified(tx, conv)
            conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


class Follow(Command, kw_only=True):
    """Be told of what happens in a conversation that is somebody else's, or no longer."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    follow: wire.Follow

    def run(self, tx: Tx, actor: Actor) -> None:
        conv = load(tx, self.conversation)
        if labels.follow(tx, conv.id, actor.id, self.follow.on):
            tx.emit("conversation.followed", conv.id, user=actor.name, on=self.follow.on)
