"""The SMS stand-in over HTTP: the part of the API we use, and `/_control` to steer it.

API, every call with the account's sid and token as HTTP Basic:

    POST, GET /2010-04-01/Accounts/{sid}/Messages.json       send; list (To, From, DateSent, PageSize), newest first
    GET  …/Messages/{sid}.json · …/Messages/{sid}/Media.json
    GET  …/Messages/{sid}/Media/{sid}                        leads (307) to the file's bytes at /_cdn/{sid}, for anybody
    GET  /2010-04-01/Accounts/{sid}.json · …/IncomingPhoneNumbers.json

Controls, JSON in and out, no authorization (listen on a loopback address):

    GET, POST         /_control/settings         the fields of `sms_state.Settings`; POST changes those given
    GET, POST, DELETE /_control/faults           one `graph_faults.Fault` or a list of them; DELETE clears
    POST              /_control/inbound          {"from", "text", "files": [{"mime", "data" in base64}], "times"}
    GET               /_control/customers/{phone}/messages?after=N&wait=SECONDS
    GET               /_control/accepted · /_control/summary
    POST              /_control/reset            forget customers, messages and faults
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.sandbox.graph_faults import Fault
from server.sandbox.sms_state import CODES, File, Message, TwilioError
from server.sandbox.steering import BAD, Steering, as_json, lost, retry_after, upset, waited

if TYPE_CHECKING:
    from server.sandbox.sms import Twilio

_LARGEST_PAGE = 1000


def make_app(twilio: Twilio) -> Starlette:
    """The ASGI app of a stand-in."""
    api, control = _Api(twilio), _Control(twilio)
    account = "/2010-04-01/Accounts/{account}"
    return Starlette(
        routes=[
            Route(account + "/Messages.json", api.messages, methods=["GET", "POST"]),
            Route(account + "/Messages/{message}/Media.json", api.files, methods=["GET"]),
            Route(account + "/Messages/{message}/Media/{file}", api.file, methods=["GET"]),
            Route(account + "/Messages/{message}.json", api.message, methods=["GET"]),
            Route(account + "/IncomingPhoneNumbers.json", api.numbers, methods=["GET"]),
            Route(account + ".json", api.account, methods=["GET"]),
            Route("/_cdn/{file}", api.bytes, methods=["GET"]),
            Route("/_control/settings", control.settings, methods=["GET", "POST"]),
            Route("/_control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/inbound", control.inbound, methods=["POST"]),
            Route("/_control/customers/{phone}/messages", control.received, methods=["GET"]),
            Route("/_control/accepted", control.accepted, methods=["GET"]),
            Route("/_control/summary", control.summary, methods=["GET"]),
            Route("/_control/reset", control.reset, methods=["POST"]),
        ],
        exception_handlers={TwilioError: _twilio_error, **dict.fromkeys(BAD, _bad_request)},
    )


async def _twilio_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TwilioError)
    return as_json(error.body(), error.status)


async def _bad_request(request: Request, error: Exception) -> Response:
    return as_json({"code": 20001, "message": str(error), "status": 400}, 400)


def _refused(fault: Fault) -> Response:
    """An error in Twilio's words."""
    error = TwilioError(fault.code, fault.detail, fault.status or CODES.get(fault.code, (400, ""))[0])
    return as_json(error.body(), error.status, retry_after(fault))


class _Api:
    """The API's side."""

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio

    def _authorize(self, request: Request) -> None:
        settings = self.twilio.settings
        expected = base64.b64encode(f"{settings.account_sid}:{settings.auth_token}".encode()).decode()
        if request.headers.get("authorization", "") != f"Basic {expected}":
            raise TwilioError(20003)
        if request.path_params["account"] != settings.account_sid:
            raise TwilioError(20404)

    async def _fault(self, on: str, **narrow: str) -> Response | None:
        return await upset(self.twilio.faults, _refused, on, narrow)

    async def messages(self, request: Request) -> Response:
        self._authorize(request)
        if request.method == "GET":
            return await self._fault("node") or self._list(request)
        form = parse_qs((await request.body()).decode(), keep_blank_values=True)
        callback = parse_qs(form.get("StatusCallback", [""])[0].partition("?")[2].partition("#")[0])
        narrow = {"to": form.get("To", [""])[0], "ref": callback.get("ref", [""])[0]}
        if (answer := await self._fault("messages", **narrow)) is not None:
            return answer
        message = self.twilio.accept(form)
        if late := self.twilio.faults.take("hang", "cut", "garbled", **narrow):
            return await lost(request, late, 201)
        return as_json(message.listed(self.twilio.settings.account_sid), 201)

    def _list(self, request: Request) -> Response:
        query = dict(request.query_params)
        account = self.twilio.settings.account_sid
        found = [message for message in self.twilio.state.messages.values() if _fits(message, query)]
        found.sort(key=lambda message: message.sent or message.created, reverse=True)
        size = min(max(int(query.get("PageSize", "50")), 1), _LARGEST_PAGE)
        page = int(query.get("Page", "0"))
        more = (page + 1) * size < len(found)
        following = urlencode({**query, "PageSize": size, "Page": page + 1, "PageToken": f"PA{page}"})
        return as_json(
            {
                "messages": [message.listed(account) for message in found[page * size : (page + 1) * size]],
                "page": page,
                "page_size": size,
                "next_page_uri": f"{request.url.path}?{following}" if more else None,
            }
        )

    def _message(self, request: Request) -> Message:
        message = self.twilio.state.messages.get(request.path_params["message"])
        if message is None:
            raise TwilioError(20404)
        return message

    async def message(self, request: Request) -> Response:
        self._authorize(request)
        return await self._fault("node") or as_json(self._message(request).listed(self.twilio.settings.account_sid))

    async def files(self, request: Request) -> Response:
        self._authorize(request)
        if (answer := await self._fault("node")) is not None:
            return answer
        message = self._message(request)
        listed = [
            {"sid": file.sid, "content_type": file.mime, "uri": f"{self.twilio.media_path(message, file)}.json"}
            for file in message.files
        ]
        return as_json({"media_list": listed, "next_page_uri": None})

    async def file(self, request: Request) -> Response:
        self._authorize(request)
        if (answer := await self._fault("media")) is not None:
            return answer
        wanted = request.path_params["file"]
        if not any(file.sid == wanted for file in self._message(request).files):
            raise TwilioError(20404)
        return RedirectResponse(f"/_cdn/{wanted}", 307)

    async def bytes(self, request: Request) -> Response:
        file = next((file for file in self._all_files() if file.sid == request.path_params["file"]), None)
        return Response(file.data, media_type=file.mime) if file is not None else Response("gone", 404)

    def _all_files(self) -> list[File]:
        return [file for message in self.twilio.state.messages.values() for file in message.files]

    async def account(self, request: Request) -> Response:
        self._authorize(request)
        settings = self.twilio.settings
        return as_json({"sid": settings.account_sid, "friendly_name": settings.friendly_name, "status": "active"})

    async def numbers(self, request: Request) -> Response:
        self._authorize(request)
        settings = self.twilio.settings
        ours = request.query_params.get("PhoneNumber", settings.number) == settings.number
        number = {"phone_number": settings.number, "friendly_name": settings.number, "sms_url": settings.hook_url}
        return as_json({"incoming_phone_numbers": [number] if ours else []})


def _fits(message: Message, query: dict[str, str]) -> bool:
    if query.get("To", message.to) != message.to or query.get("From", message.sender) != message.sender:
        return False
    wanted = {name: query[name] for name in ("DateSent", "DateSent>", "DateSent<") if name in query}
    if not wanted:
        return True
    if message.sent is None:
        return False
    day = str(datetime.fromtimestamp(message.sent / 1000, UTC).date())
    return (
        wanted.get("DateSent", day) == day
        and day >= wanted.get("DateSent>", day)
        and day <= wanted.get("DateSent<", day)
    )


class _Control(Steering):
    """The side that steers it."""

    def __init__(self, twilio: Twilio) -> None:
        super().__init__(twilio.state, twilio.faults)
        self.twilio = twilio

    async def inbound(self, request: Request) -> Response:
        given = msgspec.json.decode(await request.body(), type=dict[str, Any])
        try:
            files = [(file["mime"], base64.b64decode(file["data"])) for file in given.pop("files", [])]
        except binascii.Error as error:
            raise ValueError(f"data is not base64: {error}") from error
        return as_json({"sid": await self.twilio.write(given.pop("from"), given.pop("text", ""), files=files, **given)})

    async def received(self, request: Request) -> Response:
        found = await self.twilio.next_received(request.path_params["phone"], *waited(request))
        return as_json({"items": [message.listed(self.twilio.settings.account_sid) for message in found]})

    async def accepted(self, request: Request) -> Response:
        account = self.twilio.settings.account_sid
        return as_json({"items": [message.listed(account) for message in self.twilio.state.accepted]})

    async def summary(self, request: Request) -> Response:
        state = self.twilio.state
        return as_json(
            {
                **msgspec.to_builtins(self.twilio.counters),
                "accepted": len(state.accepted),
                "received": sum(len(person.received) for person in state.customers.values()),
                "doubled": state.doubled(),
                "busy": self.twilio.busy,
            }
        )
