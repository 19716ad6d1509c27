"""The words and the base every shape shares."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UnsetType

__all__ = [
    "API",
    "ROLES",
    "STAGES",
    "VIEWS",
    "ZONE_HEADER",
    "Complexity",
    "Direction",
    "Followed",
    "Model",
    "Page",
    "Priority",
    "Problem",
    "Role",
    "Scope",
    "Stage",
    "State",
    "Status",
    "Target",
    "View",
]

T = TypeVar("T")

API = "/api/v1"
#: the header in which every answer to somebody signed in names the organisation's time zone (IANA)
ZONE_HEADER = "Organisation-Zone"

#: in the answer to a change of a thing's name, and there only: how much of what named it follows, by kind (rule, view,
#: template, route, sla, campaign, service)
Followed = dict[str, int] | UnsetType

Role = Literal["advisor", "supervisor", "admin"]
State = Literal["bot", "queued", "open", "waiting", "snoozed", "resolved"]
View = Literal["mine", "unassigned", "open", "waiting", "resolved", "all"]
Direction = Literal["in", "out", "note"]
Status = Literal[
    "received",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "played",
    "failed",
    "unknown",
    "cancelled",
    "note",
]
Priority = Literal["low", "normal", "high", "urgent"]
Target = Literal["first_response", "next_response", "resolution", "transfer"]
Stage = Literal["welcome", "diagnosis", "resolution", "follow_up", "closure"]
Complexity = Literal["", "simple", "medium", "complex"]
#: who has a saved view or a reply template: one person, a team, everybody
Scope = Literal["user", "team", "all"]

VIEWS: tuple[View, ...] = ("mine", "unassigned", "open", "waiting", "resolved", "all")
STAGES: tuple[Stage, ...] = ("welcome", "diagnosis", "resolution", "follow_up", "closure")
ROLES: tuple[Role, ...] = ("advisor", "supervisor", "admin")


class Model(msgspec.Struct, kw_only=True):
    """Base of every shape. Each one takes its fields by name (`kw_only` is not inherited, so each class repeats it)."""


class Page(Model, Generic[T], kw_only=True):
    """One page of a list. `next` (and `previous`) are opaque cursors, null at the end.

    `as_of` is the journal's `seq` that this page already contains: resume the feed from there.
    """

    items: list[T]
    next: str | None = None
    previous: str | None = None
    as_of: int = 0


class Problem(Model, kw_only=True):
    """RFC 9457 problem document. `code` is stable and what programs and translations go by; `params` fill its words."""

    type: str = "about:blank"
    title: str = ""
    status: int = 500
    detail: str = ""
    code: str = "internal"
    params: dict[str, Any] = {}
