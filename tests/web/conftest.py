"""A contact centre, the console's web server before it, and browsers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import office
from tests.cli.office import Office
from tests.web.site import WebConsole

__all__ = ["office"]


@pytest.fixture(scope="module")
def site(office: Office) -> Iterator[WebConsole]:
    """`agent-console web`, started by an operator who is signed in as the administrator."""
    with WebConsole(office.server) as running:
        yield running
