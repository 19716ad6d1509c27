"""One row of `conversations` as commands change it, and which of its columns a change writes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any


@dataclass(slots=True)
class Conversation:
    """One row of `conversations`, to be changed and saved. Times in UTC ms."""

    id: int
    channel_id: int
    contact_id: int
    handle_id: int
    thread: str
    state: str
    created_at: int
    last_at: int
    sort_key: int
    version: int = 1
    priority: str = "normal"
    team_id: int | None = None
    assignee_id: int | None = None
    subject: str = ""
    campaign: str = ""
    outcome: str = ""
    preview: str = ""
    preview_kind: str = "text"
    preview_direction: str = "in"
    preview_author: str = ""
    inbound: int = 0
    failed: int = 0
    last_in_at: int | None = None
    window_from: int | None = None
    first_reply_at: int | None = None
    resolved_at: int | None = None
    sla_target: str | None = None
    sla_started_at: int | None = None
    sla_warn_at: int | None = None
    sla_due_at: int | None = None
    surface: str = "direct"
    merged_into: int | None = None
    snoozed_until: int | None = None
    stage: str = "welcome"
    topic: str = ""
    complexity: str = ""
    skills: str = ""
    campaign_id: int | None = None
    policy_id: int | None = None
    paused_at: int | None = None
    flag: str = ""
    flagged_at: int | None = None
    transfer_id: int | None = None
    remind_at: int | None = None
    reviewing: int = 0
    assigned_at: int | None = None
    weight: int = 100
    reminded_at: int | None = None
    waiting_since: int | None = None
    opened_at: int | None = None
    sla_time: str = ""
    _was: tuple[tuple[Any, ...], tuple[Any, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._was = indexed(self), service(self)

    @property
    def ticking(self) -> int | None:
        """When the clock that is shown is due, if one runs and does not stand still."""
        return None if self.paused_at is not None else self.sla_due_at


#: columns that no index is about, and that most changes of a conversation touch
QUIET = (
    "version",
    "priority",
    "subject",
    "campaign",
    "outcome",
    "preview",
    "preview_kind",
    "preview_direction",
    "preview_author",
    "inbound",
    "failed",
    "last_at",
    "last_in_at",
    "window_from",
    "first_reply_at",
    "resolved_at",
    "sla_target",
    "sla_started_at",
    "sla_warn_at",
    "sla_due_at",
)
#: what the rules of service keep here; most saves change none of it
SERVICE = (
    "handle_id",
    "stage",
    "topic",
    "complexity",
    "policy_id",
    "paused_at",
    "flag",
    "remind_at",
    "reviewing",
    "assigned_at",
    "reminded_at",
    "waiting_since",
    "opened_at",
    "sla_time",
    "weight",
)
#: columns that an index or another table is about: naming one in an UPDATE costs each of its indexes, changed or not
INDEXED = (
    "state",
    "assignee_id",
    "team_id",
    "sort_key",
    "snoozed_until",
    "channel_id",
    "contact_id",
    "thread",
    "skills",
    "campaign_id",
    "flagged_at",
    "transfer_id",
)
quiet, service, indexed = attrgetter(*QUIET), attrgetter(*SERVICE), attrgetter(*INDEXED)
_ALL = tuple(each.name for each in fields(Conversation) if each.init)
values, COLUMNS = attrgetter(*_ALL), ", ".join(_ALL)
INSERT = f"INSERT INTO conversations ({COLUMNS}) VALUES ({', '.join('?' * len(_ALL))})"


@lru_cache(maxsize=256)
def update(more: tuple[str, ...]) -> str:
    """The statement that writes what changes often, and these columns."""
    return f"UPDATE conversations SET {', '.join(f'{name}=?' for name in (*QUIET, *more))} WHERE id=?"
