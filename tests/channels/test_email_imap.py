"""Reading a mailbox against the stand-in: every mail once and in order, whatever the server does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from imap_tools.mailbox import BaseMailBox

from server.channels import email_imap, email_imap_line
from server.channels.base import Pulled, Refused, TryAgain
from server.channels.email_access import Access
from server.channels.email_facts import raw_mail
from server.channels.email_imap import Mailbox, Place
from server.channels.email_server import MailServer
from server.sandbox.mail import Fault, MailWorld, serve
from server.sandbox.mail_imap import ImapSession
from server.sandbox.mail_state import Settings


@pytest.fixture
async def world() -> AsyncIterator[MailWorld]:
    world = MailWorld()
    async with serve(world):
        yield world


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_imap, "WAIT_SECONDS", 0.3)


def mailbox(world: MailWorld, folder: str = "INBOX", start: str = "all", **settings: Any) -> Mailbox:
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": world.ports.imap,
        "tls": "no",
        "user": world.settings.user,
        "password": world.settings.password,
    }
    return Mailbox(Access(MailServer(**(given | settings))), folder, start)


def put(world: MailWorld, *texts: str) -> list[bytes]:
    return [world.put(f"Subject: {text}\r\n\r\n{text}\r\n".encode()) for text in texts]


def bodies(pulled: Sequence[Pulled]) -> list[bytes]:
    return [one.body for one in pulled]


async def drain(source: Mailbox, cursor: str = "") -> list[Pulled]:
    """Pull until there is nothing more."""
    found: list[Pulled] = []
    while pulled := await source.pull(found[-1].cursor if found else cursor):
        found += pulled
    return found


async def test_all_there_is_then_what_comes(world: MailWorld) -> None:
    old = put(world, "uno", "dos")
    source = mailbox(world)
    first = await source.pull("")
    assert bodies(first) == old
    place = Place.parse(first[-1].cursor)
    assert (place.validity, place.uid) == (world.state.box.validity, 2)
    waiting = asyncio.create_task(source.pull(str(place)))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    new = put(world, "tres")
    assert bodies(await waiting) == new
    assert time.monotonic() - began < 0.2  # IDLE tells at once
    assert await source.pull(first[-1].cursor.partition(":")[0] + ":3") == []
    assert all(not mail.flags for mail in world.state.box.mails)
    await source.close()


async def test_without_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    world = MailWorld(Settings(idle=False))
    async with serve(world):
        source = mailbox(world)
        waiting = asyncio.create_task(source.pull(""))
        await asyncio.sleep(0.05)
        new = put(world, "uno")
        assert bodies(await waiting) == new
        await source.close()


async def test_batches_are_small_and_in_order(world: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_imap, "BATCH", 4)
    monkeypatch.setattr(email_imap, "BATCH_BYTES", 3000)
    sizes = [10, 2000, 2000, 10, 10, 10, 10, 10, 5000, 10]
    mails = [world.put(b"Subject: x\r\n\r\n" + b"x" * size + str(n).encode()) for n, size in enumerate(sizes)]
    source = mailbox(world)
    found: list[Pulled] = []
    while pulled := await source.pull(found[-1].cursor if found else ""):
        assert len(pulled) <= 4
        assert len(pulled) == 1 or sum(map(len, bodies(pulled))) <= 3000
        found += pulled
    assert bodies(found) == mails
    await source.close()


async def test_uids_with_gaps(world: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_imap, "WINDOW", 10)
    mails = put(world, "uno")
    world.state.box.following = 500
    mails += put(world, "dos")
    world.state.box.following = 100_000
    mails += put(world, "tres", "cuatro")
    source = mailbox(world)
    assert bodies(await drain(source)) == mails
    await source.close()


async def test_uidvalidity_change(world: MailWorld) -> None:
    mails = put(world, "uno", "dos")
    source = mailbox(world)
    cursor = (await source.pull(""))[-1].cursor
    world.state.box.renumber()
    again = await source.pull(cursor)
    assert bodies(again) == mails  # what is known already, the store tells
    assert again[-1].cursor == f"{world.state.box.validity}:2" != cursor
    await source.close()


async def test_a_server_without_uidvalidity(world: MailWorld) -> None:
    world.state.box.validity = 0
    mails = put(world, "uno", "dos")
    source = mailbox(world)
    found = await source.pull("")
    assert bodies(found) == mails and found[-1].cursor == "0:2"
    mails += put(world, "tres")
    assert bodies(await source.pull("0:2")) == mails[2:]
    # it counts anew after a restart: without a word of it, but its UIDNEXT is below where we were
    world.state.box.mails.clear()
    world.state.box.following = 1
    anew = put(world, "cuatro")
    assert bodies(await source.pull("0:3")) == anew
    await source.close()


async def test_only_what_is_new(world: MailWorld) -> None:
    put(world, "viejo", "también")
    source = mailbox(world, start="new")
    (first,) = await source.pull("")
    assert first.body == b""
    world.state.clock = lambda: 2_000_000_000_000
    new = put(world, "nuevo")
    found = await source.pull(first.cursor)
    assert bodies(found) == new
    # a restored mailbox does not bring the old ones in after all
    world.state.box.renumber()
    again = await drain(source, found[-1].cursor)
    assert [one.body for one in again if one.body] == new
    await source.close()


async def test_only_what_is_new_in_an_empty_folder(world: MailWorld) -> None:
    source = mailbox(world, start="new")
    (first,) = await source.pull("")
    new = put(world, "nuevo")
    assert bodies(await source.pull(first.cursor)) == new
    await source.close()


async def test_cut_in_the_middle_of_a_mail(world: MailWorld) -> None:
    mails = put(world, "uno", "dos", "tres")
    world.faults.add(Fault(kind="cut", on="imap", times=1))
    source = mailbox(world)
    with pytest.raises(TryAgain) as error:
        await source.pull("")
    assert error.value.failure.reason == "provider_down"
    assert bodies(await source.pull("")) == mails
    # on a connection of earlier it is tried again at once
    world.faults.add(Fault(kind="cut", on="imap", times=1))
    assert bodies(await source.pull("")) == mails
    await source.close()


async def test_a_mail_that_is_not_handed_out(world: MailWorld) -> None:
    (mail,) = put(world, "uno")
    world.faults.add(Fault(kind="broken", on="imap", times=2))
    source = mailbox(world)
    with pytest.raises(TryAgain):
        await source.pull("")
    assert bodies(await source.pull("")) == [mail]  # it was only now
    world.faults.add(Fault(kind="broken", on="imap"))
    for _ in range(email_imap.STUBBORN - 2):
        with pytest.raises(TryAgain):
            await source.pull("")
    (broken,) = await source.pull("")
    assert raw_mail(broken.body) == (b"Subject: uno\r\n\r\n", len(mail))
    after = put(world, "dos")
    world.faults.clear()
    assert bodies(await source.pull(broken.cursor)) == after
    await source.close()


async def test_a_very_large_mail_is_kept_in_part(world: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_imap, "MAIL_BYTES", 1000)
    monkeypatch.setattr(email_imap, "BEGINNING_BYTES", 100)
    large = world.put(b"Subject: grande\r\n\r\n" + b"x" * 5000)
    small = put(world, "chico")
    source = mailbox(world)
    cut, whole = await drain(source)
    assert raw_mail(cut.body) == (large[:100], len(large))
    assert whole.body == small[0]
    await source.close()


async def test_an_empty_mail_only_moves_the_place(world: MailWorld) -> None:
    world.put(b"")
    mails = put(world, "uno")
    source = mailbox(world)
    found = await source.pull("")
    assert bodies(found) == [b"", *mails]
    await source.close()


async def test_refusals_that_somebody_must_mend(world: MailWorld) -> None:
    for wrong, reason in ((mailbox(world, password="x"), "token"), (mailbox(world, "Nowhere"), "permission")):
        with pytest.raises(Refused) as refused:
            await wrong.pull("")
        assert refused.value.failure.reason == reason
        await wrong.close()
    letters = mailbox(world, password="contraseña")
    with pytest.raises(Refused) as refused:
        await letters.pull("")
    assert refused.value.failure.reason == "token"
    world.settings.password = "contraseña"
    mails = put(world, "uno")
    assert bodies(await letters.pull("")) == mails
    await letters.close()


async def test_nobody_there_and_no_tls(world: MailWorld) -> None:
    for tls in ("yes", "starttls"):
        source = mailbox(world, tls=tls)
        with pytest.raises(TryAgain):
            await source.pull("")
    await world.go_offline()
    source = mailbox(world)
    with pytest.raises(TryAgain):
        await source.pull("")
    mails = put(world, "mientras tanto")
    await world.go_online(world.ports)
    assert bodies(await source.pull("")) == mails
    await source.close()


async def test_a_connection_that_ends_while_waiting_is_no_trouble(
    world: MailWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_imap, "WAIT_SECONDS", 5)
    source = mailbox(world)
    waiting = asyncio.create_task(source.pull(""))
    await asyncio.sleep(0.1)
    mails = put(world, "uno")
    world.cut()
    assert bodies(await waiting) == mails
    await source.close()


async def test_a_mail_that_comes_along_with_the_beginning_of_the_wait_ends_it(
    world: MailWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[bytes] = []

    async def idle(session: ImapSession, given: list[bytes]) -> str:
        came.extend(put(world, "uno"))
        session._writer.write(b"+ idling\r\n* 1 EXISTS\r\n")
        await session._reader.readline()
        return "OK done"

    monkeypatch.setattr(ImapSession, "_do_idle", idle)
    monkeypatch.setattr(email_imap, "WAIT_SECONDS", 25)
    source = mailbox(world)
    assert bodies(await asyncio.wait_for(source.pull(""), 10)) == came
    await source.close()


async def test_closing_while_it_connects_ends_the_pull(world: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    connecting, closed = threading.Event(), threading.Event()

    connect = email_imap_line.connect

    def slowly(server: MailServer) -> BaseMailBox:
        connecting.set()
        closed.wait(10)
        return connect(server)

    monkeypatch.setattr(email_imap, "connect", slowly)
    monkeypatch.setattr(email_imap, "WAIT_SECONDS", 25)
    source = mailbox(world)
    waiting = asyncio.create_task(source.pull(""))
    await asyncio.to_thread(connecting.wait, 10)
    await source.close()
    closed.set()
    with pytest.raises(TryAgain):
        await asyncio.wait_for(waiting, 10)


async def test_close_does_not_wait(world: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_imap, "WAIT_SECONDS", 25)
    source = mailbox(world)
    waiting = asyncio.create_task(source.pull(""))
    await asyncio.sleep(0.2)
    waiting.cancel()
    began = time.monotonic()
    await source.close()
    assert time.monotonic() - began < 1
    while any(thread.name == "imap" for thread in threading.enumerate()):
        await asyncio.sleep(0.01)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("cursor", ["", "1", "nonsense", "1:2:3:4", ":", "7:9", "7:9:11"])
def test_places(cursor: str) -> None:
    place = Place.parse(cursor)
    assert Place.parse(str(place)) == place
