"""Mailboxes and a desk that is written to: in this process with the stand-in, and with a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.mail.dovecot import program
from tests.mail.mailroom import Mailroom
from tests.mail.post import Post, real_post
from tests.routes.desk import open_desk


@pytest.fixture(params=["stand-in", pytest.param("dovecot", marks=pytest.mark.slow)])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    """A mail provider: every test runs against the stand-in and against a real Dovecot."""
    if request.param == "stand-in":
        with Post() as post:
            yield post
        return
    if program() is None:
        missing("Dovecot (apt-get install dovecot-imapd)")
    with real_post() as post:
        yield post


@pytest.fixture
def room(post: Post, tmp_path: Path) -> Iterator[Mailroom]:
    """A desk with the channel `correo`."""
    with open_desk(tmp_path) as desk:
        room = Mailroom(desk, post)
        room.add_channel()
        with room.api:
            yield room
