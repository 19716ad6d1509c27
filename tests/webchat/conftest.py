"""One real server for all chat tests of a process; each test has a channel of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import BrowserContext

from tests.real_server import RealServer
from tests.webchat.browsing import Chat, Site, visit
from tests.webchat.desk import Desk


@pytest.fixture(scope="session")
def chat_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with RealServer(tmp_path_factory.mktemp("chat")) as server:
        server.init().start().sign_in_all()
        with server.client("admin") as admin:
            assert admin.patch("/users/ana", json={"display_name": "Ana Morales"}).is_success
        yield server


@pytest.fixture
def make_desk(chat_server: RealServer) -> Iterator[Callable[..., Desk]]:
    """Make a chat with these settings on the shared server."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Desk(chat_server, **settings))


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A fresh chat on the shared server. Only `real_server` may be killed; this one is everybody's."""
    return make_desk()


@pytest.fixture
def site() -> Iterator[Site]:
    """A web site that is not ours."""
    with Site().serving() as serving:
        yield serving


@pytest.fixture
def tab(context: BrowserContext, desk: Desk) -> Iterator[Callable[..., Chat]]:
    """Open a tab on the demo page; at the end nothing may have gone wrong in it."""
    chats: list[Chat] = []

    def new(query: str = "", on: BrowserContext = context) -> Chat:
        chats.append(visit(on, f"{desk.server.url}/chat/{desk.name}/demo{query}"))
        return chats[-1]

    yield new
    assert [problem for chat in chats for problem in chat.problems] == []
