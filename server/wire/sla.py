"""Service-level policies, calendars, and the message after hours."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from server.wire.base import Followed, Model, Priority, Target

__all__ = [
    "AfterHours",
    "Calendar",
    "CalendarAt",
    "CalendarDay",
    "ChangeCalendar",
    "ChangePolicy",
    "ConsideredPolicy",
    "LookAt",
    "NewCalendar",
    "NewPolicy",
    "Policy",
    "PolicyTested",
    "PolicyWhen",
    "Promise",
    "TestPolicy",
    "Weekday",
]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: a promise: from a second to 400 days (ms)
Length = Annotated[int, msgspec.Meta(ge=1000, le=400 * 86_400_000)]
Percent = Annotated[int, msgspec.Meta(ge=1, le=99)]


class NewCalendar(Model, kw_only=True):
    """Opening hours. A period is `HH:MM-HH:MM`; one that ends at or before its beginning passes midnight, and belongs
    to the day on which it begins. `24:00` is the end of a day.

    `zone`: an IANA name (the organisation's without it). `days`: periods of single days (YYYY-MM-DD) instead of their
    weekday's; none: closed. `country` (ISO 3166-1, the organisation's without it, empty for none) and `subdivision`
    (ISO 3166-2, without the country): whose holidays are closed, where `days` does not say otherwise.
    """

    name: str
    week: dict[Weekday, list[str]]
    zone: str | UnsetType = UNSET
    days: dict[str, list[str]] = {}
    country: str | UnsetType = UNSET
    subdivision: str = ""


class ChangeCalendar(Model, kw_only=True):
    """What to change; `week` and `days` take the place of the old ones as a whole. `usual`: this calendar counts where
    none is named."""

    name: str | UnsetType = UNSET
    week: dict[Weekday, list[str]] | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    days: dict[str, list[str]] | UnsetType = UNSET
    country: str | UnsetType = UNSET
    subdivision: str | UnsetType = UNSET
    usual: Literal[True] | UnsetType = UNSET


class Calendar(Model, kw_only=True):
    """Opening hours as they are kept. `holidays`: names by date, as far as they are computed. `usual`: counts where no
    calendar is named."""

    id: int
    name: str
    zone: str
    week: dict[Weekday, list[str]]
    days: dict[str, list[str]] = {}
    country: str = ""
    subdivision: str = ""
    holidays: dict[str, str] = {}
    usual: bool = False
    followed: Followed = UNSET


class LookAt(Model, kw_only=True):
    """At which moment (UTC ms; now without it)."""

    at: int | None = None


class CalendarDay(Model, kw_only=True):
    """One day: its periods, and why they are not those of its weekday (the name of a holiday, or its own)."""

    date: str
    periods: list[str]
    holiday: str = ""
    own: bool = False


class CalendarAt(Model, kw_only=True):
    """A calendar at a moment: whether it is open, when it opens next (that moment itself, if it is open) and closes
    next, and the days from then on."""

    at: int
    zone: str
    open: bool
    next_opening: int | None = None
    next_closing: int | None = None
    days: list[CalendarDay] = []


class PolicyWhen(Model, kw_only=True):
    """What a policy asks for. Of each list one value has to fit, without case and accents; an empty list asks for
    nothing. `channel`: names or kinds; `profile`: the customer's attribute of that name; `campaign`: names."""

    channel: list[str] = []
    team: list[str] = []
    priority: list[Priority] = []
    profile: list[str] = []
    campaign: list[str] = []


class NewPolicy(Model, kw_only=True):
    """Promises, in ms of business time; null: not promised. Without a calendar all time is business time.

    `warn_percent` of a promise's time is used up when it warns. `pause`: the time to the end stands still while we wait
    for the customer.
    """

    name: str
    when: PolicyWhen = msgspec.field(default_factory=PolicyWhen)
    first_response_ms: Length | None = None
    next_response_ms: Length | None = None
    resolution_ms: Length | None = None
    transfer_ms: Length | None = None
    warn_percent: Percent = 75
    pause: bool = True
    calendar: str | None = None


class Policy(NewPolicy, kw_only=True):
    """A policy as it is kept. Policies are listed in the order in which they are tried: most specific first, the
    `default` last, which has no conditions and cannot be removed."""

    id: int
    default: bool = False
    followed: Followed = UNSET


class ChangePolicy(Model, kw_only=True):
    """What to change; `when` takes the place of the old conditions as a whole."""

    name: str | UnsetType = UNSET
    when: PolicyWhen | UnsetType = UNSET
    first_response_ms: Length | UnsetType | None = UNSET
    next_response_ms: Length | UnsetType | None = UNSET
    resolution_ms: Length | UnsetType | None = UNSET
    transfer_ms: Length | UnsetType | None = UNSET
    warn_percent: Percent | UnsetType = UNSET
    pause: bool | UnsetType = UNSET
    calendar: str | UnsetType | None = UNSET


class TestPolicy(Model, kw_only=True):
    """A conversation that might be, or one that there is (`conversation`), and a moment (UTC ms; now without it)."""

    channel: str = ""
    team: str = ""
    priority: Priority = "normal"
    profile: str = ""
    campaign: str = ""
    conversation: int | None = None
    at: int | None = None


class ConsideredPolicy(Model, kw_only=True):
    """A policy that was looked at. `failed`: the first condition that did not hold, which `wants` one of these values;
    empty: the policy holds."""

    policy: str
    failed: str = ""
    wants: list[str] = []


class Promise(Model, kw_only=True):
    """What would be promised to somebody who writes (for a transfer: is handed over) at the moment asked about."""

    target: Target
    span_ms: int
    warn_at: int
    due_at: int


class PolicyTested(Model, kw_only=True):
    """Which policy holds. `why`: prescribed (by the conversation's campaign), conditions, or default. `facts`: what was
    known; `considered`: in order, up to the one that holds. `open`: whether `at` is in business time."""

    policy: str
    why: Literal["prescribed", "conditions", "default"]
    facts: dict[str, str] = {}
    considered: list[ConsideredPolicy] = []
    calendar: str | None = None
    at: int
    open: bool = True
    next_opening: int | None = None
    promises: list[Promise] = []


class AfterHours(Model, kw_only=True):
    """What is said to a customer who writes while `calendar` is closed. `channel`: where (empty: on every channel that
    has none of its own). `texts`: by language, with `{opening}` for the next opening time; none: nothing is said there.
    """

    channel: str = ""
    calendar: str
    texts: dict[Literal["es", "en"], str] = {}
