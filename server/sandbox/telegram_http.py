"""The Telegram stand-in over HTTP: the part of the Bot API we use, and `/_control` to steer it.

Bot API, fields as JSON, form, multipart or query: `/bot{token}/METHOD` with getMe, getUpdates, setWebhook,
deleteWebhook, getWebhookInfo, sendMessage, sendPhoto, sendVideo, sendAudio, sendVoice, sendDocument, sendAnimation,
sendSticker, sendChatAction, setMessageReaction, answerCallbackQuery, getFile; files at `/file/bot{token}/PATH`.

Faults (`graph_faults.Fault`) strike sends (`on` messages), files (media) and getUpdates (node): `error` answers as
Telegram does with `status` as its error_code, `detail` as its description and `retry_after`; the others as at Graph.
On updates: duplicate (offered again after it was confirmed), reorder (an answer's backwards), delay (webhook only).

Controls, JSON in and out, no authorization (listen on a loopback address):

    GET, POST         /_control/settings           the fields of `telegram_state.Settings`; POST changes those given
    GET, POST, DELETE /_control/faults             one `Fault` or a list of them; DELETE clears
    POST              /_control/inbound            the arguments of `BotApi.write`; "from" is the person's id
    POST              /_control/update             {"kind": "…", "content": {…}}: any update
    GET               /_control/chats/{id}/messages?after=N&wait=SECONDS
    GET               /_control/summary            counters, and "doubled": messages taken more than once
    POST              /_control/reset              forget people, messages, updates and faults
"""

from __future__ import annotations

import base64
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox.graph_faults import Fault
from server.sandbox.steering import BAD, Steering, as_json, lost, upset, waited
from server.sandbox.telegram import BotApi
from server.sandbox.telegram_rules import FILES, SENDS, ApiError, bad, chat_of, check_hook, structure
from server.sandbox.telegram_state import Hook


def make_app(bot: BotApi) -> Starlette:
    """The ASGI app of a stand-in."""
    api, control = _Api(bot), _Control(bot)
    return Starlette(
        routes=[
            Route("/bot{token}/{method}", api.method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", api.download, methods=["GET"]),
            Route("/_control/settings", control.settings, methods=["GET", "POST"]),
            Route("/_control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/inbound", control.inbound, methods=["POST"]),
            Route("/_control/update", control.update, methods=["POST"]),
            Route("/_control/chats/{who:int}/messages", control.received, methods=["GET"]),
            Route("/_control/summary", control.summary, methods=["GET"]),
            Route("/_control/reset", control.reset, methods=["POST"]),
        ],
        exception_handlers={ApiError: _api_error, **dict.fromkeys(BAD, _bad_request)},
    )


def _result(value: Any) -> Response:
    return as_json({"ok": True, "result": value})


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return as_json(error.body(), error.status)


async def _bad_request(request: Request, error: Exception) -> Response:
    return as_json(bad(str(error)).body(), 400)


def _refused(fault: Fault) -> Response:
    """An error in Telegram's words."""
    parameters = {"retry_after": fault.retry_after} if fault.retry_after is not None else {}
    error = ApiError(fault.status or 400, fault.detail or "Bad Request", **parameters)
    return as_json(error.body(), error.status)


class _Api:
    """The Bot API's side."""

    def __init__(self, bot: BotApi) -> None:
        self.bot = bot

    def _authorize(self, request: Request) -> None:
        if request.path_params["token"] != self.bot.settings.token:
            raise ApiError(401, "Unauthorized")

    async def method(self, request: Request) -> Response:
        self._authorize(request)
        name = request.path_params["method"]
        fields, file = _fields(request, await request.body())
        if name in SENDS or name == "setMessageReaction":
            return await self._send(request, name, fields, file)
        on = {"getUpdates": "node", "getFile": "media"}.get(name, "")
        if on and (answer := await self._fault(on)) is not None:
            return answer
        if name == "getUpdates":
            return await self._updates(request, fields)
        handler = getattr(self, f"do_{name.lower()}", None)
        if handler is None:
            raise ApiError(404, "Not Found: method not found")
        return _result(handler(fields))

    async def _updates(self, request: Request, fields: dict[str, Any]) -> Response:
        self.bot.state.allowed = structure(fields, "allowed_updates", self.bot.state.allowed)
        found = await self.bot.get_updates(fields)
        if late := self.bot.faults.take("hang", "cut", "garbled", on="node"):
            return await lost(request, late)
        return Response(b'{"ok":true,"result":[' + b",".join(found) + b"]}", media_type="application/json")

    async def _send(self, request: Request, name: str, fields: dict[str, Any], file: bytes | None) -> Response:
        narrow = {"to": str(fields.get("chat_id") or ""), "type": name}
        narrow["ref"] = str(fields.get("text") or fields.get("caption") or "")
        if (answer := await self._fault("messages", **narrow)) is not None:
            return answer
        if name == "setMessageReaction":
            self.bot.react_back(fields)
            result: Any = True
        else:
            result = await self.bot.accept(name, fields, file)
        if late := self.bot.faults.take("hang", "cut", "garbled", **narrow):
            return await lost(request, late)
        return _result(result)

    async def _fault(self, on: str, **narrow: str) -> Response | None:
        return await upset(self.bot.faults, _refused, on, narrow)

    # each method by its name in lower case

    def do_getme(self, fields: dict[str, Any]) -> Any:
        settings = self.bot.settings
        return {
            "id": settings.bot_id,
            "is_bot": True,
            "first_name": settings.bot_name,
            "username": settings.bot_username,
        }

    def do_setwebhook(self, fields: dict[str, Any]) -> Any:
        if not fields.get("url"):
            return self.do_deletewebhook(fields)
        check_hook(fields)
        self.bot.state.hook = Hook(
            url=str(fields["url"]),
            secret_token=str(fields.get("secret_token") or ""),
            allowed=structure(fields, "allowed_updates", []),
        )
        return True

    def do_deletewebhook(self, fields: dict[str, Any]) -> Any:
        self.bot.state.hook = Hook()
        return True

    def do_getwebhookinfo(self, fields: dict[str, Any]) -> Any:
        hook = self.bot.state.hook
        pending = len(self.bot.state.updates) + self.bot.busy
        found: dict[str, Any] = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": pending}
        return found | ({"last_error_message": hook.last_error} if hook.last_error else {})

    def do_sendchataction(self, fields: dict[str, Any]) -> Any:
        if fields.get("action") != "typing":
            raise bad("wrong parameter action in request")
        chat_of(self.bot.state, fields).typing += 1
        return True

    def do_answercallbackquery(self, fields: dict[str, Any]) -> Any:
        self.bot.answer_callback(fields)
        return True

    def do_getfile(self, fields: dict[str, Any]) -> Any:
        file_id = str(fields.get("file_id") or "")
        found = self.bot.state.files.get(file_id)
        if found is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(found[1]) > 20 << 20:
            raise bad("file is too big")
        return {"file_id": file_id, "file_size": len(found[1]), "file_path": f"documents/{file_id}"}

    async def download(self, request: Request) -> Response:
        self._authorize(request)
        if (answer := await self._fault("media")) is not None:
            return answer
        found = self.bot.state.files.get(request.path_params["path"].rpartition("/")[2])
        if found is None:
            raise ApiError(404, "Not Found")
        return Response(found[1], media_type="application/octet-stream")


def _fields(request: Request, raw: bytes) -> tuple[dict[str, Any], bytes | None]:
    """The fields of a call, however they were sent, and the file among them."""
    fields: dict[str, Any] = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        return fields | msgspec.json.decode(raw or b"{}", type=dict[str, Any]), None
    if content_type.startswith("application/x-www-form-urlencoded"):
        return fields | dict(parse_qsl(raw.decode())), None
    file: bytes | None = None
    if content_type.startswith("multipart/form-data"):
        message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
        for part in message.iter_parts():
            name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            if not isinstance(name, str) or not isinstance(data, bytes):
                continue
            if name in {field for field, _ in FILES.values()}:
                file = data
                fields["file_name"] = part.get_filename() or ""
            else:
                fields[name] = data.decode()
    return fields, file


class _Control(Steering):
    """The side that steers it."""

    def __init__(self, bot: BotApi) -> None:
        super().__init__(bot.state, bot.faults)
        self.bot = bot

    async def inbound(self, request: Request) -> Response:
        given = msgspec.json.decode(await request.body(), type=dict[str, Any])
        if isinstance(given.get("data"), str):
            given["data"] = base64.b64decode(given["data"], validate=True)
        return as_json({"id": await self.bot.write(int(given.pop("from")), **given)})

    async def update(self, request: Request) -> Response:
        given = msgspec.json.decode(await request.body(), type=dict[str, Any])
        await self.bot.update(given["kind"], given["content"])
        return as_json({})

    async def received(self, request: Request) -> Response:
        return as_json({"items": await self.bot.next_received(request.path_params["who"], *waited(request))})

    async def summary(self, request: Request) -> Response:
        state = self.bot.state
        return as_json(
            {
                **msgspec.to_builtins(self.bot.counters),
                "accepted": len(state.accepted),
                "chats": len(state.chats),
                "held": len(state.updates),
                "lost": state.lost,
                "doubled": state.doubled(),
                "busy": self.bot.busy,
            }
        )
