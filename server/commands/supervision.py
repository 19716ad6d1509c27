"""Help that an advisor asks for, and what supervisors do in a conversation: whisper, look on silently, take over.

Each is in the journal. Whispers and silent looks are read only by those they concern (see `desk.discretion`).
"""

from __future__ import annotations

from typing import ClassVar

from server import wire
from server.commands import alerts, assigning, flow, shapes
from server.commands.acts import line, taken
from server.commands.door import Actor, Command, Need, Refusal
from server.commands.replies import NOTE_LIMIT, load
from server.desk import discretion
from server.store import conversations, messages, people, whispers
from server.store.messages import NewMessage
from server.store.store import Tx

#: characters of why somebody asks for help, or takes over
REASON_LIMIT = 200


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > REASON_LIMIT:
        raise Refusal(422, "too_long", limit=REASON_LIMIT, length=len(text))
    return text


class FlagForHelp(Command, kw_only=True):
    """Ask a supervisor for help with a conversation, or no longer. Advisors with what is theirs or nobody's.

    It is over by itself when a supervisor answers, whispers, takes over or acknowledges the alert, and when the
    conversation changes hands or is resolved.
    """

    needs: ClassVar[Need] = "advisor"

    conversation: int
    flag: wire.Flag

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        if conv.assignee_id not in (None, actor.id) and not actor.at_least("supervisor"):
            raise taken(tx, conv)
        reason = _reason(self.flag.reason)
        if not self.flag.on:
            alerts.helped(tx, conv, "withdrawn")
        elif conv.flagged_at is None or reason != conv.flag:
            alerts.ask_help(tx, conv, reason)
        conversations.save(tx, conv)
        return line(tx, conv.id, actor.id)


class Whisper(Command, kw_only=True):
    """Write to a conversation's advisor in it. Nobody else sees it but supervisors: not now, nor whoever has the
    conversation later."""

    needs: ClassVar[Need] = "supervisor"

    conversation: int
    whisper: wire.Whisper

    def run(self, tx: Tx, actor: Actor) -> wire.Message:
        conv, text = load(tx, self.conversation), self.whisper.text
        flow.not_merged(conv)
        if not text.strip():
            raise Refusal(422, "empty")
        if len(text) > NOTE_LIMIT:
            raise Refusal(422, "too_long", limit=NOTE_LIMIT, length=len(text))
        to = people.user_by_id(tx, conv.assignee_id) if conv.assignee_id is not None else None
        if to is None or to["id"] == actor.id:
            raise Refusal(409, "nobody_to_whisper")
        id = messages.insert(
            tx,
            NewMessage(
                conversation_id=conv.id,
                channel_id=conv.channel_id,
                direction="note",
                kind="text",
                text=text,
                data={"whisper": True, "to": to["name"]},
                author_id=actor.id,
                at=tx.now,
                status="note",
            ),
        )
        assert id is not None
        whispers.add(tx, id, to["id"], actor.id)
        tx.emit(discretion.WHISPERED, conv.id, message=id, to=to["name"])
        alerts.helped(tx, conv, "whispered")
        conversations.save(tx, conv)
        return shapes.one_message(tx, id)


class Observe(Command, kw_only=True):
    """Note that somebody looks on silently: the console shows them to nobody and marks nothing as read."""

    needs: ClassVar[Need] = "supervisor"

    conversation: int

    def run(self, tx: Tx, actor: Actor) -> None:
        conv = load(tx, self.conversation)
        tx.emit(discretion.OBSERVED, conv.id)


class TakeOver(Command, kw_only=True):
    """Take a conversation from whoever has it, and say why."""

    needs: ClassVar[Need] = "supervisor"

    conversation: int
    take: wire.TakeOver

    def run(self, tx: Tx, actor: Actor) -> wire.ConversationRow:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        reason = _reason(self.take.reason)
        if not reason:
            raise Refusal(422, "empty")
        if conv.assignee_id == actor.id:
            return line(tx, conv.id, actor.id)
        before = people.user_by_id(tx, conv.assignee_id) if conv.assignee_id is not None else None
        was = before["name"] if before is not None else ""
        assigning.assign(tx, conv, actor.name, None, how="taken_over", reason=reason)
        conversations.save(tx, conv)
        tx.emit("supervision.took_over", conv.id, was=was, reason=reason)
        return line(tx, conv.id, actor.id)
