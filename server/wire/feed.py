"""The journal and the live feed."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType

from server.wire.base import Model
from server.wire.conversations import ConversationRow, Counts, Message

__all__ = ["ClientFrame", "Event", "FeedEvent", "Heartbeat", "Hello", "Presence", "Reset", "Resume", "ServerFrame"]


class Event(Model, kw_only=True):
    """One line of the journal. `actor`: `user:NAME`, `contact:ID` or `system`."""

    seq: int
    at: int
    kind: str
    conversation: int | None
    actor: str
    data: dict[str, Any] = {}


class Hello(Model, kw_only=True):
    """First frame from the client. `since`: newest `seq` it holds; `epoch`: of the journal it came from."""

    since: int = 0
    epoch: str = ""


class ClientFrame(Model, kw_only=True, omit_defaults=True):
    """What a client sends: `hello` once, then what it is looking at (`viewing` null when nothing) and typing in.

    `touched`: how long ago somebody touched a key there, in ms. Who says that is a person's console, and whether they
    are there follows from it (see docs/assignment.md); other readers of the feed leave it out.
    """

    hello: Hello | None = None
    viewing: int | UnsetType | None = UNSET
    typing: bool | UnsetType = UNSET
    touched: int | UnsetType = UNSET


class Resume(Model, kw_only=True):
    """The server continues after `since`; `head` is the journal's newest seq, `now` the server's clock in UTC ms."""

    since: int
    head: int
    epoch: str
    now: int


class Reset(Model, kw_only=True):
    """The client's place is gone (`reason`: new_epoch, too_far): load the lists anew, then go on from `head`."""

    reason: str
    head: int
    epoch: str
    now: int


class Heartbeat(Model, kw_only=True):
    head_seq: int
    now: int


class Presence(Model, kw_only=True):
    """Who looks at a conversation now, other than oneself too. `typing` is the subset that is writing."""

    conversation: int
    viewing: list[str] = []
    typing: list[str] = []
    customer_typing: bool = False


class FeedEvent(Event, kw_only=True, omit_defaults=True):
    """An event as the feed sends it: with the conversation's row and the message it speaks of, as they are *now*.

    Both carry a `version`; applying one twice, or an older one after a newer one, changes nothing.
    """

    row: ConversationRow | None = None
    message: Message | None = None


class ServerFrame(Model, kw_only=True, omit_defaults=True):
    """Every frame but events: exactly one field is set. A frame with a `seq` is a `FeedEvent` instead."""

    resume: Resume | None = None
    reset: Reset | None = None
    heartbeat: Heartbeat | None = None
    presence: Presence | None = None
    counts: Counts | None = None
