"""The console's side of the wire against the real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent_console.backend import calls
from agent_console.backend.api import ApiError
from agent_console.backend.session import Session
from server import wire
from tests.backend.consoles import (
    MINE,
    QUICK,
    UNASSIGNED,
    Console,
    NewConsole,
    Screen,
    as_luis,
    in_store,
    receive,
)
from tests.faults.proxy import Proxy
from tests.routes.desk import PASSWORD, Desk

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


async def test_who_leaves_right_after_an_answer_finds_no_draft_of_it_later(desk: Desk, new_console: NewConsole) -> None:
    id = await receive(desk)
    session = await (console := new_console()).start()
    await session.open(id)
    session.draft(id, "Con mucho gusto")

    def kept() -> list[str]:
        return [row["text"] for row in desk.read("SELECT text FROM drafts")]

    await console.screen.until(lambda: kept() == ["Con mucho gusto"])
    session.draft(id, "")
    session.reply(id, "Con mucho gusto")
    await console.screen.until(lambda: not session.outgoing.commands)
    await session.stop()
    assert kept() == []
