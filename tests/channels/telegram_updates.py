"""Telegram updates for these tests, built by hand after the published shapes."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from server.channels.telegram import Telegram
from server.facts import Fact

NOW = 1_795_000_000_000  # November 2026
SENT = NOW // 1000 - 5
TOKEN = "7000000001:sandbox-bot-token-0123456789abcdef"
ANA = {
    "id": 5037001,
    "is_bot": False,
    "first_name": "Ana",
    "last_name": "Ruiz",
    "username": "ana",
    "language_code": "es",
}
PRIVATE = {"id": 5037001, "type": "private", "first_name": "Ana", "last_name": "Ruiz", "username": "ana"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Asociados"}

_numbers = itertools.count(1000)


def adapter(**settings: str) -> Telegram:
    return Telegram({"token": TOKEN, **settings})


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 7, "from": ANA, "chat": PRIVATE, "date": SENT, **fields}


def update(kind: str, part: Any) -> bytes:
    return msgspec.json.encode({"update_id": next(_numbers), kind: part})


def facts(kind: str, part: Any) -> list[Fact]:
    return adapter().parse(update(kind, part), NOW)


def only(kind: str, part: Any) -> Any:
    """The one fact in an update."""
    found = facts(kind, part)
    assert len(found) == 1, found
    return found[0]


FILE = {"file_id": "F1", "file_unique_id": "U1", "file_size": 1234}

#: one of everything, to spoil
RICH: tuple[dict[str, Any], ...] = tuple(
    {"update_id": n, kind: part}
    for n, (kind, part) in enumerate(
        [
            ("message", message(text="hola", entities=[{"type": "text_link", "offset": 0, "length": 4, "url": "x:"}])),
            ("message", message(text="/start feria-2026", reply_to_message=message(message_id=6, text="antes"))),
            ("message", message(photo=[{**FILE, "width": 90, "height": 60}], caption="c", media_group_id="g")),
            ("message", message(voice={**FILE, "mime_type": "audio/ogg", "duration": 2})),
            ("message", message(sticker={**FILE, "emoji": "🤣", "is_animated": True, "set_name": "s"})),
            ("message", message(venue={"location": {"latitude": 1.5, "longitude": 2}, "title": "t", "address": "a"})),
            ("message", message(contact={"phone_number": "+50370001234", "first_name": "Ana", "user_id": ANA["id"]})),
            ("message", message(dice={"emoji": "🎲", "value": 5}, quote={"text": "q"}, via_bot={"username": "b"})),
            ("message", message(poll={"question": "q", "options": [{"text": "a"}]})),
            ("message", message(forward_origin={"type": "user", "sender_user": ANA}, document=FILE)),
            ("message", message(chat=GROUP, text="a", is_topic_message=True, message_thread_id=5)),
            ("message", message(chat=GROUP, migrate_to_chat_id=-1009)),
            ("message", message(users_shared={"users": [{"user_id": 1, "first_name": "x"}]})),
            ("message", message(web_app_data={"data": "{}", "button_text": "b"})),
            ("edited_message", message(text="mejor", edit_date=SENT)),
            ("channel_post", message(chat={"id": -1002, "type": "channel", "title": "t"}, sender_chat=GROUP, text="a")),
            ("callback_query", {"id": "9", "from": ANA, "message": message(text="?"), "data": "sí"}),
            ("my_chat_member", {"chat": PRIVATE, "from": ANA, "date": SENT, "new_chat_member": {"status": "kicked"}}),
            ("message_reaction", {"chat": PRIVATE, "message_id": 7, "user": ANA, "date": SENT,
                                  "new_reaction": [{"type": "emoji", "emoji": "👍"}]}),
            ("business_message", message(business_connection_id="B", text="a")),
            ("deleted_business_messages", {"business_connection_id": "B", "chat": PRIVATE, "message_ids": [1, 2]}),
            ("poll", {"id": "1", "question": "q"}),
        ]
    )
)  # fmt: skip
