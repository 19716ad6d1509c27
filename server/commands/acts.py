"""What is done with a conversation besides writing in it: claim, assign, resolve, reopen, seen, draft."""

from __future__ import annotations

from typing import Any, ClassVar

from server import wire
from server.commands import alerts, assigning, clocks, flow, protocol, shapes, transfer_ends
from server.commands.door import Actor, Command, Need, Refusal, not_found
from server.commands.replies import load
from server.store import conversations, people
from server.store.conversations import Conversation
from server.store.store import Tx

#: characters of a draft
DRAFT_LIMIT = 65_536


def line(tx: Tx, id: int, me: int) -> wire.ConversationRow:
    return shapes.row(conversations.rows(tx, [id], me)[0])


def taken(tx: Tx, conv: Conversation) -> Refusal:
    owner = people.user_by_id(tx, conv.assignee_id) if conv.assignee_id is not None else None
    return Refusal(409, "already_assigned", by=owner["name"] if owner is not None else "")


class Claim(Command, kw_only=True):
    """Take a conversation that nobody has. Of two who try at once, one wins and the other learns who."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        if conv.assignee_id not in (None, actor.id):
            raise taken(tx, conv)
        if conv.assignee_id is None:
            assigning.claim(tx, conv, actor.id, actor.name, "claim")
            conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


class AssignTo(Command, kw_only=True):
    """Give a conversation to a user, to a team's queue, or back to the queue.

    An advisor may do that with a conversation of their own or of nobody's; a supervisor with any.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    assign: wire.Assign

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        if conv.assignee_id not in (None, actor.id) and not actor.at_least("supervisor"):
            raise taken(tx, conv)
        if self.assign.user is not None:
            assignee = people.user(tx, self.assign.user)
            if assignee is None or not assignee["active"]:
                raise not_found("user", self.assign.user)
        if self.assign.team is not None and people.team(tx, self.assign.team) is None:
            raise not_found("team", self.assign.team)
        if assigning.assign(tx, conv, self.assign.user, self.assign.team):
            conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


class ResolveConversation(Command, kw_only=True):
    """End a conversation. Its clock stops; a message from the customer within a day reopens it."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    resolve: wire.Resolve

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        if conv.assignee_id not in (None, actor.id) and not actor.at_least("supervisor"):
            raise taken(tx, conv)
        if conv.assignee_id is None and actor.kind == "user":
            assigning.claim(tx, conv, actor.id, actor.name, "resolve")
        was: dict[str, Any] = {"state": conv.state, "waiting_since": conv.waiting_since}
        ended = protocol.conclude(tx, conv, actor, self.resolve)
        was["clocks"] = clocks.stop_all(tx, conv)
        alerts.helped(tx, conv, "resolved")
        transfer_ends.over(tx, conv, "resolved")
        conv.state = "resolved"
        conv.resolved_at = tx.now
        conversations.save(tx, conv)
        tx.emit("conversation.resolved", conv.id, **ended, was=was)
        return line(tx, conv.id, actor.id)


class Reopen(Command, kw_only=True):
    """Open a resolved conversation again; nobody waits in it until the customer writes.

    `undo`: whoever has just resolved it takes that back, and it stands where it stood, its clocks too. After a while,
    or for anybody else, it is simply opened again.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    undo: bool = False

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_merged(conv)
        if conv.state != "resolved":
            raise Refusal(409, "not_resolved", state=conv.state)
        other = conversations.find_open(tx, conv.channel_id, conv.thread)
        if other is not None:
            raise Refusal(409, "newer_conversation", conversation=other.id)
        if not (self.undo and flow.unresolve(tx, conv)):
            conv.last_at = tx.now
            flow.reopen(tx, conv, by="advisor")
        conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


class MarkSeen(Command, kw_only=True):
    """Remember how far this reader has read; nobody else's unread marks change.

    The answer says whether anything changed: then the provider may be told that the customer's message was read.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    seen: wire.Seen

    def run(self, tx: Tx, actor: Actor) -> bool:
        conv = load(tx, self.conversation)
        inbound = max(0, min(self.seen.inbound, conv.inbound))
        changed = conversations.mark_seen(tx, actor.id, conv.id, inbound)
        if changed and conv.assignee_id == actor.id:
            tx.emit("conversation.seen", conv.id, inbound=inbound)
        return changed


class SaveDraft(Command, kw_only=True):
    """Keep this writer's unfinished text for the conversation; an empty one forgets it."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    text: str

    def run(self, tx: Tx, actor: Actor) -> None:
        if len(self.text) > DRAFT_LIMIT:
            raise Refusal(422, "too_long", limit=DRAFT_LIMIT, length=len(self.text))
        load(tx, self.conversation)
        conversations.save_draft(tx, actor.id, self.conversation, self.text)
