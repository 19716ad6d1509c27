"""Our messages as the Bot API takes them. Pure; what does not fit is Refused."""

from __future__ import annotations

from typing import Any, NamedTuple

from server.channels.base import Outgoing, OutgoingFile, Refused
from server.channels.telegram_parse import PERSON, Ref
from server.facts import Address, Failure
from server.wire import Capabilities

_MB = 1024 * 1024

#: Sizes are those of core.telegram.org/bots/api#sending-files. The pace is that of core.telegram.org/bots/faq: one
#: message a second in a chat, thirty a second in all.
CAPABILITIES = Capabilities(
    text_limit=4096,
    caption_limit=1024,
    window_ms=None,
    receipts=["sent"],
    media={
        "image": 10 * _MB,
        "video": 50 * _MB,
        "audio": 50 * _MB,
        "document": 50 * _MB,
        "sticker": 512 * 1024,
    },
    reactions=True,
    quotes=True,
    typing=True,
    pair_interval_ms=1000,
    account_interval_ms=34,
)

#: kind of file -> (method, field); an audio that is no music goes as a voice message or a document
_METHODS = {
    "image": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "audio": ("sendAudio", "audio"),
    "document": ("sendDocument", "document"),
    "sticker": ("sendSticker", "sticker"),
}
_VOICE = ("audio/ogg", "audio/opus")
_MUSIC = ("audio/mpeg", "audio/mp4", "audio/mp3", "audio/x-m4a", "audio/aac")


class Request(NamedTuple):
    """One call of the Bot API: its method, its fields, and the field that the file goes into, if there is one."""

    method: str
    fields: dict[str, Any]
    upload: str = ""
    file: OutgoingFile | None = None

    def as_document(self) -> Request:
        """The same file, sent as it is instead of as a picture."""
        return self._replace(method="sendDocument", upload="document")


def refuse(reason: str, detail: str) -> Refused:
    return Refused(Failure(reason=reason, detail=detail))


def place(message: Outgoing) -> Ref:
    """The chat that a message goes to, and the business connection that lends it.

    Groups and channels are only ever written to as such. A person who wrote to a business account is answered through
    it: which one stands in the id of the message that is answered.
    """
    for kind in ("group", "channel"):
        found = [address.value for address in message.to if address.kind == kind and address.value]
        if found:
            # A group that became a supergroup has both ids; the new one begins with -100.
            chat = next((value for value in found if value.startswith("-100")), found[0])
            number, _, topic = chat.partition(":")
            return Ref(number, topic)
    person = next((address.value for address in message.to if address.kind == PERSON and address.value), "")
    if not person:
        raise refuse("recipient_unknown", "no Telegram account")
    answered = Ref.of(message.reply_to or message.last_in)
    return Ref(person, "", answered.connection if answered.chat == person else "")


def request_of(message: Outgoing) -> Request:
    """The call that sends this message."""
    where = place(message)
    fields: dict[str, Any] = {"chat_id": where.chat}
    if message.kind == "reaction":
        return _reaction(message, where)
    if where.message:  # the topic of a forum
        fields["message_thread_id"] = int(where.message) if where.message.isdigit() else where.message
    if where.connection:
        fields["business_connection_id"] = where.connection
    quoted = Ref.of(message.reply_to)
    if quoted.message:
        fields["reply_parameters"] = {"message_id": int(quoted.message), "allow_sending_without_reply": True}
    if message.kind == "text":
        fields |= {"text": _fitting(message.text), "link_preview_options": {"is_disabled": True}}
        return Request("sendMessage", fields)
    if message.kind in _METHODS:
        return _file(message, fields)
    raise refuse("unsupported", f"cannot send {message.kind!r}")


def _fitting(text: str) -> str:
    if not text.strip():
        raise refuse("other", "the text is empty")
    # Telegram counts as UTF-16 does: most emoji are two.
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > CAPABILITIES.text_limit:
        raise refuse("too_long", f"{length} of {CAPABILITIES.text_limit} characters")
    return text


def _reaction(message: Outgoing, where: Ref) -> Request:
    target = Ref.of(message.reply_to)
    if not target.message:
        raise refuse("unsupported", "only a message can be reacted to")
    if target.connection:
        raise refuse("unsupported", "a bot cannot react in the chats of a business account")
    # Telegram knows its emoji without the sign that asks for their coloured form.
    emoji = message.text.replace("\ufe0f", "")
    given = [{"type": "emoji", "emoji": emoji}] if emoji else []
    fields = {"chat_id": where.chat, "message_id": int(target.message), "reaction": given}
    return Request("setMessageReaction", fields)


def _file(message: Outgoing, fields: dict[str, Any]) -> Request:
    file = message.file
    if file is None:
        raise refuse("media", f"{message.kind} without a file")
    limit = CAPABILITIES.media[message.kind]
    if file.size > limit:
        raise refuse("media", f"{file.size} bytes; {message.kind} may have {limit}")
    method, upload = _METHODS[message.kind]
    mime = file.mime.partition(";")[0].strip().lower()
    if mime == "image/gif":
        method, upload = "sendAnimation", "animation"
    elif message.kind == "audio" and mime in _VOICE:
        method, upload = "sendVoice", "voice"
    elif message.kind == "audio" and mime not in _MUSIC:
        method, upload = "sendDocument", "document"
    if message.text:
        if message.kind == "sticker":
            raise refuse("unsupported", "a sticker takes no caption")
        if len(message.text) > CAPABILITIES.caption_limit:
            raise refuse("too_long", f"{len(message.text)} of {CAPABILITIES.caption_limit} characters")
        fields["caption"] = message.text
    return Request(method, fields, upload, file)


def chat_of(external_id: str, to: tuple[Address, ...]) -> Ref | None:
    """The chat of a customer's message, to tell it something; None if its id is none of a message."""
    found = Ref.of(external_id)
    if found.message:
        return found
    chat = next((address.value for address in to if address.kind in (PERSON, "group")), "")
    return Ref(chat.partition(":")[0], "") if chat else None
