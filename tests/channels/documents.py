"""WhatsApp documents for these tests, built by hand after the published shapes."""

from __future__ import annotations

from typing import Any

import msgspec

from server.channels.whatsapp import WhatsApp
from server.facts import Fact

NOW = 1_795_000_000_000  # November 2026
SENT = NOW // 1000 - 5
NUMBER_ID = "106540352242922"
DISPLAY = "50322220000"
PHONE = "50370001234"
BSUID = "SV.13491208655302741918"
PARENT = "SV.ENT.11815799212886844830"
SECRET = "app-secret"

SETTINGS = {
    "phone_number_id": NUMBER_ID,
    "access_token": "sandbox-access-token",
    "app_secret": SECRET,
    "verify_token": "verify me",
}


def adapter(**settings: str) -> WhatsApp:
    return WhatsApp({**SETTINGS, **settings})


def contact(**fields: Any) -> dict[str, Any]:
    return {"profile": {"name": "María Ramos"}, "wa_id": PHONE, **fields}


def value(**fields: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": DISPLAY, "phone_number_id": NUMBER_ID}
    return {"messaging_product": "whatsapp", "metadata": metadata, **fields}


def document(*values: dict[str, Any], field: str = "messages") -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    entry = {"id": "102290129340398", "changes": changes}
    return msgspec.json.encode({"object": "whatsapp_business_account", "entry": [entry]})


def message(kind: str, part: Any = None, **fields: Any) -> dict[str, Any]:
    head = {"from": PHONE, "id": "wamid.1", "timestamp": str(SENT), "type": kind}
    return {**head, **({} if part is None else {kind: part}), **fields}


def incoming(*messages: dict[str, Any], **fields: Any) -> bytes:
    """A document with these messages and their sender's contact."""
    return document(value(contacts=[contact()], messages=list(messages), **fields))


def facts(body: bytes) -> list[Fact]:
    return adapter().parse(body, NOW)


def only(body: bytes) -> Any:
    """The one fact in a document."""
    found = facts(body)
    assert len(found) == 1, found
    return found[0]
