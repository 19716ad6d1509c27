"""One real server for all chat tests of a process; each test has a channel of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.real_server import RealServer
from tests.webchat.browsing import Site
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
