"""The hub with limits small enough to reach: crowds, slow readers, typing, settings that change under open sockets."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame
from websockets.protocol import State
from websockets.typing import Origin
from websockets.uri import parse_uri

from server.webchat.limits import Limits, Rate
from tests.webchat.small_server import SmallServer
from tests.webchat.visitor import PATIENCE, SITE, new_token

Start = Callable[..., SmallServer]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda **limits: stack.enter_context(SmallServer(tmp_path / "data", Limits(**limits)))


def refused(server: SmallServer) -> int:
    with pytest.raises(InvalidStatus) as error:
        server.visitor()
    return error.value.response.status_code


def test_connections_of_one_address_are_limited(start: Start) -> None:
    server = start(connections=Rate(0.001, 3))
    with server.visitor(), server.visitor(), server.visitor():
        assert refused(server) == 429


def test_sockets_of_one_address_are_limited_and_freed(start: Start) -> None:
    server = start(sockets_per_address=2)
    with server.visitor():
        with server.visitor():
            assert refused(server) == 429
        for _ in range(100):  # the place is free once the server has noticed the end
            try:
                server.visitor().close()
                return
            except InvalidStatus:
                continue
        pytest.fail("a closed socket still counts")


def test_tabs_of_one_visitor_are_limited(start: Start) -> None:
    server = start(sockets_per_visitor=2)
    token = new_token()
    with server.visitor(visitor=token), server.visitor(visitor=token):
        third = server.visitor(greet=False)
        third.say("hello", visitor=token)
        assert third.closed() == 4429


def test_newcomers_of_one_address_are_limited_but_known_visitors_are_not(start: Start) -> None:
    server = start(newcomers=Rate(0.001, 1))
    with server.visitor() as known, server.visitor() as newcomer:
        known.write("first")
        newcomer.say("message", ref="r1", text="second")
        error = newcomer.wait("error")
        assert error["code"] == "rate_limited" and error["ref"] == "r1" and error["retry_ms"] > 0
        known.write("third")
    with server.visitor(visitor=known.token) as back:
        back.write("fourth")


def test_frames_are_limited(start: Start) -> None:
    server = start(frames=Rate(0.001, 5))
    with server.visitor() as flood:
        for _ in range(5):
            flood.say("ping")
        assert flood.closed() == 4429


def test_silence_ends_a_socket(start: Start) -> None:
    server = start(silence_seconds=0.2, hello_seconds=0.2)
    assert server.visitor().closed() == 4408
    assert server.visitor(greet=False).closed() == 4408


class SlowReader:
    """A visitor who stops reading after the welcome, without a library's buffers in between."""

    def __init__(self, server: SmallServer, token: str) -> None:
        address = f"ws{server.url.removeprefix('http')}/chat/web/socket"
        self.line = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), PATIENCE)
        self.protocol = ClientProtocol(parse_uri(address), origin=Origin(SITE))
        self.protocol.send_request(self.protocol.connect())
        self._flush()
        while self.protocol.state is State.CONNECTING:
            self._read()
        self.protocol.send_text(json.dumps({"type": "hello", "visitor": token}).encode())
        self._flush()
        while not (frames := [e for e in self._read() if isinstance(e, Frame)]):
            pass
        self.welcome = json.loads(bytes(frames[0].data))

    def _flush(self) -> None:
        self.line.sendall(b"".join(self.protocol.data_to_send()))

    def _read(self) -> list[object]:
        data = self.line.recv(65_536)
        assert data, "hung up without a word"
        self.protocol.receive_data(data)
        return list(self.protocol.events_received())

    def read_to_the_end(self) -> int:
        """Read what there is; the code the server closed with."""
        while self.protocol.close_rcvd is None:
            self._read()
        self.line.close()
        return self.protocol.close_rcvd.code


def test_slow_reader_is_closed_and_catches_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.webchat.session.CLOSE_SECONDS", 60)  # it reads on only when all the others have read
    server = start(queue=8)
    with server.visitor() as writer:
        writer.write("hello")
    slow = SlowReader(server, writer.token)
    answers = [f"{n} " + "😀" * 9_900 for n in range(300)]  # 12 MB: more than the system buffers for us
    with server.visitor(visitor=writer.token) as quick:
        for answer in answers:
            server.reply(answer)
            quick.wait_for_text(answer)  # does not wait for the other
    assert slow.read_to_the_end() == 4503
    welcome = slow.welcome
    with server.visitor(visitor=writer.token, since=welcome["seq"], epoch=welcome["epoch"]) as back:
        missed = sorted(back.messages.values(), key=lambda m: m["order"])
    assert [m["text"] for m in missed] == answers


def test_typing_goes_both_ways(start: Start) -> None:
    server = start()
    with server.visitor() as visitor, server.visitor() as other:
        visitor.say("typing", on=True)  # there is no conversation yet to show it in
        visitor.write("hello")
        other.write("hello")
        visitor.say("typing", on=True)
        visitor.say("typing", on=True)
        visitor.say("typing", on=False)
        visitor.say("typing", on=False)
        visitor.ping()
        assert server.typing == [(1, True), (1, True), (1, False)]
        server.loop.call_soon_threadsafe(server.hub.agent_typing, 1, True)
        assert visitor.wait("typing") == {"type": "typing", "on": True}
        other.ping()
        assert not [f for f in other.seen if f["type"] == "typing"]
        visitor.say("typing", on=True)
        visitor.ping()
    # who leaves while typing types no more
    for _ in range(200):
        if server.typing[-1] == (1, False):
            break
        with server.visitor() as third:
            third.ping()
    assert server.typing[3:] == [(1, True), (1, False)]


def test_new_settings_reach_open_sockets(start: Start) -> None:
    server = start()
    with server.visitor() as visitor:
        assert visitor.welcome["title"] == ""
        server.change(title="Izotal")
        assert visitor.closed() == 1012  # come back, and see
    with server.visitor() as visitor:
        assert visitor.welcome["title"] == "Izotal"
        server.change(origins="https://other.example.org")
        assert visitor.closed() == 1012
    assert refused(server) == 403


def test_stopping_closes_every_socket(start: Start, tmp_path: Path) -> None:
    server = start()
    visitor = server.visitor()
    server.run(server.hub.stop())
    assert visitor.closed() == 1012
