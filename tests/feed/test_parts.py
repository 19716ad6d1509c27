"""The parts of the feed by themselves: the ring, shared pages, framing, presence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from server.feed.frames import FRAMES_AT_ONCE, FRAMES_PER_SECOND, framed
from server.feed.presence import TYPING_MS, Company
from server.feed.ring import PAGE, Encoded, Pages, Ring
from server.feed.socket import FrameRate
from server.wire import Presence

NOW = 1_800_000_000_000


@given(st.integers(1, 20), st.integers(0, 60), st.integers(0, 70), st.integers(1, 30))
def test_the_ring_holds_the_newest_in_a_row(size: int, count: int, cursor: int, limit: int) -> None:
    ring = Ring(events=size)
    for seq in range(1, count + 1):
        ring.append(str(seq).encode())
    oldest = max(1, count - size + 1)
    found = ring.after(cursor, limit)
    if cursor + 1 < oldest:
        assert found is None
    else:
        wanted = range(cursor + 1, min(count, cursor + limit) + 1)
        assert found == [(seq, str(seq).encode()) for seq in wanted]


@given(st.lists(st.integers(1, 50), max_size=40))
def test_the_ring_has_a_limit_in_bytes_but_always_the_newest(sizes: list[int]) -> None:
    ring = Ring(events=100, size=120)
    for size in sizes:
        ring.append(b"x" * size)
        held = ring.after(ring.first - 1, 1000) or []
        assert held[-1][1] == b"x" * size
        assert sum(len(payload) for _, payload in held) <= 120


def test_a_cleared_ring_goes_on_from_its_new_head() -> None:
    ring = Ring(events=4)
    for _ in range(9):
        ring.append(b"x")
    ring.clear(100)
    assert ring.after(100, 5) == []
    assert ring.after(99, 5) is None
    ring.append(b"y")
    assert ring.after(100, 5) == [(101, b"y")]


@given(st.lists(st.binary(max_size=70_000), max_size=4))
def test_frames_are_what_a_websocket_library_reads(payloads: list[bytes]) -> None:
    reader = StreamReader()
    reader.feed_data(framed(payloads))
    for payload in payloads:
        parsing = Frame.parse(reader.read_exact, mask=False)
        try:
            while True:
                next(parsing)
        except StopIteration as done:
            frame = done.value
        assert (frame.opcode, frame.fin, frame.data) == (Opcode.TEXT, True, payload)


async def test_many_who_catch_up_share_each_read() -> None:
    reads: list[int] = []
    head = 3 * PAGE + 10

    async def read(since: int, limit: int) -> Sequence[Encoded]:
        reads.append(since)
        await asyncio.sleep(0)
        return [(seq, b"x") for seq in range(since + 1, min(head, since + limit) + 1)]

    pages = Pages(read)
    starts = [0, 5, PAGE - 1, PAGE, PAGE + 7, 2 * PAGE]
    answers = await asyncio.gather(*(pages.after(cursor) for cursor in starts))
    assert [answer[0][0] for answer in answers] == [cursor + 1 for cursor in starts]
    assert sorted(reads) == [0, PAGE, 2 * PAGE]
    await asyncio.gather(*(pages.after(cursor) for cursor in starts))
    assert len(reads) == 3, "full pages are remembered"
    for _ in range(2):
        assert (await pages.after(3 * PAGE + 4))[-1][0] == head
    assert len(reads) == 5, "the newest page is not: more will come"


async def test_one_who_leaves_takes_the_page_from_nobody() -> None:
    go = asyncio.Event()

    async def read(since: int, limit: int) -> Sequence[Encoded]:
        await go.wait()
        return [(since + 1, b"x")]

    pages = Pages(read)
    leaving = asyncio.create_task(pages.after(0))
    staying = asyncio.create_task(pages.after(0))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    go.set()
    assert await staying == [(1, b"x")]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("view"), st.integers(1, 4), st.one_of(st.none(), st.integers(1, 3)), st.booleans()),
        st.tuples(st.just("leave"), st.integers(1, 4)),
        st.tuples(st.just("customer"), st.integers(1, 3), st.booleans()),
        st.tuples(st.just("later"), st.integers(0, TYPING_MS)),
        st.tuples(st.just("told")),
    ),
    max_size=40,
)


@given(STEPS)
def test_changes_of_presence_add_up_to_what_is(steps: list[tuple[object, ...]]) -> None:
    """Whoever applies every change knows what a newcomer is told, and that is who is there."""
    company, now = Company(), NOW
    known: dict[int, Presence] = {}
    there: dict[int, int | None] = {}
    for step in [*steps, ("later", TYPING_MS), ("told",)]:
        match step:
            case ("view", int(connection), (int() | None) as conversation, bool(typing)):
                company.view(connection, f"user{connection % 3}", conversation, typing, now)
                there[connection] = conversation
            case ("leave", int(connection)):
                company.leave(connection)
                there.pop(connection, None)
            case ("customer", int(conversation), bool(typing)):
                company.customer(conversation, typing, now)
            case ("later", int(passed)):
                now += passed
                company.expire(now)
            case ("told",):
                for presence in company.changes():
                    assert presence != known.get(presence.conversation, Presence(conversation=presence.conversation))
                    known[presence.conversation] = presence
    full = {place: p for place, p in known.items() if p.viewing or p.customer_typing}
    assert {presence.conversation: presence for presence in company.told()} == full
    for place in range(1, 4):
        viewing = sorted({f"user{c % 3}" for c, conversation in there.items() if conversation == place})
        assert known.get(place, Presence(conversation=place)).viewing == viewing
    assert not any(p.typing or p.customer_typing for p in full.values()), "typing ends by itself"
    for connection in list(there):
        company.leave(connection)
    company.changes()
    assert not company.told()
    assert not company._places, "nothing is kept of what is over"


def test_typing_goes_on_while_it_is_said_again() -> None:
    company = Company()
    for step in range(5):
        company.view(1, "ana", 7, True, NOW + step * (TYPING_MS - 1))
        company.expire(NOW + step * (TYPING_MS - 1))
    assert company.changes()[-1].typing == ["ana"]
    company.view(1, "ana", 7, False, NOW + 5 * TYPING_MS)
    assert company.changes()[-1] == Presence(conversation=7, viewing=["ana"])


@given(st.lists(st.floats(0, 0.5), max_size=300))
def test_the_rate_of_frames_is_bounded(pauses: list[float]) -> None:
    rate, now, taken = FrameRate(0.0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += rate.take(now)
        assert taken <= FRAMES_AT_ONCE + now * FRAMES_PER_SECOND + 1
