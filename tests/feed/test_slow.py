"""Readers that do not keep up: they cost nobody anything, and lose nothing."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.feed.line import FeedProtocol
from server.feed.ring import Ring
from tests.feed.follower import Follower
from tests.feed.test_feed import epoch
from tests.routes.desk import Desk, open_desk, until

#: nearly as long as a note may be, and twice that in bytes
LONG = "ñ" * 9_000


@pytest.fixture
def conversation(desk: Desk) -> int:
    return desk.receive("hola")


def write_notes(desk: Desk, conversation: int, count: int, text: str = LONG) -> None:
    with desk.client("supervisor") as sofia:
        for _ in range(count):
            assert sofia.post(f"/conversations/{conversation}/notes", json={"text": text}).is_success


def open_sockets(desk: Desk) -> int:
    connections = desk.running._server.server_state.connections
    return sum(isinstance(connection, FeedProtocol) for connection in list(connections))


def small_buffers(console: Follower) -> None:
    console.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)


def test_who_reads_late_still_gets_everything_in_order(desk: Desk, conversation: int) -> None:
    """Its socket fills, it falls out of the ring, and it is fed from the store until it is in step again."""
    hub = desk.running.services.hub
    hub.ring = Ring(events=8)
    hub.ring.clear(desk.head())
    with Follower(desk) as slow, Follower(desk) as quick:
        small_buffers(slow)
        since = slow.greeting["reset"]["head"]
        # The client library reads by itself until some frames wait; then the kernel's buffers fill.
        with ThreadPoolExecutor(1) as thread:
            heard = thread.submit(quick.seqs, since + 400)
            write_notes(desk, conversation, 400)
            assert heard.result() == list(range(since + 1, since + 401)), "the others are not held up"
        head = desk.head()
        assert head == since + 400
        assert any(client.line.stuck for client in hub._clients.values())
        assert slow.seqs(head) == list(range(since + 1, head + 1))
        desk.receive("y ahora")
        assert slow.seqs(desk.head()) == list(range(since + 1, desk.head() + 1))


@pytest.mark.parametrize("reads_on", [True, False])
def test_who_reads_nothing_is_dropped_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads_on: bool
) -> None:
    monkeypatch.setattr("server.feed.client.PATIENCE", 0.3)
    monkeypatch.setattr("server.feed.line.LINGER", 10.0 if reads_on else 0.2)
    with open_desk(tmp_path) as desk:
        desk.add_whatsapp()
        conversation = desk.receive("hola")
        hub = desk.running.services.hub
        with Follower(desk) as slow:
            small_buffers(slow)
            since = slow.greeting["reset"]["head"]
            write_notes(desk, conversation, 400)
            until(lambda: len(hub) == 0, "the slow one's end")
            head = desk.head()
            if reads_on:
                assert slow.ended() == 4008, "who reads on learns why"
            else:
                until(lambda: not open_sockets(desk), "the connection's end")
                assert slow.ended() == 1006
            got = [frame["seq"] for frame in slow.frames if "seq" in frame]
        assert got == list(range(since + 1, since + 1 + len(got)))
        with Follower(desk, since=since + len(got), epoch=epoch(desk)) as again:
            rest = again.seqs(head)
        assert got + rest == list(range(since + 1, head + 1))


def test_a_server_that_stops_does_not_wait_for_who_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.app.GRACE", 60)
    with open_desk(tmp_path) as desk:
        desk.add_whatsapp()
        conversation = desk.receive("hola")
        with Follower(desk) as slow:
            small_buffers(slow)
            write_notes(desk, conversation, 400)
            until(
                lambda: any(client.line.stuck for client in desk.running.services.hub._clients.values()),
                "full buffers",
            )
            started = time.monotonic()
            desk.running.stop()
            assert time.monotonic() - started < 30, "much sooner than the grace that requests have"
