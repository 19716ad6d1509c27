"""Every error is a problem document with a stable code, and says nothing of our insides."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from server.commands.door import Unavailable
from server.routes.endpoint import JSON_LIMIT
from server.wire import API, Problem
from tests.routes.desk import Desk, open_desk


def problem(answer: httpx.Response) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    found = msgspec.json.decode(answer.content, type=Problem)
    assert found.status == answer.status_code
    assert found.title
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return found


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"name": 5}', 422),
        (b'{"name": "x", "members": "y"}', 422),
        (b'{"name": "' + b"[" * 20_000 + b'"}', 422),
        (b"[" * 20_000, 422),
        (b'{"name": "x", "unknown": ' + b"[" * 500_000, 400),
    ],
)
def test_a_body_that_makes_no_sense_is_invalid(desk: Desk, body: bytes, status: int) -> None:
    with desk.client("admin") as admin:
        answer = admin.post("/teams", content=body)
    assert answer.status_code == status
    assert problem(answer).code == "invalid"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "view=everything",
        "state=undecided",
        "after=nonsense",
        "after=1-" + "9" * 40,
        "after=" + "1" * 501,
        "q=" + "x" * 501,
    ],
)
def test_query_parameters_are_checked(desk: Desk, query: str) -> None:
    with desk.client("advisor") as ana:
        answer = ana.get(f"/conversations?{query}")
    assert answer.status_code == 422
    assert problem(answer).code == "invalid"


def test_empty_and_unknown_parameters_are_left_out(desk: Desk) -> None:
    with desk.client("advisor") as ana:
        assert ana.get("/conversations?q=&after=&limit=&colour=blue").json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/conversations/4711",
        "/conversations/99999999999999999999999999",
        "/conversations/abc",
        "/conversations/-1",
        "/conversations/",
        "/users/nobody",
        "/users/nobody%2Fat%2Fall",
        "/nothing",
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    with desk.client("advisor") as ana:
        answer = ana.get(path)
    assert answer.status_code == 404
    assert problem(answer).code == "not_found"


def test_a_method_a_path_does_not_have_is_named(desk: Desk) -> None:
    with desk.client("advisor") as ana:
        answer = ana.put("/users/ana", json={})
    assert answer.status_code == 405
    assert problem(answer).code == "method_not_allowed"
    assert answer.headers["allow"] == "DELETE, GET, PATCH"


def test_head_is_a_get_without_its_body(desk: Desk) -> None:
    with desk.client("advisor") as ana:
        answer = ana.head("/me")
    assert answer.status_code == 200
    assert not answer.content


def test_the_browser_of_another_site_gets_no_leave(desk: Desk) -> None:
    with desk.client("advisor") as ana:
        answer = ana.get("/me", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers
        assert ana.options("/me", headers={"Origin": "https://evil.example"}).status_code == 405


def test_a_body_over_its_cap_is_refused_by_its_announced_length(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.running.port)) as raw:
        head = (
            f"POST {API}/teams HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.tokens['admin']}\r\n"
            f"Content-Length: {JSON_LIMIT + 1}\r\nExpect: 100-continue\r\n\r\n"
        )
        raw.sendall(head.encode())
        raw.settimeout(20)
        assert raw.recv(100).startswith(b"HTTP/1.1 413 "), "refused before a byte of the body was asked for"


def test_a_body_over_its_cap_is_refused_while_it_is_read(desk: Desk) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 50 * JSON_LIMIT:
            sent += 65536
            yield b" " * 65536

    with desk.client("admin") as admin:
        answer = admin.post("/teams", content=endless())
    assert answer.status_code == 413
    assert problem(answer).code == "too_large"
    assert problem(answer).params == {"limit": JSON_LIMIT}


def test_a_body_that_does_not_come_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.routes.http.BODY_SECONDS", 0.2)
    with (
        open_desk(tmp_path) as desk,
        socket.create_connection(("127.0.0.1", desk.running.port)) as raw,
    ):
        raw.sendall(
            f"POST {API}/teams HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.tokens['admin']}\r\n"
            "Content-Length: 100\r\n\r\n{".encode()
        )
        raw.settimeout(20)
        assert raw.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_fault_of_ours_is_logged_and_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> object:
        raise ZeroDivisionError("the insides of the server")

    with desk.client("advisor") as ana:
        assert ana.get("/me").is_success
        monkeypatch.setattr(desk.running.services.door, "ask", broken)
        with caplog.at_level(logging.ERROR, "server"):
            answer = ana.get("/teams")
    assert answer.status_code == 500
    found = problem(answer)
    assert found.code == "internal"
    assert "insides" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert found.params["id"] in caplog.text
    assert "the insides of the server" in caplog.text


def test_a_store_that_cannot_write_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> object:
        raise Unavailable("database or disk is full")

    monkeypatch.setattr(desk.running.services.door.store, "write", full)
    with desk.client("admin") as admin:
        answer = admin.post("/teams", json={"name": "new"})
    assert answer.status_code == 503
    assert problem(answer).code == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert "disk" not in answer.text
