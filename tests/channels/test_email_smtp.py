"""Sending mail against the stand-in: what goes out, and what each thing that can go wrong is called."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.channels import email_smtp
from server.channels.base import Outgoing, OutgoingFile, Refused, SendError, TryAgain, Uncertain
from server.channels.email import Email
from server.facts import REASONS, Address
from server.sandbox.mail import Fault, MailWorld, serve
from server.sandbox.mail_state import FaultKind, Settings

ANA = (Address("email", "ana@mail.example"),)
REF = "1.0123456789abcdef"


@pytest.fixture
async def world() -> AsyncIterator[MailWorld]:
    world = MailWorld(Settings(size_limit=200_000))
    async with serve(world):
        yield world


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def adapter(world: MailWorld, **settings: str) -> Email:
    own = world.settings
    return Email(
        {
            "address": own.address,
            "user": own.user,
            "password": own.password,
            "imap_host": "127.0.0.1",
            "imap_port": str(world.ports.imap),
            "imap_tls": "no",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(world.ports.smtp),
            "smtp_tls": "no",
            **settings,
        }
    )


def out(**options: list[str]) -> Outgoing:
    return Outgoing(kind="text", to=ANA, client_ref=REF, at=1_795_000_000_000, text="Con gusto.", options=options)


async def refused(world: MailWorld, http: httpx.AsyncClient, expected: type[SendError], **settings: str) -> SendError:
    with pytest.raises(expected) as error:
        await adapter(world, **settings).send(out(), http)
    assert type(error.value) is expected
    assert error.value.failure.reason in REASONS
    return error.value


async def test_a_mail_goes_out_once(world: MailWorld, http: httpx.AsyncClient) -> None:
    sent = await adapter(world).send(out(bcc=["jefe@mail.example"]), http)
    assert sent.external_id == f"{REF}@coop.example" and sent.status == "sent"
    (delivered,) = world.state.delivered
    assert delivered.sender == world.settings.address
    assert delivered.recipients == ("ana@mail.example", "jefe@mail.example")
    assert b"Con gusto." in delivered.raw


@pytest.mark.parametrize(
    ("kind", "code", "text", "expected", "reason"),
    [
        ("login", 0, "", Refused, "token"),
        ("temporary", 451, "4.3.0 later", TryAgain, "provider_down"),
        ("temporary", 421, "4.7.0 too many messages", TryAgain, "rate"),
        ("temporary", 553, "5.7.1 not your address", Refused, "permission"),
        ("permanent", 554, "5.7.1 looks like spam", Refused, "policy"),
        ("permanent", 552, "5.3.4 too big", Refused, "too_long"),
        ("permanent", 451, "4.7.1 greylisted", TryAgain, "rate"),
        ("recipient", 550, "5.1.1 no such user", Refused, "bounced"),
        ("recipient", 552, "5.2.2 mailbox full", Refused, "mailbox_full"),
        ("recipient", 450, "4.2.1 try later", TryAgain, "provider_down"),
    ],
)
async def test_refusals(
    world: MailWorld,
    http: httpx.AsyncClient,
    kind: FaultKind,
    code: int,
    text: str,
    expected: type[SendError],
    reason: str,
) -> None:
    world.faults.add(Fault(kind=kind, code=code, text=text))
    error = await refused(world, http, expected)
    assert error.failure.reason == reason
    assert text in f"{error.failure.code} {error.failure.detail}" or kind == "login"
    assert world.state.delivered == []
    world.faults.clear()
    await adapter(world).send(out(), http)
    assert len(world.state.delivered) == 1


async def test_one_refused_copy_stops_all_and_is_named(world: MailWorld, http: httpx.AsyncClient) -> None:
    world.faults.add(Fault(kind="recipient", to="mala@mail.example"))
    with pytest.raises(Refused) as error:
        await adapter(world).send(out(cc=["mala@mail.example", "buena@mail.example"]), http)
    assert error.value.failure.detail.startswith("mala@mail.example: 5.1.1")
    assert world.state.delivered == []


async def test_addresses_in_other_letters(world: MailWorld, http: httpx.AsyncClient) -> None:
    with pytest.raises(Refused) as error:
        await adapter(world).send(out(cc=["peña@correo.example"]), http)
    assert error.value.failure.reason == "other_letters" and "peña@correo.example" in error.value.failure.detail
    assert world.state.attempts == 0, "nobody gets it"
    world.settings.smtputf8 = True
    await adapter(world).send(out(cc=["peña@señal.example"]), http)
    (delivered,) = world.state.delivered
    assert delivered.recipients == ("ana@mail.example", "peña@xn--seal-hqa.example")
    await adapter(world).send(out(), http)
    world.faults.add(Fault(kind="recipient", code=550, text="5.6.7 no such letters further on"))
    assert (await refused(world, http, Refused)).failure.reason == "other_letters"


async def test_taken_without_an_answer_is_uncertain(world: MailWorld, http: httpx.AsyncClient) -> None:
    world.faults.add(Fault(kind="silent", times=1))
    await refused(world, http, Uncertain)
    assert len(world.state.delivered) == 1


async def test_an_answer_that_takes_too_long_is_uncertain(
    world: MailWorld, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_smtp, "DATA_SECONDS", 0.2)
    world.faults.add(Fault(kind="slow", times=1))
    await refused(world, http, Uncertain)
    assert len(world.state.delivered) == 1


async def test_a_goodbye_that_never_comes_changes_nothing(
    world: MailWorld, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_smtp, "QUIT_SECONDS", 0.2)
    monkeypatch.setattr("server.sandbox.mail_smtp.SmtpSession._do_quit", lambda self, rest: asyncio.sleep(60))
    await adapter(world).send(out(), http)
    assert len(world.state.delivered) == 1


async def test_nobody_there(world: MailWorld, http: httpx.AsyncClient) -> None:
    await world.go_offline()
    error = await refused(world, http, TryAgain)
    assert error.failure.reason == "provider_down"
    await refused(world, http, TryAgain, smtp_host="no-such-host.invalid")


async def test_a_server_that_only_listens(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_smtp, "COMMAND_SECONDS", 0.2)
    world = MailWorld()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with silent, serve(world):
        began = time.monotonic()
        await refused(world, http, TryAgain, smtp_port=str(silent.sockets[0].getsockname()[1]))
        assert time.monotonic() - began < 5


async def test_encryption_is_never_given_up(world: MailWorld, http: httpx.AsyncClient) -> None:
    # the stand-in knows no TLS: neither password nor mail may go to it in clear
    assert (await refused(world, http, Refused, smtp_tls="starttls")).failure.reason == "permission"
    await refused(world, http, TryAgain, smtp_tls="yes")
    assert world.state.attempts == 0


async def test_too_large_for_the_server(world: MailWorld, http: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(180_000))
    file = OutgoingFile(
        kind="document", path=str(tmp_path / "file"), mime="application/pdf", file_name="a.pdf", size=180_000
    )
    message = out()
    message.files = (file,)
    with pytest.raises(Refused) as error:
        await adapter(world).send(message, http)
    assert error.value.failure.reason == "too_long"
    assert world.state.attempts == 0


async def test_a_server_without_users(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that knows us by our address offers no AUTH."""
    monkeypatch.setattr("server.sandbox.mail_state.State.is_ours", lambda self, address: True)

    async def plain(self: object, rest: str) -> None:
        await self._say(250, "sandbox")  # type: ignore[attr-defined]

    monkeypatch.setattr("server.sandbox.mail_smtp.SmtpSession._do_ehlo", plain)
    world = MailWorld()
    async with serve(world):
        await adapter(world).send(out(), http)
    assert len(world.state.box.mails) == 1


async def test_channel_test(world: MailWorld, http: httpx.AsyncClient) -> None:
    world.write("ana@mail.example", text="hola")
    good = {check.name: check for check in await adapter(world, plus="yes").check(http)}
    assert [check.ok for check in good.values()] == [True] * 5
    assert list(good) == ["imap", "folder", "idle", "smtp", "plus"]
    assert good["folder"].detail == "INBOX · 1" and good["plus"].detail == "servicio+…@coop.example"
    wrong = {check.name: check for check in await adapter(world, password="x").check(http)}
    assert not wrong["imap"].ok and not wrong["smtp"].ok and "535" in wrong["smtp"].detail
    folder = {check.name: check.ok for check in await adapter(world, folder="Nowhere").check(http)}
    assert folder == {"imap": True, "folder": False, "idle": True, "smtp": True, "plus": True}
    await world.go_offline()
    gone = {check.name: check.ok for check in await adapter(world).check(http)}
    assert (gone["imap"], gone["smtp"]) == (False, False)


async def test_the_provider_may_know_what_was_sent(world: MailWorld, http: httpx.AsyncClient) -> None:
    world.faults.add(Fault(kind="silent", times=2))
    await refused(world, http, Uncertain)
    with pytest.raises(Uncertain):  # no copies are kept: nobody knows
        await adapter(world).find_sent(out(), http)
    world.settings.keeps_sent = True
    with pytest.raises(Uncertain):
        await adapter(world).find_sent(out(), http)
    await refused(world, http, Uncertain)
    found = await adapter(world).find_sent(out(), http)
    assert found is not None and found.external_id == f"{REF}@coop.example"
    await world.go_offline()
    with pytest.raises(TryAgain):
        await adapter(world).find_sent(out(), http)
