"""How advisors keep their work in order: tags, priority, what is put aside, followed, and saved views."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from server.wire.base import Followed, Model, Priority, Scope

__all__ = [
    "ChangePriority",
    "ChangeTags",
    "ChangeView",
    "Follow",
    "NewTag",
    "NewView",
    "SavedView",
    "Snooze",
    "Tag",
]


class Tag(Model, kw_only=True):
    """A word to mark conversations with."""

    id: int
    name: str
    followed: Followed = UNSET


class NewTag(Model, kw_only=True):
    name: str


class ChangeTags(Model, kw_only=True):
    """Tags to put on a conversation and to take off it, by name."""

    add: list[str] = []
    remove: list[str] = []


class ChangePriority(Model, kw_only=True):
    priority: Priority


class Snooze(Model, kw_only=True):
    """Put aside until this moment (UTC ms); null: take it up again now."""

    until: int | None = None


class Follow(Model, kw_only=True):
    on: bool = True


class SavedView(Model, kw_only=True):
    """A query with a name. `scope`: user (one's own), team (of `team`) or all. `place` orders them, ascending."""

    id: int
    name: str
    query: str
    scope: Scope = "user"
    team: str | None = None
    place: int = 0


class NewView(Model, kw_only=True):
    name: str
    query: str
    scope: Scope = "user"
    team: str | None = None
    place: int = 0


class ChangeView(Model, kw_only=True):
    name: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    place: int | UnsetType = UNSET
