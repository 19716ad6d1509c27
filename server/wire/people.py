"""Users, teams, the organisation, sessions."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from server.wire.availability import Assignment, OnLeave
from server.wire.base import Followed, Model, Role

__all__ = [
    "ChangeOrganisation",
    "ChangeTeam",
    "ChangeUser",
    "NewTeam",
    "NewUser",
    "Organisation",
    "Session",
    "SignIn",
    "Team",
    "User",
]


class User(Model, kw_only=True):
    """An advisor, supervisor or admin. `name` is what they sign in with, unique.

    `skills`: words, each with a level if it has one (`créditos:3 inglés`). `capacity`: how many ordinary conversations
    they carry at once; None: as many as the organisation has set.
    """

    id: int
    name: str
    display_name: str
    role: Role
    language: str = "es"
    active: bool = True
    teams: list[str] = []
    skills: str = ""
    capacity: int | None = None


class NewUser(Model, kw_only=True):
    name: str
    password: str
    role: Role = "advisor"
    display_name: str = ""
    language: str = "es"
    teams: list[str] = []
    skills: str = ""
    capacity: int | None = None


class ChangeUser(Model, kw_only=True):
    password: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    teams: list[str] | UnsetType = UNSET
    skills: str | UnsetType = UNSET
    capacity: int | UnsetType | None = UNSET


class Team(Model, kw_only=True):
    """People who share a queue.

    `assignment`: pull (advisors take) or automatic (the rules give). `on_leave`: what becomes of a member's open work
    who is away or offline for `leave_after_ms`: keep, queue or colleague. `duty`: who answers for the team.
    """

    id: int
    name: str
    members: list[str] = []
    assignment: Assignment = "pull"
    on_leave: OnLeave = "keep"
    leave_after_ms: int = 15 * 60_000
    duty: str | None = None
    followed: Followed = UNSET


class NewTeam(Model, kw_only=True):
    name: str
    members: list[str] = []
    assignment: Assignment = "pull"
    on_leave: OnLeave = "keep"
    leave_after_ms: int = 15 * 60_000
    duty: str | None = None


class ChangeTeam(Model, kw_only=True):
    name: str | UnsetType = UNSET
    members: list[str] | UnsetType = UNSET
    assignment: Assignment | UnsetType = UNSET
    on_leave: OnLeave | UnsetType = UNSET
    leave_after_ms: int | UnsetType = UNSET
    duty: str | UnsetType | None = UNSET


class Organisation(Model, kw_only=True):
    """Who runs this contact centre.

    `zone`: the IANA time zone its screens and reports show times in. `country`: where telephone numbers without a
    country code belong, as two letters (ISO 3166-1).
    """

    name: str = ""
    zone: str = "UTC"
    country: str = "SV"


class ChangeOrganisation(Model, kw_only=True):
    name: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    country: str | UnsetType = UNSET


class SignIn(Model, kw_only=True):
    user: str
    password: str
    label: str = ""


class Session(Model, kw_only=True):
    """Answer to a sign-in: a bearer token (shown once) and who it belongs to. `expires_at` in UTC ms."""

    token: str
    user: User
    expires_at: int
