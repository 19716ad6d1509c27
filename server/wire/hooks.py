"""Outgoing event webhooks: who is told of the journal's events, and how that goes."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from server.wire.base import Model

__all__ = ["ChangeEventHook", "EventHook", "NewEventHook"]


class EventHook(Model, kw_only=True):
    """One receiver of events. Its secret is never shown.

    `events`: kinds it is told of (`message.received`, `message.*`); empty: all. `seq`: the last event it has taken;
    `behind`: how many have happened since. `problem`: why the last try failed; `failing_since`: when that began, and
    `next_at` when it is tried again. Switched off with a problem: it failed for too long, or said that it is gone.
    """

    id: int
    name: str
    url: str
    events: list[str] = []
    active: bool = True
    seq: int = 0
    behind: int = 0
    failures: int = 0
    problem: str = ""
    failing_since: int | None = None
    next_at: int | None = None
    last_ok_at: int | None = None
    created_at: int = 0


class NewEventHook(Model, kw_only=True):
    """`secret`: `whsec_` and the base64 of 24 to 64 random bytes, made by the caller; it signs every call."""

    name: str
    url: str
    secret: str
    events: list[str] = []


class ChangeEventHook(Model, kw_only=True):
    """`secret`: a new one, or two separated by a space while the first replaces the second. `skip`: leave out what has
    happened until now."""

    url: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    events: list[str] | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    skip: bool = False
