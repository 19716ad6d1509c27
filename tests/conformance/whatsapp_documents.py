"""WhatsApp documents that nobody here wrote, and what stands in them, read without our parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import find_shared

FOLDERS = ("whatsapp", "meta-openapi/examples/webhooks")
OPENAPI = "meta-openapi/business-messaging-api_v23.0.yaml"

#: fields whose `messages` and `statuses` are ours to read (those of calls are about calls)
OF_MESSAGES = ("messages", "smb_message_echoes")


def documents() -> list[Path]:
    """Every WhatsApp document there is; empty where ../shared is absent."""
    shared = find_shared()
    if shared is None:
        return []
    return sorted(path for folder in FOLDERS for path in (shared / "conformance" / folder).glob("*.json"))


class Item(NamedTuple):
    """A message or status as it stands in a document. `text` is the body of a text message, else empty."""

    id: str
    type: str
    text: str
    account: str


class Expected(NamedTuple):
    messages: list[Item]
    statuses: list[Item]
    changes: int
    updates: int


def expected(path: Path) -> Expected:
    """What a document holds."""
    messages: list[Item] = []
    statuses: list[Item] = []
    changes = updates = 0
    for entry in json.loads(path.read_bytes())["entry"]:
        for change in entry["changes"]:
            changes += 1
            value: dict[str, Any] = change["value"]
            account = value.get("metadata", {}).get("phone_number_id", "")
            updates += len(value.get("user_id_update", []))
            if change["field"] not in OF_MESSAGES:
                continue
            for item in [*value.get("messages", []), *value.get("message_echoes", [])]:
                text = item.get("text", {}).get("body", "")
                messages.append(Item(item["id"], item.get("type", ""), text, account))
            for item in value.get("statuses", []):
                statuses.append(Item(item["id"], item["status"], "", account))
    return Expected(messages, statuses, changes, updates)
