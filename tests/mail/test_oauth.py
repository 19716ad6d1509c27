"""Mailboxes that are opened with OAuth 2 tokens: fetching and sending go on whatever becomes of these."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server.channels import oauth
from server.channels.base import BadSettings, Outgoing, Refused, SendError, TryAgain, Vault
from server.channels.email import Email
from server.channels.email_sasl import MECHANISMS, Bearer
from server.channels.email_server import MailServer
from server.facts import Address
from server.sandbox import oauth as stand_in
from server.sandbox.mail import MailWorld, serve
from server.sandbox.mail_state import State
from server.sandbox.oauth import CLIENT_ID, CLIENT_SECRET, Authority

ADDRESS = "servicio@coop.example"


class Shelf(Vault):
    """A vault that keeps, as the server's does."""

    def __init__(self, **secrets: str) -> None:
        super().__init__()
        self.secrets = secrets

    async def current(self, name: str, known: str) -> str:
        return self.secrets.get(name, "")

    async def renew(self, name: str, before: str, after: str) -> None:
        if self.secrets.get(name) == before:
            self.secrets[name] = after


class Scene:
    """A mailbox at a provider that takes no passwords."""

    def __init__(self, world: MailWorld, authority: Authority, url: str) -> None:
        self.world = world
        self.authority = authority
        self.url = url
        self.shelf = Shelf(refresh_token=authority.refresh_token())

    def adapter(self, **settings: str) -> Email:
        ports = self.world.ports
        made = Email(
            {
                "address": ADDRESS,
                "user": ADDRESS,
                "sign_in": "oauth2",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "token_url": f"{self.url}/token",
                "refresh_token": self.shelf.secrets["refresh_token"],
                "imap_host": "127.0.0.1",
                "imap_port": str(ports.imap),
                "imap_tls": "no",
                "smtp_host": "127.0.0.1",
                "smtp_port": str(ports.smtp),
                "smtp_tls": "no",
                **settings,
            }
        )
        made.vault = self.shelf
        return made

    def grants(self) -> int:
        """How often tokens were asked for."""
        return len(self.authority.asked)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    world, authority = MailWorld(), Authority(ADDRESS)
    world.settings.address = ADDRESS
    world.state.takes = authority.takes
    async with serve(world), stand_in.serve(authority) as url:
        yield Scene(world, authority, url)


def out(n: int = 1) -> Outgoing:
    to = (Address("email", "ana@mail.example"),)
    return Outgoing(kind="text", to=to, client_ref=f"{n}.0123456789abcdef", at=1_795_000_000_000, text="Con gusto.")


async def refused(adapter: Email, http: httpx.AsyncClient, expected: type[SendError] = Refused) -> SendError:
    with pytest.raises(expected) as error:
        await adapter.send(out(), http)
    return error.value


# ---------------------------------------------------------------- tokens


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_mails_come_and_go(
    scene: Scene, http: httpx.AsyncClient, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(State, "ways", (mechanism,))
    scene.world.write("ana@mail.example", text="hola")
    adapter = scene.adapter()
    source = adapter.source(http)
    (pulled,) = await source.pull("")
    assert b"hola" in pulled.body
    await source.close()
    await adapter.send(out(), http)
    assert len(scene.world.state.delivered) == 1
    assert scene.grants() == 1, "one token serves both servers"
    checks = {check.name: check.ok for check in await adapter.check(http)}
    assert checks == dict.fromkeys(("sign_in", "imap", "folder", "idle", "smtp", "plus"), True)
    assert scene.grants() == 1


async def test_a_token_is_used_until_shortly_before_it_ends(
    scene: Scene, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = asyncio.get_running_loop().time
    late = 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock() + late)
    adapter = scene.adapter()
    await adapter.send(out(1), http)
    late = 3600.0 - oauth.EARLY_SECONDS - 60
    await adapter.send(out(2), http)
    assert scene.grants() == 1
    late += 120
    await adapter.send(out(3), http)
    assert scene.grants() == 2


async def test_a_token_that_servers_refuse_is_renewed_once(scene: Scene, http: httpx.AsyncClient) -> None:
    adapter = scene.adapter()
    await adapter.send(out(1), http)
    scene.authority.expire()
    await adapter.send(out(2), http)
    assert len(scene.world.state.delivered) == 2 and scene.grants() == 2
    scene.authority.expire()
    scene.world.write("ana@mail.example", text="hola")
    source = adapter.source(http)
    assert len(await source.pull("")) == 1 and scene.grants() == 3
    await source.close()
    scene.world.state.takes = lambda user, token: False  # the mailbox is closed to programs, say
    error = await refused(adapter, http)
    assert error.failure.reason == "token" and "535" in (error.failure.code, error.failure.detail[:3])
    assert scene.grants() == 4 and len(scene.world.state.delivered) == 2


async def test_a_new_refresh_token_is_kept_and_the_old_one_never_used_again(
    scene: Scene, http: httpx.AsyncClient
) -> None:
    used = []
    for n in range(3):
        adapter = scene.adapter()  # as after a restart
        await adapter.send(out(n), http)
        used.append(scene.authority.asked[-1].form["refresh_token"])
    assert len(set(used)) == 3
    assert scene.shelf.secrets["refresh_token"] in scene.authority.refresh


async def test_two_that_want_a_token_at_once_get_one(scene: Scene, http: httpx.AsyncClient) -> None:
    one, other = scene.adapter(), scene.adapter()  # a channel that was changed is open twice for a while
    await asyncio.gather(*(adapter.send(out(n), http) for n, adapter in enumerate((one, one, one, other))))
    assert len(scene.world.state.delivered) == 4
    assert scene.grants() == 2, "one each, one after the other"
    assert len(scene.authority.refresh) == 1


async def test_a_renewal_outlives_who_asked_for_it(scene: Scene, http: httpx.AsyncClient) -> None:
    adapter = scene.adapter()
    assert adapter.tokens is not None
    before = scene.shelf.secrets["refresh_token"]
    async with scene.shelf.lock:
        asking = asyncio.create_task(adapter.tokens.token(scene.shelf, http))
        await asyncio.sleep(0)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
    await adapter.send(out(), http)
    assert scene.grants() == 1 and scene.shelf.secrets["refresh_token"] not in ("", before)


async def test_an_application_of_its_own_needs_nobody(scene: Scene, http: httpx.AsyncClient) -> None:
    adapter = scene.adapter(grant="client_credentials", refresh_token="", scope="https://mail.example/.default")
    await adapter.send(out(), http)
    (asked,) = scene.authority.asked
    assert asked.grant == "client_credentials" and asked.form["scope"] == "https://mail.example/.default"
    assert "refresh_token" not in asked.form


# ---------------------------------------------------------------- what goes wrong


async def test_a_revoked_sign_in_says_so(scene: Scene, http: httpx.AsyncClient) -> None:
    adapter = scene.adapter()
    await adapter.send(out(1), http)
    scene.authority.revoke()
    error = await refused(adapter, http)
    assert error.failure.reason == "sign_in" and error.failure.code == "invalid_grant"
    source = adapter.source(http)
    with pytest.raises(Refused) as pulling:
        await source.pull("")
    assert pulling.value.failure.reason == "sign_in"
    (check,) = await adapter.check(http)
    assert (check.name, check.ok) == ("sign_in", False) and "invalid_grant" in check.detail


async def test_nobody_has_signed_in_yet(scene: Scene, http: httpx.AsyncClient) -> None:
    scene.shelf.secrets["refresh_token"] = ""
    assert (await refused(scene.adapter(), http)).failure.reason == "sign_in"
    assert scene.grants() == 0


@pytest.mark.parametrize(
    ("status", "body", "expected", "reason"),
    [
        (400, {"error": "invalid_grant"}, Refused, "sign_in"),
        (400, {"error": "interaction_required", "error_description": "AADSTS50076"}, Refused, "sign_in"),
        (401, {"error": "invalid_client", "error_description": "AADSTS7000222: expired keys"}, Refused, "token"),
        (400, {"error": "invalid_scope"}, Refused, "token"),
        (404, {}, Refused, "token"),
        (400, {"error": {"code": 7}}, Refused, "token"),
        (429, {"error": "too_many"}, TryAgain, "rate"),
        (400, {"error": "temporarily_unavailable"}, TryAgain, "provider_down"),
        (500, {}, TryAgain, "provider_down"),
        (503, {"error": "server_error"}, TryAgain, "provider_down"),
        (200, {"expires_in": 3600}, TryAgain, "provider_down"),
        (200, {"access_token": 7}, TryAgain, "provider_down"),
        (302, {}, Refused, "token"),
    ],
)
async def test_what_an_endpoint_may_answer(
    scene: Scene,
    http: httpx.AsyncClient,
    status: int,
    body: dict[str, Any],
    expected: type[SendError],
    reason: str,
) -> None:
    scene.authority.faults.append((status, body))
    error = await refused(scene.adapter(), http, expected)
    assert type(error) is expected or issubclass(type(error), expected)
    assert error.failure.reason == reason
    assert scene.world.state.attempts == 0
    await scene.adapter().send(out(), http)


@pytest.mark.parametrize("lasts", [None, "3600", 0, -5, "soon", 1e300, [], 10**400])
async def test_how_long_a_token_lasts_may_be_nonsense(scene: Scene, http: httpx.AsyncClient, lasts: object) -> None:
    scene.authority.access.add("access")
    scene.authority.faults.append((200, {"access_token": "access", "expires_in": lasts}))
    await scene.adapter().send(out(), http)
    assert len(scene.world.state.delivered) == 1


async def test_an_endpoint_that_is_not_there(scene: Scene, http: httpx.AsyncClient) -> None:
    error = await refused(scene.adapter(token_url="http://127.0.0.1:9/token"), http, TryAgain)
    assert error.failure.reason == "provider_down"
    (check,) = await scene.adapter(token_url="http://127.0.0.1:9/token").check(http)
    assert check.name == "provider", "which twice has to be so before the channel counts as down"


async def test_an_application_that_is_refused_is_no_sign_in_that_ended(scene: Scene, http: httpx.AsyncClient) -> None:
    (check,) = await scene.adapter(client_secret="another one").check(http)
    assert (check.name, check.ok) == ("application", False) and "invalid_client" in check.detail


async def test_secrets_are_in_no_message_and_no_log(
    scene: Scene, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    adapter = scene.adapter()
    await adapter.send(out(1), http)
    secrets = {*scene.authority.access, *scene.authority.refresh, CLIENT_SECRET, *scene.shelf.secrets.values()}
    scene.world.state.takes = lambda user, token: False
    said = [str((await refused(adapter, http)).failure)]
    scene.authority.revoke()
    said.append(str((await refused(adapter, http)).failure))
    said += [check.detail for check in await adapter.check(http)]
    secrets |= {asked.form.get("refresh_token", CLIENT_SECRET) for asked in scene.authority.asked}
    assert len(secrets) > 3
    assert not [secret for secret in secrets for line in (*said, caplog.text) if secret in line]


# ---------------------------------------------------------------- the mechanisms


def test_what_a_client_says_first() -> None:
    server = MailServer(host="imap.example", port=993, tls="yes", user="a,b=c@x.example", password="T", bearer=True)
    plain = Bearer(server, ["PLAIN", "xoauth2"])
    assert plain.mechanism == "XOAUTH2"
    assert plain.answer(b"") == b"user=a,b=c@x.example\1auth=Bearer T\1\1"
    assert plain.answer(b"{}") == b"" and plain.error == b"{}"
    standard = Bearer(server, ["OAUTHBEARER"])
    # RFC 7628, section 4.1
    assert standard.answer(b"") == (b"n,a=a=2Cb=3Dc@x.example,\1host=imap.example\1port=993\1auth=Bearer T\1\1")
    assert standard.answer(b"{}") == b"\1"
    assert Bearer(server, []).mechanism == "XOAUTH2", "a server that does not say what it knows"


# ---------------------------------------------------------------- settings


BASE = {"address": ADDRESS, "user": ADDRESS, "imap_host": "imap.example", "smtp_host": "smtp.example"}
MICROSOFT = BASE | {"sign_in": "microsoft", "client_id": "app", "tenant": "coop.example"}


def test_microsoft_and_google_are_known() -> None:
    tokens = Email(MICROSOFT).tokens
    assert tokens is not None
    login = "https://login.microsoftonline.com/coop.example/oauth2/v2.0"
    assert tokens.client.token_url == f"{login}/token" and tokens.client.device_url == f"{login}/devicecode"
    assert "offline_access" in tokens.client.scope
    without = Email(MICROSOFT | {"device_url": "none"}).tokens
    assert without is not None and not without.client.device_url
    assert without.client.authorize_url == f"{login}/authorize"
    own = Email(MICROSOFT | {"grant": "client_credentials", "client_secret": "s"}).tokens
    assert own is not None and own.client.scope == "https://outlook.office365.com/.default"
    google = Email(BASE | {"sign_in": "google", "client_id": "app"}).tokens
    assert google is not None and google.client.scope == "https://mail.google.com/" and not google.client.device_url


def test_a_relay_has_a_password_of_its_own() -> None:
    adapter = Email(MICROSOFT | {"smtp_user": "relay", "smtp_password": "secret"})
    assert adapter.imap.bearer and not adapter.smtp.bearer and adapter.smtp.password == "secret"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (BASE, "missing"),
        (BASE | {"sign_in": "yahoo"}, "one_of"),
        (MICROSOFT | {"tenant": ""}, "missing"),
        (MICROSOFT | {"tenant": "a/b"}, "tenant"),
        (MICROSOFT | {"client_id": ""}, "missing"),
        (MICROSOFT | {"grant": "implicit"}, "one_of"),
        (MICROSOFT | {"grant": "client_credentials"}, "missing"),
        (MICROSOFT | {"scope": "a\nb"}, "one_line"),
        (BASE | {"sign_in": "oauth2", "client_id": "app"}, "missing"),
        (BASE | {"sign_in": "oauth2", "client_id": "app", "token_url": "token"}, "url"),
        (BASE | {"sign_in": "oauth2", "client_id": "app", "token_url": "http://login.example/token"}, "https_only"),
        (BASE | {"sign_in": "oauth2", "client_id": "app", "token_url": "https://a:b@login.example/"}, "https_only"),
    ],
)
def test_senseless_settings(settings: dict[str, str], why: str) -> None:
    with pytest.raises(BadSettings) as error:
        Email(settings)
    assert error.value.params["why"] == why
