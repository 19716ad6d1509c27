"""The console's side of the wire against the real server, over a line that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.live import Timing
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec
from server import wire
from tests.faults.proxy import Proxy, proxied
from tests.routes.desk import PASSWORD, Desk, open_desk

QUICK = Timing(connect=5, stall=25, behind=5, first=0.02, most=0.2, typing=0.05)
UNASSIGNED, MINE, OPEN = ListSpec("unassigned"), ListSpec("mine"), ListSpec("open")


class Screen:
    """What a console would have painted."""

    def __init__(self) -> None:
        self.painted = Changes()
        self._event = asyncio.Event()

    def __call__(self, changes: Changes) -> None:
        self.painted.merge(changes)
        self._event.set()

    @property
    def troubles(self) -> list[Trouble]:
        return self.painted.troubles

    async def until(self, met: Callable[[], Any], what: str = "it") -> None:
        """Wait until something is true."""
        try:
            async with asyncio.timeout(20):
                while not met():
                    self._event.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(0.05):  # some of it is true at the server, which paints nothing here
                            await self._event.wait()
        except TimeoutError:
            raise AssertionError(f"{what} did not happen") from None


class Console:
    """One advisor's session, what it paints, and the line to the server."""

    def __init__(self, desk: Desk, proxy: Proxy, folder: Path, name: str = "ana", **options: Any) -> None:
        self.desk = desk
        self.proxy = proxy
        self.screen = Screen()
        self.session = Session(
            proxy.url, desk.sign_in(name), listener=self.screen, folder=folder, timing=QUICK, lang="en", **options
        )

    async def start(self, spec: ListSpec = UNASSIGNED) -> Session:
        await self.session.start(spec)
        await self.screen.until(lambda: self.session.link.state == "live", "the feed")
        return self.session


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "server") as desk:
        desk.add_whatsapp()
        yield desk


@pytest.fixture
async def proxy(desk: Desk) -> AsyncIterator[Proxy]:
    async with proxied(int(desk.url.rpartition(":")[2])) as proxy:
        yield proxy


NewConsole = Callable[..., Console]


@pytest.fixture
async def new_console(desk: Desk, proxy: Proxy, tmp_path: Path) -> AsyncIterator[NewConsole]:
    consoles: list[Console] = []

    def make(name: str = "ana", **options: Any) -> Console:
        consoles.append(Console(desk, proxy, tmp_path / "state", name, **options))
        return consoles[-1]

    yield make
    for each in consoles:
        await each.session.stop()


@pytest.fixture
def console(new_console: NewConsole) -> Console:
    return new_console()


async def receive(desk: Desk, text: str = "hola", phone: str = "50370001111") -> int:
    return await asyncio.to_thread(desk.receive, text, phone)


async def as_luis(desk: Desk, call: calls.Call[Any]) -> Any:
    """What a colleague does."""
    if not desk.read("SELECT id FROM users WHERE name = 'luis'"):
        desk.add_user("luis")
    api = Api(desk.url, desk.sign_in("luis"))
    try:
        return await api.send(call)
    finally:
        await api.close()


def in_store(desk: Desk, conversation: int) -> list[tuple[str, str, str]]:
    rows = desk.read("SELECT direction, text, status FROM messages WHERE conversation_id = ? ORDER BY id", conversation)
    return [(row["direction"], row["text"], row["status"]) for row in rows]


# ---------------------------------------------------------------- start and sign in


async def test_it_starts_with_the_list_and_the_counts(desk: Desk, console: Console) -> None:
    first, second = [await receive(desk, f"caso {n}", f"5037000111{n}") for n in (1, 2)]
    session = await console.start()
    assert session.mirror.window.ids() == [first, second]
    assert session.mirror.counts.unassigned == 2
    assert session.mirror.name == "ana"


async def test_what_comes_in_is_painted(desk: Desk, console: Console) -> None:
    session = await console.start()
    assert session.mirror.lines() == []
    id = await receive(desk, "necesito ayuda")
    await console.screen.until(lambda: id in session.mirror.window)
    (line,) = session.mirror.lines()
    assert (line.row.preview, line.unread, line.fresh) == ("necesito ayuda", 1, True)
    await console.screen.until(lambda: session.mirror.counts.unassigned == 1)
    assert abs(session.mirror.server_now(session._now()) - session._now()) < 2_000


async def test_a_password_opens_a_session(desk: Desk, proxy: Proxy, tmp_path: Path) -> None:
    screen = Screen()
    session = Session(proxy.url, listener=screen, folder=tmp_path, timing=QUICK)
    with pytest.raises(ApiError) as caught:
        await session.sign_in("ana", "wrong")
    assert caught.value.code == "bad_credentials"
    opened = await session.sign_in("ana", PASSWORD)
    assert opened.user.name == "ana" and opened.token
    await session.start(UNASSIGNED)
    await screen.until(lambda: session.link.state == "live")
    await session.stop()


async def test_a_token_that_is_no_good_asks_for_a_sign_in(new_console: NewConsole) -> None:
    session = new_console().session
    session.api.token = "nonsense"
    with pytest.raises(ApiError) as caught:
        await session.start()
    assert caught.value.status == 401


async def test_a_session_that_ends_in_the_middle_goes_on_after_a_sign_in(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.api.send(calls.sign_out())
    await console.screen.until(lambda: session.link.state == "refused")
    session.note(id, "no se pierde")
    await session.sign_in("ana", PASSWORD)
    await console.screen.until(lambda: session.link.state == "live" and not session.outgoing.commands)
    assert in_store(desk, id)[-1][1] == "no se pierde"


async def test_a_server_that_is_away_at_the_start_is_waited_for(desk: Desk, proxy: Proxy, console: Console) -> None:
    id = await receive(desk)
    await proxy.cut()
    await console.session.start(UNASSIGNED)
    assert console.session.link.state == "offline"
    await proxy.listen()
    await console.screen.until(lambda: console.session.link.state == "live")
    assert console.session.mirror.window.ids() == [id]


# ---------------------------------------------------------------- lists and threads


async def test_pages_come_as_the_cursor_nears_their_end(
    desk: Desk, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_console.backend.loader.ROWS", 5)
    ids = [await receive(desk, "hola", f"5037000{n:04d}") for n in range(12)]
    session = await console.start()
    assert session.mirror.window.ids() == ids[:5]
    for size in (5, 10):
        session.cursor(session.mirror.window.ids()[-1])
        await console.screen.until(lambda: len(session.mirror.window) > size)  # noqa: B023 - awaited at once
    assert session.mirror.window.ids() == ids
    assert not session.mirror.window.has_after


async def test_another_list_is_loaded_once_and_then_kept(desk: Desk, console: Console) -> None:
    session = await console.start(MINE)
    session.show(UNASSIGNED)
    await console.screen.until(lambda: session.mirror.window.loaded)
    session.show(MINE)
    id = await receive(desk)
    await console.screen.until(lambda: session.mirror.seq >= desk.head())
    session.show(UNASSIGNED)
    assert session.mirror.window.ids() == [id]


async def test_the_thread_under_the_cursor_is_ready_before_it_is_opened(desk: Desk, console: Console) -> None:
    ids = [await receive(desk, f"caso {n}", f"5037000111{n}") for n in range(3)]
    session = await console.start()
    session.cursor(ids[1])
    await console.screen.until(lambda: all(each for each in map(session.mirror.messages, ids)))
    opening = asyncio.create_task(session.open(ids[1]))
    await opening
    thread = session.mirror.thread(ids[1])
    assert thread is not None and thread.about is not None
    assert thread.about.contact.name == "María"
    assert [message.text for message in session.mirror.messages(ids[1])] == ["caso 1"]
    await console.screen.until(lambda: thread.history == [])


async def test_an_unknown_conversation_cannot_be_opened(console: Console) -> None:
    session = await console.start()
    with pytest.raises(ApiError) as caught:
        await session.open(999)
    assert caught.value.status == 404


async def test_what_was_read_stays_read(desk: Desk, console: Console, new_console: NewConsole) -> None:
    id = await receive(desk)
    session = await console.start()
    session.seen(id)
    assert session.mirror.lines()[0].unread == 0
    await console.screen.until(lambda: desk.read("SELECT 1 FROM last_seen"))
    other = await new_console().start()
    assert other.mirror.lines()[0].unread == 0


async def test_colleagues_see_who_looks_and_writes(desk: Desk, new_console: NewConsole) -> None:
    id = await receive(desk)
    desk.add_user("luis")
    ana, luis = new_console("ana"), new_console("luis")
    await ana.start()
    await luis.start()
    await luis.session.open(id)
    await ana.screen.until(lambda: ana.session.mirror.lines()[0].viewing == ("luis",))
    luis.session.viewing(id, typing=True)
    await ana.screen.until(lambda: ana.session.mirror.lines()[0].typing == ("luis",))
    assert luis.session.mirror.lines()[0].viewing == ()
    luis.session.close()
    await ana.screen.until(lambda: ana.session.mirror.lines()[0].viewing == ())


async def test_drafts_follow_the_advisor(desk: Desk, console: Console, new_console: NewConsole) -> None:
    id = await receive(desk)
    session = await console.start()
    session._marks._draft_delay = 0
    session.draft(id, "Estimada María")
    await console.screen.until(lambda: desk.read("SELECT 1 FROM drafts"))
    elsewhere = Session(desk.url, desk.sign_in("ana"), listener=Screen(), folder=console.session._folder)
    await elsewhere.start(UNASSIGNED)
    await elsewhere.open(id)
    assert elsewhere.draft_of(id) == "Estimada María"
    await elsewhere.stop()
    session.reply(id, "Estimada María: listo", hold_ms=0)
    await console.screen.until(lambda: not desk.read("SELECT 1 FROM drafts"))
    assert session.draft_of(id) == ""


# ---------------------------------------------------------------- acts


async def test_an_act_is_painted_at_once_and_then_confirmed(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    session.cursor(id)
    session.claim(id)
    line = session.mirror.line(id)
    assert line is not None
    assert (line.row.assignee, line.pending, line.gone) == ("ana", True, True)
    assert (session.mirror.counts.mine, session.mirror.counts.unassigned) == (1, 0)
    await console.screen.until(lambda: not session.outgoing.commands)
    await console.screen.until(lambda: session.mirror.seq >= desk.head())
    line = session.mirror.line(id)
    assert line is not None and line.row.assignee == "ana" and not line.pending
    assert (session.mirror.counts.mine, session.mirror.counts.unassigned) == (1, 0)


async def test_a_refused_act_is_taken_back_and_said(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    console.proxy.stall()
    session.claim(id)
    assert session.mirror.counts.mine == 1
    await as_luis(desk, calls.claim(id))
    console.proxy.go_on()
    await console.screen.until(lambda: console.screen.troubles)
    (trouble,) = console.screen.troubles
    assert (trouble.problem.code, trouble.problem.params["by"]) == ("already_assigned", "luis")
    assert (trouble.conversation, trouble.stopped) == (id, False)
    assert not session.outgoing.commands
    await console.screen.until(lambda: (row := session.mirror.row(id)) is not None and row.assignee == "luis")
    await console.screen.until(lambda: session.mirror.counts.mine == 0)


async def test_a_reply_can_be_taken_back_while_it_is_held(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    session.reply(id, "Buenos dís")
    await console.screen.until(lambda: session.mirror.messages(id)[-1].id > 0)
    message = session.mirror.messages(id)[-1]
    assert message.status == "queued" and message.send_at is not None
    assert session.take_back(id, message.id) == "Buenos dís"
    assert session.mirror.messages(id)[-1].status == "cancelled"
    await console.screen.until(lambda: not session.outgoing.commands)
    assert in_store(desk, id)[-1] == ("out", "Buenos dís", "cancelled")
    await console.screen.until(lambda: (row := session.mirror.row(id)) is not None and row.preview == "hola")


async def test_the_second_reply_asks_before_it_goes(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    began = session.mirror.seq
    await as_luis(desk, calls.reply(id, wire.Reply(text="Ya lo veo yo")))
    session.reply(id, "Yo también", seen_seq=began)
    session.resolve(id)
    await console.screen.until(lambda: console.screen.troubles)
    (trouble,) = console.screen.troubles
    assert (trouble.problem.code, trouble.stopped) == ("conversation_moved", True)
    assert [command.text for command in session.outgoing.of(id)] == ["Yo también", ""]
    row = session.mirror.row(id)
    assert row is not None and row.state != "resolved"
    await console.screen.until(lambda: [m.text for m in session.mirror.messages(id)] == ["hola", "Ya lo veo yo"])
    session.go_on(id, confirm=True)
    assert session.mirror.messages(id)[-1].text == "Yo también"
    await console.screen.until(lambda: not session.outgoing.commands or len(console.screen.troubles) > 1)
    assert in_store(desk, id)[-1][1] == "Yo también"


async def test_giving_up_puts_the_words_back_into_the_draft(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    began = session.mirror.seq
    await as_luis(desk, calls.reply(id, wire.Reply(text="Ya lo veo yo")))
    session.reply(id, "Yo también", seen_seq=began)
    await console.screen.until(lambda: console.screen.troubles)
    assert session.give_up(id) == "Yo también"
    assert session.draft_of(id) == "Yo también"
    assert not session.outgoing.commands
    assert [entry[1] for entry in in_store(desk, id)] == ["hola", "Ya lo veo yo"]


# ---------------------------------------------------------------- the line is lost


async def test_work_goes_on_without_a_line_and_nothing_is_lost_or_doubled(
    desk: Desk, proxy: Proxy, console: Console
) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    await proxy.cut()
    await console.screen.until(lambda: session.link.state == "offline")
    session.claim(id)
    session.reply(id, "Uno", hold_ms=0)
    session.note(id, "Dos")
    session.seen(id)
    other = await receive(desk, "nadie me ve", "50370002222")
    assert [message.text for message in session.mirror.messages(id)] == ["hola", "Uno", "Dos"]
    assert session.outgoing.waiting_replies == 2
    await proxy.listen()
    await console.screen.until(lambda: session.link.state == "live" and not session.outgoing.commands)
    await console.screen.until(lambda: session.mirror.row(other) is not None, "what was missed")
    assert [entry[1] for entry in in_store(desk, id)] == ["hola", "Uno", "Dos"]
    assert [message.text for message in session.mirror.messages(id)] == ["hola", "Uno", "Dos"]
    await console.screen.until(lambda: desk.read("SELECT 1 FROM last_seen"))
    assert not console.screen.troubles


async def test_an_answer_that_is_lost_does_not_double_the_reply(desk: Desk, proxy: Proxy, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    proxy.deafen()  # the server hears us, we do not hear it
    command = session.reply(id, "¿Llegó?", hold_ms=30)
    await console.screen.until(lambda: len(in_store(desk, id)) == 2, "the reply at the server")
    await proxy.cut()
    await console.screen.until(lambda: session.link.state == "offline")
    assert session.outgoing.waiting_replies == 1
    # Later than it could be taken back: it must go as the same request all the same, or it would be a second reply.
    written = command.change.at  # type: ignore[union-attr]
    await console.screen.until(lambda: session.mirror.server_now(session._now()) > written + 100)
    await proxy.listen()
    await console.screen.until(lambda: not session.outgoing.commands)
    assert [entry[1] for entry in in_store(desk, id)] == ["hola", "¿Llegó?"]
    await console.screen.until(lambda: session.link.state == "live" and session.mirror.seq >= desk.head())
    assert [message.text for message in session.mirror.messages(id)] == ["hola", "¿Llegó?"]


async def test_a_reply_that_waits_can_be_taken_back(desk: Desk, proxy: Proxy, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    await proxy.cut()
    await console.screen.until(lambda: session.link.state == "offline")
    session.reply(id, "mejor no")
    shadow = session.mirror.messages(id)[-1]
    await console.screen.until(lambda: (each := session.outgoing.of(id)) and not each[0].tried)
    assert shadow.id < 0 and session.take_back(id, shadow.id) == "mejor no"
    assert [message.text for message in session.mirror.messages(id)] == ["hola"]
    assert not session.outgoing.commands
    await proxy.listen()
    await console.screen.until(lambda: session.link.state == "live")
    assert len(in_store(desk, id)) == 1


async def test_a_reply_taken_back_on_its_way_is_cancelled_when_it_has_arrived(
    desk: Desk, proxy: Proxy, console: Console
) -> None:
    id = await receive(desk)
    session = await console.start()
    await session.open(id)
    proxy.stall()
    session.reply(id, "demasiado pronto")
    await console.screen.until(lambda: session.outgoing.of(id)[0].tried)
    session.take_back(id, session.mirror.messages(id)[-1].id)
    assert session.mirror.messages(id)[-1].status == "cancelled"
    proxy.go_on()
    await console.screen.until(lambda: not session.outgoing.commands)
    assert in_store(desk, id)[-1] == ("out", "demasiado pronto", "cancelled")


async def test_what_a_crashed_console_left_is_shown_and_sent_by_the_next(
    desk: Desk, proxy: Proxy, new_console: NewConsole
) -> None:
    id = await receive(desk)
    crashed = new_console()
    await crashed.start()
    await proxy.cut()
    await crashed.screen.until(lambda: crashed.session.link.state == "offline")
    crashed.session.reply(id, "antes de caer", hold_ms=0)
    crashed.session.draft(id, "y a medias")
    await crashed.session.stop()  # leaves on disk what a kill would leave: see test_outgoing
    await proxy.listen()
    console = new_console()
    session = await console.start(OPEN)
    await console.screen.until(lambda: not session.outgoing.commands)
    assert in_store(desk, id)[-1][1] == "antes de caer"
    assert session.draft_of(id) == "y a medias"


async def test_a_silent_line_is_given_up(desk: Desk, proxy: Proxy, new_console: NewConsole) -> None:
    """The network swallows everything and says nothing: no error, no end."""
    console = new_console()
    session = console.session
    session._timing = Timing(connect=1, stall=0.5, behind=0.3, first=0.02, most=0.2)
    await console.start()
    proxy.stall()
    await console.screen.until(lambda: session.link.state == "offline")
    id = await receive(desk)
    proxy.go_on()
    await console.screen.until(lambda: id in session.mirror.window)


async def test_an_act_that_does_not_get_through_tells_that_the_line_is_lost(
    desk: Desk, proxy: Proxy, new_console: NewConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long before a heartbeat is missed."""
    id = await receive(desk)
    console = new_console()
    session = console.session
    session._timing = Timing(connect=0.3, stall=60, behind=60, first=0.02, most=0.2)
    await console.start()
    monkeypatch.setattr("agent_console.backend.api.ANSWER_TIMEOUT", 0.3)
    proxy.stall()
    session.note(id, "¿hay alguien?")
    await console.screen.until(lambda: session.link.state == "offline")
    proxy.go_on()
    await console.screen.until(lambda: session.link.state == "live" and not session.outgoing.commands)
    assert [text for _, text, _ in in_store(desk, id)] == ["hola", "¿hay alguien?"]


async def test_what_was_opened_without_a_line_comes_with_it(desk: Desk, proxy: Proxy, console: Console) -> None:
    id = await receive(desk, "¿me ayuda?")
    session = await console.start()
    await proxy.cut()
    await console.screen.until(lambda: session.link.state == "offline")
    with pytest.raises(Unreachable):
        await session.open(id)
    await proxy.listen()
    await console.screen.until(lambda: [each.text for each in session.mirror.messages(id)] == ["¿me ayuda?"])
