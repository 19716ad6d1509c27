"""What a Telegram message says, kind by kind: readable text, machine detail, files.

`text` holds only what people wrote or what names a thing, never a word of ours: the console names kinds in the reader's
language. Keys of `data`, by kind:

    audio        voice (bool), title, performer    video      animated, round (bool)
    sticker      animated (bool), emoji, set       location   latitude, longitude, name, address, live
    contacts     contacts (as WhatsApp writes them, so that the console knows one shape)
    interactive  type, title (a web app's button)  button     payload
    system       event (Telegram's word, or ours: blocked, unblocked), content
    unsupported  type (Telegram's word), content
    any kind     album, links, quote, forwarded, forwarded_from, via_bot, truncated

Source: core.telegram.org/bots/api, Message and the types in it (Bot API 10.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.channels.foreign import (
    NAME_LIMIT,
    TEXT_LIMIT,
    Content,
    coordinate,
    items,
    scalar,
    size_of,
    string,
    trim,
    words,
)
from server.facts import Media

#: bytes of the largest file that `getFile` hands over (20 MB)
LARGEST_FILE = 20 * 1024 * 1024
#: links in a text that are kept
LINKS = 50

#: parts of a message that tell what happened in the chat, not what somebody said
SERVICES = (
    "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
    "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created",
    "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
    "successful_payment", "refunded_payment", "connected_website", "write_access_allowed",
    "proximity_alert_triggered", "boost_added", "chat_background_set", "checklist_tasks_done",
    "checklist_tasks_added", "direct_message_price_changed", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
    "giveaway_created", "giveaway_completed", "managed_bot_created", "paid_message_price_changed",
    "poll_option_added", "poll_option_deleted", "suggested_post_approved", "suggested_post_approval_failed",
    "suggested_post_declined", "suggested_post_paid", "suggested_post_refunded", "video_chat_scheduled",
    "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "community_chat_added",
    "community_chat_removed",
)  # fmt: skip

#: what every message may carry besides what it says
_AROUND = frozenset({
    "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
    "sender_business_bot", "sender_tag", "date", "business_connection_id", "chat", "forward_origin",
    "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story",
    "reply_to_checklist_task_id", "via_bot", "edit_date", "has_protected_content", "is_from_offline",
    "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities", "link_preview_options",
    "suggested_post_info", "effect_id", "caption", "caption_entities", "show_caption_above_media",
    "has_media_spoiler", "reply_markup",
})  # fmt: skip


def name_of(person: object) -> str:
    """What a user or a chat is called."""
    if not isinstance(person, dict):
        return ""
    parts = [string(person.get(key), NAME_LIMIT) for key in ("first_name", "last_name")]
    return (words(*parts, sep=" ") or string(person.get("title"), NAME_LIMIT).strip())[:NAME_LIMIT]


def _file(kind: str, part: dict[str, Any], name: str = "") -> tuple[Media, ...]:
    file_id = scalar(part.get("file_id"), 512)
    if not file_id:
        return ()
    return (
        Media(
            kind=kind,
            provider_id=file_id,
            mime=string(part.get("mime_type")),
            file_name=string(part.get("file_name"), NAME_LIMIT) or name,
            size=size_of(part.get("file_size")),
        ),
    )


def _text(message: dict[str, Any]) -> Content:
    return Content("text", string(message["text"], TEXT_LIMIT))


def _photo(message: dict[str, Any]) -> Content:
    sizes = items(message["photo"])
    largest = max(sizes, key=lambda size: _area(size), default={})
    return Content("image", _caption(message), {}, _file("image", {"mime_type": "image/jpeg", **largest}))


def _area(size: dict[str, Any]) -> float:
    width, height = size.get("width"), size.get("height")
    if isinstance(width, (int, float)) and isinstance(height, (int, float)):
        return float(min(width, 1e6)) * float(min(height, 1e6))
    return 0.0


def _caption(message: dict[str, Any]) -> str:
    return string(message.get("caption"), TEXT_LIMIT)


def _with_file(key: str, kind: str, **data: Any) -> Callable[[dict[str, Any]], Content]:
    def read(message: dict[str, Any]) -> Content:
        part = _object(message[key])
        more = {name: value for name in ("title", "performer") if (value := string(part.get(name)))}
        return Content(kind, _caption(message), {**data, **more}, _file(kind, part))

    return read


def _sticker(message: dict[str, Any]) -> Content:
    part = _object(message["sticker"])
    moves = part.get("is_animated") is True or part.get("is_video") is True
    data: dict[str, Any] = {"animated": moves}
    if set_name := string(part.get("set_name")):
        data["set"] = set_name
    mime = "image/webp"
    if moves:
        mime = "video/webm" if part.get("is_video") is True else "application/x-tgsticker"
    emoji = string(part.get("emoji"), 64)
    return Content("sticker", emoji, data | {"emoji": emoji}, _file("sticker", {"mime_type": mime, **part}))


def _location(message: dict[str, Any]) -> Content:
    venue = _object(message.get("venue"))
    place = _object(message.get("location")) or _object(venue.get("location"))
    data: dict[str, Any] = {key: coordinate(place.get(key)) for key in ("latitude", "longitude")}
    for key, source in (("name", "title"), ("address", "address")):
        if value := string(venue.get(source), 1000):
            data[key] = value
    if place.get("live_period") is not None:
        data["live"] = True
    text = words(data.get("name", ""), data.get("address", ""))
    if not text and data["latitude"] is not None and data["longitude"] is not None:
        text = f"{data['latitude']}, {data['longitude']}"
    return Content("location", text, data)


def _contact(message: dict[str, Any]) -> Content:
    part = _object(message["contact"])
    name, phone = name_of(part), scalar(part.get("phone_number"), 64)
    card: dict[str, Any] = {"name": {"formatted_name": name}, "phones": [{"phone": phone}]}
    if vcard := string(part.get("vcard"), 4096):
        card["vcard"] = vcard
    return Content("contacts", words(name, phone, sep=" "), {"contacts": [card]})


def _shared_users(message: dict[str, Any]) -> Content:
    """People whom the customer picked from a list we offered."""
    users = items(_object(message["users_shared"]).get("users"))[:50]
    cards = [{"name": {"formatted_name": name_of(user)}, "id": scalar(user.get("user_id"))} for user in users]
    return Content("contacts", "\n".join(filter(None, (name_of(user) for user in users))), {"contacts": cards})


def _web_app(message: dict[str, Any]) -> Content:
    part = _object(message["web_app_data"])
    data = {"type": "web_app", "title": string(part.get("button_text"))}
    return Content("interactive", string(part.get("data"), TEXT_LIMIT), data)


def _dice(part: dict[str, Any]) -> str:
    return words(string(part.get("emoji"), 64), scalar(part.get("value"), 8), sep=" ")


def _poll(part: dict[str, Any]) -> str:
    options = [string(option.get("text"), 300) for option in items(part.get("options"))[:30]]
    return words(string(part.get("question"), 1000), *(f"- {option}" for option in options if option), sep="\n")


def _checklist(part: dict[str, Any]) -> str:
    tasks = [string(task.get("text"), 300) for task in items(part.get("tasks"))[:100]]
    return words(string(part.get("title"), 1000), *(f"- {task}" for task in tasks if task), sep="\n")


def _titled(part: dict[str, Any]) -> str:
    return words(*(string(part.get(key), 1000) for key in ("title", "description", "text", "name")), sep="\n")


#: kinds that the console has no picture of: described in words
_DESCRIBED: dict[str, Callable[[dict[str, Any]], str]] = {"dice": _dice, "poll": _poll, "checklist": _checklist}

#: in this order, because an animation is a document too, and a venue a location
_READERS: tuple[tuple[str, Callable[[dict[str, Any]], Content]], ...] = (
    ("text", _text),
    ("photo", _photo),
    ("animation", _with_file("animation", "video", animated=True)),
    ("video", _with_file("video", "video")),
    ("video_note", _with_file("video_note", "video", round=True)),
    ("voice", _with_file("voice", "audio", voice=True)),
    ("audio", _with_file("audio", "audio", voice=False)),
    ("document", _with_file("document", "document")),
    ("sticker", _sticker),
    ("venue", _location),
    ("location", _location),
    ("contact", _contact),
    ("users_shared", _shared_users),
    ("web_app_data", _web_app),
)


def read(message: dict[str, Any]) -> Content:
    """What the message says; never raises for content."""
    found = _said(message)
    data = {**found.data, **_besides(message)}
    for key in ("text", "caption"):
        if isinstance(message.get(key), str) and len(message[key]) > TEXT_LIMIT:
            data["truncated"] = True
    return found._replace(data=data)


def _said(message: dict[str, Any]) -> Content:
    for key, reader in _READERS:
        if message.get(key) is not None:
            return reader(message)
    for key in SERVICES:
        if message.get(key) is not None:
            return Content("system", _readable(message[key]), {"event": key, "content": trim(message[key], depth=4)})
    word = next((key for key in message if key not in _AROUND), "unknown")
    part = _object(message.get(word))
    text = _DESCRIBED.get(word, _titled)(part) or _caption(message)
    return Content("unsupported", text, {"type": string(word, 64), "content": trim(part, depth=4)})


def _readable(value: object) -> str:
    """What names the thing that changed: a title, a person, a text."""
    if isinstance(value, list):
        return words(*(name_of(person) for person in items(value)[:50]))
    if isinstance(value, dict):
        return name_of(value) or string(value.get("text"), 1000) or string(value.get("name"), 1000)
    return string(value, 1000)


def _besides(message: dict[str, Any]) -> dict[str, Any]:
    """What any kind of message may have around it."""
    data: dict[str, Any] = {}
    if album := scalar(message.get("media_group_id")):
        data["album"] = album
    entities = [*items(message.get("entities")), *items(message.get("caption_entities"))]
    links = [string(entity.get("url"), 2048) for entity in entities if entity.get("type") == "text_link"]
    if links := [link for link in dict.fromkeys(links) if link][:LINKS]:
        data["links"] = links
    if quote := string(_object(message.get("quote")).get("text"), 4096):
        data["quote"] = quote
    origin = message.get("forward_origin")
    if isinstance(origin, dict):
        data["forwarded"] = True
        known = (name_of(origin.get(key)) for key in ("sender_user", "sender_chat", "chat"))
        if name := next(filter(None, known), "") or string(origin.get("sender_user_name"), NAME_LIMIT):
            data["forwarded_from"] = name
    if bot := string(_object(message.get("via_bot")).get("username")):
        data["via_bot"] = bot
    return data


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
