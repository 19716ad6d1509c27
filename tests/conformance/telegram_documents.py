"""Telegram documents that nobody here wrote, and what becomes of each, said without our parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import find_shared

#: kinds of updates that are of no conversation: they become notices in the journal, and are kept whole
NOTICES = frozenset(
    {
        "business_connection",
        "chat_boost",
        "chat_join_request",
        "chat_member",
        "message_reaction_count",
        "poll",
        "shipping_query",
        "subscription",
    }
)


def documents() -> list[Path]:
    """Every Telegram document there is; empty where ../shared is absent."""
    shared = find_shared()
    return [] if shared is None else sorted((shared / "conformance" / "telegram").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def updates() -> list[Path]:
    return [path for path in documents() if "update_id" in read(path)]


def answers() -> list[Path]:
    """Answers of the Bot API to our calls: never sent to us."""
    return [path for path in documents() if "update_id" not in read(path)]


def kind_of(path: Path) -> str:
    return next(key for key in read(path) if key != "update_id")


def expected(path: Path) -> list[str]:
    """The ids of the messages that this update must leave in the store; none of a notice."""
    kind = kind_of(path)
    part, number = read(path)[kind], read(path)["update_id"]
    if kind in NOTICES:
        return []
    if kind == "callback_query":
        return [f"callback:{part['id']}"]
    chat = part["chat"]["id"]
    connection = f":{part['business_connection_id']}" if "business_connection_id" in part else ""
    if kind == "deleted_business_messages":
        return [f"{chat}:{id}{connection}:deleted" for id in part["message_ids"]]
    own = f"{chat}:{part['message_id']}{connection}"
    return [f"{own}:edit:{number}"] if kind.startswith("edited_") else [own]


def text_of(path: Path) -> str:
    part = read(path)[kind_of(path)]
    return str(part.get("text") or part.get("caption") or "")
