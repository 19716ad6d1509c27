"""Echoes: what a provider tells of everything an account sends, and which of it was sent from here."""

from __future__ import annotations

from server.commands import flow
from server.facts import MessageFact
from server.store import messages, outbox
from server.store.store import Row, Tx


def sent_from_here(tx: Tx, channel: Row, fact: MessageFact, thread: str) -> bool:
    """Whether an echo is of a message of ours, which then has its provider's id, and has left.

    Our reference says so. Where a provider gives none back, what stands in it does, as long as such a message of ours
    is under way: should somebody write the very same with another tool at that moment, the customer still reads two.
    """
    row = next((found for ref in fact.refs if (found := messages.by_client_ref(tx, ref)) is not None), None)
    if row is None or row["channel_id"] != channel["id"]:
        place = flow.newest(tx, channel["id"], thread)
        row = outbox.under_way(tx, place.conv.id, channel["id"], fact.kind, fact.text) if place is not None else None
    if row is None:
        return False
    if row["external_id"] is None:
        messages.set_external_id(tx, row["id"], channel["id"], fact.external_id)
    # What stands below a post has arrived: in public there are no other reports.
    flow.reported(tx, row, "delivered" if fact.surface == "comment" else "sent")
    for receipt in messages.receipts(tx, channel["id"], fact.external_id, row["id"]):
        told = messages.get(tx, row["id"])
        assert told is not None
        flow.reported(tx, told, receipt["status"], receipt["failure"], receipt["failure_detail"])
    return True
