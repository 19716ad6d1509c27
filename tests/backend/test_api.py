"""Calls over real sockets: what goes out, what comes back, what happens when the line breaks under a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError, Unreachable, is_loopback
from server import wire

ANA = wire.User(id=1, name="ana", display_name="Ana", role="advisor")


class Request(msgspec.Struct):
    """What a client sent."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Request], bytes | None]
Send = Callable[[calls.Call[Any]], Awaitable[Any]]


class SmallServer:
    """An HTTP server in a few lines, so that it can be as rude as the network: `answer` gives the bytes to write back,
    or None to close the connection without a word."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.answer: Answer = lambda request: ok(ANA)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append(Request(method, target, headers, body))
                answer = self.answer(self.requests[-1])
                if answer is None:
                    return
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def ok(body: object, status: str = "200 OK", headers: str = "") -> bytes:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.fixture
async def small() -> AsyncIterator[tuple[SmallServer, str]]:
    small = SmallServer()
    server = await asyncio.start_server(small.serve, "127.0.0.1", 0)
    async with server:
        yield small, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
async def server(small: tuple[SmallServer, str]) -> SmallServer:
    return small[0]


@pytest.fixture(params=["early", "async", "sync"])
async def send(request: pytest.FixtureRequest, small: tuple[SmallServer, str]) -> AsyncIterator[Send]:
    """Sends a call in the ways the console (at its start, and later) and the command line do."""
    api = Api(small[1] + "/", "token-1", "es")
    if request.param == "async":
        await api.open()
    if request.param != "sync":
        yield api.send
    else:
        yield lambda call: asyncio.to_thread(api.send_now, call)
    await api.close()


async def test_a_call_as_it_goes_out_and_its_answer(server: SmallServer, send: Send) -> None:
    assert await send(calls.me()) == ANA
    (request,) = server.requests
    assert (request.method, request.target) == ("GET", "/api/v1/me")
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["accept-language"] == "es"
    assert "idempotency-key" not in request.headers


async def test_only_what_is_asked_for_is_in_the_query(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: ok(wire.Page[wire.ConversationRow](items=[]))
    await send(calls.conversations("mine", q="á &", after="1-2", limit=50))
    assert server.requests[0].target == "/api/v1/conversations?view=mine&q=%C3%A1+%26&after=1-2&limit=50"


async def test_a_change_carries_its_body_and_key(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: ok(b"", "204 No Content")
    call = calls.seen(7, 3)
    assert await send(call) is None
    await send(call)
    assert server.requests[0].body == b'{"inbound":3}'
    assert server.requests[0].headers["content-type"] == "application/json"
    assert [request.headers["idempotency-key"] for request in server.requests] == [call.key, call.key]
    assert calls.seen(7, 3).key != call.key


async def test_names_are_made_fit_for_a_path_and_a_header(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: ok(wire.Attachment(id=1, kind="image"))
    await send(calls.upload(b"\x00\xff", mime="image/png", file_name="boleta ñ/1.png"))
    assert server.requests[0].body == b"\x00\xff"
    assert server.requests[0].headers["x-file-name"] == "boleta%20%C3%B1%2F1.png"
    server.answer = lambda request: ok(ANA)
    await send(calls.user("a/b ñ"))
    assert server.requests[1].target == "/api/v1/users/a%2Fb%20%C3%B1"


async def test_a_file_comes_as_its_bytes(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: ok(b"\x89PNG")
    assert await send(calls.attachment(4)) == b"\x89PNG"


async def test_one_connection_serves_many_calls(server: SmallServer, small: tuple[SmallServer, str]) -> None:
    api = Api(small[1])
    await api.open()
    for _ in range(5):
        await api.send(calls.me())
    await api.close()
    assert server.connections == 1


async def test_a_console_that_has_started_keeps_its_connection(
    server: SmallServer, small: tuple[SmallServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_console.backend.api.OPEN_LATER", 0.01)
    api = Api(small[1])
    kept = 0
    async with asyncio.timeout(20):
        while kept < 3:
            before = server.connections
            await api.send(calls.me())
            kept = kept + 1 if server.connections == before else 0
            await asyncio.sleep(0.01)
    await api.close()


# ---------------------------------------------------------------- refusals


async def test_a_refusal_has_its_code_and_params(server: SmallServer, send: Send) -> None:
    problem = wire.Problem(status=409, code="conversation_moved", params={"by": "luis", "at": 5})
    server.answer = lambda request: ok(problem, "409 Conflict")
    with pytest.raises(ApiError) as caught:
        await send(calls.claim(1))
    assert (caught.value.code, caught.value.status) == ("conversation_moved", 409)
    assert caught.value.problem.params == {"by": "luis", "at": 5}
    assert not caught.value.passing
    assert len(server.requests) == 1


async def test_an_overloaded_server_says_when_to_come_again(server: SmallServer, send: Send) -> None:
    problem = wire.Problem(status=503, code="unavailable")
    server.answer = lambda request: ok(problem, "503 Service Unavailable", "Retry-After: 7\r\n")
    with pytest.raises(ApiError) as caught:
        await send(calls.me())
    assert (caught.value.passing, caught.value.retry_after) == (True, 7.0)


@pytest.mark.parametrize(
    ("status", "code"), [("502 Bad Gateway", "unavailable"), ("401 x", "unauthenticated"), ("418 x", "invalid")]
)
async def test_a_refusal_by_something_in_between_has_a_code_too(
    server: SmallServer, send: Send, status: str, code: str
) -> None:
    server.answer = lambda request: ok(b"<html>nginx</html>", status)
    with pytest.raises(ApiError) as caught:
        await send(calls.me())
    assert caught.value.code == code


async def test_a_redirect_is_not_followed_with_the_token(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: ok(b"", "302 Found", "Location: http://elsewhere.example/\r\n")
    with pytest.raises(ApiError):
        await send(calls.me())


# ---------------------------------------------------------------- the line breaks


async def test_a_read_is_sent_again_when_the_line_breaks(server: SmallServer, send: Send) -> None:
    answers = [None, ok(ANA)]
    server.answer = lambda request: answers.pop(0)
    assert await send(calls.me()) == ANA
    assert len(server.requests) == 2


async def test_a_change_is_sent_again_under_the_same_key(server: SmallServer, send: Send) -> None:
    answers = [None, ok(b"", "204 No Content")]
    server.answer = lambda request: answers.pop(0)
    await send(calls.seen(1, 1))
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert len(keys) == 2 and keys[0] == keys[1]


async def test_a_password_is_not_sent_twice(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: None
    with pytest.raises(Unreachable) as caught:
        await send(calls.sign_in("ana", "clave"))
    assert caught.value.why == "lost"
    assert len(server.requests) == 1


async def test_a_line_that_keeps_breaking_may_have_carried_the_call(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: None
    with pytest.raises(Unreachable) as caught:
        await send(calls.claim(1))
    assert (caught.value.why, caught.value.maybe_done) == ("lost", True)
    assert len(server.requests) == 2


async def test_an_answer_that_is_not_ours(server: SmallServer, send: Send) -> None:
    server.answer = lambda request: ok(b"<html>Welcome to the hotel</html>")
    with pytest.raises(Unreachable) as caught:
        await send(calls.me())
    assert caught.value.why == "not_agent_console"


async def test_nobody_there() -> None:
    listener = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    api = Api(f"http://127.0.0.1:{port}", "t")
    with pytest.raises(Unreachable) as caught:
        await api.send(calls.claim(1))
    assert (caught.value.why, caught.value.maybe_done) == ("connect", False)
    await api.close()


@pytest.mark.parametrize("address", ["ftp://host", "http://", "nonsense"])
async def test_an_address_that_is_none(address: str) -> None:
    api = Api(address, "t")
    with pytest.raises(Unreachable) as caught:
        await api.send(calls.me())
    assert caught.value.why == "bad_address"
    await api.close()


@pytest.mark.parametrize(
    ("server", "loopback"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:80", True),
        ("https://demo.localhost", True),
        ("https://contacto.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_what_is_this_very_machine(server: str, loopback: bool) -> None:
    assert is_loopback(server) is loopback
