"""Contacts and their identities."""

from __future__ import annotations

from typing import Any

from server.wire.base import Model

__all__ = ["Contact", "Identity"]


class Identity(Model, kw_only=True):
    """A contact's handle on one channel. `kind`: phone, bsuid, parent_bsuid, username, visitor …"""

    channel: str
    kind: str
    value: str


class Contact(Model, kw_only=True):
    id: int
    name: str
    language: str = ""
    region: str = ""
    attributes: dict[str, Any] = {}
    identities: list[Identity] = []
    created_at: int = 0
