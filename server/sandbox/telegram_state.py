"""What the Telegram stand-in knows: its settings, the people and groups, the updates it holds, what it accepted."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import msgspec

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0003860180"
    "5a34d26b0000000049454e44ae426082"
)
#: kind of file -> (what it holds unless told otherwise, its mime type, its name)
SAMPLES = {
    "photo": (_PNG, "image/png", "photo.png"),
    "voice": (b"OggS" + bytes(60), "audio/ogg", "voice.oga"),
    "audio": (b"ID3" + bytes(60), "audio/mpeg", "song.mp3"),
    "video": (b"\x00\x00\x00\x18ftypmp42" + bytes(60), "video/mp4", "video.mp4"),
    "document": (b"%PDF-1.4\n%%EOF\n", "application/pdf", "document.pdf"),
    "sticker": (b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00",
                "image/webp", "sticker.webp"),
}  # fmt: skip


class Settings(msgspec.Struct, kw_only=True):
    """How the stand-in is set up. Times in ms. All can be changed while it runs (`POST /_control/settings`).

    `hold_ms`: how long an update is held that nobody fetched. `chat_ms`: least time between two messages into one chat
    before 429, 0 for no limit.
    """

    token: str = "7000000001:sandbox-bot-token-0123456789abcdef"
    bot_name: str = "Cooperativa La Esperanza"
    bot_username: str = "la_esperanza_bot"
    hold_ms: int = 24 * 3600 * 1000
    chat_ms: int = 0
    hook_timeout: int = 10_000
    hook_retry: int = 200
    hook_retry_limit: int = 5_000

    @property
    def bot_id(self) -> int:
        return int(self.token.partition(":")[0])


class Received(msgspec.Struct, kw_only=True):
    """One message as it shows in a chat. `n` counts from 1 per chat; `type` is the method without `send`."""

    n: int
    at: int
    id: int
    type: str
    text: str = ""
    reply_to: int = 0
    file: bytes = b""
    fields: dict[str, Any] = {}


class Chat(msgspec.Struct, kw_only=True):
    """A person (a positive id) or a group (a negative one). `blocked`: the bot may not write here."""

    id: int
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = "es"
    title: str = ""
    type: str = "private"
    blocked: bool = False
    moved_to: int = 0
    received: list[Received] = []
    reactions: dict[int, str] = {}
    typing: int = 0
    last_sent_at: int = 0

    def user(self) -> dict[str, Any]:
        """As a `User`."""
        about = {"first_name": self.first_name or "?", "language_code": self.language_code, "is_bot": False}
        about |= {"last_name": self.last_name} if self.last_name else {}
        about |= {"username": self.username} if self.username else {}
        return {"id": self.id, **about}

    def chat(self) -> dict[str, Any]:
        """As a `Chat`."""
        if self.type != "private":
            return {"id": self.id, "title": self.title or "?", "type": self.type}
        about = self.user()
        del about["is_bot"], about["language_code"]
        return {**about, "type": "private"}


class Accepted(msgspec.Struct, kw_only=True):
    """One message of the bot's that the stand-in took: what the chat shows."""

    at: int
    id: int
    to: int
    type: str
    text: str = ""
    fields: dict[str, Any] = {}


class Held(msgspec.Struct, kw_only=True):
    """One update that waits to be fetched. `again`: how often it is offered once more after it was confirmed."""

    id: int
    at: int
    kind: str
    body: bytes
    again: int = 0


class Hook(msgspec.Struct, kw_only=True):
    """Where updates are sent instead of being fetched."""

    url: str = ""
    secret_token: str = ""
    allowed: list[str] = []
    last_error: str = ""


class State:
    """Everything the stand-in remembers. `clock` gives UTC ms."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything but the settings."""
        self.chats: dict[int, Chat] = {}
        self.accepted: list[Accepted] = []
        self.updates: list[Held] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.callbacks: set[str] = set()
        self.answered: set[str] = set()
        self.messages: dict[tuple[int, int], str] = {}
        self.hook = Hook()
        self.allowed: list[str] = []
        self.lost = 0
        self.next_update = 100_000_000 + secrets.randbelow(10**6)
        self.next_message = 100

    def chat(self, id: int, **about: Any) -> Chat:
        """The chat of that id, made if new: a group if the id is negative. `about` sets its fields."""
        found = self.chats.get(id)
        if found is None:
            found = self.chats[id] = Chat(id=id, type="private" if id > 0 else "supergroup")
        for name, value in about.items():
            setattr(found, name, value)
        return found

    def message_id(self, chat: int, text: str = "") -> int:
        """A new message's id."""
        self.next_message += 1
        self.messages[chat, self.next_message] = text
        return self.next_message

    def hold(self, kind: str, part: dict[str, Any]) -> Held | None:
        """Make an update of it and keep it, if the bot wants this kind."""
        wanted = self.hook.allowed if self.hook.url else self.allowed
        if wanted and kind not in wanted:
            return None
        body = msgspec.json.encode({"update_id": self.next_update, kind: part})
        held = Held(id=self.next_update, at=self.clock(), kind=kind, body=body)
        self.next_update += 1
        if not self.hook.url:
            self.updates.append(held)
        return held

    def forget_old(self) -> None:
        """Nobody fetched them in a day: they are gone."""
        before = self.clock() - self.settings.hold_ms
        kept = [held for held in self.updates if held.at >= before]
        self.lost += len(self.updates) - len(kept)
        self.updates = kept

    def confirm(self, offset: int) -> None:
        """Everything before `offset` was fetched."""
        kept = []
        for held in self.updates:
            if held.id < offset and held.again:
                held.again -= 1
                kept.append(held)
            elif held.id >= offset:
                kept.append(held)
        self.updates = kept

    def store(self, data: bytes, name: str) -> str:
        """Keep a file; its id."""
        file_id = f"AgAC{secrets.token_urlsafe(24)}"
        self.files[file_id] = (name, data)
        return file_id

    def record(self, accepted: Accepted) -> None:
        self.accepted.append(accepted)

    def doubled(self) -> dict[str, int]:
        """Messages that were accepted more than once: the same kind and text into the same chat."""
        counts: dict[str, int] = {}
        for taken in self.accepted:
            key = f"{taken.to} {taken.type} {taken.text}"
            counts[key] = counts.get(key, 0) + 1
        return {key: n for key, n in counts.items() if n > 1}
