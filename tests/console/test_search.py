"""Searching by keys: what is offered, what is wrong, results as one types, the way back, and what keeps them fresh."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent_console import settings
from agent_console.backend import searching
from agent_console.backend.api import ApiError
from agent_console.backend.calls import Call
from agent_console.backend.views import ListSpec
from server import wire
from tests.console import sample
from tests.console.desk import Desk, console
from tests.console.test_work import know, names_come

ROWS = [
    sample.row(700 + n, f"Found {n}", "whatsapp", "tarjeta", tags=["mora"], sort_key=n + 1, assignee="luis")
    for n in range(3)
]


class Server:
    """Answers searches; `pages` by query and cursor, else all of `rows`."""

    def __init__(self, rows: list[wire.ConversationRow] = ROWS) -> None:
        self.rows = rows
        self.pages: dict[tuple[str, str], wire.Page[wire.ConversationRow]] = {}
        self.asked: list[tuple[str, str]] = []
        self.refusal: wire.Problem | None = None

    def __call__(self, call: Call[Any]) -> Any:
        asked = call.params.get("q", ""), call.params.get("after", "")
        self.asked.append(asked)
        if self.refusal is not None:
            raise ApiError(self.refusal, 422)
        return self.pages.get(asked) or wire.Page(items=self.rows)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "REST", 0.0)
    monkeypatch.setattr(searching.Search.ask, "__defaults__", (0.0,))
    monkeypatch.setattr(searching, "FRESH", 0.01)


async def begin(desk: Desk, server: Server) -> None:
    know(desk)
    desk.session.rows += server.rows
    desk.session.fake_api.answers["GET", "/conversations"] = server
    await desk.press("/")
    await names_come(desk)


async def until(desk: Desk, holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)
            await desk.pilot.pause()


async def test_results_come_as_one_types_and_esc_goes_back_to_the_view_as_it_was() -> None:
    async with console() as desk:
        server = Server()
        await desk.press("j", "j")
        await begin(desk, server)
        await desk.write("tarjeta")
        await until(desk, lambda: "Found 0" in desk.screen)
        assert desk.shown()[1].startswith(" / tarjeta▏") and desk.shown()[1].rstrip().endswith("3")
        assert desk.inbox.thelist.has_focus is False
        await desk.press("escape")
        assert "Found 0" not in desk.screen and desk.shown()[1].startswith(" ▲-02:14")
        assert desk.cursor == 3


async def test_enter_keeps_it_and_esc_leaves_it() -> None:
    async with console() as desk:
        await begin(desk, Server())
        await desk.write("tag:mora")
        await desk.press("enter")
        await until(desk, lambda: "Found 0" in desk.screen)
        assert desk.session.mirror.window.spec == ListSpec(view="all", q="tag:mora")
        await desk.press("j", "enter", "escape")
        assert desk.cursor == 701 and "tag:mora" in desk.shown()[1]
        await desk.press("escape")
        assert desk.session.mirror.window.spec == ListSpec(view="mine")
        assert "tag:mora" not in desk.screen


async def test_a_key_of_a_view_leaves_the_search() -> None:
    async with console() as desk:
        await begin(desk, Server())
        await desk.write("tag:mora")
        await desk.press("enter", "2")
        assert desk.session.mirror.window.spec == ListSpec(view="unassigned")
        assert "/ tag:mora" not in desk.screen


async def test_fields_flags_and_values_are_offered_and_tab_takes_them() -> None:
    async with console((120, 30)) as desk:
        await begin(desk, Server())
        await desk.press("t", "a")
        assert "Tab  tag:" in desk.shown()[2]
        await desk.press("tab")
        assert "mora  vip  tarjeta" in desk.shown()[2]
        await desk.press("ctrl+n", "tab", *"-un")
        assert "/ tag:vip -un▏" in desk.shown()[1]
        assert "unassigned  unread" in desk.shown()[2]
        await desk.press("tab", *"te", "tab", "c", "tab")
        assert "/ tag:vip -unassigned team:Créditos" in desk.shown()[1]


async def test_the_language_is_spoken_in_spanish_too() -> None:
    async with console((120, 30), lang="es") as desk:
        await begin(desk, Server())
        await desk.press(*"etiq", "tab", "v", "tab")
        assert "/ etiqueta:vip ▏" in desk.shown()[1]


async def test_what_is_wrong_is_said_while_typing_and_asks_nobody() -> None:
    async with console((120, 30)) as desk:
        server = Server()
        await begin(desk, server)
        await desk.write("canl:x hola")
        assert "There is no field canl." in desk.shown()[2]
        bar = desk.app.screen.query_one("#search")
        words = {segment.text: segment.style for segment in bar.render_line(0)}
        wrong, rest = words["canl"], words[":x hola"]
        assert wrong is not None and wrong.underline and rest is not None and not rest.underline
        asked = len(server.asked)
        await desk.press("enter")
        assert "There is no field canl." in desk.status and len(server.asked) == asked


async def test_what_the_server_says_is_wrong_is_shown() -> None:
    async with console((120, 30)) as desk:
        server = Server()
        server.refusal = wire.Problem(code="bad_query", status=422, params={"why": "bad_date", "value": "x", "start": 0,
                                                                           "end": 3})  # fmt: skip
        await begin(desk, server)
        await desk.write("hola")
        await until(desk, lambda: "x is no day" in desk.screen)


async def test_only_the_last_question_counts() -> None:
    async with console() as desk:
        gate = asyncio.Event()
        asked: list[str] = []

        async def send(call: Call[Any], progress: object = None) -> Any:
            if call.path != "/conversations":
                return wire.Page(items=[])
            asked.append(call.params["q"])
            if call.params["q"] == "a":
                await gate.wait()
                return wire.Page(items=[sample.row(800, "Too late", "sms", "")])
            return wire.Page(items=ROWS)

        await begin(desk, Server())
        desk.session.api.send = send  # type: ignore[method-assign]
        await desk.press("a")
        await until(desk, lambda: asked == ["a"])
        await desk.press("b")
        await until(desk, lambda: "Found 0" in desk.screen)
        gate.set()
        await desk.pilot.pause()
        assert "Too late" not in desk.screen


async def test_empty_pages_with_more_behind_them_are_gone_through() -> None:
    async with console() as desk:
        server = Server()
        for n in range(5):
            server.pages["x", str(n or "")] = wire.Page(items=[], next=str(n + 1))
        server.pages["x", "5"] = wire.Page(items=ROWS)
        await begin(desk, server)
        await desk.write("x")
        await until(desk, lambda: "Found 2" in desk.screen)
        assert [after for _q, after in server.asked] == ["", "1", "2", "3", "4", "5"]


async def test_endless_empty_pages_are_not() -> None:
    async with console() as desk:
        server = Server()
        for n in range(searching.PAGES + 20):
            server.pages["x", str(n or "")] = wire.Page(items=[], next=str(n + 1))
        await begin(desk, server)
        await desk.write("x")
        await until(desk, lambda: len(server.asked) == searching.PAGES)
        for _ in range(5):
            await desk.pilot.pause()
        assert len(server.asked) == searching.PAGES


async def test_a_slow_answer_says_so() -> None:
    async with console() as desk:
        await begin(desk, Server())

        async def never(call: Call[Any], progress: object = None) -> Any:
            await asyncio.Event().wait()

        desk.session.api.send = never  # type: ignore[method-assign]
        await desk.write("hola")
        search = desk.inbox.searching.search
        await until(desk, lambda: search.asked_at is not None)
        assert search.asked_at is not None and "searching…" not in desk.screen
        search.asked_at -= 2
        await desk.pass_time(1_000)
        assert "searching…" in desk.shown()[1]
        await desk.press("enter", "escape")
        assert "/ hola" not in desk.screen and not search.asking  # nobody has to wait for it


async def late(desk: Desk) -> asyncio.Event:
    """A search that is typed before there is any answer; nothing is answered until the event is set."""
    server, may = Server(), asyncio.Event()
    await begin(desk, server)
    send = desk.session.api.send

    async def later(call: Call[Any], progress: Any = None) -> Any:
        if call.params.get("q"):
            await may.wait()
        return await send(call, progress)

    desk.session.api.send = later  # type: ignore[method-assign]
    await desk.pilot.press(*"hola")
    return may


async def test_keys_after_a_search_are_for_what_it_finds() -> None:
    async with console() as desk:
        may = await late(desk)
        await desk.press("enter", "x", "enter")
        assert desk.inbox.opened is None and desk.inbox.marking.ids() == []
        may.set()
        await until(desk, lambda: desk.inbox.opened is not None)
        first, second, _third = desk.session.mirror.window.ids()
        assert desk.inbox.marking.ids() == [first] and desk.inbox.opened == second


async def test_esc_gives_a_search_up_and_what_was_typed_for_it() -> None:
    async with console() as desk:
        await late(desk)
        await desk.pilot.press("enter", "x", "escape", "j")
        await until(desk, lambda: desk.cursor == 2)
        assert "/ hola" not in desk.screen and desk.inbox.marking.ids() == []
        assert desk.app.gate.idle


async def test_a_search_on_its_way_can_be_changed() -> None:
    async with console() as desk:
        await late(desk)
        desk.inbox.searching.show("hola")
        desk.inbox.acts.perform("search")
        assert desk.shown()[1].startswith(" / hola▏")


async def test_what_arrives_just_as_one_searches_does_not_end_the_search() -> None:
    async with console() as desk:
        await begin(desk, Server())
        desk.inbox.searching.show("tarjeta")
        desk.session.event("message.received", sample.row(900, "Somebody else", "sms", "hola"))
        await until(desk, lambda: "Found 2" in desk.screen)
        assert desk.shown()[1].startswith(" / tarjeta")


async def test_a_search_that_the_server_refuses_after_enter_says_why() -> None:
    async with console((120, 30)) as desk:
        server = Server()
        await begin(desk, server)
        server.refusal = wire.Problem(code="bad_query", status=422, params={"why": "bad_date", "value": "x"})
        desk.inbox.searching.show("hola")
        await until(desk, lambda: "x is no day" in desk.status)
        assert "/ hola" not in desk.shown()[1]


async def test_what_changes_is_put_right_by_the_row_or_by_asking_again() -> None:
    async with console() as desk:
        server = Server()
        await begin(desk, server)
        await desk.write("tag:mora tarjeta")
        await desk.press("enter")
        await until(desk, lambda: "Found 2" in desk.screen)
        gone = sample.row(702, "Found 2", "whatsapp", "", version=2, tags=[], sort_key=3)
        desk.session.event("conversation.tagged", gone)
        await desk.pilot.pause()
        assert "Found 2" not in desk.screen  # its tags tell

        new = sample.row(710, "Just now", "whatsapp", "", tags=["mora"], sort_key=2)
        asked = "id:710 tag:mora tarjeta"
        server.pages[asked, ""] = wire.Page(items=[new])
        desk.session.event("message.received", new)
        await until(desk, lambda: "Just now" in desk.screen)
        assert (asked, "") in server.asked

        server.pages["id:701 tag:mora tarjeta", ""] = wire.Page(items=[])
        changed = sample.row(701, "Found 1", "whatsapp", "", version=2, tags=["mora"], sort_key=1)
        desk.session.event("message.edited", changed)
        await until(desk, lambda: "Found 1" not in desk.screen)


async def test_earlier_searches_come_back() -> None:
    async with console() as desk:
        await begin(desk, Server())
        await desk.write("uno")
        await desk.press("enter", "escape", "/")
        await desk.write("dos")
        await desk.press("enter", "escape", "/", "up", "up")
        assert desk.shown()[1].startswith(" / uno▏")
        await desk.press("down")
        assert desk.shown()[1].startswith(" / dos▏")


async def test_earlier_searches_come_back_the_next_day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "folder", lambda: tmp_path)
    async with console() as desk:
        desk.app.remembered = settings.remembered()
        await begin(desk, Server())
        await desk.write("tarjeta retenida")
        await desk.press("enter")
    async with console() as desk:
        desk.app.remembered = settings.remembered()
        await begin(desk, Server())
        await desk.press("up")
        assert desk.shown()[1].startswith(" / tarjeta retenida▏")


async def test_nothing_found_says_what_to_do() -> None:
    async with console() as desk:
        await begin(desk, Server([]))
        await desk.write("zzz")
        await desk.press("enter")
        await until(desk, lambda: "Nothing was found." in desk.screen)


async def test_beside_a_conversation_what_to_do_is_not_cut() -> None:
    async with console((120, 40)) as desk:
        await desk.press("enter")
        await begin(desk, Server([]))
        await desk.write("zzz")
        await desk.press("enter")
        await until(desk, lambda: "Nothing was found." in desk.screen)
        narrow = [line.partition("│")[0] for line in desk.shown()]
        assert "change the search" in " ".join(" ".join(narrow).split())


async def test_a_saved_view_is_shown_by_its_key() -> None:
    async with console((120, 30)) as desk:
        know(desk)
        desk.session.fake_api.answers["GET", "/conversations"] = Server()
        desk.inbox.acts.prepare()
        await names_come(desk)
        await desk.press("6")
        await until(desk, lambda: "Found 0" in desk.screen)
        assert desk.shown()[1].startswith(" / Mora  tag:mora")
        await desk.press("8")
        assert "There is no saved view here yet." in desk.status
