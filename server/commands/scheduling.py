"""Answers that are to leave at a moment of their own, long after they were written.

Until one leaves, the customer has no answer: no clock stops and the conversation goes on as it is. If the customer
writes before that, what was written may be wrong by then, so it is held back: it counts as failed, for the reason
`customer_wrote`, shows on the conversation and among what was not sent, and a person sends it again or lets it be.
"""

from __future__ import annotations

from server.commands.door import Refusal
from server.store import messages, outbox
from server.store.conversations import Conversation
from server.store.store import Tx

#: how far ahead an answer may be scheduled (ms)
LONGEST = 60 * 24 * 3_600_000


def leaves_at(now: int, hold_ms: int, send_at: int | None) -> tuple[int, bool]:
    """When an answer leaves (UTC ms), and whether that makes it a scheduled one."""
    if send_at is None:
        return now + max(0, min(hold_ms, outbox.LONGEST_HOLD)), False
    if not now < send_at <= now + LONGEST:
        raise Refusal(422, "bad_send_at", at=send_at)
    return send_at, send_at > now + outbox.LONGEST_HOLD


def hold_back(tx: Tx, conv: Conversation) -> None:
    """The customer wrote: what was written before for later does not leave by itself."""
    for id in outbox.scheduled(tx, conv.id):
        outbox.remove(tx, id)
        messages.set_status(tx, id, "failed", "customer_wrote")
        conv.failed = 1
        tx.emit("message.status", conv.id, "system", message=id, status="failed", reason="customer_wrote")
