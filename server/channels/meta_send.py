"""Our messages as the bodies that the Send API of Messenger and Instagram takes. Pure; what does not fit is Refused.

Source: developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages (2026): messaging_type
and the HUMAN_AGENT tag, reply_to, sender_action react, private replies (recipient by comment_id or post_id).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.channels.base import Outgoing
from server.channels.meta_api import emoji_of, refuse
from server.facts import Address

#: our kind of file -> Meta's
ATTACHMENTS = {"image": "image", "video": "video", "audio": "audio", "document": "file"}

#: a message's `metadata` holds this much
_REF_LIMIT = 1000


def person(to: Sequence[Address], kind: str) -> str:
    """The id of whom it goes to."""
    for address in to:
        if address.kind == kind and address.value:
            return address.value
    raise refuse("recipient_unknown", f"no {kind.upper()}")


def private_to(message: Outgoing) -> str:
    """The public message that this answers in private; empty: it does not."""
    given = message.options.get("private")
    return given if isinstance(given, str) else ""


def recipient(message: Outgoing, kind: str) -> dict[str, str]:
    """Who it goes to: a person, or whoever wrote a public message."""
    if public := private_to(message):
        of_post = message.last_data.get("visitor_post") is True and message.last_in == public
        return {"post_id" if of_post else "comment_id": public}
    return {"id": person(message.to, kind)}


def message_body(message: Outgoing, kind: str, attachment_id: str = "") -> dict[str, Any]:
    """The request body. `kind` of address it goes to; `attachment_id`: of the file, uploaded before."""
    content: dict[str, Any] = {"metadata": message.client_ref[:_REF_LIMIT]}
    if attachment_id:
        content["attachment"] = {
            "type": ATTACHMENTS[message.kind],
            "payload": {"attachment_id": attachment_id},
        }
    else:
        content["text"] = message.text
    body: dict[str, Any] = {"recipient": recipient(message, kind), "messaging_type": "RESPONSE", "message": content}
    if message.late and message.surface == "direct":
        body |= {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    if message.reply_to and message.surface == "direct":
        body["reply_to"] = {"mid": message.reply_to}
    return body


def reaction_body(message: Outgoing, kind: str, words: dict[str, str]) -> dict[str, Any]:
    """A reaction, or that it is taken back. `words`: what stands for an emoji where the API knows words only."""
    if not message.reply_to:
        raise refuse("other", "a reaction names no message")
    payload = {"message_id": message.reply_to}
    emoji = emoji_of(message)
    if emoji:
        payload["reaction"] = words.get(emoji, emoji)
    action = "react" if emoji else "unreact"
    return {"recipient": {"id": person(message.to, kind)}, "sender_action": action, "payload": payload}


def action_body(to: Sequence[Address], kind: str, action: str) -> dict[str, Any]:
    """A sign to the person: mark_seen, typing_on."""
    return {"recipient": {"id": person(to, kind)}, "sender_action": action}
