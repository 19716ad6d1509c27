"""TLS with a real Dovecot: an authority of one's own is enough, a stranger's certificate never is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.channels.base import Refused
from server.channels.email import Email
from tests.conftest import missing
from tests.mail.certificates import certificate
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot, program

pytestmark = pytest.mark.slow

ADDRESS = "servicio@coop.example"


@pytest.fixture
def imap(tmp_path: Path) -> Iterator[Dovecot]:
    if program() is None:
        missing("Dovecot (apt-get install dovecot-imapd)")
    with dovecot(certificate(tmp_path, "127.0.0.1")) as imap:
        imap.deliver(ADDRESS, b"Subject: uno\r\n\r\nuno\r\n")
        yield imap


def channel(imap: Dovecot, tls: str, authority: str) -> Email:
    return Email(
        {
            "address": ADDRESS,
            "user": ADDRESS,
            "password": PASSWORD,
            "imap_host": imap.host,
            "imap_port": str(imap.tls_port if tls == "yes" else imap.port),
            "imap_tls": tls,
            "smtp_host": imap.host,
            "authority": authority,
        }
    )


@pytest.mark.parametrize("tls", ["yes", "starttls"])
async def test_only_who_can_prove_it(imap: Dovecot, tls: str, tmp_path: Path) -> None:
    assert imap.certificate is not None
    other = certificate(tmp_path, "127.0.0.2")[0].read_text()
    async with httpx.AsyncClient(trust_env=False) as http:
        ours = channel(imap, tls, imap.certificate[0].read_text()).source(http)
        assert [one.body for one in await ours.pull("")] == [b"Subject: uno\r\n\r\nuno\r\n"]
        await ours.close()
        for authority in ("", other):
            stranger = channel(imap, tls, authority).source(http)
            with pytest.raises(Refused) as refused:
                await stranger.pull("")
            assert "certificate" in refused.value.failure.detail
            await stranger.close()
