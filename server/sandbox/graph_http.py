"""The Graph stand-in over HTTP: the part of the Graph API we use, and `/_control` to steer it.

Graph, at any version, every call with `Authorization: Bearer`:

    POST /{version}/{phone_number_id}/messages     send, or mark read
    POST /{version}/{phone_number_id}/media        upload (multipart)
    GET  /{version}/{id}                           the phone number, or a media id (answers a URL that lives 5 minutes)
    GET  /{version}/{business_account_id}/subscribed_apps
    GET  /{version}/{business_account_id}/message_templates
    GET  /_media/{id}                              a file's bytes

Controls, JSON in and out, no authorization (listen on a loopback address):

    GET, POST        /_control/settings            the fields of `graph_state.Settings`; POST changes those given
    GET, POST, DELETE /_control/faults             one `graph_faults.Fault` or a list of them; DELETE clears
    POST             /_control/templates           {"name", "language", "parameters": how many}, or "components" as
                                                   Graph lists them, and "status", "category"
    GET, POST        /_control/customers           POST: the fields of `graph_state.Customer`, and "open_window": true
    GET              /_control/customers/{phone or user id}/messages?after=N&wait=SECONDS
    POST             /_control/inbound             the arguments of `Graph.write`; "from" is the phone, "data" base64
    POST             /_control/deliver             {"document": {…}, "times": 1}: sign and deliver any document
    GET              /_control/accepted?ref=&to=   messages taken, oldest first
    GET              /_control/summary             counters, and "doubled": references taken more than once
    POST             /_control/reset               forget customers, messages, files and faults
"""

from __future__ import annotations

import base64
import binascii
import hmac
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox import graph_templates
from server.sandbox.graph_faults import Fault
from server.sandbox.graph_rules import FILES, LIMITS, STATUS, GraphError, need
from server.sandbox.graph_state import Stored
from server.sandbox.steering import BAD, Steering, as_json, lost, object_in, retry_after, upset, waited

if TYPE_CHECKING:
    from server.sandbox.graph import Graph


def make_app(graph: Graph) -> Starlette:
    """The ASGI app of a stand-in."""
    api, control = _Api(graph), _Control(graph)
    return Starlette(
        routes=[
            Route("/{version}/{node}/messages", api.messages, methods=["POST"]),
            Route("/{version}/{node}/media", api.upload, methods=["POST"]),
            Route("/{version}/{node}/subscribed_apps", api.subscribed, methods=["GET", "POST"]),
            Route("/{version}/{node}/message_templates", api.templates, methods=["GET"]),
            Route("/_media/{node}", api.download, methods=["GET"]),
            Route("/{version}/debug_token", api.debug_token, methods=["GET"]),
            Route("/_control/settings", control.settings, methods=["GET", "POST"]),
            Route("/_control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/templates", control.templates, methods=["POST"]),
            Route("/_control/customers", control.customers, methods=["GET", "POST"]),
            Route("/_control/customers/{who}/messages", control.received, methods=["GET"]),
            Route("/_control/inbound", control.inbound, methods=["POST"]),
            Route("/_control/deliver", control.deliver, methods=["POST"]),
            Route("/_control/accepted", control.accepted, methods=["GET"]),
            Route("/_control/summary", control.summary, methods=["GET"]),
            Route("/_control/reset", control.reset, methods=["POST"]),
            Route("/{version}/{node}", api.node, methods=["GET"]),
        ],
        exception_handlers={GraphError: graph_error, **dict.fromkeys(BAD, bad_request)},
    )


async def graph_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GraphError)
    return as_json(error.body(), error.status)


async def bad_request(request: Request, error: Exception) -> Response:
    return as_json({"error": {"message": str(error), "type": "OAuthException", "code": 100}}, 400)


def _refused(fault: Fault) -> Response:
    """An error in the words of WhatsApp's part of Graph."""
    error = GraphError(fault.code, status=fault.status or STATUS.get(fault.code, 400), details=fault.detail)
    return as_json(error.body(), error.status, retry_after(fault))


def authorize(request: Request, access_token: str, app_secret: str) -> None:
    """Raises GraphError for a call that does not carry our token, or proves another app's secret."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise GraphError(104, "An access token is required to request this resource.")
    if token != access_token:
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    proof = request.query_params.get("appsecret_proof")
    if proof is not None:
        expected = hmac.digest(app_secret.encode(), token.encode(), "sha256").hex()
        need(hmac.compare_digest(proof, expected), "Invalid appsecret_proof provided in the API argument")


class _Api:
    """The Graph API's side."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def _authorize(self, request: Request) -> None:
        authorize(request, self.graph.settings.access_token, self.graph.settings.app_secret)

    def _own_number(self, request: Request) -> None:
        node = request.path_params["node"]
        if node != self.graph.settings.phone_number_id:
            words = (
                f"Unsupported post request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
            )
            raise GraphError(100, words + "permissions, or does not support this operation", subcode=33)

    async def _fault(self, on: str, **narrow: str) -> Response | None:
        return await upset(self.graph.faults, _refused, on, narrow)

    async def messages(self, request: Request) -> Response:
        self._authorize(request)
        self._own_number(request)
        raw = await request.body()
        need(request.headers.get("content-type", "").startswith("application/json"), "Unsupported content type.")
        body = msgspec.json.decode(raw)
        need(isinstance(body, dict), "Invalid JSON in request body")
        if body.get("status") == "read":
            if (answer := await self._fault("messages", type="read")) is not None:
                return answer
            self.graph.mark_read(body)
            return as_json({"success": True})
        narrow = {
            "to": str(body.get("to") or body.get("recipient") or ""),
            "type": str(body.get("type", "text")),
            "ref": str(body.get("biz_opaque_callback_data", "")),
        }
        if (answer := await self._fault("messages", **narrow)) is not None:
            return answer
        customer, accepted = self.graph.accept(body)
        if late := self.graph.faults.take("hang", "cut", "garbled", **narrow):
            return await lost(request, late)
        contact = {"input": narrow["to"]}
        contact |= {"wa_id": customer.phone} if body.get("to") else {"user_id": customer.user_id}
        return as_json({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": accepted.id}]})

    async def upload(self, request: Request) -> Response:
        self._authorize(request)
        self._own_number(request)
        raw = await request.body()
        if (answer := await self._fault("media")) is not None:
            return answer
        fields = multipart(request.headers.get("content-type", ""), raw)
        need(
            fields.get("messaging_product", ("", "", b""))[2] == b"whatsapp",
            "The parameter messaging_product is required.",
        )
        need("file" in fields, "The parameter file is required.")
        name, mime, data = fields["file"]
        kinds = [kind for kind, prefix in FILES.items() if prefix and mime.startswith(prefix)] or ["document"]
        need(bool(mime) and mime != "application/octet-stream", "Param file must be a file with a supported type.")
        need(len(data) <= max(LIMITS[kind] for kind in [*kinds, "document"]), "File is too big.", 131053)
        return as_json({"id": self.graph.state.store(data, mime, name).id})

    async def node(self, request: Request) -> Response:
        self._authorize(request)
        if (answer := await self._fault("node")) is not None:
            return answer
        node, settings = request.path_params["node"], self.graph.settings
        stored = self.graph.state.media.get(node)
        if stored is not None:
            return as_json(self._media_answer(request, stored))
        if node != settings.phone_number_id:
            words = f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
            raise GraphError(100, words + "permissions, or does not support this operation", subcode=33)
        number = {
            "display_phone_number": settings.display_phone_number,
            "verified_name": settings.verified_name,
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
        }
        wanted = request.query_params.get("fields")
        fields = wanted.split(",") if wanted else list(number)
        return as_json({**{key: number[key] for key in fields if key in number}, "id": node})

    def _media_answer(self, request: Request, stored: Stored) -> dict[str, Any]:
        until = self.graph.state.clock() + self.graph.settings.url_ms
        return {
            "messaging_product": "whatsapp",
            "url": f"{request.url.scheme}://{request.url.netloc}/_media/{stored.id}?ext={until}",
            "mime_type": stored.mime,
            "sha256": stored.sha256.hex(),
            "file_size": str(len(stored.data)),
            "id": stored.id,
        }

    async def download(self, request: Request) -> Response:
        self._authorize(request)
        if (answer := await self._fault("media")) is not None:
            return answer
        stored = self.graph.state.media.get(request.path_params["node"])
        until = request.query_params.get("ext", "")
        if stored is None or not until.isdigit() or int(until) < self.graph.state.clock():
            return Response("URL signature expired", 404, media_type="text/plain")
        return Response(stored.data, media_type=stored.mime)

    async def debug_token(self, request: Request) -> Response:
        self._authorize(request)
        ends = self.graph.settings.token_expires_at // 1000
        return as_json({"data": {"type": "SYSTEM_USER", "is_valid": True, "expires_at": ends}})

    async def subscribed(self, request: Request) -> Response:
        self._authorize(request)
        if request.path_params["node"] != self.graph.settings.business_account_id:
            raise GraphError(100, "Unsupported get request.", subcode=33)
        app = {"whatsapp_business_api_data": {"id": "670843887433847", "name": "agent-console", "link": ""}}
        return as_json({"success": True} if request.method == "POST" else {"data": [app]})

    async def templates(self, request: Request) -> Response:
        self._authorize(request)
        if (answer := await self._fault("templates")) is not None:
            return answer
        if request.path_params["node"] != self.graph.settings.business_account_id:
            raise GraphError(100, "Unsupported get request.", subcode=33)
        query, url = request.query_params, str(request.url.replace(query=""))
        limit = int(query.get("limit", graph_templates.PAGE))
        return as_json(graph_templates.listing(self.graph.state, query.get("after", ""), limit, url))


def multipart(content_type: str, raw: bytes) -> dict[str, tuple[str, str, bytes]]:
    """The fields of a form: name -> (file name, content type, bytes)."""
    need(content_type.startswith("multipart/form-data"), "Unsupported content type.")
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    fields: dict[str, tuple[str, str, bytes]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            fields[name] = (part.get_filename() or "", str(part.get("content-type", "")), data)
    return fields


class _Control(Steering):
    """The side that steers it."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph.state, graph.faults)
        self.graph = graph

    async def templates(self, request: Request) -> Response:
        given = msgspec.json.decode(await request.body())
        name, language, state = given["name"], given["language"], self.graph.state
        if "components" in given:
            more = {key: given.get(key, default) for key, default in (("category", "UTILITY"), ("status", "APPROVED"))}
            graph_templates.keep(state, name, language, given["components"], **more)
        else:
            state.templates[name, language] = int(given.get("parameters", 0))
        return as_json({"templates": [[*key, count] for key, count in self.graph.state.templates.items()]})

    async def customers(self, request: Request) -> Response:
        if request.method == "POST":
            return as_json(self.graph.customer(**object_in(await request.body())))
        return as_json(list(self.graph.state.customers.values()))

    async def received(self, request: Request) -> Response:
        return as_json({"items": await self.graph.next_received(request.path_params["who"], *waited(request))})

    async def inbound(self, request: Request) -> Response:
        given = object_in(await request.body())
        phone = given.pop("from", "") or given.pop("phone", "")
        if isinstance(given.get("data"), str):
            try:
                given["data"] = base64.b64decode(given["data"])
            except binascii.Error as error:
                raise ValueError(f"data is not base64: {error}") from error
        return as_json({"id": await self.graph.write(phone, **given)})

    async def deliver(self, request: Request) -> Response:
        given = object_in(await request.body())
        return as_json({"attempts": await self.graph.hook.deliver(given["document"], int(given.get("times", 1)))})

    async def accepted(self, request: Request) -> Response:
        ref, to = request.query_params.get("ref"), request.query_params.get("to")
        found = self.graph.state.by_ref.get(ref, []) if ref else self.graph.state.accepted
        return as_json({"items": [item for item in found if not to or item.to == to]})

    async def summary(self, request: Request) -> Response:
        state = self.graph.state
        return as_json(
            {
                **msgspec.to_builtins(self.graph.counters),
                "accepted": len(state.accepted),
                "customers": len(state.customers),
                "received": sum(len(person.received) for person in state.customers.values()),
                "doubled": state.doubled(),
                "busy": self.graph.busy,
            }
        )
