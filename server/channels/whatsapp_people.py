"""Who a WhatsApp document speaks of, and the small readings all its items share: ids, times, addresses.

People may hide their phone number behind a username (2026): then only a business-scoped user id (`bsuid`) names
them, and an account of a bigger group also gives a `parent_bsuid`. Source: developers.facebook.com/documentation/
business-messaging/whatsapp/business-scoped-user-ids.
"""

from __future__ import annotations

from typing import Any

from server.channels.foreign import NAME_LIMIT, Malformed, identifier, items, moment, scalar, string
from server.facts import Address, Party


class Value:
    """One change's `value` and what its items share: the account, who the contacts are, when it came in."""

    __slots__ = ("account", "contacts", "display", "received_at", "standby", "value")

    def __init__(self, value: dict[str, Any], field: str, received_at: int) -> None:
        self.value = value
        self.received_at = received_at
        self.standby = field == "standby"
        metadata = value.get("metadata")
        self.account: str | None = None
        self.display = ""
        if isinstance(metadata, dict):
            self.account = scalar(metadata.get("phone_number_id")) or None
            self.display = scalar(metadata.get("display_phone_number"))
        self.contacts = items(value.get("contacts"))

    def at(self, item: dict[str, Any]) -> int:
        return moment(item.get("timestamp"), self.received_at)

    def contact(self, phone: str, user: str, parent: str) -> dict[str, Any] | None:
        """The contact that describes this person, if one does."""
        for contact in self.contacts:
            if user and contact.get("user_id") == user:
                return contact
            if phone and phone_of(contact.get("wa_id")) == phone:
                return contact
            if parent and contact.get("parent_user_id") == parent:
                return contact
        return self._only_contact(phone, user)

    def _only_contact(self, phone: str, user: str) -> dict[str, Any] | None:
        # "A user's WhatsApp id and phone number may not always match" (Meta), so a single contact describes the
        # single sender even when the two differ; among several people that would be guessing.
        if len(self.contacts) != 1:
            return None
        contact = self.contacts[0]
        if user and scalar(contact.get("user_id")):
            return None
        people: set[tuple[str, str]] = set()
        for key, names in (("messages", ("from", "from_user_id")), ("message_echoes", ("to", "to_user_id"))):
            for item in items(self.value.get(key)):
                people.add((phone_of(item.get(names[0])), scalar(item.get(names[1]))))
        return contact if len(people) == 1 else None


# ---------------------------------------------------------------- small readings


def phone_of(value: object) -> str:
    """A phone number as WhatsApp writes it, in digits; a plus in front is dropped so that both spellings are one."""
    return scalar(value, 128).removeprefix("+")


def addresses_of(*pairs: tuple[str, str]) -> tuple[Address, ...]:
    return tuple(Address(kind, value) for kind, value in dict.fromkeys(pairs) if value)


def party_of(ctx: Value, phone: object, user: object, parent: object) -> Party:
    """Who this is, with every address that the provider proves to be theirs; Malformed if it gives none."""
    number, user_id, parent_id = phone_of(phone), scalar(user), scalar(parent)
    contact = ctx.contact(number, user_id, parent_id) if ctx.contacts else None
    name = username = wa_id = ""
    if contact is not None:
        wa_id = phone_of(contact.get("wa_id"))
        user_id = user_id or scalar(contact.get("user_id"))
        parent_id = parent_id or scalar(contact.get("parent_user_id"))
        profile = contact.get("profile")
        if isinstance(profile, dict):
            name = string(profile.get("name"), NAME_LIMIT).strip()
            username = string(profile.get("username")).strip().removeprefix("@")
        username = username or string(contact.get("username")).strip().removeprefix("@")
    if wa_id and wa_id != number and number == _digits(ctx.display):
        number = ""  # our own number is nobody's address
    addresses = addresses_of(("phone", number), ("phone", wa_id), ("bsuid", user_id), ("parent_bsuid", parent_id))
    if not addresses:
        raise Malformed("nobody is named: no phone number and no user id")
    return Party(addresses=addresses, name=name, username=username)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def thread_of(item: dict[str, Any]) -> str:
    group = identifier(item.get("group_id"))
    return f"group:{group}" if group else ""
