"""The protocol at work: a conversation's checklist, stage and outcome, and what each team's protocol says."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from msgspec.structs import replace

from server import wire
from server.commands import flow, protocol, shapes
from server.commands.acts import line, taken
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.replies import load
from server.desk import checklists
from server.store import conversations, people
from server.store import protocol as kept
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx

#: the kinds of events that `ListSteps` tells
STEPS = (
    "conversation.stage",
    "conversation.classified",
    "conversation.prioritised",
    "conversation.checked",
    "conversation.outcome",
    "conversation.resolved",
    "conversation.reopened",
)
#: items of a protocol, and outcomes
MOST = 40
#: characters of an item's own words, and of an outcome
TITLE_LIMIT, OUTCOME_LIMIT = 120, 60


def _checklist(read: Snapshot, conv: Conversation) -> wire.Checklist:
    content = protocol.content_of(read, conv.team_id)
    return wire.Checklist(
        conversation=conv.id,
        stage=msgspec.convert(conv.stage, wire.Stage),
        items=protocol.items_of(read, conv),
        outcomes=content.outcomes if content is not None else [],
        ending=protocol.ending_of(read, conv),
    )


class GetChecklist(Query, kw_only=True):
    """What is asked for in a conversation, and what is done of it; empty for a team without a protocol."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Checklist:
        return _checklist(read, load(read, self.conversation))


class ListSteps(Query, kw_only=True):
    """What moved a conversation through its stages, who classified it and who ticked what: the newest, oldest first."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Event]:
        load(read, self.conversation)
        return wire.Page(items=[shapes.event(row) for row in kept.steps(read, self.conversation, STEPS)])


class TickItem(Command, kw_only=True):
    """Tick an item, or take the tick away. What the conversation itself says cannot be ticked."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    tick: wire.Tick

    def run(self, tx: Tx, actor: Actor) -> wire.Checklist:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        content = protocol.content_of(tx, conv.team_id)
        items = content.items if content is not None else []
        item = next((each for each in items if each.id == self.tick.item), None)
        if item is None:
            raise not_found("check_item", self.tick.item[:60])
        if item.kind in checklists.FACTS:
            raise Refusal(422, "fills_itself", kind=item.kind)
        if self.tick.on:
            changed = kept.tick(tx, conv.id, item.id, actor.id if actor.kind == "user" else None)
        else:
            changed = kept.untick(tx, conv.id, [item.id]) > 0
        if changed:
            conversations.save(tx, conv)
            tx.emit("conversation.checked", conv.id, item=item.id, kind=item.kind, on=self.tick.on)
        return _checklist(tx, conv)


class PutStage(Command, kw_only=True):
    """Say by hand which stage of the service a conversation is in."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    change: wire.ChangeStage

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        if protocol.put(tx, conv, self.change.stage):
            conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


class NoteOutcome(Command, kw_only=True):
    """Note how a conversation ends while the customer's word on it is awaited, or take that away."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    outcome: wire.SetOutcome

    def run(self, tx: Tx, actor: Actor) -> wire.Checklist:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        if conv.assignee_id not in (None, actor.id) and not actor.at_least("supervisor"):
            raise taken(tx, conv)
        was, before = conv.outcome, protocol.ending_of(tx, conv)
        protocol.note_outcome(tx, conv, actor, self.outcome)
        if conv.outcome:
            protocol.advance(tx, conv, "concluded")
        elif was:
            protocol.advance(tx, conv, "inconclusive")
        conversations.save(tx, conv)
        ending = protocol.ending_of(tx, conv)
        if ending != before:
            tx.emit("conversation.outcome", conv.id, was=was, **msgspec.to_builtins(ending))
        return _checklist(tx, conv)


# ---------------------------------------------------------------- teams' protocols


def _team(read: Snapshot, name: str) -> Row:
    row = people.team(read, name)
    if row is None:
        raise not_found("team", name[:80])
    return row


def _checked(content: wire.ProtocolContent) -> wire.ProtocolContent:
    """A protocol as it is kept, or what is wrong with it."""
    if max(len(content.items), len(content.outcomes)) > MOST:
        raise Refusal(422, "bad_protocol", why="too_many", what=str(MOST))
    seen: set[str] = set()
    for item in content.items:
        if not checklists.good_id(item.id) or item.id in seen:
            raise Refusal(422, "bad_protocol", why="item", what=item.id[:60])
        seen.add(item.id)
        if len(item.title) > TITLE_LIMIT or not item.title.isprintable():
            raise Refusal(422, "bad_protocol", why="title", what=item.id)
        if item.kind == "own" and not item.title.strip():
            raise Refusal(422, "bad_protocol", why="no_title", what=item.id)
    outcomes = [replace(outcome, name=" ".join(outcome.name.split())) for outcome in content.outcomes]
    names = [outcome.name.casefold() for outcome in outcomes]
    for name in names:
        if not name or len(name) > OUTCOME_LIMIT or not name.isprintable() or names.count(name) > 1:
            raise Refusal(422, "bad_protocol", why="outcome", what=name[:60])
    return replace(content, outcomes=outcomes)


class SetProtocol(Command, kw_only=True):
    """What a team's stages ask for, all of it anew. It holds at once, also for what is open."""

    needs: ClassVar[Need] = "admin"

    team: str
    content: wire.ProtocolContent

    def run(self, tx: Tx, actor: Actor) -> wire.Protocol:
        team = _team(tx, self.team)
        content = _checked(self.content)
        kept.put(tx, team["id"], msgspec.json.encode(content).decode())
        tx.emit("protocol.updated", team=team["name"], items=[item.id for item in content.items])
        return _shown(team["name"], content, tx.now)


class RemoveProtocol(Command, kw_only=True):
    """A team's stages ask for nothing any more."""

    needs: ClassVar[Need] = "admin"

    team: str

    def run(self, tx: Tx, actor: Actor) -> None:
        team = _team(tx, self.team)
        if not kept.remove(tx, team["id"]):
            raise not_found("protocol", self.team[:80])
        tx.emit("protocol.removed", team=team["name"])


class ListProtocols(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Protocol]:
        return wire.Page(
            items=[
                _shown(row["team"], msgspec.json.decode(row["content"], type=wire.ProtocolContent), row["updated_at"])
                for row in kept.listing(read)
            ]
        )


def _shown(team: str, content: wire.ProtocolContent, at: int) -> wire.Protocol:
    return wire.Protocol(team=team, items=content.items, outcomes=content.outcomes, updated_at=at)
