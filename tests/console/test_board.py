"""The wallboard and the alerts: what they show, what their keys do; and how they look, kept as pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from agent_console.app import ConsoleApp
from agent_console.backend.alarms import Alarms, concerns
from agent_console.backend.api import Unreachable
from agent_console.backend.changes import Changes
from agent_console.presentation import board
from agent_console.presentation.board import Target
from agent_console.presentation.look import Look
from agent_console.presentation.palette import DARK
from agent_console.safetext import cells
from agent_console.screens.alerting import Alerting
from agent_console.screens.board import Wallboard
from server import wire
from tests.console import sample, sample_board
from tests.console.fake import Clock, FakeSession
from tests.console.quick import cases
from tests.console.settled import settled

#: small, as in the documentation, wide
SIZES = (((80, 24), "es"), ((120, 24), "es"), ((120, 24), "en"), ((160, 45), "en"))
SOFIA = msgspec.structs.replace(sample.ME, name="sofia", display_name="Sofía", role="supervisor")
LOOK = Look.of(DARK)


def app(lang: str = "es", user: wire.User = SOFIA) -> ConsoleApp:
    clock = Clock()

    def make(*given: Any, **more: Any) -> FakeSession:
        session = FakeSession(*given, **{**more, "user": user}, clock=clock)
        session.fake_api.answers["GET", "/wallboard"] = lambda call: sample_board.board()
        session.fake_api.answers["GET", "/alerts"] = lambda call: wire.Page(items=sample_board.alerts())
        session.fake_api.answers["GET", "/conversations"] = lambda call: wire.Page(items=sample.rows()[:3])
        return session

    return ConsoleApp("http://test", "t", user=user, lang=lang, clock=clock, make_session=make)


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)
            await pilot.pause()


async def opened(pilot: Pilot[None]) -> Wallboard:
    await pilot.pause()
    await pilot.press("f3")
    await until(pilot, lambda: isinstance(pilot.app.screen, Wallboard) and bool(pilot.app.screen._rows.chosen))
    screen = pilot.app.screen
    assert isinstance(screen, Wallboard)
    return screen


# ---------------------------------------------------------------- what it shows


@given(st.integers(40, 260))
def test_the_head_fits_its_width(width: int) -> None:
    head = board.head(sample_board.board(), sample.NOW, False, LOOK, width)
    assert sum(cells(s.text) for s in head) <= max(width, 40)


def test_everything_can_be_chosen_once() -> None:
    for width in (80, 160):
        rows = board.rows(sample_board.board(), sample.NOW, LOOK, width)
        targets = [target for row in rows for target, _cell in row.targets]
        assert len(targets) == len(set(targets)) == 4 + 4 + 1 + 5


def test_each_row_leads_to_its_conversations() -> None:
    assert board.query(Target("team", "Servicio San Miguel")) == 'team:"Servicio San Miguel" is:open'
    assert board.query(Target("advisor", "ana")) == 'assignee:"ana" is:open'
    assert board.query(Target("team", "")) == "team:none is:open"


def test_bars() -> None:
    assert board.spark([0, 1, 7]) == "▁▂█"
    assert board.spark([0, 0]) == "▁▁"
    assert board.gauge(500, 500) == "▇▇▇▇"
    assert board.gauge(1, 500) == "▇   "


# ---------------------------------------------------------------- what its keys do


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_tab_goes_from_kind_to_kind_wherever_they_stand(size: tuple[int, int]) -> None:
    async with app().run_test(size=size) as pilot:
        screen = await opened(pilot)
        kinds = []
        for _ in range(4):
            await pilot.press("tab")
            kinds.append(screen._rows.chosen.kind if screen._rows.chosen else "")
        assert kinds == ["channel", "campaign", "advisor", "team"]


async def test_from_a_row_to_its_conversations() -> None:
    async with app().run_test(size=(160, 45)) as pilot:
        screen = await opened(pilot)
        assert screen._rows.chosen == Target("team", "Servicio San Miguel")
        await pilot.press("right")
        assert screen._rows.chosen == Target("channel", "wa-principal")
        await pilot.press("left", "down", "enter")
        await pilot.pause()
        console: Any = pilot.app
        assert console.screen is console.inbox
        await until(pilot, lambda: console.session.mirror.window.spec.q == 'team:"Créditos" is:open')


async def test_give_all_that_an_advisor_has() -> None:
    async with app().run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        while screen._rows.chosen != Target("advisor", "carmen"):
            await pilot.press("down")
        console: Any = pilot.app
        hers = [msgspec.structs.replace(row, assignee="carmen", version=2) for row in sample.rows()[:3]]
        console.session.fake_api.answers["GET", "/conversations"] = lambda call: wire.Page(items=hers)
        await pilot.press("A")
        await until(pilot, lambda: len(console.inbox.thelist.marked) == 3)
        await until(pilot, lambda: console.inbox.over.open)


async def test_frozen_it_asks_no_more() -> None:
    async with app().run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("F")
        await until(pilot, lambda: screen._asking is None or screen._asking.done())
        console: Any = pilot.app

        def looks() -> int:
            return sum(call.path == "/wallboard" for call in console.session.fake_api.asked)

        asked = looks()
        for _ in range(3):
            screen._tick()
            await pilot.pause()
        assert looks() == asked > 0
        await pilot.press("F", "escape")
        assert console.screen is console.inbox


async def test_it_is_for_supervisors() -> None:
    async with app(user=sample.ME).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("f3")
        await pilot.pause()
        console: Any = pilot.app
        assert console.screen is console.inbox


# ---------------------------------------------------------------- alerts


def test_whom_an_alert_concerns() -> None:
    breached, help, threshold = sample_board.alerts()
    assert concerns(breached, sample.ME)
    assert concerns(help, SOFIA)
    assert not concerns(threshold, sample.ME)
    mine = msgspec.structs.replace(sample.ME, teams=["Créditos"])
    assert concerns(threshold, mine)
    own = msgspec.structs.replace(breached, level="advisor", user="luis")
    assert not concerns(own, sample.ME)
    assert not concerns(own, SOFIA)


def test_news_are_told_once_and_what_ended_stays_away() -> None:
    alarms, alert = Alarms(), sample_board.alerts()[0]
    data = {"alert": msgspec.to_builtins(alert)}
    assert alarms.take(data, SOFIA) == alert
    assert alarms.take(data, SOFIA) is None
    further = msgspec.structs.replace(alert, level="admin")
    assert alarms.take({"alert": msgspec.to_builtins(further)}, SOFIA) == further
    over = msgspec.structs.replace(alert, ended_at=sample.NOW, how="over")
    assert alarms.take({"alert": msgspec.to_builtins(over)}, SOFIA) is None
    alarms.load(sample_board.alerts())
    assert [each.id for each in alarms.all()] == [8, 7]
    assert alarms.take({"alert": {"id": "of a newer server"}}, SOFIA) is None


def test_an_alert_that_is_raised_while_the_list_is_on_its_way_is_kept() -> None:
    alarms, alert = Alarms(), sample_board.alerts()[0]
    alarms.asked()
    alarms.take({"alert": msgspec.to_builtins(alert)}, SOFIA)
    alarms.load([])  # read before it was raised
    assert alarms.all() == [alert]
    alarms.asked()
    alarms.load([])
    assert alarms.all() == [], "and gone when the server says so later"


async def test_alerts_that_could_not_be_had_are_asked_for_when_the_connection_is_back() -> None:
    async with app().run_test(size=(120, 40)) as pilot:
        console: Any = pilot.app
        console.inbox.acts.prepare()
        alerting = next(part for part in console.inbox.acts._service if isinstance(part, Alerting))
        await settled(pilot)
        alerting.changed(Changes())
        await settled(pilot)
        answers, before = console.session.fake_api.answers, len(alerting.alarms)
        answers["GET", "/alerts"] = Unreachable("connect")
        alerting.changed(Changes(reload=True))
        await settled(pilot)
        answers["GET", "/alerts"] = wire.Page(items=[])
        alerting.changed(Changes(waiting=True))
        await settled(pilot)
        assert len(alerting.alarms) == before, "not with every second"
        alerting.changed(Changes(link=True))
        await settled(pilot)
        assert len(alerting.alarms) == 0 < before


async def test_an_alert_is_said_listed_and_looked_after() -> None:
    async with app().run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        console: Any = pilot.app
        session: FakeSession = console.session
        await pilot.press("U")
        await until(pilot, lambda: console.inbox.edges.alerts == 3)
        answered: list[str] = []
        alert = sample_board.alerts()[0]

        def acknowledged(call: Any) -> wire.Alert:
            answered.append(call.path)
            return alert

        session.fake_api.answers["POST", "/alerts/"] = acknowledged
        await pilot.press("a")
        await until(pilot, lambda: console.inbox.edges.alerts == 2)
        assert answered == ["/alerts/9/acknowledge"]


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize(("scene", "size", "lang"), cases(("board", "alerts"), SIZES))
def test_picture(scene: str, size: tuple[int, int], lang: str, snap_compare: Any) -> None:
    async def set_up(pilot: Pilot[None]) -> None:
        if scene == "board":
            await opened(pilot)
            await pilot.press("down")
        else:
            await pilot.pause()
            await pilot.press("U")
            await until(pilot, lambda: pilot.app.inbox.edges.alerts == 3)  # type: ignore[attr-defined]
        await pilot.pause()

    assert snap_compare(app(lang), terminal_size=size, run_before=set_up)
