"""Topics: the organisation's list of them, and what people say a conversation is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import flow, naming, routing, topics
from server.commands.acts import line
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.replies import load
from server.desk import topics as rules
from server.store import conversations, people
from server.store import topics as rows
from server.store.store import Row, Snapshot, Tx

#: topics of an organisation, and keywords of one topic in one language
MOST, KEYWORDS = 500, 200
#: characters of a keyword
KEYWORD_LIMIT = 100
#: characters of a text to try
TEXT_LIMIT = 10_000


class ClassifyConversation(Command, kw_only=True):
    """Say what a conversation is about, how hard and how urgent it is. No rule changes that again."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    classify: wire.Classify

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        given, topic = self.classify, None
        if given.topic is not UNSET and given.topic:
            row = rows.by_name(tx, rules.path(given.topic))
            if row is None and given.topic != conv.topic:
                raise not_found("topic", given.topic[:100])
            topic = given.topic if row is None else row["name"]
            if row is not None and topic != conv.topic:
                rows.used(tx, row["id"])
        elif given.topic is not UNSET:
            topic = ""
        complexity = None if given.complexity is UNSET else given.complexity
        priority = None if given.priority is UNSET else given.priority
        if topics.put(tx, conv, topic=topic, complexity=complexity, priority=priority, by="hand"):
            routing.reclassified(tx, conv)
            conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


# ---------------------------------------------------------------- the list


def _shown(row: Row) -> wire.Topic:
    content = topics.content_of(row["content"])
    return wire.Topic(
        id=row["id"],
        name=row["name"],
        team=row["team"],
        es=content.es,
        en=content.en,
        complexity=content.complexity,
        priority=content.priority,
        key=content.key,
        uses=row["uses"],
        updated_at=row["updated_at"],
    )


def _one(read: Snapshot, id: int) -> wire.Topic:
    row = rows.get(read, id)
    if row is None:
        raise not_found("topic", id)
    return _shown(row)


def _content(new: wire.TopicContent) -> str:
    """A topic's content as it is kept, or what is wrong with it."""
    key = new.key.strip().casefold()
    if key and not (len(key) == 1 and key.isalpha()):
        raise Refusal(422, "bad_topic", why="key", what=new.key[:20])
    content = wire.TopicContent(
        es=_keywords(new.es), en=_keywords(new.en), complexity=new.complexity, priority=new.priority, key=key
    )
    return msgspec.json.encode(content).decode()


def _keywords(given: Sequence[str]) -> list[str]:
    words = list(dict.fromkeys(" ".join(word.split()) for word in given))
    if len(words) > KEYWORDS:
        raise Refusal(422, "bad_topic", why="too_many", what=str(KEYWORDS))
    for word in words:
        if len(word) > KEYWORD_LIMIT or not word.isprintable() or not rules.usable(word):
            raise Refusal(422, "bad_topic", why="keyword", what=word[:60])
    return words


def _team(tx: Tx, name: str | None) -> int | None:
    if not name:
        return None
    row = people.team(tx, name)
    if row is None:
        raise not_found("team", name[:80])
    return int(row["id"])


def _add(tx: Tx, new: wire.NewTopic) -> int:
    name = rules.path(new.name)
    if not rules.good_name(name):
        raise Refusal(422, "bad_topic", why="name", what=new.name[:80])
    if len(rows.listing(tx)) >= MOST:
        raise Refusal(422, "bad_topic", why="too_many", what=str(MOST))
    if rows.by_name(tx, name) is not None:
        raise Refusal(409, "name_taken", name=name)
    id = rows.create(tx, name, _content(new), _team(tx, new.team))
    tx.emit("topic.created", topic=name)
    return id


class CreateTopic(Command, kw_only=True):
    """Add a topic. Names are compared without case and accents."""

    needs: ClassVar[Need] = "admin"

    topic: wire.NewTopic

    def run(self, tx: Tx, actor: Actor) -> wire.Topic:
        return _one(tx, _add(tx, self.topic))


class UpdateTopic(Command, kw_only=True):
    """Change a topic. Conversations that have it stay as they are; those to come are classified anew."""

    needs: ClassVar[Need] = "admin"

    id: int
    change: wire.ChangeTopic

    def run(self, tx: Tx, actor: Actor) -> wire.Topic:
        known = _one(tx, self.id)
        given = {name: value for name, value in msgspec.structs.asdict(self.change).items() if value is not UNSET}
        new = msgspec.structs.replace(known, **given)
        rows.update(tx, self.id, _content(new), _team(tx, new.team))
        tx.emit("topic.updated", topic=known.name, fields=sorted(given))
        return _one(tx, self.id)


class RemoveTopic(Command, kw_only=True):
    """Take a topic off the list. Conversations that were about it still say so. Refused (409 in_use) while rules,
    routes or shared views name it."""

    needs: ClassVar[Need] = "admin"

    id: int

    def run(self, tx: Tx, actor: Actor) -> None:
        known = _one(tx, self.id)
        naming.free(tx, naming.TOPIC, known.name)
        rows.remove(tx, self.id)
        tx.emit("topic.removed", topic=known.name)


class KeepTopics(Command, kw_only=True):
    """Make the list what a file says: all of it, or nothing where something in it is wrong."""

    needs: ClassVar[Need] = "admin"

    topics: wire.TopicList

    def run(self, tx: Tx, actor: Actor) -> wire.Page[wire.Topic]:
        known = {row["plain"]: row for row in rows.listing(tx)}
        named: set[int] = set()
        for new in self.topics.topics:
            row = rows.by_name(tx, rules.path(new.name))
            if row is None:
                named.add(_add(tx, new))
                continue
            named.add(row["id"])
            content, team = _content(new), _team(tx, new.team)
            if (content, team) != (row["content"], row["team_id"]):
                rows.update(tx, row["id"], content, team)
                tx.emit("topic.updated", topic=row["name"])
        for row in known.values():
            if self.topics.prune and row["id"] not in named:
                naming.free(tx, naming.TOPIC, row["name"])
                rows.remove(tx, row["id"])
                tx.emit("topic.removed", topic=row["name"])
        return wire.Page(items=[_shown(row) for row in rows.listing(tx)])


class ListTopics(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Topic]:
        return wire.Page(items=[_shown(row) for row in rows.listing(read)])


class TryTopics(Query, kw_only=True):
    """What the rule would make of a text, and why; nothing is changed."""

    needs: ClassVar[Need] = "advisor"

    text: str

    def run(self, read: Snapshot, actor: Actor) -> wire.TopicTest:
        if len(self.text) > TEXT_LIMIT:
            raise Refusal(422, "too_long", limit=TEXT_LIMIT, length=len(self.text))
        found = topics.find(read, self.text)
        shown = [wire.TopicFound(topic=each.topic, keyword=each.keyword, found=each.found) for each in found[:10]]
        if not found:
            return wire.TopicTest()
        row = rows.by_name(read, found[0].topic)
        assert row is not None
        content = topics.content_of(row["content"])
        return wire.TopicTest(
            found=shown,
            topic=row["name"],
            complexity=content.complexity,
            priority=content.priority,
            team=row["team"],
        )
