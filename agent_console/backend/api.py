"""Sends calls to the server. httpx is imported a moment after the first call, when the console has painted.

A call may be sent again safely when it only reads, or carries an Idempotency-Key; `Api` does so once when the
connection breaks under it. Everything that goes wrong is one of two things: the server said no (`ApiError`) or could
not be reached (`Unreachable`).
"""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from agent_console.backend import plain
from agent_console.backend.calls import Call
from agent_console.backend.files import pieces
from server import wire

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

#: Seconds: to connect, and to wait for the next bytes of an answer; files get longer.
CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 20.0
FILE_TIMEOUT = 120.0
#: Seconds after the first call at which httpx is imported: the console has painted what came by then.
OPEN_LATER = 0.3

_CODES = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 413: "too_large", 429: "rate_limited"}


class ApiError(Exception):
    """The server answered, and said no. `retry_after`: seconds it asks us to wait, if it does."""

    def __init__(self, problem: wire.Problem, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"{status} {problem.code} {problem.detail}".rstrip())
        self.problem = problem
        self.status = status
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """What programs and translations go by."""
        return self.problem.code

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed later (overload, trouble in the server)."""
        return self.status in (408, 425, 429) or self.status >= 500


class Unreachable(Exception):
    """No answer. `why`: connect, timeout, lost, tls, not_agent_console or bad_address; `detail` is for a log.

    `maybe_done`: the call may have reached the server before the connection broke. Only a call with an
    Idempotency-Key can then be sent again without doubling it.
    """

    def __init__(self, why: str, detail: str = "", maybe_done: bool = False) -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why
        self.detail = detail
        self.maybe_done = maybe_done


def is_loopback(server: str) -> bool:
    """Whether a server's URL names this very machine."""
    host = urlsplit(server).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Api:
    """One server, one person. `token` may change (sign-in); `lang` is sent along as Accept-Language. `zone`: the
    organisation's time zone, as the server told it last."""

    def __init__(self, server: str, token: str = "", lang: str = "es") -> None:
        self.server = server.rstrip("/")
        self.token = token
        self.lang = lang
        self.zone = ""
        self._client: httpx.AsyncClient | None = None
        self._opening: asyncio.Task[httpx.AsyncClient] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._sync: httpx.Client | None = None
        self._decoders: dict[Any, msgspec.json.Decoder[Any]] = {}

    async def send(self, call: Call[T], progress: Callable[[int], None] | None = None) -> T:
        """Send a call and give its answer; `progress` is told how many bytes of its body have left. Raises ApiError,
        Unreachable."""
        if self._client is None and call.method == "GET" and plain.will_do(self.server, is_loopback(self.server)):
            return await self._send_plainly(call)
        client = await self.open()
        for lost in (False, True):
            try:
                response = await client.request(
                    call.method,
                    self._url(call),
                    params=call.params,
                    content=call.body if progress is None or call.body is None else pieces(call.body, progress),
                    headers=self._headers(call),
                    timeout=self._timeout(call),
                )
            except Exception as error:
                self._failed(call, error, lost)
            else:
                return self._answer(call, response.status_code, response.headers, response.content)
        raise AssertionError("not reached")

    async def _send_plainly(self, call: Call[T]) -> T:
        if self._opening is None and self._later is None:
            self._later = asyncio.get_running_loop().call_later(OPEN_LATER, self._begin_opening)
        for lost in (False, True):
            try:
                answer = await asyncio.to_thread(
                    plain.get,
                    self.server,
                    wire.API + call.path,
                    call.params,
                    self._headers(call),
                    connect=CONNECT_TIMEOUT,
                    answer=FILE_TIMEOUT if call.answer is bytes else ANSWER_TIMEOUT,
                )
            except plain.Failed as error:
                if lost or error.why != "lost":
                    raise Unreachable(error.why, str(error)) from error
            else:
                return self._answer(call, *answer)
        raise AssertionError("not reached")

    def send_now(self, call: Call[T]) -> T:
        """The same without an event loop, for the command line. Raises ApiError, Unreachable."""
        if self._sync is None:
            self._sync = _httpx().Client(**self._settings())
        for lost in (False, True):
            try:
                response = self._sync.request(
                    call.method,
                    self._url(call),
                    params=call.params,
                    content=call.body,
                    headers=self._headers(call),
                    timeout=self._timeout(call),
                )
            except Exception as error:
                self._failed(call, error, lost)
            else:
                return self._answer(call, response.status_code, response.headers, response.content)
        raise AssertionError("not reached")

    async def open(self) -> httpx.AsyncClient:
        """The client, made at the first need in a thread: importing it would hold up the screen."""
        if self._client is None:
            self._client = await asyncio.shield(self._begin_opening())
        return self._client

    def _begin_opening(self) -> asyncio.Task[httpx.AsyncClient]:
        if self._opening is None:
            self._opening = asyncio.create_task(self._open_in_thread())
        return self._opening

    async def _open_in_thread(self) -> httpx.AsyncClient:
        self._client = await asyncio.to_thread(self._make)
        return self._client

    async def close(self) -> None:
        """Let the connections go."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._opening is not None and self._client is None:
            self._client = await self._opening
        if self._client is not None:
            await self._client.aclose()
        self._client = self._opening = None
        self.close_now()

    def close_now(self) -> None:
        """Let the connections of `send_now` go."""
        if self._sync is not None:
            self._sync.close()
            self._sync = None

    def _make(self) -> httpx.AsyncClient:
        return cast("httpx.AsyncClient", _httpx().AsyncClient(**self._settings()))

    def _settings(self) -> dict[str, Any]:
        httpx = _httpx()
        return {
            # Loading the system's certificates takes 0.1 s: only where there is TLS.
            "verify": not self.server.startswith("http://"),
            # A proxy from the environment never stands between this machine and itself.
            "trust_env": not is_loopback(self.server),
            "follow_redirects": False,
            "limits": httpx.Limits(max_connections=8, max_keepalive_connections=8, keepalive_expiry=60.0),
        }

    def _url(self, call: Call[Any]) -> str:
        return f"{self.server}{wire.API}{call.path}"

    def _headers(self, call: Call[Any]) -> dict[str, str]:
        headers = {"Accept-Language": self.lang, "User-Agent": "agent-console", **call.headers}
        if call.body is not None:
            headers["Content-Length"] = str(len(call.body))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if call.key:
            headers["Idempotency-Key"] = call.key
        return headers

    def _timeout(self, call: Call[Any]) -> httpx.Timeout:
        is_file = call.answer is bytes or (call.body is not None and "X-File-Name" in call.headers)
        seconds = FILE_TIMEOUT if is_file else ANSWER_TIMEOUT
        return cast("httpx.Timeout", _httpx().Timeout(seconds, connect=CONNECT_TIMEOUT))

    def _failed(self, call: Call[Any], error: Exception, lost: bool) -> None:
        """Return if the call shall be sent again, else raise. `lost`: it was sent once already, without an answer."""
        httpx = _httpx()
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            raise Unreachable("bad_address", str(error)) from error
        if not isinstance(error, httpx.TransportError):
            raise error
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            raise Unreachable("timeout", str(error), maybe_done=lost) from error
        if isinstance(error, httpx.ConnectError | httpx.ProxyError):
            said = str(error).lower()
            why = "tls" if "certificate" in said or "ssl" in said else "connect"
            raise Unreachable(why, str(error), maybe_done=lost) from error
        if isinstance(error, httpx.TimeoutException):
            raise Unreachable("timeout", str(error), maybe_done=True) from error
        if lost or not (call.key or call.method == "GET"):
            raise Unreachable("lost", str(error), maybe_done=True) from error

    def _answer(self, call: Call[T], status: int, headers: Mapping[str, str], content: bytes) -> T:
        if status >= 300:
            raise self._refused(status, headers, content)
        self.zone = headers.get(wire.ZONE_HEADER.lower(), self.zone)
        answer: Any = None
        if call.answer is type(None):
            return cast(T, answer)
        if call.answer is bytes:
            answer = content
            return cast(T, answer)
        decoder = self._decoders.get(call.answer)
        if decoder is None:
            decoder = self._decoders[call.answer] = msgspec.json.Decoder(call.answer)
        try:
            return decoder.decode(content)  # type: ignore[no-any-return]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreachable("not_agent_console", str(error), maybe_done=True) from error

    def _refused(self, status: int, headers: Mapping[str, str], content: bytes) -> ApiError:
        try:
            problem = msgspec.json.decode(content, type=wire.Problem)
        except (msgspec.DecodeError, UnicodeDecodeError):
            code = _CODES.get(status, "unavailable" if status >= 500 else "invalid")
            title = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
            problem = wire.Problem(title=title, status=status, code=code)
        try:
            retry_after = float(headers["retry-after"])
        except (KeyError, ValueError):
            retry_after = None
        return ApiError(problem, status, retry_after)


_importing = threading.Lock()


def _httpx() -> ModuleType:
    """httpx, without its command line tool: that one pulls in click, pygments and half of rich (0.16 s of 0.27).

    An import that is set to None fails, and httpx then does without the tool, as where it is not installed.
    """
    with _importing:  # a half-imported module is in sys.modules already
        if "httpx" in sys.modules:
            return sys.modules["httpx"]
        sys.modules.setdefault("httpx._main", cast(ModuleType, None))
        try:
            return importlib.import_module("httpx")
        finally:
            if sys.modules.get("httpx._main", ...) is None:
                del sys.modules["httpx._main"]
