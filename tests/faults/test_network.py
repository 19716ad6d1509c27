"""A dead network between console and server, of every kind: the console catches up, what it had to say goes once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from agent_console.backend import calls
from agent_console.backend.api import Unreachable
from agent_console.backend.changes import Changes
from agent_console.backend.live import Timing
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec
from tests.faults.mirrors import differences
from tests.faults.office import Office, open_office, until
from tests.faults.proxy import Proxy, proxied

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TIMING = Timing(connect=1.5, stall=2.5, behind=1.0, first=0.05, most=0.4)


class Line:
    """An advisor's console, the wire to its server, and a colleague whose wire is good."""

    def __init__(self, office: Office, proxy: Proxy, session: Session) -> None:
        self.office = office
        self.proxy = proxy
        self.session = session
        self.states: list[str] = []

    def changed(self, changes: Changes) -> None:
        if changes.link:
            self.states.append(self.session.link.state)

    async def is_(self, state: str) -> None:
        async def found() -> bool:
            return self.session.link.state == state

        await until(found, f"the link {state}")

    async def agrees(self) -> None:
        api = self.office.api("advisor")
        last: list[str] = []

        async def same() -> bool:
            last[:] = await differences(self.session, api)
            return not last

        try:
            await until(same, "the same state", 30)
        except AssertionError:
            raise AssertionError(f"console and server differ: {last}") from None
        finally:
            await api.close()

    async def written(self, text: str) -> int:
        """How often this text is in the store."""
        with contextlib.closing(self.office.database()) as store:
            return int(store.execute("SELECT count(*) FROM messages WHERE text = ?", (text,)).fetchone()[0])

    async def life_goes_on(self, tag: str) -> None:
        """Behind the console's back: customers write, and a colleague works."""
        for n in range(12):
            await self.office.graph.write(f"5037000000{n % 6}", f"{tag} {n}", name=f"Socia {n % 6}")
        api = self.office.api("supervisor")
        try:
            rows = (await api.send(calls.conversations("open"))).items
            await api.send(calls.note(rows[0].id, f"note {tag}"))
            await api.send(calls.claim(rows[-1].id))
        finally:
            await api.close()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with open_office(tmp_path, pair_interval_ms=50, read_after=150) as office:
        port = int(office.server.url.rpartition(":")[2])
        async with proxied(port) as proxy:
            session = Session(
                proxy.url,
                office.server.tokens["advisor"],
                listener=lambda changes: made.changed(changes),
                lang="en",
                folder=tmp_path / "unsent",
                timing=TIMING,
            )
            made = Line(office, proxy, session)
            for n in range(6):
                await office.graph.write(f"5037000000{n}", "hola", name=f"Socia {n}")
            try:
                await session.start(ListSpec("all"))
                await made.is_("live")
                await session.open(session.mirror.window.ids()[0])
                yield made
            finally:
                await made.session.stop()


async def _reply(line: Line, text: str) -> int:
    conversation = line.session.mirror.window.open
    assert conversation is not None
    line.session.reply(conversation, text, hold_ms=0, confirm=True)
    shown = line.session.mirror.messages(conversation)
    assert [message.text for message in shown].count(text) == 1, "an act is painted at once, whatever the network does"
    return conversation


def _arrived(line: Line, text: str) -> Callable[[], Awaitable[bool]]:
    async def arrived() -> bool:
        return await line.written(text) > 0

    return arrived


async def test_cut_and_back(line: Line) -> None:
    await line.proxy.cut()
    await line.is_("offline")
    await _reply(line, "written without a network")
    await line.life_goes_on("meanwhile")
    assert await line.written("written without a network") == 0
    assert line.session.outgoing.waiting == 1
    await line.proxy.listen()
    await until(_arrived(line, "written without a network"), "the reply in the store")
    await line.is_("live")
    await line.agrees()
    assert await line.written("written without a network") == 1
    assert not line.session.outgoing.commands


async def test_opened_without_a_network(line: Line) -> None:
    """What could not be loaded when it was opened is loaded when the network is back."""
    ids = line.session.mirror.window.ids()
    await line.proxy.cut()
    await line.is_("offline")
    with pytest.raises(Unreachable):
        await line.session.open(ids[-1])
    await line.office.graph.write("50370000001", "mientras tanto")
    await line.proxy.listen()
    await line.is_("live")
    await line.agrees()
    assert line.session.mirror.window.open == ids[-1]
    assert line.session.mirror.messages(ids[-1])


async def test_flapping(line: Line) -> None:
    """Gone and back many times, with something to say each time."""
    for n in range(8):
        line.proxy.reset()
        await _reply(line, f"between two cuts {n}")
        await line.office.graph.write(f"5037000000{n % 6}", f"hola {n}")
    await until(_arrived(line, "between two cuts 7"), "the last reply in the store")
    await line.agrees()
    assert [await line.written(f"between two cuts {n}") for n in range(8)] == [1] * 8


async def test_stalled_and_on(line: Line) -> None:
    """Connections stay open, no byte passes: noticed by the silence, and what was on its way arrives late, once."""
    line.proxy.stall()
    await _reply(line, "into the silence")
    await line.is_("offline")
    await line.life_goes_on("in silence")
    before = line.proxy.connections
    assert await line.written("into the silence") == 0
    line.proxy.go_on()
    await line.is_("live")
    await until(_arrived(line, "into the silence"), "the reply in the store")
    await line.agrees()
    assert await line.written("into the silence") == 1
    assert line.proxy.connections >= before


async def test_stalled_and_dropped(line: Line) -> None:
    line.proxy.stall()
    await _reply(line, "lost on the way")
    await line.is_("offline")
    line.proxy.reset()
    line.proxy.go_on()
    await until(_arrived(line, "lost on the way"), "the reply in the store")
    await line.agrees()
    assert await line.written("lost on the way") == 1


async def test_the_answer_is_lost(line: Line) -> None:
    """The server did it and its answer never came: sent again under the same key, done once, delivered once."""
    line.proxy.deafen()
    await _reply(line, "heard, not answered")
    await until(_arrived(line, "heard, not answered"), "the reply in the store")
    assert line.session.outgoing.commands, "nothing has told the console that it arrived"
    await line.proxy.cut()
    await line.is_("offline")
    await line.proxy.listen()
    await line.is_("live")

    async def confirmed() -> bool:
        return not line.session.outgoing.commands

    await until(confirmed, "an empty queue")
    await line.agrees()
    assert await line.written("heard, not answered") == 1
    assert await line.office.graph.settle()
    texts = [accepted.body["text"]["body"] for accepted in line.office.graph.state.accepted]
    assert texts == ["heard, not answered"]


async def test_a_console_that_dies_meanwhile(line: Line, tmp_path: Path) -> None:
    """What was written without a network goes out from the next console of the same person."""
    await line.proxy.cut()
    await line.is_("offline")
    conversation = await _reply(line, "from a console that died")
    line.session.draft(conversation, "and half an answer")
    await line.session.stop()
    line.session = Session(
        line.office.server.url,
        line.office.server.tokens["advisor"],
        listener=line.changed,
        lang="en",
        folder=tmp_path / "unsent",
        timing=TIMING,
    )
    # the server is the same one by another way: what was kept for the first address is not for this one
    line.session.api.server = line.proxy.url
    await line.proxy.listen()
    await line.session.start(ListSpec("all"))
    await until(_arrived(line, "from a console that died"), "the reply in the store")
    await line.agrees()
    assert await line.written("from a console that died") == 1
    assert line.session.draft_of(conversation) == "and half an answer"


async def test_the_server_stops_and_starts(line: Line) -> None:
    """An orderly restart looks like a cut."""
    assert await asyncio.to_thread(line.office.server.stop) == 0
    await line.is_("offline")
    await _reply(line, "while it was restarted")
    await asyncio.to_thread(line.office.server.start)
    await until(_arrived(line, "while it was restarted"), "the reply in the store")
    await line.is_("live")
    await line.agrees()
    with contextlib.closing(line.office.database()) as store:
        (count, head) = store.execute("SELECT count(*), max(seq) FROM events").fetchone()
    assert count == head
