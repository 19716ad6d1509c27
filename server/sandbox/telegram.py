"""A stand-in for Telegram's Bot API and the people who write to a bot: for the demo, the tests and load runs.

In the process::

    bot = BotApi(Settings())
    async with serve(bot) as url:                        # a real server on a free port: the channel's api_url
        await bot.write(50370001234, "buenos días", first_name="María")
        answer = await bot.next_received(50370001234)    # what her phone shows
        bot.faults.add(Fault(kind="hang", times=1))
        assert not bot.state.doubled()

As a program: `python -m server.sandbox.telegram --port 8071`; then everything is done over HTTP under `/_control` (see
`telegram_http`, which also says what can be made to go wrong).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import msgspec

from server.sandbox.graph_faults import Fault, Faults
from server.sandbox.graph_server import serving
from server.sandbox.graph_state import now_ms
from server.sandbox.telegram_rules import ApiError, bad, check_reaction, check_send, integer
from server.sandbox.telegram_state import SAMPLES, Accepted, Chat, Held, Received, Settings, State
from server.sandbox.under_way import UnderWay

__all__ = ["BotApi", "Chat", "Fault", "Received", "Settings", "serve"]

#: called with each message as it reaches a chat
Listener = Callable[[Chat, Received], Awaitable[None] | None]


class Counters(msgspec.Struct, kw_only=True):
    """How often: updates made, handed out (each time counted), webhook calls that got no 200, conflicts."""

    inbound: int = 0
    offered: int = 0
    retries: int = 0
    conflicts: int = 0


class BotApi(UnderWay):
    """The stand-in's controls. `state` holds what it knows, `faults` what goes wrong, `counters` what it handed out."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], int] = now_ms, seed: int = 0) -> None:
        super().__init__()
        self.state = State(settings or Settings(), clock)
        self.faults = Faults(seed)
        self.counters = Counters()
        self.listeners: list[Listener] = []
        self._poller = 0
        self._closing = False

    @property
    def settings(self) -> Settings:
        return self.state.settings

    # ---------------------------------------------------------------- people write

    async def write(
        self,
        who: int,
        text: str = "",
        *,
        type: str = "text",
        chat: int = 0,
        reply_to: int = 0,
        data: bytes | None = None,
        mime: str = "",
        file_name: str = "",
        content: dict[str, Any] | None = None,
        message: dict[str, Any] | None = None,
        at: int | None = None,
        **about: Any,
    ) -> int:
        """A person writes to the bot, or into group `chat`: an update is held (or sent). Returns the message's id.

        `text` is the text or the caption; `data`, `mime`, `file_name` a file (photo, voice, audio, video, document,
        sticker); `content` the type's own object instead of the one made here; `message` further fields of the message
        (forward_origin, media_group_id, message_thread_id …). `about` sets the person's fields.
        """
        person = self.state.chat(who, **about)
        place = self.state.chat(chat) if chat else person
        number = self.state.message_id(place.id, text)
        body: dict[str, Any] = {
            "message_id": number,
            "from": person.user(),
            "chat": place.chat(),
            "date": (self.state.clock() if at is None else at) // 1000,
        }
        if reply_to:
            known = self.state.messages.get((place.id, reply_to), "")
            body["reply_to_message"] = {"message_id": reply_to, "chat": place.chat(), "date": 0, "text": known}
        body |= self._content(type, text, content, data, mime, file_name) | (message or {})
        await self.update("message", body)
        return number

    def _content(
        self, type: str, text: str, content: dict[str, Any] | None, data: bytes | None, mime: str, file_name: str
    ) -> dict[str, Any]:
        if type == "text":
            return {"text": text}
        caption = {"caption": text} if text else {}
        if content is not None:
            return {type: content, **caption}
        if type in SAMPLES:
            known, known_mime, known_name = SAMPLES[type]
            held = known if data is None else data
            part = {
                "file_id": self.state.store(held, file_name or known_name),
                "file_unique_id": f"u{self.state.next_message}",
                "file_size": len(held),
            }
            if type == "photo":
                small = {**part, "file_id": self.state.store(held[:1], "small.jpg"), "width": 90, "height": 67}
                return {"photo": [small, {**part, "width": 1280, "height": 960}], **caption}
            named = {} if type == "sticker" else {"mime_type": mime or known_mime}
            return {type: {**part, **named, **({"file_name": file_name} if file_name else {})}, **caption}
        made: dict[str, Any] = {
            "location": {"latitude": 13.6929, "longitude": -89.2182},
            "contact": {"phone_number": "50370000000", "first_name": text or "Ana"},
            "dice": {"emoji": "🎲", "value": 5},
        }
        return {type: made.get(type, {})}

    async def edit(self, who: int, message: int, text: str, *, chat: int = 0) -> None:
        """A person changes a text of theirs."""
        person, place = self.state.chat(who), self.state.chat(chat or who)
        now = self.state.clock() // 1000
        body = {"message_id": message, "from": person.user(), "chat": place.chat(), "date": now, "edit_date": now}
        await self.update("edited_message", {**body, "text": text})

    async def react(self, who: int, message: int, emoji: str) -> None:
        """A person reacts to a message; an empty `emoji` takes it back."""
        person = self.state.chat(who)
        given = [{"type": "emoji", "emoji": emoji}] if emoji else []
        body = {"chat": person.chat(), "message_id": message, "user": person.user(), "date": self.state.clock() // 1000}
        await self.update("message_reaction", {**body, "old_reaction": [], "new_reaction": given})

    async def press(self, who: int, message: int, data: str, title: str = "") -> str:
        """A person presses a button under a message; the callback's id."""
        person = self.state.chat(who)
        number = str(10**17 + len(self.state.callbacks))
        self.state.callbacks.add(number)
        keyboard = {"inline_keyboard": [[{"text": title or data, "callback_data": data}]]}
        shown = {"message_id": message, "chat": person.chat(), "date": 1, "text": "?", "reply_markup": keyboard}
        body = {"id": number, "from": person.user(), "message": shown, "chat_instance": "1", "data": data}
        await self.update("callback_query", body)
        return number

    async def block(self, who: int, blocked: bool = True) -> None:
        """A person blocks the bot, or lets it in again."""
        person = self.state.chat(who, blocked=blocked)
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        robot = {"id": self.settings.bot_id, "is_bot": True, "first_name": self.settings.bot_name}
        body = {"chat": person.chat(), "from": person.user(), "date": self.state.clock() // 1000}
        members = {"old_chat_member": {"status": old, "user": robot}, "new_chat_member": {"status": new, "user": robot}}
        await self.update("my_chat_member", body | members)

    async def upgrade(self, group: int, to: int) -> None:
        """A group becomes a supergroup: it has another id from now on."""
        old, new = self.state.chat(group), self.state.chat(to)
        new.title, old.moved_to = old.title, to
        now = self.state.clock() // 1000
        for place, part in ((old, {"migrate_to_chat_id": to}), (new, {"migrate_from_chat_id": group})):
            number = self.state.message_id(place.id)
            await self.update("message", {"message_id": number, "chat": place.chat(), "date": now, **part})

    async def update(self, kind: str, part: dict[str, Any]) -> None:
        """Hold any update, or send it where a webhook is set."""
        self.counters.inbound += 1
        held = self.state.hold(kind, part)
        if held is None:
            return
        if self.faults.take("duplicate"):
            held.again += 1
        if self.state.hook.url:
            self.spawn(self._send_out(held))
        await self.announce()

    # ---------------------------------------------------------------- the bot fetches, or is called

    async def get_updates(self, fields: dict[str, Any]) -> list[bytes]:
        """`getUpdates`: waits for the first one; one poller at a time, and none while a webhook is set."""
        if self.state.hook.url:
            self.counters.conflicts += 1
            words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise ApiError(409, f"Conflict: {words}")
        offset, limit = integer(fields, "offset"), integer(fields, "limit", 100)
        self.state.forget_old()
        if offset > 0:
            self.state.confirm(offset)
        self._poller += 1
        mine = self._poller
        async with self._news:
            self._news.notify_all()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(integer(fields, "timeout")):
                    await self._news.wait_for(lambda: self.state.updates or self._poller != mine or self._closing)
        if self._poller != mine:
            self.counters.conflicts += 1
            words = "terminated by other getUpdates request; make sure that only one bot instance is running"
            raise ApiError(409, f"Conflict: {words}")
        found = self.state.updates[: max(1, min(limit, 100))]
        if self.faults.take("reorder"):
            found = found[::-1]
        self.counters.offered += len(found)
        return [held.body for held in found]

    async def _send_out(self, held: Held) -> None:
        if late := self.faults.take("delay"):
            await asyncio.sleep(late.ms / 1000)
        for _ in range(1 + held.again):
            await self._until_taken(held.body)

    async def _until_taken(self, body: bytes) -> None:
        pause, hook = self.settings.hook_retry, self.state.hook
        while hook is self.state.hook and not await self._attempt(body):
            self.counters.retries += 1
            await asyncio.sleep(pause / 1000)
            pause = min(pause * 2, self.settings.hook_retry_limit)

    async def _attempt(self, body: bytes) -> bool:
        """One call of the webhook; an answer may carry a method to be done."""
        hook = self.state.hook
        headers = {"Content-Type": "application/json"}
        if hook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret_token
        try:
            answer = await self.client().post(
                hook.url, content=body, headers=headers, timeout=self.settings.hook_timeout / 1000
            )
        except httpx.HTTPError as error:
            hook.last_error = type(error).__name__
            return False
        if not answer.is_success:
            hook.last_error = f"Wrong response from the webhook: {answer.status_code}"
            return False
        self.counters.offered += 1
        if answer.content:
            asked = msgspec.json.decode(answer.content)
            if asked.get("method") == "answerCallbackQuery":
                self.answer_callback(asked)
        return True

    def answer_callback(self, fields: dict[str, Any]) -> None:
        """A button stops spinning."""
        number = str(fields.get("callback_query_id") or "")
        if number not in self.state.callbacks:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.state.answered.add(number)

    # ---------------------------------------------------------------- the bot writes

    async def accept(self, method: str, fields: dict[str, Any], file: bytes | None) -> dict[str, Any]:
        """Take a message of the bot's (ApiError if the real one would not); the `Message` it becomes."""
        chat, text, reply_to = check_send(self.state, method, fields, file)
        now = self.state.clock()
        number, kind = self.state.message_id(chat.id, text), method.removeprefix("send").lower()
        chat.last_sent_at = now
        self.state.record(Accepted(at=now, id=number, to=chat.id, type=kind, text=text, fields=fields))
        received = Received(
            n=len(chat.received) + 1,
            at=now,
            id=number,
            type=kind,
            text=text,
            reply_to=reply_to,
            file=file or b"",
            fields=fields,
        )
        chat.received.append(received)
        await self.announce()
        for listener in self.listeners:
            self.tell(listener(chat, received))
        robot = {"id": self.settings.bot_id, "is_bot": True, "first_name": self.settings.bot_name}
        shown = {"text": text} if method == "sendMessage" else {"caption": text}
        return {"message_id": number, "from": robot, "chat": chat.chat(), "date": now // 1000, **shown}

    def react_back(self, fields: dict[str, Any]) -> None:
        """The bot reacts to a message."""
        chat, target, emoji = check_reaction(self.state, fields)
        if emoji:
            chat.reactions[target] = emoji
        else:
            chat.reactions.pop(target, None)

    def on_received(self, listener: Listener) -> None:
        """Call `listener(chat, received)` for each message that reaches a chat."""
        self.listeners.append(listener)

    async def next_received(self, who: int, after: int = 0, wait: float = 10.0) -> list[Received]:
        """What reached this chat after its `after`-th message; waits up to `wait` seconds for the first."""

        def news() -> list[Received]:
            chat = self.state.chats.get(who)
            return chat.received[after:] if chat else []

        return await self.until(news, wait)

    async def close(self) -> None:
        """Stop everything that is under way; let pollers go."""
        self._closing = True
        await self.announce()
        await super().close()
        self._closing = False


@contextlib.asynccontextmanager
async def serve(bot: BotApi, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the stand-in on a real socket while the block runs; gives its base URL. `port` 0: any free one."""
    from server.sandbox.telegram_http import make_app

    async with serving(make_app(bot), host, port) as url:
        try:
            yield url
        finally:
            await bot.close()


async def _run(bot: BotApi, host: str, port: int) -> None:
    async with serve(bot, host, port) as url:
        print(f"api_url {url}", flush=True)  # noqa: T201 - the program's answer
        await asyncio.Event().wait()


def main() -> None:
    """`python -m server.sandbox.telegram`: run until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m server.sandbox.telegram", description="A stand-in for Telegram's Bot API"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8071, help="0: any free one; printed at the start")
    parser.add_argument("--token", default=Settings().token)
    parser.add_argument("--seed", type=int, default=0, help="makes faults with a rate repeatable")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(BotApi(Settings(token=given.token), seed=given.seed), given.host, given.port))


if __name__ == "__main__":
    main()
