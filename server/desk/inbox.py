"""Where a conversation stands in the inbox, and what state an act leaves it in. Pure."""

from __future__ import annotations

#: a moment later than any clock's (UTC ms, in the year 2096): room behind all running clocks
_FAR = 4_000_000_000_000

#: resolved conversations have a sort key at or above this
RESOLVED_FROM = 3 * _FAR


def sort_key(
    state: str, sla_due_at: int | None, last_at: int, resolved_at: int | None, reminded_at: int | None = None
) -> int:
    """The number by which every view is ordered, ascending. All times in UTC ms.

    A running clock sorts by its due time, and a reminder that has come due (`reminded_at`) by its own, so what is late
    or about to be comes first. Behind all of them come conversations that nobody waits in, newest activity first, and
    behind those the resolved, newest first.
    """
    if state == "resolved":
        return 4 * _FAR - min(resolved_at or last_at, _FAR)
    due = [at for at in (sla_due_at, reminded_at) if at is not None]
    if due:
        return min(*due, _FAR)
    return 2 * _FAR - min(last_at, _FAR)


def after_inbound(state: str, assigned: bool) -> str:
    """The state once the customer has written: a bot keeps it, its advisor gets it back, else it queues."""
    if state == "bot":
        return state
    return "open" if assigned else "queued"


def after_assignment(state: str, assigned: bool) -> str:
    """The state once somebody, or nobody, has the conversation. Waiting on the customer stays waiting."""
    if state in ("waiting", "snoozed", "resolved"):
        return state
    return "open" if assigned else "queued"
