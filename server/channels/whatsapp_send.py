"""Our messages as the bodies WhatsApp's `POST /{phone_number_id}/messages` takes. Pure; what does not fit is Refused.

Source: facebook/openapi business-messaging-api v23.0 for the shapes; `recipient` (a business-scoped user id in place of
`to`) from the business-scoped-user-ids page of 2026, which is newer than that schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.channels.base import Outgoing
from server.channels.meta_api import emoji_of, fitting, refuse
from server.channels.whatsapp_templates import components_of
from server.facts import Address
from server.wire import Capabilities

_MB = 1024 * 1024

#: Sizes are Meta's for sending (cloud-api/reference/media, "Supported media types"); a sticker may move, hence 500 KB.
CAPABILITIES = Capabilities(
    text_limit=4096,
    caption_limit=1024,
    window_ms=24 * 3600 * 1000,
    receipts=["sent", "delivered", "read", "played", "failed"],
    media={
        "image": 5 * _MB,
        "video": 16 * _MB,
        "audio": 16 * _MB,
        "document": 100 * _MB,
        "sticker": 500 * 1024,
    },
    reactions=True,
    quotes=True,
    templates=True,
    typing=True,
    pair_interval_ms=6000,
)

_CAPTIONED = ("image", "video", "document")
_REF_LIMIT = 512


def recipient(to: Sequence[Address]) -> dict[str, Any]:
    """Who it goes to. A group is only ever written to as a group; a phone number wins over a user id (Meta's rule)."""
    for kind, field, whom in (
        ("group", "to", "group"),
        ("phone", "to", "individual"),
        ("bsuid", "recipient", "individual"),
        ("parent_bsuid", "recipient", "individual"),
    ):
        for address in to:
            if address.kind == kind and address.value:
                return {"recipient_type": whom, field: address.value}
    raise refuse("recipient_unknown", "no phone number and no user id")


def message_body(message: Outgoing, media_id: str = "") -> dict[str, Any]:
    """The request body. `media_id`: of the file, uploaded before."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", **recipient(message.to), "type": message.kind}
    body[message.kind] = _content(message, media_id)
    if message.reply_to and message.kind != "reaction":
        body["context"] = {"message_id": message.reply_to}
    if message.client_ref:
        body["biz_opaque_callback_data"] = message.client_ref[:_REF_LIMIT]
    return body


def _content(message: Outgoing, media_id: str) -> dict[str, Any]:
    if message.kind == "text":
        return {"body": fitting(message.text, CAPABILITIES.text_limit), "preview_url": False}
    if message.kind == "reaction":
        if not message.reply_to:
            raise refuse("other", "a reaction names no message")
        return {"message_id": message.reply_to, "emoji": emoji_of(message)}
    if message.kind == "template":
        return _template(message.data)
    if message.kind in CAPABILITIES.media:
        return _file(message, media_id)
    raise refuse("unsupported", f"cannot send {message.kind!r}")


def _template(data: dict[str, Any]) -> dict[str, Any]:
    """`data` holds a `wire.Template` (or has it under `template`)."""
    given = data["template"] if isinstance(data.get("template"), dict) else data
    name, language = given.get("name"), given.get("language")
    if not (isinstance(name, str) and name and isinstance(language, str) and language):
        raise refuse("template", "a template needs its name and its language")
    template: dict[str, Any] = {"name": name, "language": {"policy": "deterministic", "code": language}}
    if components := components_of(given):
        template["components"] = components
    return template


def _file(message: Outgoing, media_id: str) -> dict[str, Any]:
    part: dict[str, Any] = {"id": media_id}
    if message.text:
        if message.kind not in _CAPTIONED:
            raise refuse("unsupported", f"{message.kind} takes no caption")
        part["caption"] = fitting(message.text, CAPABILITIES.caption_limit)
    if message.kind == "document" and message.file and message.file.file_name:
        part["filename"] = message.file.file_name[:240]
    return part
