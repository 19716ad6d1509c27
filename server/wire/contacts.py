"""Contacts and their identities, who is likely the same person, and contacts made one."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from server.wire.base import Model

__all__ = ["ChangeContact", "Contact", "Identity", "Likely", "Merge", "Other", "Unmerge"]


class Identity(Model, kw_only=True):
    """A contact's handle on one channel. `kind`: phone, bsuid, parent_bsuid, username, visitor …"""

    channel: str
    kind: str
    value: str


class Merge(Model, kw_only=True):
    """Another contact that became part of this one, under the name it had.

    `proof`: provider (a channel says that they are one person: it cannot be undone) or advisor (somebody here said so,
    `by` is their sign-in name: it can be undone).
    """

    id: int
    contact: int
    name: str
    proof: Literal["provider", "advisor"]
    by: str = ""
    at: int


class Contact(Model, kw_only=True):
    """A person or business with all its addresses. `merges`: the contacts it was made of, newest first."""

    id: int
    name: str
    language: str = ""
    region: str = ""
    attributes: dict[str, Any] = {}
    identities: list[Identity] = []
    merges: list[Merge] = []
    created_at: int = 0


class ChangeContact(Model, kw_only=True):
    """What to change of a contact. `attributes`: only those named; null removes one."""

    name: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    attributes: dict[str, str | int | float | bool | None] | UnsetType = UNSET


class Likely(Model, kw_only=True):
    """A contact that is likely the same person, and why: `value` is the phone or e-mail address that both have."""

    contact: int
    name: str
    reason: Literal["same_phone", "same_email"]
    value: str
    channels: list[str] = []


class Other(Model, kw_only=True):
    """The other one (a contact or a conversation, by its number) of two that are, or are not, to be one."""

    other: int


class Unmerge(Model, kw_only=True):
    """Which merge to undo (`Merge.id`)."""

    merge: int
