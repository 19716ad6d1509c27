"""Sending through aiosmtpd, an SMTP server that nobody here wrote: TLS, sign-in, and mails that arrive as they left."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from server.channels.base import Outgoing, OutgoingFile, Refused, TryAgain, Vault
from server.channels.email import Email
from server.channels.email_message import part_content, read_mail
from server.channels.oauth import Tokens
from server.facts import Address
from tests.mail.certificates import certificate

# it wants STARTTLS before a password, and warns of what is encrypted from the first byte as of what never is
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ADDRESS = "servicio@coop.example"
PASSWORD = "contraseña larga"
#: tokens like Google's, and like Microsoft's, which fit into no command (aiosmtpd reads no line above 1,001 bytes)
TOKENS = ("a" * 220, "an access token " * 35)


class Peer:
    """The server: what it took, where it listens, and its own authority."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[Envelope] = []
        files = certificate(folder, "127.0.0.1")
        self.authority = files[0].read_text()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*files)
        self.port = 0

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """As the large providers do: one token, and an error that has to be acknowledged."""
        said = b64decode(args[1]) if args[1:] else await server.challenge_auth(b"")
        if said in [f"user={ADDRESS}\1auth=Bearer {token}\1\1".encode() for token in TOKENS]:
            return AuthResult(success=True, auth_data=ADDRESS)
        assert await server.challenge_auth(b'{"status":"401"}') == b""
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return "250 2.0.0 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        known = LoginPassword(ADDRESS.encode(), PASSWORD.encode())
        return AuthResult(success=given == known, handled=False)

    def channel(self, tls: str, **settings: str) -> Email:
        base = {"address": ADDRESS, "user": ADDRESS, "password": PASSWORD, "imap_host": "127.0.0.1"}
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": str(self.port), "smtp_tls": tls, "authority": self.authority}
        return Email(base | smtp | settings)


@pytest.fixture(params=["starttls", "yes"])
async def peer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Peer]:
    peer = Peer(tmp_path)
    starttls = request.param == "starttls"

    def session() -> SMTP:
        return SMTP(
            peer,
            hostname="peer",
            authenticator=peer.authenticate,
            auth_required=True,
            enable_SMTPUTF8=True,
            auth_require_tls=starttls,
            require_starttls=starttls,
            tls_context=peer.context if starttls else None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=None if starttls else peer.context)
    peer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield peer


@pytest.fixture
def tls(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["peer"])


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def out(**fields: Any) -> Outgoing:
    to = (Address("email", "ana@mail.example"),)
    return Outgoing(kind="text", to=to, client_ref="1.0123456789abcdef", at=1_795_000_000_000, **fields)


async def test_mails_arrive_as_they_left(peer: Peer, tls: str, http: httpx.AsyncClient, tmp_path: Path) -> None:
    content = bytes(range(256)) * 500
    (tmp_path / "file").write_bytes(content)
    file = OutgoingFile(
        kind="document", path=str(tmp_path / "file"), mime="application/zip", file_name="año.zip", size=len(content)
    )
    text = ".\n..\nFrom here\n" + "ñ" * 3000 + "\n\tfin\n."
    channel = peer.channel(tls, name="Cooperativa «El Sol»")
    await channel.send(out(text=text, subject="¿Año?", files=(file,), options={"bcc": ["b@c.example"]}), http)
    (envelope,) = peer.taken
    assert envelope.mail_from == ADDRESS and envelope.rcpt_tos == ["ana@mail.example", "b@c.example"]
    assert isinstance(envelope.content, bytes)
    mail = read_mail(envelope.content)
    assert mail.text + mail.folded == text
    assert mail.subject == "Re: ¿Año?" and mail.from_.name == "Cooperativa «El Sol»"
    (part,) = mail.parts
    assert part_content(envelope.content, part.index) == (content, "application/zip", "año.zip")


async def test_who_may_send(peer: Peer, tls: str, http: httpx.AsyncClient, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        await peer.channel(tls, password="wrong").send(out(text="x"), http)
    assert refused.value.failure.reason == "token"
    stranger = certificate(tmp_path, "127.0.0.2")[0].read_text()
    for authority in ("", stranger):
        with pytest.raises(TryAgain) as again:
            await peer.channel(tls, authority=authority).send(out(text="x"), http)
        assert "certificate" in again.value.failure.detail.lower()
    assert peer.taken == []
    checks = {check.name: check for check in await peer.channel(tls).check(http)}
    assert checks["smtp"].ok and not checks["imap"].ok


@pytest.mark.parametrize("good", TOKENS)
async def test_tokens_are_taken(
    peer: Peer, tls: str, good: str, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    async def token(self: Tokens, vault: Vault, http: httpx.AsyncClient, refused: str = "") -> str:
        given.append(refused)
        return good if refused else "one that has ended"

    monkeypatch.setattr(Tokens, "token", token)
    channel = peer.channel(tls, sign_in="google", client_id="app", password="")
    await channel.send(out(text="x"), http)
    assert len(peer.taken) == 1 and given == ["", "one that has ended"]


async def test_addresses_in_other_letters(peer: Peer, tls: str, http: httpx.AsyncClient) -> None:
    await peer.channel(tls).send(out(text="¿Qué tal?", options={"cc": ["peña@señal.example"]}), http)
    (envelope,) = peer.taken
    assert envelope.smtp_utf8 and envelope.rcpt_tos == ["ana@mail.example", "peña@xn--seal-hqa.example"]
    assert isinstance(envelope.content, bytes)
    assert [box.address for box in read_mail(envelope.content).cc] == ["peña@xn--seal-hqa.example"]
    await peer.channel(tls).send(out(text="x"), http)
    assert not peer.taken[1].smtp_utf8
