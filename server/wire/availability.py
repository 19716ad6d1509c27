"""Who is there, what they carry, and how teams give work out."""

from __future__ import annotations

from typing import Literal

from server.wire.base import Model, Role

__all__ = ["Assignment", "Availability", "AvailabilityState", "OnLeave", "SetAvailability"]

AvailabilityState = Literal["online", "busy", "away", "offline"]
Assignment = Literal["pull", "automatic"]
OnLeave = Literal["keep", "queue", "colleague"]


class Availability(Model, kw_only=True):
    """How somebody stands. `since` in UTC ms, None if they were never seen. `back_at`: when they said they are back.

    `by`: who set the state, empty if it came by itself; `why`: chosen, forced, console, key, back, idle, gone,
    signed_out or switched_off. `load` and `capacity` in hundredths of an ordinary conversation; `open` and `waiting`
    count the conversations that are in work and that wait for the customer.
    """

    user: str
    display_name: str
    role: Role
    state: AvailabilityState = "offline"
    since: int | None = None
    back_at: int | None = None
    by: str = ""
    why: str = ""
    load: int = 0
    capacity: int = 0
    open: int = 0
    waiting: int = 0
    teams: list[str] = []
    skills: str = ""


class SetAvailability(Model, kw_only=True):
    """Set somebody's state. `back_at` (UTC ms) goes with away only; `reason` is for the journal."""

    state: AvailabilityState
    back_at: int | None = None
    reason: str = ""
