"""Telegram by its Bot API: one `Telegram` is one bot.

Updates are fetched (long polling, `mode=poll`) unless `mode=webhook`. Polling needs no address that Telegram reaches,
and it is exact: an update counts as taken only once the next one is asked for, which happens after its commit. What
comes in is read by `telegram_parse`, what goes out is shaped by `telegram_send`, what goes wrong is named by
`telegram_errors`. Set-up: docs/channels/telegram.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from server.channels import checked
from server.channels.base import (
    Adapter,
    BadSettings,
    Call,
    Fetched,
    NotGenuine,
    Option,
    Outgoing,
    Pulled,
    Refused,
    SendError,
    Sent,
    Source,
    TryAgain,
    Uncertain,
)
from server.channels.foreign import scalar, size_of, string
from server.channels.telegram_content import LARGEST_FILE
from server.channels.telegram_errors import NO_PHOTO, Moved, answer_of, send_error
from server.channels.telegram_parse import ALLOWED, Ref, parse, pressed
from server.channels.telegram_send import CAPABILITIES, Request, chat_of, place, refuse, request_of
from server.facts import Address, Fact, Failure
from server.wire import Capabilities, Check

API_URL = "https://api.telegram.org"

#: seconds that `getUpdates` waits for news, and that the line may take besides
POLL_SECONDS = 25
_SPARE_SECONDS = 15.0
#: updates in one answer (Telegram's most)
_AT_ONCE = 100
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
#: seconds a call that nobody waits for may take (a pressed button, a typing sign)
_ASIDE = httpx.Timeout(5.0)
#: seconds a whole send may take; less than the outbox's lease of an attempt (120 s)
_SEND_SECONDS = 100.0

#: nothing has left this machine yet
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

_TOKEN = re.compile(r"([0-9]{3,20}):[A-Za-z0-9_-]{20,80}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)


class _Answer(msgspec.Struct):
    """The answer to `getUpdates`: each update as it came."""

    ok: bool
    result: list[msgspec.Raw] = []


class _Numbered(msgspec.Struct):
    update_id: int


class Telegram(Adapter):
    """One bot."""

    kind: ClassVar[str] = "telegram"
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="token", help="the bot's token, from @BotFather", secret=True),
        Option(name="mode", help="poll (fetch updates) or webhook (Telegram calls)", required=False, default="poll"),
        Option(
            name="secret_token",
            help="webhook only: a word of your choice (A-Z a-z 0-9 _ -) that Telegram repeats in every call",
            secret=True,
            required=False,
        ),
        Option(
            name="public_url",
            help="webhook only: the channel's whole address as Telegram reaches it, https://HOST/hooks/NAME",
            required=False,
        ),
        Option(name="api_url", help="base URL of the Bot API", required=False, default=API_URL),
    )
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__({name: value.strip() for name, value in settings.items()})
        token = _TOKEN.fullmatch(self.settings["token"])
        if token is None:
            detail = "token is not like 123456789:AAE…: copy it again from @BotFather, whole"
            raise BadSettings("bot_token", detail, setting="token")
        self.bot = token[1]
        checked.one_of("mode", self.settings["mode"], ("poll", "webhook"))
        self.polls = self.settings["mode"] == "poll"
        if not self.polls and not _SECRET.fullmatch(self.settings["secret_token"]):
            detail = "mode webhook needs secret_token: 1 to 256 of A-Z a-z 0-9 _ -"
            raise BadSettings("secret_token", detail, setting="secret_token")
        if self.settings["public_url"] and not self.settings["public_url"].startswith("https://"):
            detail = "public_url must begin with https://: Telegram calls no other address"
            raise BadSettings("https", detail, setting="public_url")
        checked.web_address("api_url", self.settings["api_url"], API_URL)
        self.settings["api_url"] = self.settings["api_url"].rstrip("/")

    @property
    def account(self) -> str:
        return self.bot

    # ---------------------------------------------------------------- in

    def authenticate(self, call: Call) -> None:
        if self.polls:
            raise NotGenuine(403, "this bot's updates are fetched: mode is poll")
        given = call.headers.get("x-telegram-bot-api-secret-token", "")
        if not given:
            raise NotGenuine(401, "no X-Telegram-Bot-Api-Secret-Token")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.settings["secret_token"].encode()):
            raise NotGenuine(403, "X-Telegram-Bot-Api-Secret-Token is not the channel's secret_token")

    def answer_to(self, document: bytes) -> tuple[bytes, bytes]:
        """A pressed button stops spinning: a webhook's answer may carry one call of the API."""
        callback = pressed(document)
        if not callback:
            return self.answer
        call = {"method": "answerCallbackQuery", "callback_query_id": callback}
        return b"application/json", msgspec.json.encode(call)

    def source(self, http: httpx.AsyncClient) -> Source | None:
        return Updates(self, http) if self.polls else None

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return parse(body, received_at, self.bot)

    # ---------------------------------------------------------------- calls

    async def call(
        self,
        http: httpx.AsyncClient,
        method: str,
        fields: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
        timeout: httpx.Timeout = _TIMEOUT,
        files: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Call a method; the answer of a success. Raises Refused, TryAgain or (what is not `repeatable`) Uncertain.

        The token is part of the address, so no error says where it went.
        """
        url = f"{self.api_url}/bot{self.settings['token']}/{method}"
        given: dict[str, Any] = {"json": dict(fields or {})}
        if files:
            given = {"data": {name: _form(value) for name, value in (fields or {}).items()}, "files": files}
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                response = await http.post(url, timeout=timeout, follow_redirects=False, **given)
        except (httpx.HTTPError, TimeoutError) as error:
            failure = self._unreachable(error)
            if repeatable or isinstance(error, _NOT_SENT):
                raise TryAgain(failure) from None
            # It may have left: only Telegram knows, and it has no way to ask.
            raise Uncertain(failure) from None
        answer = answer_of(response.content) if response.is_success else None
        if answer is None or not answer["ok"]:
            raise send_error(response, repeatable=repeatable)
        return response

    async def _ask(self, http: httpx.AsyncClient, method: str, **fields: Any) -> dict[str, Any]:
        """A look-up's result, an object."""
        answer = answer_of((await self.call(http, method, fields)).content) or {}
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    def _unreachable(self, error: httpx.HTTPError | TimeoutError) -> Failure:
        words = f"{type(error).__name__}: {error}".replace(self.settings["token"], "TOKEN")
        return Failure(reason="provider_down", detail=words[:300])

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        request = request_of(message)
        try:
            return await self._send(request, message, http)
        except Refused as error:
            said = error.failure.detail.lower()
            if request.method == "sendPhoto" and any(word in said for word in NO_PHOTO):
                return await self._send(request.as_document(), message, http)
            raise

    async def _send(self, request: Request, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        if request.method == "setMessageReaction":  # the same twice is the same
            await self.call(http, request.method, request.fields)
            return Sent(external_id=f"reaction:{message.client_ref}")
        moved = ""
        try:
            response = await self._carry(request, http)
        except Moved as error:
            moved = error.to
            response = await self._carry(request._replace(fields={**request.fields, "chat_id": moved}), http)
        answer = answer_of(response.content) or {}
        sent = answer.get("result")
        number = scalar(sent.get("message_id"), 32) if isinstance(sent, dict) else ""
        if not number:
            raise Uncertain(Failure(reason="provider_down", detail="the answer names no message"))
        where = place(message)
        addresses = (Address("group", moved),) if moved else ()
        return Sent(external_id=str(Ref(moved or where.chat, number, where.connection)), addresses=addresses)

    async def _carry(self, request: Request, http: httpx.AsyncClient) -> httpx.Response:
        if request.file is None:
            return await self._post(http, request, None)
        try:
            handle = await asyncio.to_thread(Path(request.file.path).open, "rb")
        except OSError as error:
            raise refuse("media", f"the stored file cannot be read: {error.strerror}") from error
        with handle:
            file = (request.file.file_name or "file", handle, request.file.mime)
            return await self._post(http, request, {request.upload: file})

    async def _post(self, http: httpx.AsyncClient, request: Request, files: Mapping[str, Any] | None) -> httpx.Response:
        return await self.call(http, request.method, request.fields, repeatable=False, files=files)

    async def mark_read(self, to: tuple[Address, ...], external_id: str, typing: bool, http: httpx.AsyncClient) -> None:
        """Show that an answer is being written (for 5 s). Bots mark nothing read, but in a business account's chats."""
        where = chat_of(external_id, to)
        if where is None:
            return
        fields: dict[str, Any] = {"chat_id": where.chat}
        if where.connection:
            fields["business_connection_id"] = where.connection
        if typing:
            method, fields = "sendChatAction", {**fields, "action": "typing"}
        elif where.connection:
            method, fields = "readBusinessMessage", {**fields, "message_id": int(where.message)}
        else:
            return
        with contextlib.suppress(SendError):
            await self.call(http, method, fields, timeout=_ASIDE)

    async def stop_spinning(self, callback: str, http: httpx.AsyncClient) -> None:
        """Answer a pressed button. Best effort: after half a minute it stops by itself."""
        with contextlib.suppress(SendError):
            await self.call(http, "answerCallbackQuery", {"callback_query_id": callback}, timeout=_ASIDE)

    # ---------------------------------------------------------------- media

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        """Where the file is for the next hour. The address holds the token: it is shown to nobody."""
        found = await self._ask(http, "getFile", file_id=provider_id)
        path, size = string(found.get("file_path"), 1024), size_of(found.get("file_size"))
        if not path or path.startswith("/") or ".." in path:
            raise refuse("media", "Telegram names no place of this file")
        if size is not None and size > LARGEST_FILE:
            raise refuse("media", f"{size} bytes; a bot gets files of up to {LARGEST_FILE}")
        return Fetched(url=f"{self.api_url}/file/bot{self.settings['token']}/{quote(path)}", size=size)

    # ---------------------------------------------------------------- settings tried out

    async def set_up(self, http: httpx.AsyncClient) -> None:
        """Let Telegram hand the updates over the way `mode` says: a webhook is set, or taken away (nothing is lost)."""
        if not self.polls and self.settings["public_url"]:
            fields = {
                "url": self.settings["public_url"],
                "secret_token": self.settings["secret_token"],
                "allowed_updates": list(ALLOWED),
            }
            await self.call(http, "setWebhook", fields)
        elif self.polls and (await self._ask(http, "getWebhookInfo")).get("url"):
            await self.call(http, "deleteWebhook", {"drop_pending_updates": False})

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Is the API reachable, the token good, and does Telegram hand the updates over the way `mode` says?"""
        try:
            me = await self._ask(http, "getMe")
            told = await self._ask(http, "getWebhookInfo")
        except SendError as error:
            said = f"{error.failure.code} {error.failure.detail}".strip()
            if error.failure.reason == "token":
                return [Check(name="token", ok=False, detail=said, why="no_bot")]
            return [Check(name="reach", ok=False, detail=f"{self.api_url}: {said}")]
        shown = " · ".join(filter(None, (string(me.get("first_name")), string(me.get("username")))))
        return [
            Check(name="reach", ok=True, detail=self.api_url),
            Check(name="token", ok=True, detail=shown or self.bot),
            self._check_updates(told),
        ]

    def _check_updates(self, told: dict[str, Any]) -> Check:
        set_to, wanted = string(told.get("url"), 2048), self.settings["public_url"]
        trouble = string(told.get("last_error_message"), 300)
        if self.polls and set_to:
            return Check(name="updates", ok=False, detail=urlsplit(set_to).hostname or "", why="webhook_set")
        if self.polls:
            return Check(name="updates", ok=True, detail="poll")
        if not set_to or (wanted and set_to != wanted):
            return Check(name="updates", ok=False, detail=set_to, why="webhook_elsewhere")
        if trouble and scalar(told.get("pending_update_count")) not in ("", "0"):
            return Check(name="updates", ok=False, detail=f"{set_to}: {trouble}", why="webhook_failing")
        return Check(name="updates", ok=True, detail=set_to)


class Updates(Source):
    """The bot's updates by long polling.

    An offset tells Telegram to forget every update before it, so it is sent only for what this source handed out and
    got back as the channel's place, which says that it was committed. Otherwise none is sent: Telegram then begins with
    the oldest update that it still holds (its ids may even have begun anew at a lower number, after a quiet week).
    """

    def __init__(self, adapter: Telegram, http: httpx.AsyncClient) -> None:
        self._adapter = adapter
        self._http = http
        #: the place after each update handed out last, and the callback of the button pressed in it, if it is one
        self._handed_out: dict[str, str] = {}

    async def pull(self, cursor: str) -> Sequence[Pulled]:
        fields: dict[str, Any] = {"timeout": POLL_SECONDS, "limit": _AT_ONCE, "allowed_updates": list(ALLOWED)}
        if cursor in self._handed_out:
            fields["offset"] = int(cursor)
            await self._stop_spinning(cursor)
        timeout = httpx.Timeout(POLL_SECONDS + _SPARE_SECONDS, connect=10.0)
        try:
            response = await self._adapter.call(self._http, "getUpdates", fields, timeout=timeout)
        except Refused as error:
            raise _advised(error) from None
        found = _updates(response.content)
        self._handed_out = {pulled.cursor: pressed(pulled.body) for pulled in found}
        return found

    async def _stop_spinning(self, cursor: str) -> None:
        """Answer the buttons that were pressed in what is committed by now."""
        waiting: list[str] = []
        for place_after, callback in self._handed_out.items():
            if callback:
                waiting.append(callback)
            if place_after == cursor:
                break
        await asyncio.gather(*(self._adapter.stop_spinning(callback, self._http) for callback in waiting))


def _updates(content: bytes) -> list[Pulled]:
    """The updates in an answer, oldest first, each with the place after it."""
    try:
        updates = msgspec.json.decode(content, type=_Answer).result
        numbers = [msgspec.json.decode(update, type=_Numbered).update_id for update in updates]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        failure = Failure(reason="provider_down", detail="the answer to getUpdates was not understood")
        raise TryAgain(failure) from None
    return [Pulled(body=bytes(update), cursor=str(n + 1)) for update, n in zip(updates, numbers, strict=True)]


def _advised(error: Refused) -> Refused:
    """A conflict with what to do about it: another program polls with the same token, or a webhook is set."""
    failure = error.failure
    if failure.reason != "conflict":
        return error
    detail = failure.detail
    if "webhook" in detail.lower():
        detail += " - agent-console channel test NAME takes the webhook away"
    else:
        detail += " - stop the other program, or give this bot a new token with @BotFather"
    return Refused(msgspec.structs.replace(failure, detail=detail))


def _form(value: Any) -> str:
    """A field of a multipart request: objects as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
