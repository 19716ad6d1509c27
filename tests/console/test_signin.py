"""The way in: sign-in, what goes wrong with it, and coming back when the session has ended."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agent_console.app import ConsoleApp
from agent_console.backend import credentials
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.changes import Changes
from agent_console.backend.live import Link
from agent_console.backend.views import ListSpec
from agent_console.screens.signin import SignIn
from server import wire
from tests.console.fake import Clock, FakeSession


class Door(FakeSession):
    """Lets in who says `secreto`; `refuse_with` is raised instead, `start_with` at the start."""

    refuse_with: Exception | None = None
    start_with: Exception | None = None

    async def sign_in(self, user: str, password: str, label: str = "console") -> wire.Session:
        if Door.refuse_with is not None:
            raise Door.refuse_with
        if password != "secreto":
            raise ApiError(wire.Problem(status=401, code="bad_credentials"), 401)
        return await super().sign_in(user, password, label)

    async def start(self, spec: ListSpec | None = None) -> None:
        if Door.start_with is not None:
            error, Door.start_with = Door.start_with, None
            raise error
        await super().start(spec)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, wire.Session]]:
    """What would be kept in the keyring."""
    kept: list[tuple[str, wire.Session]] = []
    monkeypatch.setattr(credentials, "save", lambda server, opened: kept.append((server, opened)))
    Door.refuse_with = Door.start_with = None
    return kept


@contextlib.asynccontextmanager
async def running(server: str = "", token: str = "", **more: Any) -> AsyncIterator[tuple[ConsoleApp, Pilot[None]]]:
    clock = Clock()
    make: Callable[..., FakeSession] = partial(Door, clock=clock)
    app = ConsoleApp(server, token, lang="en", clock=clock, make_session=make, **more)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        yield app, pilot
        assert app.faults == []


def shown(app: ConsoleApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def fill(pilot: Pilot[None], **values: str) -> None:
    for name, value in values.items():
        pilot.app.screen.query_one(f"#{name}", Input).value = value
    pilot.app.screen.query_one("#password", Input).focus()
    await pilot.press("enter")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_from_nothing_to_the_inbox(nothing_kept: list[tuple[str, wire.Session]]) -> None:
    async with running() as (app, pilot):
        assert "Server" in shown(app) and "Password" in shown(app)
        await pilot.press(*"chat.example.org", "enter", *"ana", "enter", *"secreto", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "María Ramos" in shown(app)
        assert isinstance(app.session, FakeSession)
        assert [word for word, _ in app.session.said][:2] == ["sign_in", "start"]
        assert [server for server, _ in nothing_kept] == ["https://chat.example.org"]
        await pilot.press("j")
        assert app.inbox is not None and app.inbox.thelist.cursor == 2


async def test_a_wrong_password_says_so_and_keeps_the_rest() -> None:
    async with running() as (app, pilot):
        await fill(pilot, server="http://here", user="ana", password="wrong")
        assert "The name or the password is not right." in shown(app)
        assert app.screen.query_one("#password", Input).value == ""
        assert app.screen.query_one("#user", Input).value == "ana"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Unreachable("connect"), "Nothing answers at that address."),
        (Unreachable("tls"), "certificate is not valid"),
        (Unreachable("not_agent_console"), "Something else than agent-console"),
        (Unreachable("bad_address"), "That is not an address"),
        (ApiError(wire.Problem(status=429, code="locked_out", params={"retry_after": 30}), 429), "Wait 30 s"),
        (ApiError(wire.Problem(status=500, code="\x1b[31mevil", detail="\x1b]52;c;eA==\x07bad"), 500), "bad"),
    ],
)
async def test_troubles_in_a_sentence(error: Exception, text: str) -> None:
    async with running() as (app, pilot):
        Door.refuse_with = error
        await fill(pilot, server="http://here", user="ana", password="secreto")
        assert text in " ".join(shown(app).split())
        assert "\x1b" not in shown(app)
        Door.refuse_with = None
        await fill(pilot, password="secreto")
        assert "María Ramos" in shown(app)


async def test_all_three_are_needed() -> None:
    async with running("http://here") as (app, pilot):
        await pilot.press("enter", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "All three are needed." in shown(app)


async def test_a_token_that_ended_asks_for_the_password_and_the_work_goes_on() -> None:
    Door.start_with = ApiError(wire.Problem(status=401, code="unauthenticated"), 401)
    async with running("http://here", "old", user=wire.User(id=1, name="ana", display_name="Ana", role="advisor")) as (
        app,
        pilot,
    ):
        assert isinstance(app.screen, SignIn)
        assert "The session has ended. Sign in again." in shown(app)
        before = app.session
        await fill(pilot, password="secreto")
        assert "María Ramos" in shown(app)
        assert app.session is before
        assert isinstance(app.session, FakeSession) and app.session.said[-1][0] == "start"


async def test_a_session_that_ends_in_the_middle_of_the_work() -> None:
    async with running("http://here", "t", user=wire.User(id=1, name="ana", display_name="Ana", role="advisor")) as (
        app,
        pilot,
    ):
        assert isinstance(app.session, FakeSession)
        await pilot.press("r", *"casi", "escape")
        app.session.link = Link("refused", app.session.clock())
        app.session._tell_now(Changes(link=True))
        await pilot.pause()
        assert "signed out · ctrl+r signs in" in shown(app)
        await pilot.press("ctrl+r")
        assert isinstance(app.screen, SignIn)
        await fill(pilot, password="secreto")
        assert "draft: casi" in shown(app)


async def test_another_user_gets_another_session() -> None:
    async with running("http://here", "t", user=wire.User(id=1, name="ana", display_name="Ana", role="advisor")) as (
        app,
        pilot,
    ):
        before = app.session
        app.sign_in_again()
        await pilot.pause()
        await fill(pilot, user="luis", password="secreto")
        assert app.session is not before
        assert isinstance(before, FakeSession) and before.said[-1][0] == "stop"
        assert "María Ramos" in shown(app)


async def test_quitting() -> None:
    async with running() as (app, pilot):
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not app.is_running
