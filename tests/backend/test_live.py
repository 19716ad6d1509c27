"""The feed over a real websocket, with a server that breaks every promise a server can break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from websockets.asyncio.server import serve

from agent_console.backend.live import Frame, Live, ServerClock, Timing, decode, feed_url
from server import wire
from tests.backend.feeding import EPOCH, NOW, Client, Feed, Line

QUICK = Timing(connect=5, stall=0.5, behind=0.25, first=0.01, most=0.05, typing=0.05)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def feed() -> Feed:
    return Feed()


Connect = Callable[..., Live]


@pytest.fixture
async def connect(feed: Feed, client: Client) -> AsyncIterator[Connect]:
    """Starts a `Live` against the feed."""
    tasks: list[asyncio.Task[None]] = []
    async with serve(feed.serve, "127.0.0.1", 0, process_request=feed.handshake) as server:
        port = next(iter(server.sockets)).getsockname()[1]

        def start(timing: Timing = QUICK) -> Live:
            live = Live(
                f"http://127.0.0.1:{port}",
                "token-1",
                since=lambda: (client.seq, client.epoch),
                on_frame=client.on_frame,
                on_link=client.on_link,
                now=lambda: NOW - 5_000,
                timing=timing,
            )
            tasks.append(asyncio.create_task(live.run()))
            return live

        yield start
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [each for each in results if each is not None and not isinstance(each, asyncio.CancelledError)] == []


async def test_it_goes_on_from_what_is_held(feed: Feed, client: Client, connect: Connect) -> None:
    client.seq, client.epoch = 7, EPOCH

    async def script(line: Line) -> None:
        await line.resume(9)
        await line.events(8, 9)

    feed.scripts = [script]
    live = connect()
    await client.until(lambda: client.seq == 9)
    assert (feed.lines[0].hello.since, feed.lines[0].hello.epoch) == (7, EPOCH)
    assert feed.tokens == ["Bearer token-1"]
    assert client.states == ["live"] and live.link.state == "live"
    assert live.clock.offset == 5_000


async def test_a_gap_is_noticed_and_closed(feed: Feed, client: Client, connect: Connect) -> None:
    async def with_gap(line: Line) -> None:
        await line.resume(1)
        await line.events(1, 3, 4)

    async def whole(line: Line) -> None:
        await line.resume(4)
        await line.events(*range(line.hello.since + 1, 5))

    feed.scripts = [with_gap, whole]
    connect()
    await client.until(lambda: client.seq == 4)
    assert client.seqs == [1, 2, 3, 4]
    assert feed.lines[1].hello.since == 1
    assert "offline" not in client.states


async def test_events_that_are_not_for_us_do_not_make_it_connect_for_ever(
    feed: Feed, client: Client, connect: Connect
) -> None:
    async def filtered(line: Line) -> None:
        await line.resume(9)
        await line.events(*[seq for seq in (1, 2, 5, 9) if seq > line.hello.since])

    feed.scripts = [filtered]
    connect()
    await client.until(lambda: client.seq == 9)
    assert client.seqs == [1, 2, 5, 9]
    assert len(feed.lines) == 3  # asked once for each of the two gaps


async def test_silence_is_noticed(feed: Feed, client: Client, connect: Connect) -> None:
    async def silent(line: Line) -> None:
        await line.resume(0)

    async def lively(line: Line) -> None:
        await line.resume(1)
        await line.events(1)

    feed.scripts = [silent, lively]
    connect()
    await client.until(lambda: client.seq == 1)
    assert client.states[:3] == ["live", "offline", "live"]
    assert client.links[1].why == "silence"


async def test_a_stalled_stream_under_a_beating_heart_is_noticed(feed: Feed, client: Client, connect: Connect) -> None:
    async def stalled(line: Line) -> None:
        await line.resume(2)
        await line.events(1, 2)
        while True:
            await line.beat(5)
            await asyncio.sleep(0.02)

    async def lively(line: Line) -> None:
        await line.resume(5)
        await line.events(*range(line.hello.since + 1, 6))

    feed.scripts = [stalled, lively]
    connect()
    await client.until(lambda: client.seq == 5)
    assert feed.lines[1].hello.since == 2
    assert client.seqs == [1, 2, 3, 4, 5]


async def test_a_head_that_is_never_sent_is_taken_as_not_for_us(feed: Feed, client: Client, connect: Connect) -> None:
    async def script(line: Line) -> None:
        await line.resume(5)
        for n in range(60):
            await line.beat(5)
            await asyncio.sleep(0.02)
            if n == 50 and len(feed.lines) > 1:
                await line.events(6)

    feed.scripts = [script]
    connect()
    await client.until(lambda: client.seq == 6)
    assert len(feed.lines) == 2
    assert client.seqs == [6]


async def test_a_reset_starts_from_the_new_head(feed: Feed, client: Client, connect: Connect) -> None:
    client.seq, client.epoch = 500, "old"

    async def script(line: Line) -> None:
        await line.send(wire.ServerFrame(reset=wire.Reset(reason="new_epoch", head=20, epoch="new", now=NOW)))
        await line.events(21)
        if len(feed.lines) == 1:
            await line.socket.close(1012)

    async def after(line: Line) -> None:
        await line.resume(22, "new")
        await line.events(22)

    feed.scripts = [script, after]
    connect()
    await client.until(lambda: client.seq == 22)
    assert (feed.lines[1].hello.since, feed.lines[1].hello.epoch) == (21, "new")
    assert client.seqs == [21, 22]


async def test_the_first_word_tells_the_epoch_and_nothing_is_skipped(
    feed: Feed, client: Client, connect: Connect
) -> None:
    """A console that has loaded its lists knows their seq, but not yet their epoch."""
    client.seq = 7

    async def unknown(line: Line) -> None:
        await line.send(wire.ServerFrame(reset=wire.Reset(reason="new_epoch", head=9, epoch=EPOCH, now=NOW)))
        await line.events(10)

    async def known(line: Line) -> None:
        await line.resume(10)
        await line.events(8, 9, 10)

    def keep_place(frame: Frame) -> None:
        if isinstance(frame, wire.ServerFrame) and frame.reset is not None:
            client.epoch = frame.reset.epoch
        else:
            took(frame)

    took, client.on_frame = client.on_frame, keep_place  # type: ignore[method-assign]
    feed.scripts = [unknown, known]
    connect()
    await client.until(lambda: client.seq == 10)
    assert client.seqs == [8, 9, 10]
    assert (feed.lines[1].hello.since, feed.lines[1].hello.epoch) == (7, EPOCH)


async def test_a_revoked_token_ends_it(feed: Feed, client: Client, connect: Connect) -> None:
    async def script(line: Line) -> None:
        await line.resume(0)
        await line.socket.close(4001, "signed out")

    feed.scripts = [script]
    live = connect()
    await client.until(lambda: client.states == ["live", "refused"])
    assert live.link.state == "refused"
    assert len(feed.tokens) == 1


async def test_a_token_that_is_not_known_ends_it(feed: Feed, client: Client, connect: Connect) -> None:
    feed.refuse = 401
    connect()
    await client.until(lambda: client.states == ["refused"])
    assert len(feed.tokens) == 1


async def test_a_server_that_is_away_is_tried_until_it_is_back(feed: Feed, client: Client, connect: Connect) -> None:
    feed.refuse = 503

    async def script(line: Line) -> None:
        await line.resume(0)

    feed.scripts = [script]
    connect()
    await client.until(lambda: len(feed.tokens) >= 3)
    assert client.states == ["offline"]
    feed.refuse = 0
    await client.until(lambda: client.states == ["offline", "live"])


async def test_a_server_closing_at_once_is_not_hammered(feed: Feed, client: Client, connect: Connect) -> None:
    async def script(line: Line) -> None:
        await line.socket.close(1013)

    feed.scripts = [script]
    live = connect(Timing(connect=5, first=30, most=60))
    await client.until(lambda: client.states == ["offline"])
    assert len(feed.lines) == 1
    live.retry_now()
    await client.until(lambda: len(feed.lines) == 2)


async def test_a_retry_asked_for_during_a_try_is_the_next_one(feed: Feed, client: Client, connect: Connect) -> None:
    async def script(line: Line) -> None:
        live.retry_now()  # before the server has greeted: this try may fail yet
        await line.socket.close(1013)

    async def closed(line: Line) -> None:
        await line.socket.close(1013)

    feed.scripts = [script, closed]
    live = connect(Timing(connect=5, first=30, most=60))
    await client.until(lambda: len(feed.lines) == 2)


async def test_each_try_may_wait_longer_than_the_one_before(
    feed: Feed, client: Client, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest: list[float] = []

    def no_wait(least: float, most: float) -> float:
        longest.append(most)
        return least

    monkeypatch.setattr("agent_console.backend.live.random.uniform", no_wait)
    feed.refuse = 503
    connect(Timing(first=0.2, most=2.0))
    await client.until(lambda: len(longest) >= 6)
    assert longest[:6] == [0.4, 0.8, 1.6, 2.0, 2.0, 2.0]

    async def script(line: Line) -> None:
        await line.resume(0)
        await line.socket.close(1012)

    feed.scripts = [script]
    feed.refuse = 0
    await client.until(lambda: longest[-1] == 0.2)  # a connection that worked begins anew


async def test_a_suspicion_is_looked_into_at_once(feed: Feed, client: Client, connect: Connect) -> None:
    async def script(line: Line) -> None:
        await line.resume(0)

    feed.scripts = [script]
    live = connect(Timing(stall=60, first=0.01, most=0.05))
    await client.until(lambda: client.states == ["live"])
    live.suspect()
    await client.until(lambda: len(feed.lines) == 2 and client.states[-1] == "live")


async def test_rubbish_is_not_taken_for_a_frame(feed: Feed, client: Client, connect: Connect) -> None:
    async def rubbish(line: Line) -> None:
        await line.resume(0)
        await line.socket.send('{"seq": "nine"}')

    async def script(line: Line) -> None:
        await line.resume(1)
        await line.events(1)

    feed.scripts = [rubbish, script]
    connect()
    await client.until(lambda: client.seq == 1)
    assert client.seqs == [1]


async def test_others_are_told_what_we_look_at_and_again_after_a_break(
    feed: Feed, client: Client, connect: Connect
) -> None:
    async def script(line: Line) -> None:
        await line.resume(0)

    feed.scripts = [script]
    live = connect(Timing(stall=60, first=0.01, most=0.05, typing=0.01))
    await client.until(lambda: client.states == ["live"])
    live.send_viewing(4)
    await client.until(lambda: feed.lines[0].said)
    assert feed.lines[0].said[0] == wire.ClientFrame(viewing=4, typing=False)
    live.send_viewing(4, typing=True)
    await client.until(lambda: len(feed.lines[0].said) == 2)
    live.send_viewing(4, typing=True)  # said again with each key, sent now and then
    await client.until(lambda: len(feed.lines[0].said) == 3)
    live.send_viewing(4)
    await client.until(lambda: len(feed.lines[0].said) == 4)
    assert [frame.typing for frame in feed.lines[0].said] == [False, True, True, False]
    live.suspect()
    await client.until(lambda: len(feed.lines) == 2 and feed.lines[1].said)
    assert feed.lines[1].said == [wire.ClientFrame(viewing=4, typing=False)]
    live.send_viewing(None)
    await client.until(lambda: len(feed.lines[1].said) == 2)
    assert feed.lines[1].said[1].viewing is None


async def test_the_server_hears_now_and_then_how_long_ago_a_key_was_touched(
    feed: Feed, client: Client, connect: Connect
) -> None:
    feed.scripts = [lambda line: line.resume(0)]
    live = connect(Timing(stall=60, first=0.01, most=0.05, touch=0.3))
    await client.until(lambda: feed.lines and feed.lines[0].touched == [0])
    for _ in range(50):
        live.touched()
        await asyncio.sleep(0.001)
    await client.until(lambda: len(feed.lines[0].touched) == 2)
    await asyncio.sleep(0.35)
    assert len(feed.lines[0].touched) == 2
    live._now = lambda: NOW + 60_000  # a laptop slept; nobody has touched it since
    live.suspect()
    await client.until(lambda: len(feed.lines) == 2 and feed.lines[1].touched == [65_000])
    live.touched()
    await client.until(lambda: feed.lines[1].touched == [65_000, 0])


# ---------------------------------------------------------------- without a network


def test_frames_are_told_apart_by_their_seq() -> None:
    assert isinstance(decode(b'{"seq":1,"at":2,"kind":"x","conversation":null,"actor":"system"}'), wire.FeedEvent)
    frame = decode('{"heartbeat":{"head_seq":3,"now":4},"later":true}')
    assert isinstance(frame, wire.ServerFrame) and frame.heartbeat is not None
    with pytest.raises(msgspec.DecodeError):
        decode("[]")


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("http://h:1", "ws://h:1/api/v1/feed"),
        ("https://h/desk/", "wss://h/desk/api/v1/feed"),
    ],
)
def test_the_feeds_address(server: str, url: str) -> None:
    assert feed_url(server) == url


def test_the_servers_clock_is_that_of_the_quickest_frame() -> None:
    clock = ServerClock()
    clock.sample(10_000, 4_100)  # took 100 ms
    for _ in range(20):
        clock.sample(10_000, 4_000)
        clock.sample(10_000, 4_900)  # a slow one changes nothing
    assert clock.offset == 6_000


def test_a_clock_that_is_set_is_followed_at_once() -> None:
    clock = ServerClock()
    clock.sample(10_000, 10_000)
    clock.sample(20_000, 20_000 - 3_600_000)
    assert clock.offset == 3_600_000
    clock.sample(30_000, 30_000)
    assert clock.offset == 0
