"""The console while the line to the server is cut, clogged or deaf: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import pytest

from agent_console.backend.api import Unreachable
from agent_console.backend.live import Timing
from tests.backend.consoles import (
    OPEN,
    Console,
    NewConsole,
    in_store,
    receive,
)
from tests.faults.proxy import Proxy
from tests.routes.desk import Desk


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
