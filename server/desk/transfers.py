"""The rules of handing a conversation on: which answer a transfer takes, and what counts as ping-pong. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: what may become of a transfer while nobody has answered it; every other state is for good
ENDS: Final = frozenset({"accepted", "declined", "expired", "withdrawn"})
#: how an assignment leaves a pending transfer standing: its sender went away, who it was offered to may still take it
KEEPS: Final = frozenset({"left", "transfer", "returned"})


def may_become(state: str, new: str) -> bool:
    """Whether a transfer in `state` may end as `new`."""
    return state == "pending" and new in ENDS


def ends_with_assignment(how: str) -> bool:
    """Whether giving the conversation to somebody in this way takes a pending transfer back."""
    return how not in KEEPS


def is_ping_pong(before: Iterable[tuple[int, int]], receiver: int) -> bool:
    """Whether the conversation comes back to somebody who had handed it on: `before` are the (sender, receiver) of
    the transfers accepted in it so far."""
    return any(sender == receiver for sender, _ in before)


def expires_at(now: int, accept_ms: int) -> int | None:
    """When a transfer made now comes back unanswered (UTC ms); never, where the rule is off."""
    return now + accept_ms if accept_ms > 0 else None


def least_loaded(members: Iterable[tuple[int, int]]) -> int | None:
    """Of (person, load), whoever carries least; of equals the one who has been here longest."""
    found = sorted((load, person) for person, load in members)
    return found[0][1] if found else None
