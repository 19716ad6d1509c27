"""What the Telegram stand-in takes and what it refuses, in the words of the real Bot API.

Written from core.telegram.org/bots/api and the API server's messages, not from our own sender, so that the two check
each other.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from server.sandbox.telegram_state import Chat, State

#: method -> (the field its file goes into, the largest file in bytes)
FILES: dict[str, tuple[str, int]] = {
    "sendPhoto": ("photo", 10 << 20),
    "sendVideo": ("video", 50 << 20),
    "sendAudio": ("audio", 50 << 20),
    "sendVoice": ("voice", 50 << 20),
    "sendDocument": ("document", 50 << 20),
    "sendAnimation": ("animation", 50 << 20),
    "sendSticker": ("sticker", 512 << 10),
}
SENDS = ("sendMessage", *FILES)

#: the emoji that everybody may react with (ReactionTypeEmoji)
_EMOJI = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 "
    "🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ "
    "🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡 "
)
REACTIONS = frozenset(_EMOJI.split())

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_PNG_SIZE = slice(16, 24)


class ApiError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            found["parameters"] = self.parameters
        return found


def bad(words: str) -> ApiError:
    return ApiError(400, f"Bad Request: {words}")


def integer(fields: dict[str, Any], name: str, default: int = 0) -> int:
    """A number, also as text (forms know nothing else)."""
    value = fields.get(name, default)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad(f"field {name!r} must be of type Number") from None


def structure(fields: dict[str, Any], name: str, default: Any) -> Any:
    """An object or a list, also as JSON in a text."""
    value = fields.get(name)
    if isinstance(value, str):
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            raise bad(f"can't parse {name} JSON object") from None
    return default if value is None else value


def units(text: str) -> int:
    """How long a text is to Telegram."""
    return len(text.encode("utf-16-le")) // 2


def chat_of(state: State, fields: dict[str, Any]) -> Chat:
    """Where a message goes; ApiError if the bot may not write there."""
    if fields.get("chat_id") in (None, ""):
        raise bad("chat_id is empty")
    chat = state.chats.get(integer(fields, "chat_id"))
    if chat is None:
        raise bad("chat not found")
    if chat.moved_to:
        raise ApiError(
            400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to
        )
    if chat.blocked and chat.type == "private":
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
    return chat


def check_pace(state: State, chat: Chat) -> None:
    """One message every `chat_ms`; ApiError 429 for more."""
    wait = state.settings.chat_ms - (state.clock() - chat.last_sent_at)
    if state.settings.chat_ms and wait > 0:
        seconds = -(-wait // 1000)
        raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def check_send(state: State, method: str, fields: dict[str, Any], file: bytes | None) -> tuple[Chat, str, int]:
    """Is this a message the real one would take? Its chat, its text and the message it answers (0: none)."""
    chat = chat_of(state, fields)
    if method == "sendMessage":
        text = fields.get("text")
        if not isinstance(text, str) or not text.strip():
            raise bad("message text is empty")
        if units(text) > 4096:
            raise bad("message is too long")
    else:
        text = str(fields.get("caption") or "")
        if units(text) > 1024:
            raise bad("message caption is too long")
        _check_file(method, file)
    reply = structure(fields, "reply_parameters", {})
    reply_to = integer(reply, "message_id") if reply else 0
    if reply_to and (chat.id, reply_to) not in state.messages:
        if reply.get("allow_sending_without_reply") is not True:
            raise bad("message to be replied not found")
        reply_to = 0
    check_pace(state, chat)
    return chat, str(text), reply_to


def _check_file(method: str, file: bytes | None) -> None:
    field, limit = FILES[method]
    if not file:
        raise bad(f"there is no {field} in the request")
    if len(file) > limit:
        raise ApiError(413, "Request Entity Too Large")
    if method == "sendPhoto" and file.startswith(b"\x89PNG"):
        width, height = (int.from_bytes(file[_PNG_SIZE][n : n + 4]) for n in (0, 4))
        if width + height > 10_000:
            raise bad("PHOTO_INVALID_DIMENSIONS")
    if method == "sendPhoto" and not file.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        raise bad("IMAGE_PROCESS_FAILED")


def check_reaction(state: State, fields: dict[str, Any]) -> tuple[Chat, int, str]:
    """A reaction of the bot's: the chat, the message and the emoji (empty: taken back)."""
    chat, target = chat_of(state, fields), integer(fields, "message_id")
    if (chat.id, target) not in state.messages:
        raise bad("message to react not found")
    given = structure(fields, "reaction", [])
    if len(given) > 1:
        raise bad("REACTIONS_TOO_MANY")
    emoji = str(given[0].get("emoji", "")) if given else ""
    if given and emoji not in REACTIONS:
        raise bad("REACTION_INVALID")
    return chat, target, emoji


def check_hook(fields: dict[str, Any]) -> None:
    """The real one wants https; here a loopback address will do as well."""
    url, secret = str(fields.get("url") or ""), str(fields.get("secret_token") or "")
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
