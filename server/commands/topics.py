"""What a conversation is about: found by rule in its first words, or said by a person. `classifying` has the commands.

Whoever classifies (a rule, a person, later the assistant) goes through `put`, so that the journal has it all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from server import wire
from server.commands import availability, clocks, protocol
from server.desk import topics as rules
from server.store import journal, topics
from server.store.conversations import Conversation
from server.store.kept import Kept
from server.store.store import Snapshot, Tx

By = Literal["rule", "hand", "assistant"]


@lru_cache(maxsize=2_048)
def content_of(text: str) -> wire.TopicContent:
    """What is said of a topic. Not to be changed."""
    return msgspec.json.decode(text, type=wire.TopicContent)


class Known(NamedTuple):
    """All topics: what is said of each by its name, and the keywords of all."""

    contents: dict[str, wire.TopicContent]
    keywords: rules.Index


def _known(read: Snapshot) -> Known:
    contents = {str(row["name"]): content_of(row["content"]) for row in topics.listing(read)}
    return Known(contents, rules.Index(rules.Keywords(name, (*each.es, *each.en)) for name, each in contents.items()))


known = Kept(_known)


def find(read: Snapshot, text: str) -> list[rules.Match]:
    """The topics that a text is about, best first."""
    contents, keywords = known(read)
    return keywords.find(text) if text and contents else []


def team_of(read: Snapshot, topic: str) -> str | None:
    """The team that usually sees to a topic."""
    row = topics.by_name(read, topic) if topic else None
    return None if row is None else row["team"]


def classify(tx: Tx, conv: Conversation, text: str) -> rules.Match | None:
    """Say by rule what a conversation is about, how hard and how urgent it is, wherever no person has.

    One small query, and one more where something is found and set already. Returns what was found in the text. The
    caller saves.
    """
    found = find(tx, text)
    if not found:
        return None
    best = found[0]
    content = known(tx).contents[best.topic]
    by_hand = _by_hand(tx, conv)
    topic = None if "topic" in by_hand else best.topic
    complexity = content.complexity if content.complexity and "complexity" not in by_hand else None
    priority = content.priority if content.priority != "normal" and "priority" not in by_hand else None
    if conv.topic and conv.topic != best.topic and topic is None:
        return best  # a person says that it is about something else: nothing of this topic is meant
    put(
        tx,
        conv,
        topic=topic,
        complexity=complexity,
        priority=priority,
        by="rule",
        why={"keyword": best.keyword, "others": [match.topic for match in found[1:4]]},
    )
    return best


def _by_hand(tx: Tx, conv: Conversation) -> set[str]:
    """What people set in this conversation: that stays as it is."""
    if not conv.topic and not conv.complexity and conv.priority == "normal":
        return set()
    found: set[str] = set()
    for row in journal.last_of_kind(tx, conv.id, ("conversation.classified", "conversation.prioritised"), 0):
        if row["kind"] == "conversation.prioritised":
            if row["actor"].startswith("user:"):
                found.add("priority")
        elif (data := msgspec.json.decode(row["data"])).get("by") == "hand":
            found.update(data.get("set", ()))
    return found


def put(
    tx: Tx,
    conv: Conversation,
    *,
    topic: str | None = None,
    complexity: str | None = None,
    priority: str | None = None,
    by: By,
    why: dict[str, Any] | None = None,
) -> bool:
    """Set what is not None, with its lines in the journal; the stage follows a person. The caller saves.

    Whether anything changed. What a person sets as it was already is theirs from then on.
    """
    actor = "system" if by == "rule" else ""
    wanted = {"topic": topic, "complexity": complexity}
    was = {name: getattr(conv, name) for name, value in wanted.items() if value is not None}
    changed = [name for name, old in was.items() if wanted[name] != old]
    if topic is not None:
        conv.topic = topic
    if complexity is not None:
        conv.complexity = complexity
        availability.weigh(tx, conv)
    if priority is not None and priority != conv.priority:
        old, conv.priority = conv.priority, priority
        tx.emit("conversation.prioritised", conv.id, actor, priority=priority, was=old, by=by)
        clocks.reapply(tx, conv)
        changed.append("priority")
    if was and (changed or by == "hand"):
        tx.emit(
            "conversation.classified",
            conv.id,
            actor,
            topic=conv.topic,
            complexity=conv.complexity,
            priority=conv.priority,
            by=by,
            set=sorted(was),
            was=was,
            **({"why": why} if why else {}),
        )
    if by == "hand" and changed:
        protocol.unclassified(tx, conv)
        protocol.advance(tx, conv, "classified")
    return bool(changed)
