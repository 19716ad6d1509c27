"""TLS with a real Dovecot: an authority of one's own is enough, a stranger's certificate never is."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.channels.base import Refused
from server.channels.email import Email
from tests.conftest import missing
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot, program

pytestmark = pytest.mark.slow

ADDRESS = "servicio@coop.example"


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate for `host` that is its own authority, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests of agent-console")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{host}.pem", folder / f"{host}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files


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
