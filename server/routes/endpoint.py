"""One line of the table of routes, and the ASGI application that serves all methods of one path by it."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from server import wire
from server.commands.door import Actor, Command, Query, Refusal
from server.routes.http import ClientGone, answer, answer_problem, encode, header, read_body, read_pieces
from server.routes.problems import Invalid
from server.routes.services import Services

JSON_LIMIT = 1024 * 1024
#: the greatest id: 53 bits
LARGEST_ID = 2**53 - 1
_KEY = re.compile(rb"[\x21-\x7e]{1,200}")

Handler = Callable[..., Awaitable[Any]]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A method on a path (below /api/v1): what it needs, takes and answers.

    `needs` is the least role, for the documents; the Door enforces it. None: no sign-in needed. `query` and `body` are
    shapes: the handler gets what was decoded as its second argument. `answer` None: 204 without content.
    `raw`: media type of a body that the handler reads itself, or of an answer that it gives as an ASGI application.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    needs: wire.Role | None = "advisor"
    query: Any = None
    body: Any = None
    answer: Any = None
    status: int = 200
    limit: int = JSON_LIMIT
    raw: str = ""
    codes: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[str]:
        """Names of the path's parameters. `id` is a number, every other one a text."""
        return re.findall(r"{(\w+)}", self.path)


class Call:
    """One request as a handler sees it."""

    __slots__ = ("_receive", "_scope", "actor", "key", "path", "services")

    def __init__(
        self,
        services: Services,
        scope: Scope,
        receive: Receive,
        actor: Actor | None,
        key: str | None,
    ) -> None:
        self.services = services
        self.actor = actor
        self.key = key
        self.path: Mapping[str, str] = scope["path_params"]
        self._scope = scope
        self._receive = receive

    @property
    def scope(self) -> Scope:
        return self._scope

    @property
    def id(self) -> int:
        """The path's `{id}`. Raises Refusal 404 for one that cannot exist."""
        id = int(self.path["id"])
        if id > LARGEST_ID:
            raise Refusal(404, "not_found", id=id)
        return id

    @property
    def name(self) -> str:
        """The path's `{name}`."""
        return self.path["name"]

    @property
    def who(self) -> Actor:
        """Who calls; only on routes that need a sign-in."""
        if self.actor is None:
            raise Refusal(401, "unauthenticated")
        return self.actor

    def admit(self, command: type[Command]) -> None:
        """Refuse now what the Door would refuse later, before something costly is done for it."""
        if not self.who.at_least(command.needs):
            raise Refusal(403, "forbidden", needs=command.needs)

    async def do(self, command: Command) -> Any:
        """Carry out a command as the caller, under their Idempotency-Key."""
        return await self.services.door.do(self.who, command, self.key)

    async def ask(self, query: Query) -> Any:
        """Ask a query as the caller."""
        return await self.services.door.ask(self.who, query)

    def header(self, name: bytes) -> str:
        """A header's text, or nothing."""
        return (header(self._scope, name) or b"").decode("latin-1")

    def pieces(self, limit: int) -> AsyncIterator[bytes]:
        """The body as it arrives, of a route that takes it raw."""
        return read_pieces(self._scope, self._receive, limit)


class Served:
    """An endpoint ready to serve: its decoders made once."""

    def __init__(self, endpoint: Endpoint, services: Services) -> None:
        self.endpoint = endpoint
        self.services = services
        self._decode = msgspec.json.Decoder(endpoint.body).decode if endpoint.body is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Serve one request; returns the status that was sent (499: the client went away)."""
        endpoint = self.endpoint
        try:
            actor = None if endpoint.needs is None else await self.services.auth.actor(scope)
            call = Call(self.services, scope, receive, actor, _key(scope))
            if self._decode is not None:
                body = await read_body(scope, receive, endpoint.limit)
                result = await endpoint.handler(call, self._decode(body))
            elif endpoint.query is not None:
                result = await endpoint.handler(call, _query(scope, endpoint.query))
            else:
                result = await endpoint.handler(call)
            zone = await self.services.zone.header() if actor is not None else None
        except ClientGone:
            return 499
        except Exception as error:
            return (await answer_problem(scope, send, error)).status
        if callable(result):
            app: ASGIApp = result
            await app(scope, receive, send)
        elif endpoint.answer is None:
            await answer(scope, send, 204, headers=zone)
            return 204
        else:
            await answer(scope, send, endpoint.status, encode(result), headers=zone)
        return endpoint.status


class Resource:
    """All methods of one path."""

    def __init__(self, path: str, served: Mapping[str, Served], services: Services) -> None:
        self._path = path
        self._served = served
        self._metrics = services.metrics
        self._allow = ", ".join(sorted(served))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        method = scope["method"]
        served = self._served.get("GET" if method == "HEAD" else method)
        if served is None:
            refused = HTTPException(405, headers={"Allow": self._allow})
            status = (await answer_problem(scope, send, refused)).status
            method = "other"
        else:
            status = await served(scope, receive, send)
        self._metrics.answered(method, self._path, status, time.perf_counter() - started)


def _key(scope: Scope) -> str | None:
    value = header(scope, b"idempotency-key")
    if value is None:
        return None
    if not _KEY.fullmatch(value):
        raise Invalid("Idempotency-Key must be 1 to 200 visible ASCII characters")
    return value.decode()


def _query(scope: Scope, shape: Any) -> Any:
    """The query string as `shape`; of a name given twice the last one counts, unknown names are ignored."""
    given = {name: value for name, value in QueryParams(scope["query_string"]).items() if value != ""}
    return msgspec.convert(given, shape, strict=False)
