"""Messages of ours that have not left, or never will, and what can be done about many at once."""

from __future__ import annotations

from typing import Literal

from server.wire.base import Model
from server.wire.conversations import ConversationRow, Message

__all__ = ["OutboxItem", "OutboxState", "ResendMany", "Resent", "Skipped"]

OutboxState = Literal["waiting", "unknown", "failed"]


class OutboxItem(Model, kw_only=True):
    """One message that has not left. `state`: waiting (it goes by itself, at `next_at`), unknown (nobody knows whether
    it was sent; the provider is asked again at `next_at`, else somebody has to decide) or failed (a dead letter: it is
    sent again, or dropped). `reason`: a code of `server.facts.REASONS`, empty if nothing went wrong yet; `detail`: the
    provider's own words; `attempts`: how often it was tried; `at`: since when it stands like this.
    """

    state: OutboxState
    message: Message
    conversation: ConversationRow
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    at: int
    next_at: int | None = None


class ResendMany(Model, kw_only=True):
    """Send failed messages of a channel again, oldest first: only those that failed for `reason`, if given, and not
    after `older_than` (UTC ms). `after`: `next` of the answer before, to go on from there.
    """

    channel: str
    reason: str = ""
    older_than: int | None = None
    after: str | None = None


class Skipped(Model, kw_only=True):
    """A message that was not sent again, and why: the code that sending it alone would be refused with."""

    message: int
    conversation: int
    code: str


class Resent(Model, kw_only=True):
    """How many messages go again, and which do not. `next`: there are more; ask again with it as `after`."""

    resent: int
    skipped: list[Skipped] = []
    next: str | None = None
