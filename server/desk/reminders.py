"""The rules of reminders: when one counts as late, and who gets it when its owner is not there. Pure; times UTC ms."""

from __future__ import annotations

from typing import NamedTuple

#: reminders that somebody else waits for: late ones raise an alarm
PROMISED = frozenset({"promise", "callback"})


class Owner(NamedTuple):
    """Who looks after a reminder: a person, or everybody of a team. One of both."""

    user: int | None
    team: int | None


def late_by(due_at: int, at: int) -> int:
    """By how much something done at `at` is late (ms); 0 in time."""
    return max(0, at - due_at)


def at_its_time(owner: Owner, there: bool, duty: int | None, team: int | None) -> Owner:
    """Who looks after a reminder that has come due: its owner if they are there, else the duty advisor of the team,
    else the whole team. `team`: the conversation's, else the owner's own; without any team it stays where it is."""
    if owner.user is None or there:
        return owner
    if duty is not None:
        return Owner(duty, None)
    return Owner(None, team) if team is not None else owner
