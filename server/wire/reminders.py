"""Reminders, promises and callbacks; and the acts of supervision: help asked for, whispers, taking over."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType

from server.wire.base import Model

__all__ = [
    "CALL_OUTCOMES",
    "CallOutcome",
    "ChangeReminder",
    "Flag",
    "NewReminder",
    "Reminder",
    "ReminderKind",
    "ReminderState",
    "TakeOver",
    "Whisper",
]

ReminderKind = Literal["reminder", "promise", "callback"]
ReminderState = Literal["open", "due", "late"]
CallOutcome = Literal["reached", "no_answer"]

#: how a callback ended
CALL_OUTCOMES: tuple[CallOutcome, ...] = ("reached", "no_answer")


class Reminder(Model, kw_only=True):
    """Something that somebody will do at a moment (`due_at`, UTC ms): a note to oneself, what a customer was promised,
    or a call to them.

    `user` (sign-in name) looks after it; without one, everybody of `team`. `phone`: whom to call. `told_at`: its owner
    was told that it is due. `late_at`: since when it counts as late. `attempts`: calls that nobody answered. `outcome`:
    what came of it, in words; of a callback `reached` or `no_answer`. It is open until it is done or cancelled.
    """

    id: int
    conversation: int
    contact: int
    contact_name: str = ""
    channel_kind: str = ""
    kind: ReminderKind = "reminder"
    text: str
    phone: str = ""
    due_at: int
    user: str | None = None
    user_name: str = ""
    team: str | None = None
    made_by: str = ""
    made_at: int
    attempts: int = 0
    told_at: int | None = None
    late_at: int | None = None
    done_at: int | None = None
    done_by: str = ""
    outcome: str = ""
    cancelled_at: int | None = None


class NewReminder(Model, kw_only=True):
    """A reminder to make. Without `user` and `team` it is the maker's own. `phone`: of a callback; without one it is
    the customer's number."""

    text: str = ""
    due_at: int
    kind: ReminderKind = "reminder"
    user: str | None = None
    team: str | None = None
    phone: str = ""


class ChangeReminder(Model, kw_only=True):
    """What to change of a reminder.

    `done`: it is done, with its `outcome` (a callback needs one); false: it is not, after all. `again_at`: nobody
    answered the call, it is tried again then. `cancelled`: nobody will do it; false: somebody will, after all. `user`
    or `team`: who looks after it now.
    """

    text: str | UnsetType = UNSET
    due_at: int | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    team: str | UnsetType = UNSET
    done: bool | UnsetType = UNSET
    outcome: str = ""
    again_at: int | None = None
    cancelled: bool | UnsetType = UNSET


class Flag(Model, kw_only=True):
    """Ask a supervisor for help with a conversation (`reason`, if one wants to say), or no longer."""

    on: bool = True
    reason: str = ""


class Whisper(Model, kw_only=True):
    """A note to the conversation's advisor, which other advisors do not see."""

    text: str


class TakeOver(Model, kw_only=True):
    """Why a supervisor takes a conversation from whoever has it."""

    reason: str
