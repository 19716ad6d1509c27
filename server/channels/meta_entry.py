"""One `entry` of a Page's or an Instagram account's webhook, and the readings that everything in it shares."""

from __future__ import annotations

import hashlib
from typing import Any

from server.channels.foreign import NAME_LIMIT, identifier, moment, scalar, string
from server.facts import Address, Party

#: object of the document -> what its people's ids are called here
ADDRESS_KINDS = {"page": "psid", "instagram": "igsid"}

#: what an echo's `via` says: with which tool the business wrote
SUITE = "Business Suite"
SITES = {"psid": "Facebook", "igsid": "Instagram"}

#: in public threads; nobody is named by it
NOBODY = Party(addresses=())


class Entry:
    """An entry: whose account it is about (`account`), what its people's ids are (`kind`), and when it was sent."""

    __slots__ = ("account", "kind", "received_at", "time")

    def __init__(self, object: str, entry: dict[str, Any], received_at: int) -> None:
        self.kind = ADDRESS_KINDS[object]
        self.received_at = received_at
        self.account = identifier(entry.get("id"))
        self.time = moment(entry.get("time"), received_at)

    def at(self, value: object) -> int:
        """The time of an item (s or ms); its entry's where it has none."""
        return moment(value, self.time)

    def person(self, user: str, name: object = "", username: object = "") -> Party:
        """Somebody by their id on this account."""
        return Party(
            addresses=(Address(self.kind, user),),
            name=string(name, NAME_LIMIT).strip(),
            username=string(username).strip().removeprefix("@"),
        )

    @property
    def site(self) -> str:
        """What people call the place."""
        return SITES[self.kind]


def who(holder: object) -> str:
    """The id in `{"id": …}`."""
    return identifier(holder.get("id")) if isinstance(holder, dict) else ""


def made_id(*parts: object) -> str:
    """An id for what the provider gives none: the same for the same call delivered twice."""
    return identifier(":".join(scalar(part, 1_000) for part in parts))


def digest(text: str) -> str:
    """A short stand-in for a text in such an id."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
