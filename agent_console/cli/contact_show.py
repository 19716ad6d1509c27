"""How `agent-console contact` shows customers."""

from __future__ import annotations

import time

from agent_console import words
from agent_console.cli import printing
from agent_console.cli.grammar import Format
from agent_console.cli.printing import Column
from agent_console.i18n import _, day
from server import wire


def columns() -> list[Column[wire.Contact]]:
    """What a list of customers shows."""
    now = _now()
    return [
        Column("id", "#", lambda c: c.id, right=True),
        Column("name", _("Name"), lambda c: c.name),
        Column("region", _("Region"), lambda c: c.region),
        Column("addresses", _("Addresses"), _addresses, grow=True),
        Column("created_at", _("Since"), lambda c: day(c.created_at, now), lambda c: c.created_at),
    ]


def likely_columns() -> list[Column[wire.Likely]]:
    """What a list of suggestions shows."""
    return [
        Column("contact", "#", lambda one: one.contact, right=True),
        Column("name", _("Name"), lambda one: one.name, grow=True),
        Column("reason", _("Why"), lambda one: words.likeness(one.reason), lambda one: one.reason),
        Column("value", _("In common"), lambda one: one.value),
        Column("channels", _("Channels"), lambda one: ", ".join(one.channels)),
    ]


def show(contact: wire.Contact, output: Format) -> None:
    """Print one customer."""
    pairs: list[tuple[str, str, object]] = [
        ("id", "#", contact.id),
        ("name", _("Name"), contact.name),
        ("language", _("Language"), contact.language),
        ("region", _("Region"), contact.region),
        ("created_at", _("Since"), day(contact.created_at, _now()) if output is Format.text else contact.created_at),
    ]
    if output is Format.csv:
        pairs.append(("addresses", _("Addresses"), _addresses(contact)))
    else:
        pairs += [("", key, value) for key, value in contact.attributes.items()]
        pairs += [("", identity.channel, address(identity)) for identity in contact.identities]
        pairs += [("", _("Merged"), _merge(merge)) for merge in contact.merges]
    printing.one(contact, pairs, output)


def _addresses(contact: wire.Contact) -> str:
    return ", ".join(f"{identity.channel}: {address(identity)}" for identity in contact.identities)


def address(identity: wire.Identity) -> str:
    """An address as people write it."""
    if identity.kind == "phone" and identity.value.isdecimal():
        return f"+{identity.value}"
    return identity.value


def _merge(merge: wire.Merge) -> str:
    return _("contact {id}, {name}, on {day}: {proof}").format(
        id=merge.contact, name=merge.name, day=day(merge.at, _now()), proof=words.proof(merge.proof, merge.by)
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
