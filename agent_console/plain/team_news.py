"""What the rules of service and colleagues want of the reader, as sentences: alerts, offers, questions, reviews."""

from __future__ import annotations

import msgspec

from agent_console import words
from agent_console.backend import alarms, offers
from agent_console.backend.changes import Alert
from agent_console.i18n import _
from agent_console.plain import wording
from agent_console.presentation import alerts, transfers
from agent_console.safetext import line
from server import wire


def said(alert: Alert, me: wire.User) -> str:
    """What to tell of an event; empty if it is nothing to the reader."""
    if alert.actor == f"user:{me.name}":
        return ""
    if alert.kind in ("alert.raised", "alert.escalated"):
        return _raised(alert, me)
    if alert.kind in offers.KINDS:
        return _offered(alert, me)
    return _reviewed(alert, me) if alert.kind.startswith("review.") else ""


def _raised(alert: Alert, me: wire.User) -> str:
    try:
        found = msgspec.convert(alert.data.get("alert"), wire.Alert)
    except msgspec.ValidationError:
        return ""  # of a newer server
    if found.ended_at is not None or not alarms.concerns(found, me):
        return ""
    return _reached(_("Alert: {what}.").format(what=wording.spoken(alerts.said(found))), found.conversation)


def _offered(alert: Alert, me: wire.User) -> str:
    transfer = offers.read(alert.data)
    if transfer is None:
        return ""
    if alert.kind in ("conversation.transferred", "conversation.consulted") and offers.is_for(transfer, me):
        what = f"{transfers.title(transfer, False)}: {line(transfer.reason, 300)}"
    elif transfer.sender == me.name and alert.kind == "conversation.transfer_accepted":
        what = _("{who} took {name}.").format(who=_actor(alert), name=line(transfer.contact_name, 80))
    elif transfer.sender == me.name and alert.kind == "conversation.transfer_declined":
        what = _("{who} declined {name}.").format(who=_actor(alert), name=line(transfer.contact_name, 80))
    elif transfer.sender == me.name and alert.kind == "conversation.consult_answered":
        what = _("{who} answered your question about {name}.").format(
            who=_actor(alert), name=line(transfer.contact_name, 80)
        )
    else:
        return ""
    return _reached(what, alert.conversation)


def _reviewed(alert: Alert, me: wire.User) -> str:
    name = line(str(alert.data.get("contact_name") or ""), 80) or f"#{alert.conversation}"
    if alert.kind == "review.requested":
        asked = alert.data.get("reviewers")
        if me.role == "advisor" and not (isinstance(asked, list) and me.name in asked):
            return ""
        what = _("{who}: an answer to {name} waits for your review.").format(who=_actor(alert), name=name)
    elif alert.data.get("author") != me.name:
        return ""
    elif alert.kind == "review.returned":
        remark = line(str(alert.data.get("remark") or ""), 300)
        what = _("{who} gave your answer to {name} back: {remark}").format(who=_actor(alert), name=name, remark=remark)
    elif alert.kind == "review.edited":
        what = _("{who} changed your answer to {name} and sent it.").format(who=_actor(alert), name=name)
    else:
        return ""
    return _reached(what, alert.conversation)


def _actor(alert: Alert) -> str:
    return line(words.actor(alert.actor), 40)


def _reached(what: str, conversation: int | None) -> str:
    """With the way there."""
    return what if conversation is None else f"{what} (#{conversation})"
