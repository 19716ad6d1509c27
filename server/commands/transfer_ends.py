"""How a transfer or a consult ends, whoever ends it; and what is told of it. Other commands call this, too."""

from __future__ import annotations

from typing import Any

import msgspec

from server import wire
from server.commands import alerts, clocks, protocol
from server.desk import transfers as rules
from server.store import people, transfers
from server.store.conversations import Conversation
from server.store.store import Row, Tx

#: the journal's word for each end of a transfer, and of a consult
_EVENTS = {
    ("transfer", "accepted"): "conversation.transfer_accepted",
    ("transfer", "declined"): "conversation.transfer_declined",
    ("transfer", "expired"): "conversation.transfer_returned",
    ("transfer", "withdrawn"): "conversation.transfer_withdrawn",
    ("consult", "accepted"): "conversation.consult_answered",
    ("consult", "declined"): "conversation.consult_declined",
    ("consult", "withdrawn"): "conversation.consult_withdrawn",
}


def shown(r: Row) -> wire.Transfer:
    return wire.Transfer(
        id=r["id"],
        kind=r["kind"],
        state=r["state"],
        conversation=r["conversation_id"],
        contact_name=r["contact_name"],
        sender=r["sender"],
        sender_name=r["sender_name"],
        to_user=r["to_user"],
        to_name=r["to_name"],
        to_team=r["team"] or None,
        responsible=r["responsible"],
        responsible_name=r["responsible_name"],
        reason=r["reason"],
        summary=r["summary"],
        promised=r["promised"],
        mood=r["mood"],
        tell_customer=bool(r["tell_customer"]),
        told=r["told"],
        ping_pong=bool(r["ping_pong"]),
        made_at=r["made_at"],
        expires_at=r["expires_at"],
        answered_at=r["answered_at"],
        answered_by=r["answered_name"],
        decline_reason=r["decline_reason"],
    )


def tell(tx: Tx, kind: str, id: int, **more: Any) -> wire.Transfer:
    """The journal has the whole transfer, so that a console can show it without asking."""
    row = transfers.get(tx, id)
    assert row is not None
    transfer = shown(row)
    tx.emit(kind, row["conversation_id"], transfer=msgspec.to_builtins(transfer), **more)
    return transfer


def end(
    tx: Tx,
    conv: Conversation,
    id: int,
    state: str,
    *,
    by: int | None = None,
    reason: str = "",
    why: str = "",
    ping_pong: bool = False,
    told: str = "",
    answer_id: int | None = None,
) -> wire.Transfer | None:
    """End a pending transfer or consult; the caller saves the conversation. None if it was over already.

    `by`: who answered or took it back. `why` goes into the journal (assigned, claimed, resolved, merged …).
    """
    row = transfers.get(tx, id)
    if row is None or not rules.may_become(row["state"], state):
        return None
    transfers.end(tx, id, state, by=by, reason=reason, ping_pong=ping_pong, told=told, answer_id=answer_id)
    if conv.transfer_id == id:
        conv.transfer_id = None
        clocks.transfer_ended(tx, conv, accepted=state == "accepted")
    return tell(tx, _EVENTS[row["kind"], state], id, **({"why": why} if why else {}))


def settle(tx: Tx, conv: Conversation) -> None:
    """Somebody looks after the conversation: that a transfer of it was not answered is over."""
    alerts.over(tx, "transfer_unanswered", conv.id)


def assigned(tx: Tx, conv: Conversation, how: str) -> None:
    """The conversation was given to somebody: what was offered of it is offered no longer."""
    settle(tx, conv)
    if conv.transfer_id is not None and rules.ends_with_assignment(how):
        end(tx, conv, conv.transfer_id, "withdrawn", why="assigned")


def claimed(tx: Tx, conv: Conversation, user_id: int) -> None:
    """Somebody took it while nobody had it: whoever it was offered to has accepted so, else it is offered no longer."""
    settle(tx, conv)
    if conv.transfer_id is None:
        return
    if transfers.is_for(tx, conv.transfer_id, user_id):
        accepted = accept(tx, conv, conv.transfer_id, user_id, why="claimed")
        team = people.team(tx, accepted.to_team) if accepted is not None and accepted.to_team else None
        if team is not None and team["id"] != conv.team_id:
            conv.team_id = team["id"]  # one that was offered to a team goes there
            clocks.reapply(tx, conv)
        protocol.advance(tx, conv, "transferred")
    else:
        end(tx, conv, conv.transfer_id, "withdrawn", why="claimed")


def accept(tx: Tx, conv: Conversation, id: int, user_id: int, *, told: str = "", why: str = "") -> wire.Transfer | None:
    """Count and end a transfer as accepted by somebody."""
    before = transfers.accepted_before(tx, conv.id)
    bounced = rules.is_ping_pong(before, user_id)
    return end(tx, conv, id, "accepted", by=user_id, ping_pong=bounced, told=told, why=why)


def over(tx: Tx, conv: Conversation, why: str) -> None:
    """The conversation has ended (resolved, merged): nobody is waited for in it any more."""
    settle(tx, conv)
    for row in transfers.pending_of(tx, conv.id):
        end(tx, conv, row["id"], "withdrawn", why=why)
