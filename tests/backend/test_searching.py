"""Searching and working against the real server: what comes, what keeps it fresh, what many changes at once leave."""

from __future__ import annotations

from typing import Any

import pytest

from agent_console.backend import calls, calls_work, searching
from agent_console.backend.api import Unreachable
from agent_console.backend.matching import matches
from agent_console.backend.opposites import opposite
from agent_console.backend.overlay import ChangeTags, Claim, Follow, Resolve, SetPriority, Snooze
from agent_console.backend.searching import Search
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec
from server import wire
from server.commands.labels import CreateTag
from server.query import parse
from tests.backend.consoles import UNASSIGNED, Console, as_luis, in_store, receive
from tests.routes.desk import Desk

HOUR = 3_600_000


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FRESH", 0.02)


def begin(session: Session, console: Console) -> Search:
    search = Search(session.api, session.mirror, console.screen)
    search.home = session.mirror.window.spec
    return search


def shown(session: Session) -> list[int]:
    window = session.mirror.window
    return [each for each in window.ids() if not window.is_gone(each)]


async def test_words_find_and_what_changes_comes_and_goes(desk: Desk, console: Console) -> None:
    one = await receive(desk, "mi tarjeta retenida", "50370001111")
    other = await receive(desk, "buenos días", "50370002222")
    session = await console.start()
    search = begin(session, console)
    assert search.ask("tarjeta", rest=0)
    await console.screen.until(lambda: session.mirror.window.spec.q == "tarjeta" and shown(session) == [one])
    await receive(desk, "yo también: la tarjeta", "50370002222")
    await console.screen.until(lambda: other in shown(session), "what was said now")
    third = await receive(desk, "¿y la tarjeta?", "50370003333")
    await console.screen.until(lambda: third in shown(session), "a new one")

    assert search.ask("tarjeta -is:resolved", rest=0)
    await console.screen.until(lambda: len(shown(session)) == 3)
    await as_luis(desk, calls.resolve(third))
    await console.screen.until(lambda: third not in shown(session), "the one that was resolved")
    session.show(UNASSIGNED)
    search.close()
    await console.screen.until(lambda: shown(session) == [one, other])


async def test_a_query_of_two_ways_stays_fresh(desk: Desk, console: Console) -> None:
    one = await receive(desk, "hola", "50370001111")
    session = await console.start()
    search = begin(session, console)
    assert search.ask('retenida OR "no sirve', rest=0)
    await console.screen.until(lambda: session.mirror.window.spec.q != "" and session.mirror.window.loaded)
    assert shown(session) == []
    await receive(desk, "la app no sirve", "50370001111")
    await console.screen.until(lambda: shown(session) == [one])
    search.close()


async def test_what_changed_while_the_line_was_down_is_asked_about_later(desk: Desk, console: Console) -> None:
    one = await receive(desk, "hola", "50370001111")
    session = await console.start()
    search = begin(session, console)
    assert search.ask("retenida", rest=0)
    await console.screen.until(lambda: session.mirror.window.spec.q != "")
    real, failures = session.api.send, 2

    async def send(call: Any, progress: Any = None) -> Any:
        nonlocal failures
        if "id:" in call.params.get("q", "") and failures:
            failures -= 1
            raise Unreachable("lost", "")
        return await real(call, progress)

    session.api.send = send  # type: ignore[method-assign]
    await receive(desk, "mi tarjeta retenida", "50370001111")
    await console.screen.until(lambda: shown(session) == [one])
    assert failures == 0
    search.close()


async def test_what_cannot_be_read_is_said(desk: Desk, console: Console) -> None:
    session = await console.start()
    search = begin(session, console)
    assert not search.ask("canl:wa", rest=0)
    assert search.wrong is not None and (search.wrong.start, search.wrong.end) == (0, 4)
    assert session.mirror.window.spec == UNASSIGNED


#: queries that a row can answer
QUERIES = ["is:mine", "is:unassigned", "-is:assigned", "tag:mora", "-tag:mora", "priority>=high", "priority<normal",
           "state:queued,open", "is:snoozed OR is:resolved", "assignee:me", "assignee:none", "team:none", "is:unread",
           "channel:whatsapp", "has:campaign", "is:public", "is:failed", "is:open is:mine", "id>2"]  # fmt: skip


async def test_the_row_and_the_server_agree(desk: Desk, console: Console) -> None:
    desk._do(CreateTag(name="mora"))
    ids = [await receive(desk, f"caso {n}", f"5037000{n:04d}") for n in range(6)]
    session = await console.start()
    for change in (Claim(ids[0]), Resolve(ids[1]), ChangeTags(ids[2], add=("mora",)), ChangeTags(ids[0], add=("mora",)),
                   SetPriority(ids[3], priority="urgent"), SetPriority(ids[4], priority="low"),
                   Snooze(ids[5], until=session._now() + HOUR)):  # fmt: skip
        session.do(change)
    await console.screen.until(lambda: not session.outgoing.commands)
    rows = (await session.api.send(calls.conversations("all"))).items
    assert len(rows) == 6
    for query in QUERIES:
        found = {row.id for row in (await session.api.send(calls.conversations("all", q=query))).items}
        for row in rows:
            assert matches(parse(query), row, "ana") in (None, row.id in found), (query, row)


# ---------------------------------------------------------------- work


async def test_work_is_done_and_undone(desk: Desk, console: Console) -> None:
    desk._do(CreateTag(name="mora"))
    id = await receive(desk)
    session = await console.start()
    changes = (ChangeTags(id, add=("mora",)), SetPriority(id, priority="high"), Follow(id, on=True),
               Snooze(id, until=session._now() + HOUR))  # fmt: skip
    backs = []
    for change in changes:
        row = session.mirror.row(id)
        assert row is not None
        backs.append(opposite(change, row))
        session.do(change)
    await console.screen.until(lambda: not session.outgoing.commands)
    about = await session.api.send(calls.conversation(id))
    assert (about.row.tags, about.row.priority, about.row.state) == (["mora"], "high", "snoozed") and about.followed
    for back in reversed(backs):
        for undone in back:
            session.do(undone)
    await console.screen.until(lambda: not session.outgoing.commands)
    about = await session.api.send(calls.conversation(id))
    assert (about.row.tags, about.row.priority, about.row.state) == ([], "normal", "queued") and not about.followed


async def test_many_at_once_and_what_was_refused(desk: Desk, console: Console) -> None:
    ids = [await receive(desk, f"caso {n}", f"5037000{n:04d}") for n in range(12)]
    session = await console.start()
    await as_luis(desk, calls.resolve(ids[3]))
    bulk = session.do_all([Snooze(id, until=session._now() + HOUR) for id in ids])
    assert (bulk.total, bulk.left) == (12, 12)
    await console.screen.until(lambda: bulk.left == 0)
    assert {id: problem.code for id, problem in bulk.refused.items()} == {ids[3]: "already_resolved"}
    assert console.screen.troubles == []
    asleep = await session.api.send(calls.conversations("all", q="is:snoozed"))
    assert {row.id for row in asleep.items} == set(ids) - {ids[3]}


async def test_a_reply_for_later_waits_on_the_server(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    at = session._now() + 2 * HOUR
    await session.open(id)
    session.reply(id, "mañana le llamo", send_at=at)
    await console.screen.until(lambda: not session.outgoing.commands)
    await console.screen.until(lambda: any(m.send_at == at for m in session.mirror.messages(id)))
    message = next(m for m in session.mirror.messages(id) if m.send_at == at)
    row = session.mirror.row(id)
    assert row is not None and row.sla is not None and row.assignee == "ana"
    await receive(desk, "ya no")
    await console.screen.until(lambda: in_store(desk, id)[1][2] == "failed")
    assert message.data["scheduled"] == at


async def test_being_called_in_a_note_is_heard_of(desk: Desk, console: Console) -> None:
    id = await receive(desk)
    session = await console.start()
    await as_luis(desk, calls.note(id, "@ana ¿lo ve usted?"))
    await console.screen.until(lambda: any(a.kind == "note.added" for a in console.screen.painted.alerts))
    line = session.mirror.line(id)
    assert line is not None and line.mentioned
    found = await session.api.send(calls.conversations("all", q="is:mentioned"))
    assert [row.id for row in found.items] == [id]
    await session.open(id)
    line = session.mirror.line(id)
    assert line is not None and not line.mentioned


async def test_views_of_others_are_heard_of(desk: Desk, console: Console) -> None:
    await console.start(ListSpec())
    await console.session.api.send(calls_work.add_view(wire.NewView(name="Mora", query="tag:mora")))
    await console.screen.until(lambda: "views" in console.screen.painted.names)
