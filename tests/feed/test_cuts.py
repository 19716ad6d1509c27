"""Wherever the connection is cut, whoever resumes ends with the same journal: no gap, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ConnectionClosed

from server.feed.ring import Ring
from tests.feed.follower import Follower
from tests.feed.test_feed import epoch
from tests.routes.desk import Desk, open_desk


@pytest.fixture(scope="module", params=["our way to the socket", "plain ASGI"])
def busy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with some history and a ring too small for it."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "plain ASGI":
            patch.setattr("server.app.FeedProtocol", WebSocketsSansIOProtocol)
        folder: Path = tmp_path_factory.mktemp("desk")
        with open_desk(folder) as desk:
            desk.add_whatsapp()
            hub = desk.running.services.hub
            hub.ring = Ring(events=16)
            for n in range(60):
                desk.receive(f"hola {n}", f"503700000{n % 5}")
            hub.ring.clear(desk.head())
            yield desk


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    since=st.integers(0, 200),
    cuts=st.lists(st.integers(0, 40), max_size=6),
    arriving=st.integers(0, 8),
)
def test_any_cut_anywhere(busy: Desk, since: int, cuts: list[int], arriving: int) -> None:
    """Read some frames, drop the connection, resume from what was held, while customers go on writing."""
    known = epoch(busy)
    since = min(since, busy.head())
    held = list(range(1, since + 1))
    writing = threading.Thread(target=lambda: [busy.receive("más", f"503700000{n}") for n in range(arriving)])
    writing.start()
    for cut in cuts:
        with Follower(busy, since=len(held), epoch=known) as console:
            assert "resume" in console.greeting
            for _ in range(cut):
                try:
                    frame = console.next(0.05)
                except (TimeoutError, ConnectionClosed):
                    break
                if "seq" in frame:
                    held.append(frame["seq"])
            console.cut()
    writing.join()
    head = busy.head()
    with Follower(busy, since=len(held), epoch=known) as console:
        if len(held) < head:
            held += console.seqs(head)
    assert held == list(range(1, head + 1))


def test_both_ways_to_the_socket_carry_the_same(busy: Desk) -> None:
    with Follower(busy, since=3, epoch=epoch(busy)) as console:
        before = console.seqs(busy.head())
        conversation = busy.receive("¡última! " + "ñ" * 200)
        busy.receive("y larga: " + "x" * 4000)
        assert console.seqs(busy.head())[: len(before)] == before
        texts = [frame["message"]["text"] for frame in console.frames if frame.get("kind") == "message.received"]
        assert texts[-1] == "y larga: " + "x" * 4000
        assert texts[-2] == "¡última! " + "ñ" * 200
        assert conversation
