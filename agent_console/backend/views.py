"""Which conversations a list shows and in which order: pure functions of a row and the reader."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import UNSET

from server import wire

#: Where a row stands in every view: (sort_key, id), ascending.
Place: TypeAlias = tuple[int, int]


class ListSpec(msgspec.Struct, frozen=True):
    """What a list asks for: a view and, if given, filters on top. Hashable, so that lists can be kept by it."""

    view: wire.View = "mine"
    q: str = ""
    state: str = ""
    channel: str = ""
    assignee: str = ""
    team: str = ""


def place_of(row: wire.ConversationRow) -> Place:
    """Where the row stands."""
    return row.sort_key, row.id


def belongs(spec: ListSpec, row: wire.ConversationRow, me: str) -> bool:
    """Whether `row` is in the list `spec` for the user `me` (sign-in name).

    What a search (`q`) asks for is not looked at: see `agent_console.backend.matching`.
    """
    return (
        in_view(spec.view, row, me)
        and (not spec.state or row.state == spec.state)
        and (not spec.channel or row.channel == spec.channel)
        and (not spec.assignee or row.assignee == spec.assignee)
        and (not spec.team or row.team == spec.team)
    )


def in_view(view: wire.View, row: wire.ConversationRow, me: str) -> bool:
    """Whether `row` is in the built-in `view` of the user `me`."""
    if view == "resolved":
        return row.state == "resolved"
    if view == "all":
        return True
    if row.state == "resolved":
        return False
    if view == "mine":
        return row.assignee == me and row.state != "snoozed"
    if view == "unassigned":
        return row.assignee is None and row.state != "snoozed"
    if view == "waiting":
        return row.state == "waiting"
    return True


def unread(row: wire.ConversationRow) -> int:
    """How many of the customer's messages the reader has not seen; everything when `seen` is not known."""
    seen = 0 if row.seen is UNSET else row.seen
    return max(0, row.inbound - seen)


def unanswered(row: wire.ConversationRow) -> bool:
    """Whether the customer waits for us: a clock runs, or theirs is the last word in a conversation at work."""
    if row.state not in ("queued", "open"):
        return False
    return (row.sla is not None and row.sla.target != "resolution") or row.preview_direction == "in"
