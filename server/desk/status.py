"""The order of an outbound message's states: forward only, whatever order the provider's reports arrive in. Pure."""

from __future__ import annotations

#: how far along each state is
RANK = {
    "queued": 0,
    "sending": 1,
    "unknown": 2,
    "sent": 3,
    "delivered": 4,
    "read": 5,
    "played": 6,
}

#: states the message stays in whatever is reported later, but for proof that it arrived after all
FINAL = frozenset({"cancelled"})


def after(current: str, reported: str) -> str:
    """The state after a provider's report.

    It never goes back: a late `sent` leaves `read` alone. `failed` ends a message that was not seen to arrive; a report
    that it did arrive beats a failure (the proof is stronger), a late `sent` does not. Words the provider made up
    change nothing.
    """
    if current in FINAL or reported == current:
        return current
    if reported == "failed":
        return current if RANK.get(current, 0) >= RANK["delivered"] else "failed"
    if reported not in RANK:
        return current
    if current == "failed":
        return reported if RANK[reported] >= RANK["delivered"] else current
    return reported if RANK[reported] > RANK.get(current, 0) else current
