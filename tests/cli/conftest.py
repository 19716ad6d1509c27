"""One server for all tests of a file: each makes the people and conversations it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.forks import Forks
from tests.cli.office import Office
from tests.real_server import RealServer


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running server with a WhatsApp number; root, sofia and ana can be signed in."""
    with RealServer(tmp_path_factory.mktemp("office")) as server, Forks() as forks:
        office = Office(server.init().start().sign_in_all(), forks)
        office.add_whatsapp()
        yield office
