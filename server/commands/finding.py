"""Messages whose fate nobody knows: what the outbox's second job asks providers, and what their answers change."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server.channels.base import Outgoing, Sent
from server.commands.delivering import LEASE_MS, RecordSent, outgoing
from server.commands.door import Actor, Command, Need, Query
from server.desk import finding
from server.store import messages, outbox
from server.store.store import Row, Snapshot, Tx


class Question(msgspec.Struct, kw_only=True):
    """What became of `message` after its `n`-th attempt? `asked`: how many answers decided nothing."""

    message: int
    n: int
    asked: int
    channel_id: int
    out: Outgoing


class LeaseQuestions(Command, kw_only=True):
    """Take the questions that are due; nobody else asks them for a while."""

    needs: ClassVar[Need] = "system"

    limit: int
    media: str  # the folder of stored files

    def run(self, tx: Tx, actor: Actor) -> list[Question]:
        questions: list[Question] = []
        for row in outbox.to_ask(tx, self.limit):
            message = messages.get(tx, row["message_id"])
            assert message is not None
            outbox.set_asked(tx, row["message_id"], row["asked"], tx.now + LEASE_MS)
            questions.append(
                Question(
                    message=row["message_id"],
                    n=row["attempts"],
                    asked=row["asked"],
                    channel_id=row["channel_id"],
                    out=outgoing(tx, message, row["recipient"], self.media),
                )
            )
        return questions


class _Answer(Command, kw_only=True):
    """An answer counts only while the question stands: reports and advisors may have decided meanwhile."""

    needs: ClassVar[Need] = "system"

    message: int
    n: int

    def run(self, tx: Tx, actor: Actor) -> None:
        row = outbox.get(tx, self.message)
        if row is not None and row["state"] == "unknown" and row["attempts"] == self.n:
            self.decide(tx, actor, row)

    def decide(self, tx: Tx, actor: Actor, row: Row) -> None:
        raise NotImplementedError


class RecordFound(_Answer, kw_only=True):
    """The provider has it: it was sent."""

    sent: Sent

    def decide(self, tx: Tx, actor: Actor, row: Row) -> None:
        RecordSent(
            message=self.message,
            n=self.n,
            external_id=self.sent.external_id,
            status=self.sent.status,
            addresses=self.sent.addresses,
        ).run(tx, actor)


class RecordNotFound(_Answer, kw_only=True):
    """The provider does not have it. Said twice it is certain, and the message goes again."""

    def decide(self, tx: Tx, actor: Actor, row: Row) -> None:
        if not finding.is_lost(row["asked"]):
            _ask_again(tx, row)
            return
        outbox.requeue(tx, self.message, tx.now)
        messages.set_status(tx, self.message, "queued")
        tx.emit("message.status", row["conversation_id"], message=self.message, status="queued", reason="never_arrived")


class RecordUndecided(_Answer, kw_only=True):
    """The provider cannot tell (or, not `answered`, told nothing at all): it is asked again, or an advisor is."""

    answered: bool = True

    def decide(self, tx: Tx, actor: Actor, row: Row) -> None:
        if self.answered:
            _ask_again(tx, row)
        else:
            outbox.set_asked(tx, self.message, row["asked"], finding.unanswered(row["created_at"], tx.now))


def _ask_again(tx: Tx, row: Row) -> None:
    asked = row["asked"] + 1
    outbox.set_asked(tx, row["message_id"], asked, finding.next_question(asked, tx.now))


class QuestionsDue(Query, kw_only=True):
    """When a provider is asked next (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return outbox.next_question(read)
