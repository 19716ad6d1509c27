"""Access tokens with a real Dovecot, which asks the stand-in whose they are."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from server.channels.base import Refused
from server.channels.email import Email
from server.channels.email_sasl import MECHANISMS
from tests.conftest import missing
from tests.mail.dovecot import Dovecot, dovecot, program
from tests.mail.token_post import TokenPost

pytestmark = pytest.mark.slow

ADDRESS = "servicio@coop.example"


@pytest.fixture(params=MECHANISMS)
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Dovecot, TokenPost]]:
    """Dovecot with only one of the mechanisms, and a mail in the mailbox."""
    if program() is None:
        missing("Dovecot (apt-get install dovecot-imapd)")
    with TokenPost() as post, contextlib.ExitStack() as stack:
        imap = stack.enter_context(dovecot(tokens=post.url, mechanisms=str(request.param).lower()))
        imap.deliver(ADDRESS, b"Subject: uno\r\n\r\nuno\r\n")
        yield imap, post


async def test_tokens_open_the_mailbox(scene: tuple[Dovecot, TokenPost]) -> None:
    imap, post = scene
    own = post.authority.refresh_token()
    channel = Email(post.channel(imap_port=str(imap.port), refresh_token=own))
    async with httpx.AsyncClient(trust_env=False) as http:
        source = channel.source(http)
        (pulled,) = await source.pull("")
        assert pulled.body == b"Subject: uno\r\n\r\nuno\r\n"
        await source.close()
        checks = {check.name: check.ok for check in await channel.check(http)}
        assert checks["imap"] and checks["folder"], imap.log()
        post.revoke()
        again = channel.source(http)
        with pytest.raises(Refused) as refused:
            await again.pull("")
        assert refused.value.failure.reason == "sign_in", "the token was refused, and there is no other"
        await again.close()
        post.authority.user = "somebody.else@coop.example"  # signed in as the wrong person
        wrong = Email(post.channel(imap_port=str(imap.port), refresh_token=post.authority.refresh_token())).source(http)
        with pytest.raises(Refused) as refused:
            await wrong.pull("")
        assert refused.value.failure.reason == "token"
        await wrong.close()
