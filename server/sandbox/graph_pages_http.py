"""The stand-in for a Page or an Instagram account over HTTP: the part of Graph we use, and `/_control` to steer it.

Graph, at any version, every call with `Authorization: Bearer`; {account} is also `me` and the linked Page's id:

    POST /{version}/{account}/messages               send, answer in private, sender actions
    POST /{version}/{account}/message_attachments    upload (multipart)
    GET  /{version}/{account}/conversations          ?user_id=…: the newest messages with a person
    GET, POST /{version}/{comment}/comments          what stands below it, and one more (Messenger)
    GET, POST /{version}/{comment}/replies           the same (Instagram)
    POST /{version}/{account}/mentions               answer where the account was named (Instagram)
    GET  /{version}/{id}                             the account, `me`, a person, a comment, `debug_token`
    POST, DELETE /{version}/{comment}                hide or show again, delete
    GET, POST /{version}/{account}/subscribed_apps
    GET  /_files/{id}                                a file's bytes, as Meta's own hosts have them

Controls, JSON in and out, no authorization (listen on a loopback address):

    GET, POST        /_control/settings              the fields of `graph_pages_state.Settings`
    GET, POST, DELETE /_control/faults               one `graph_faults.Fault` or a list; public answers: type comment
    GET, POST        /_control/people                POST: the fields of `Person`, and "open_window": true
    GET              /_control/people/{id}/messages?after=N&wait=SECONDS
    POST             /_control/inbound, /_control/comment   the arguments of `Pages.write` and `Pages.comment`, "from"
    GET              /_control/comments
    POST             /_control/deliver               {"document": {…}, "times": 1}: sign and deliver any document
    GET              /_control/accepted?ref=&to=     messages taken, oldest first
    GET              /_control/summary               counters, and "doubled": what was taken more than once
    POST             /_control/reset                 forget people, messages, comments, files and faults
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox.graph_faults import Fault
from server.sandbox.graph_http import authorize, bad_request, graph_error, multipart
from server.sandbox.graph_pages_rules import check_upload, missing
from server.sandbox.graph_pages_state import Comment
from server.sandbox.graph_rules import STATUS, GraphError, need
from server.sandbox.steering import BAD, Steering, as_json, lost, object_in, retry_after, upset, waited

if TYPE_CHECKING:
    from server.sandbox.graph_pages import Pages


def make_app(pages: Pages) -> Starlette:
    """The ASGI app of a stand-in."""
    api, control = _Api(pages), _Control(pages)
    return Starlette(
        routes=[
            Route("/_files/{node}", api.file, methods=["GET"]),
            Route("/_control/settings", control.settings, methods=["GET", "POST"]),
            Route("/_control/faults", control.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/people", control.people, methods=["GET", "POST"]),
            Route("/_control/people/{who}/messages", control.received, methods=["GET"]),
            Route("/_control/inbound", control.inbound, methods=["POST"]),
            Route("/_control/comment", control.comment, methods=["POST"]),
            Route("/_control/comments", control.comments, methods=["GET"]),
            Route("/_control/deliver", control.deliver, methods=["POST"]),
            Route("/_control/accepted", control.accepted, methods=["GET"]),
            Route("/_control/summary", control.summary, methods=["GET"]),
            Route("/_control/reset", control.reset, methods=["POST"]),
            Route("/{version}/{node}/messages", api.messages, methods=["POST"]),
            Route("/{version}/{node}/message_attachments", api.upload, methods=["POST"]),
            Route("/{version}/{node}/conversations", api.conversations, methods=["GET"]),
            Route("/{version}/{node}/comments", api.public, methods=["GET", "POST"]),
            Route("/{version}/{node}/replies", api.public, methods=["GET", "POST"]),
            Route("/{version}/{node}/mentions", api.mentions, methods=["POST"]),
            Route("/{version}/{node}/subscribed_apps", api.subscribed, methods=["GET", "POST"]),
            Route("/{version}/{node}", api.node, methods=["GET", "POST", "DELETE"]),
        ],
        exception_handlers={GraphError: graph_error, **dict.fromkeys(BAD, bad_request)},
    )


def _refused(fault: Fault) -> Response:
    """An error in Graph's words."""
    error = GraphError(
        fault.code, fault.detail, status=fault.status or STATUS.get(fault.code, 400), subcode=fault.subcode
    )
    return as_json(error.body(), error.status, retry_after(fault))


class _Api:
    """The Graph API's side."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def _authorize(self, request: Request) -> None:
        authorize(request, self.pages.settings.access_token, self.pages.settings.app_secret)

    def _own(self, request: Request) -> None:
        settings, node = self.pages.settings, request.path_params["node"]
        if node not in ("me", settings.account_id, settings.page_id):
            raise missing(node, request.method.lower())

    async def _fault(self, on: str, **narrow: str) -> Response | None:
        return await upset(self.pages.faults, _refused, on, narrow)

    # ---------------------------------------------------------------- messages

    async def messages(self, request: Request) -> Response:
        self._authorize(request)
        self._own(request)
        need(request.headers.get("content-type", "").startswith("application/json"), "Unsupported content type.")
        body = object_in(await request.body())
        message, whom = body.get("message") or {}, body.get("recipient") or {}
        public = self.pages.state.comments.get(str(whom.get("comment_id") or whom.get("post_id") or ""))
        attachment = message.get("attachment") or {}
        narrow = {
            "to": public.author if public else str(whom.get("id", "")),
            "type": str(body.get("sender_action") or attachment.get("type") or "text"),
            "ref": str(message.get("metadata", "")),
        }
        if (answer := await self._fault("messages", **narrow)) is not None:
            return answer
        if "sender_action" in body:
            return as_json({"recipient_id": self.pages.act(body).id})
        person, accepted = self.pages.accept(body)
        if late := self.pages.faults.take("hang", "cut", "garbled", **narrow):
            return await lost(request, late)
        return as_json({"recipient_id": person.id, "message_id": accepted.id})

    async def upload(self, request: Request) -> Response:
        self._authorize(request)
        self._own(request)
        raw = await request.body()
        if (answer := await self._fault("media")) is not None:
            return answer
        fields = multipart(request.headers.get("content-type", ""), raw)
        need("message" in fields and "filedata" in fields, "The parameters message and filedata are required.")
        attachment = object_in(fields["message"][2])["attachment"]
        name, mime, data = fields["filedata"]
        check_upload(self.pages.state, attachment["type"], len(data))
        platform = fields.get("platform", ("", "", b""))[2].decode()
        need(platform == self.pages.settings.kind, "Param platform must be that of the account")
        return as_json({"attachment_id": self.pages.state.store(data, mime, name).id})

    async def conversations(self, request: Request) -> Response:
        self._authorize(request)
        self._own(request)
        if (answer := await self._fault("node")) is not None:
            return answer
        state, who = self.pages.state, request.query_params.get("user_id", "")
        sent = [each for each in (*state.accepted, *state.elsewhere) if each.to == who and each.type != "comment"]
        listed = [
            {
                "id": each.id,
                "message": (each.body.get("message") or {}).get("text", ""),
                "from": {"id": state.settings.account_id, "name": state.settings.name},
                "created_time": _time(each.at),
                **({"attachments": {"data": [{}]}} if each.type != "text" else {}),
            }
            for each in sorted(sent, key=lambda each: each.at, reverse=True)[:25]
        ]
        found = [{"id": f"t_{who}", "messages": {"data": listed}}] if listed else []
        return as_json({"data": found})

    # ---------------------------------------------------------------- in public

    async def public(self, request: Request) -> Response:
        self._authorize(request)
        target, kind = request.path_params["node"], self.pages.settings.kind
        instagram = request.url.path.endswith("/replies")
        if instagram != (kind == "instagram"):
            raise missing(target, request.method.lower())
        if request.method == "GET":
            if (answer := await self._fault("node")) is not None:
                return answer
            below = sorted(self.pages.answers(target), key=lambda each: each.at, reverse=True)
            return as_json({"data": [self._shown(each) for each in below[:25]]})
        text, file = "", ""
        if request.headers.get("content-type", "").startswith("multipart/"):
            fields = multipart(request.headers["content-type"], await request.body())
            text = fields.get("message", ("", "", b""))[2].decode()
            if "source" in fields:
                name, mime, data = fields["source"]
                file = self.pages.state.store(data, mime, name).id
        else:
            text = object_in(await request.body()).get("message", "")
        return await self._answer(request, target, text, file)

    async def mentions(self, request: Request) -> Response:
        self._authorize(request)
        self._own(request)
        body = object_in(await request.body())
        need("media_id" in body, "The parameter media_id is required")
        return await self._answer(request, str(body.get("comment_id") or body["media_id"]), body.get("message", ""), "")

    async def _answer(self, request: Request, target: str, text: str, file: str) -> Response:
        above = self.pages.state.comments.get(target)
        narrow = {"to": above.author if above else "", "type": "comment", "ref": f"{target} {text}"}
        if (answer := await self._fault("messages", **narrow)) is not None:
            return answer
        written = self.pages.answer(target, text, file)
        if late := self.pages.faults.take("hang", "cut", "garbled", **narrow):
            return await lost(request, late)
        return as_json({"id": written.id})

    def _shown(self, comment: Comment) -> dict[str, Any]:
        person = {"id": comment.author, "name": self.pages.settings.name, "username": ""}
        if self.pages.settings.kind == "instagram":
            return {"id": comment.id, "text": comment.text, "from": person, "timestamp": _time(comment.at)}
        shown = {"id": comment.id, "message": comment.text, "from": person, "created_time": _time(comment.at)}
        return shown | ({"attachment": {"type": "photo"}} if comment.file else {})

    async def node(self, request: Request) -> Response:
        self._authorize(request)
        node, state = request.path_params["node"], self.pages.state
        if (answer := await self._fault("node")) is not None:
            return answer
        comment = state.comments.get(node)
        if request.method == "GET":
            return as_json(self._look(request, node, comment))
        if comment is None or comment.deleted:
            raise missing(node, request.method.lower())
        if request.method == "DELETE":
            comment.deleted = True
        else:
            field = "hide" if state.settings.kind == "instagram" else "is_hidden"
            wanted = object_in(await request.body()).get(field)
            need(isinstance(wanted, bool), f"The parameter {field} is required")
            comment.hidden = bool(wanted)
        if late := self.pages.faults.take("hang", "cut", "garbled", on="node"):
            return await lost(request, late)
        return as_json({"success": True})

    def _look(self, request: Request, node: str, comment: Comment | None) -> dict[str, Any]:
        state, settings = self.pages.state, self.pages.settings
        account = {"id": settings.account_id, "name": settings.name, "username": "coop.la.esperanza"}
        if node == "debug_token":
            return {"data": {"is_valid": True, "app_id": settings.app_id, "expires_at": settings.token_expires_at}}
        if node == "me":
            page = {"id": settings.page_id, "name": settings.name}
            page_of = {"instagram_business_account": {"id": settings.account_id}}
            return page | (page_of if settings.kind == "instagram" else {})
        if node == settings.account_id:
            return account
        if comment is not None and not comment.deleted:
            return {"id": comment.id}
        person = state.people.get(node)
        if person is None or not (person.name or person.username):
            raise missing(node)
        if settings.kind == "instagram":
            return {"id": person.id, "name": person.name, "username": person.username}
        first, _, last = person.name.partition(" ")
        return {"id": person.id, "first_name": first, "last_name": last}

    async def subscribed(self, request: Request) -> Response:
        self._authorize(request)
        self._own(request)
        state = self.pages.state
        if request.method == "POST":
            state.subscribed = request.query_params.get("subscribed_fields", "").split(",")
            return as_json({"success": True})
        app = {"id": state.settings.app_id, "name": "agent-console", "subscribed_fields": state.subscribed}
        return as_json({"data": [app] if state.subscribed else []})

    async def file(self, request: Request) -> Response:
        stored = self.pages.state.media.get(request.path_params["node"])
        if (answer := await self._fault("media")) is not None:
            return answer
        if stored is None:
            return Response("URL signature expired", 403, media_type="text/plain")
        return Response(stored.data, media_type=stored.mime)


def _time(at: int) -> str:
    """As Graph writes times."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


class _Control(Steering):
    """The side that steers it."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(pages.state, pages.faults)
        self.pages = pages

    async def people(self, request: Request) -> Response:
        if request.method == "POST":
            return as_json(self.pages.person(**object_in(await request.body())))
        return as_json(list(self.pages.state.people.values()))

    async def received(self, request: Request) -> Response:
        return as_json({"items": await self.pages.next_received(request.path_params["who"], *waited(request))})

    async def inbound(self, request: Request) -> Response:
        given = object_in(await request.body())
        if isinstance(given.get("data"), str):
            given["data"] = base64.b64decode(given["data"])
        return as_json({"id": await self.pages.write(str(given.pop("from")), **given)})

    async def comment(self, request: Request) -> Response:
        given = object_in(await request.body())
        return as_json({"id": await self.pages.comment(str(given.pop("from")), str(given.pop("text", "")), **given)})

    async def comments(self, request: Request) -> Response:
        return as_json({"items": list(self.pages.state.comments.values())})

    async def deliver(self, request: Request) -> Response:
        given = object_in(await request.body())
        return as_json({"attempts": await self.pages.hook.deliver(given["document"], int(given.get("times", 1)))})

    async def accepted(self, request: Request) -> Response:
        ref, to = request.query_params.get("ref"), request.query_params.get("to")
        found = self.pages.state.by_ref.get(ref, []) if ref else self.pages.state.accepted
        return as_json({"items": [item for item in found if not to or item.to == to]})

    async def summary(self, request: Request) -> Response:
        state = self.pages.state
        return as_json(
            {
                **msgspec.to_builtins(self.pages.counters),
                "accepted": len(state.accepted),
                "people": len(state.people),
                "comments": len(state.comments),
                "doubled": state.doubled(),
                "busy": self.pages.busy,
            }
        )
