"""Transfers: a conversation offered to somebody with its context, and questions put to a colleague."""

from __future__ import annotations

from typing import Literal

from server.wire.base import Model

__all__ = [
    "Consult",
    "ConsultAnswer",
    "ConversationTransfers",
    "Decline",
    "Mood",
    "NewTransfer",
    "PersonTransfers",
    "Proposal",
    "Transfer",
    "TransferState",
    "TransferTotals",
]

Mood = Literal["", "calm", "content", "worried", "upset"]
TransferState = Literal["pending", "accepted", "declined", "expired", "withdrawn"]


class NewTransfer(Model, kw_only=True):
    """Hand a conversation on. `to`: a user's sign-in name or a team's name (`user:…` or `team:…` where both exist).

    `reason` and `summary` are needed; `promised`: what the customer was told will happen. `mood`: empty for what the
    rules make of the customer's messages. `tell_customer`: they are told once it is accepted. `even_if_absent`: also to
    somebody who is not there now.
    """

    to: str
    reason: str = ""
    summary: str = ""
    promised: str = ""
    mood: Mood = ""
    tell_customer: bool = False
    even_if_absent: bool = False


class Decline(Model, kw_only=True):
    reason: str = ""


class Consult(Model, kw_only=True):
    """Ask a colleague (`to`, a user's sign-in name) without handing over."""

    to: str
    question: str


class ConsultAnswer(Model, kw_only=True):
    answer: str


class Transfer(Model, kw_only=True):
    """One transfer or consult, with all that its receiver reads first. Times in UTC ms.

    `sender`, `to_user`, `responsible`, `answered_by`: sign-in names, each with what the person is called beside it.
    `to_team`: offered to all of a team, whose `responsible` is its duty advisor. `expires_at`: it comes back then,
    unanswered. `state` of a consult that was answered is accepted. `told`: where the customer was to be told, `sent`,
    or the code of why they could not be. `ping_pong`: it brought the conversation back to somebody who had handed it
    on.
    """

    id: int
    kind: Literal["transfer", "consult"] = "transfer"
    state: TransferState = "pending"
    conversation: int
    contact_name: str = ""
    sender: str
    sender_name: str = ""
    to_user: str | None = None
    to_name: str = ""
    to_team: str | None = None
    responsible: str
    responsible_name: str = ""
    reason: str
    summary: str = ""
    promised: str = ""
    mood: Mood = ""
    tell_customer: bool = False
    told: str = ""
    ping_pong: bool = False
    made_at: int
    expires_at: int | None = None
    answered_at: int | None = None
    answered_by: str | None = None
    decline_reason: str = ""


class Proposal(Model, kw_only=True):
    """A summary made from the conversation, to be edited; what was promised so far; the customer's mood."""

    summary: str
    promised: str = ""
    mood: Mood = "calm"


class PersonTransfers(Model, kw_only=True):
    """What one person has handed on and taken. `sent` by them; of these `accepted`, `declined` and `expired`.
    `received`: taken by them; `refused`: declined by them; `missed`: theirs to answer, and nobody did."""

    user: str
    name: str = ""
    sent: int = 0
    accepted: int = 0
    declined: int = 0
    expired: int = 0
    withdrawn: int = 0
    received: int = 0
    refused: int = 0
    missed: int = 0
    ping_pong: int = 0
    consults: int = 0
    consulted: int = 0


class ConversationTransfers(Model, kw_only=True):
    """A conversation that went to and fro."""

    conversation: int
    contact_name: str = ""
    transfers: int = 0
    declined: int = 0
    expired: int = 0
    ping_pong: int = 0


class TransferTotals(Model, kw_only=True):
    """Counts of all transfers made since a moment (UTC ms): all together, by person, and the conversations that went
    to and fro most."""

    since: int
    transfers: int = 0
    pending: int = 0
    accepted: int = 0
    declined: int = 0
    expired: int = 0
    withdrawn: int = 0
    ping_pong: int = 0
    consults: int = 0
    people: list[PersonTransfers] = []
    conversations: list[ConversationTransfers] = []
