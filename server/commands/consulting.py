"""Asking a colleague about a conversation without handing it over: a note that calls them, and their answer, a note."""

from __future__ import annotations

from typing import ClassVar

from server import wire
from server.commands import flow, transfer_ends
from server.commands.door import Actor, Command, Need, Refusal, not_found
from server.commands.replies import AddNote, load
from server.store import conversations, people, transfers
from server.store.store import Tx

#: characters of a question, and of an answer
LIMIT = 4_000


class ConsultColleague(Command, kw_only=True):
    """Put a question to a colleague; the conversation stays where it is."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    consult: wire.Consult

    def run(self, tx: Tx, actor: Actor) -> wire.Transfer:
        conv = load(tx, self.conversation)
        flow.not_resolved(conv)
        question = _said(self.consult.question)
        user = people.user(tx, self.consult.to.strip().removeprefix("user:"))
        if user is None:
            raise not_found("user", self.consult.to[:80])
        if user["id"] == actor.id:
            raise Refusal(422, "consult_self")
        if not user["active"]:
            raise Refusal(409, "user_off", user=user["name"])
        if transfers.consult_of(tx, conv.id, user["id"]) is not None:
            raise Refusal(409, "consult_pending", user=user["name"])
        note = AddNote(conversation=conv.id, note=wire.Note(text=f"@{user['name']} {question}")).run(tx, actor)
        id = transfers.create(
            tx,
            transfers.New(
                kind="consult",
                conversation_id=conv.id,
                from_id=actor.id,
                to_user_id=user["id"],
                responsible_id=user["id"],
                reason=question,
                note_id=note.id,
            ),
        )
        if id is None:
            raise Refusal(409, "consult_pending", user=user["name"])
        return transfer_ends.tell(tx, "conversation.consulted", id)


class AnswerConsult(Command, kw_only=True):
    """Answer what a colleague asked, in a note that calls them."""

    needs: ClassVar[Need] = "advisor"

    conversation: int
    answer: wire.ConsultAnswer

    def run(self, tx: Tx, actor: Actor) -> wire.Transfer:
        conv = load(tx, self.conversation)
        text = _said(self.answer.answer)
        row = transfers.consult_of(tx, conv.id, actor.id)
        if row is None:
            raise Refusal(404, "no_consult", conversation=conv.id)
        note = AddNote(conversation=conv.id, note=wire.Note(text=f"@{row['sender']} {text}")).run(tx, actor)
        conv = load(tx, self.conversation)
        ended = transfer_ends.end(tx, conv, row["id"], "accepted", by=actor.id, answer_id=note.id)
        assert ended is not None
        return ended


class WithdrawConsults(Command, kw_only=True):
    """Take back what one asked in a conversation and nobody has answered; supervisors, whatever anybody asked."""

    needs: ClassVar[Need] = "advisor"

    conversation: int

    def run(self, tx: Tx, actor: Actor) -> wire.Page[wire.Transfer]:
        conv = load(tx, self.conversation)
        asked = [row for row in transfers.pending_of(tx, conv.id) if row["kind"] == "consult"]
        own = [row for row in asked if row["from_id"] == actor.id]
        if not own and actor.at_least("supervisor"):
            own = asked
        if not own:
            raise Refusal(404, "no_consult", conversation=conv.id)
        ended = [transfer_ends.end(tx, conv, row["id"], "withdrawn", by=actor.id) for row in own]
        conversations.save(tx, conv)
        return wire.Page(items=[each for each in ended if each is not None])


def _said(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal(422, "empty")
    if len(text) > LIMIT:
        raise Refusal(422, "too_long", limit=LIMIT, length=len(text))
    return text
