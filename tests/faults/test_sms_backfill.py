"""Twilio posts once and forgets: whatever of that is lost is fetched, nothing is missing and nothing is there twice."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_console.backend import calls
from server import wire
from server.commands.links import LASTS_MS, made
from server.sandbox.sms import Fault
from server.store.secrets import SecretBox
from tests.faults.audit import audit
from tests.faults.office import look, until
from tests.faults.sms_office import SmsOffice, open_sms_office
from tests.jobs.strangers import Stranger, answer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
CUSTOMERS, EACH = 12, 12


def stored(office: SmsOffice) -> list[tuple[str, str]]:
    """(sid, text) of every message that came in."""
    with contextlib.closing(look(office.server.data)) as store:
        return list(store.execute("SELECT external_id, text FROM messages WHERE direction = 'in' ORDER BY external_id"))


async def test_lost_webhooks_and_a_server_that_was_killed(tmp_path: Path) -> None:
    async with open_sms_office(tmp_path) as office:
        twilio, server = office.twilio, office.server
        twilio.faults.add(
            Fault(kind="drop", rate=0.3), Fault(kind="duplicate", rate=0.2), Fault(kind="delay", rate=0.2, ms=30)
        )
        written: list[tuple[str, str]] = []

        async def customer(n: int) -> None:
            for turn in range(EACH):
                text = f"{n}/{turn}"
                written.append((await twilio.write(f"+5037000{n:04}", text), text))

        async def operator() -> None:
            for _ in range(2):
                await until(_more(len(written) + 20), "more messages")
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(0.2)  # what is posted now nobody takes
                await asyncio.to_thread(server.start)

        def _more(count: int) -> Any:
            async def there() -> bool:
                return len(written) >= min(count, CUSTOMERS * EACH)

            return there

        await asyncio.gather(*(customer(n) for n in range(CUSTOMERS)), operator())
        assert twilio.counters.dropped > 10

        async def all_there() -> bool:
            return len(await asyncio.to_thread(stored, office)) >= len(written)

        await until(all_there, "every message")
        assert await asyncio.to_thread(server.stop) == 0
        assert stored(office) == sorted(written)
        assert audit(server.data) == []


async def test_a_webhook_that_is_never_called_at_all(tmp_path: Path) -> None:
    """Without one, messages and pictures come with the look-ups, answers leave, and their reports come too."""
    async with open_sms_office(tmp_path) as office:
        twilio = office.twilio
        twilio.settings.hook_url = ""
        twilio.settings.statuses = False
        await twilio.write("+50370000001", "mi recibo", files=[("image/png", PNG)])
        api = office.api()
        try:

            async def arrived() -> bool:
                return bool((await api.send(calls.conversations("all"))).items)

            await until(arrived, "the message")
            (row,) = (await api.send(calls.conversations("all"))).items

            async def thread() -> list[wire.Message]:
                return (await api.send(calls.messages(row.id))).items

            async def fetched() -> bool:
                return (await thread())[0].attachments[0].state == "stored"

            await until(fetched, "the picture")
            sent = await api.send(calls.reply(row.id, wire.Reply(text="gracias")))

            async def delivered() -> bool:
                return next(one for one in await thread() if one.id == sent.id).status == "delivered"

            await until(delivered, "the report")
        finally:
            await api.close()


async def test_pictures_both_ways(tmp_path: Path) -> None:
    async with open_sms_office(tmp_path) as office:
        twilio, api = office.twilio, office.api()
        for kind in ("status", "cut_before"):
            twilio.faults.add(Fault(kind=kind, status=502, on="media", times=1))
        await twilio.write("+50370000001", "", files=[("image/jpeg", PNG), ("text/plain", b"\x7fELF" + bytes(60))])
        try:
            (row,) = (await api.send(calls.conversations("all"))).items

            async def files() -> list[wire.Attachment]:
                found = (await api.send(calls.messages(row.id))).items[0].attachments
                return found if all(file.state == "stored" for file in found) else []

            picture, program = await until(files, "both files")
            assert await api.send(calls.attachment(picture.id)) == PNG
            # said to be what it is, not what it was said to be
            assert (picture.mime, picture.warning) == ("image/png", "")
            assert (program.mime, program.warning) == ("application/x-elf", "program")

            uploaded = await api.send(calls.upload(PNG, mime="image/png", file_name="estado de cuenta.png"))
            sent = await api.send(calls.reply(row.id, wire.Reply(text="aquí está", attachments=[uploaded.id])))
            (received,) = await twilio.next_received("+50370000001")
            assert (received.body, received.files[0].mime, received.files[0].data) == ("aquí está", "image/png", PNG)

            async def delivered() -> bool:
                found = (await api.send(calls.messages(row.id))).items
                return next(one for one in found if one.id == sent.id).status == "delivered"

            await until(delivered, "the report")
        finally:
            await api.close()
        await _links(office, uploaded.id)


async def _links(office: SmsOffice, attachment: int) -> None:
    """A link works as it was made, for a while, for GET and HEAD, and is a download."""
    secrets, now = SecretBox.load(office.server.data / "secret.key"), time.time_ns() // 1_000_000
    good = made(secrets, attachment, now)
    place, until_, signature = good.rpartition("/")[0].rpartition("/")[0], good.split("/")[-2], good.split("/")[-1]
    async with httpx.AsyncClient(base_url=office.server.url, trust_env=False) as client:
        answer = await client.get(good)
        assert (answer.status_code, answer.content) == (200, PNG)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await client.head(good)).headers["content-length"] == str(len(PNG))
        for wrong in (
            made(secrets, attachment, now - LASTS_MS - 1000),
            made(secrets, attachment + 1, now),
            f"{place}/{int(until_) + 1}/{signature}",
            f"/media/{attachment + 1}/{until_}/{signature}",
            good[:-1],
            good + "x",
            f"/media/{attachment}/{until_}/ñ",
            f"/media/{'9' * 5000}/{until_}/{signature}",
            f"/media/-1/{until_}/{signature}",
            f"/media/{attachment}",
            "/media/",
        ):
            assert (await client.get(wrong)).status_code == 404, wrong[:100]
        assert (await client.post(good)).status_code == 405


async def test_files_at_hostile_addresses(tmp_path: Path) -> None:
    """Signed, and still nothing inside is touched: not directly, and not by way of a redirect of the API's."""
    async with open_sms_office(tmp_path) as office, Stranger(lambda head: answer(b"SECRETS")).listening() as inside:
        twilio = office.twilio
        hostile = [
            f"http://127.0.0.1:{inside.port}/",
            f"https://127.0.0.1:{inside.port}/",
            f"http://localhost:{inside.port}/",
            f"http://[::1]:{inside.port}/",
            f"http://0x7f000001:{inside.port}/",
            f"{twilio.url.replace('127.0.0.1', 'localhost')}/_cdn/x",
            "https://169.254.169.254/latest/meta-data/",
            "https://localhost/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_FLUSHALL",
        ]
        media: dict[str, Any] = {f"MediaUrl{n}": url for n, url in enumerate(hostile)}
        await twilio.write(
            "+50370000001",
            "mire",
            **media,
        )
        api = office.api()
        try:
            (row,) = (await api.send(calls.conversations("all"))).items

            async def decided() -> list[wire.Attachment]:
                found = (await api.send(calls.messages(row.id))).items[0].attachments
                return found if all(file.state != "pending" for file in found) else []

            found = await until(decided, "an end")
        finally:
            await api.close()
        assert [file.state for file in found] == ["refused"] * len(hostile)
        assert inside.asked == []


async def test_a_file_is_kept_once_whoever_sends_it(tmp_path: Path) -> None:
    async with open_sms_office(tmp_path) as office:
        for n in range(3):
            await office.twilio.write(f"+5037000000{n}", "", files=[("image/png", PNG)])

        async def all_stored() -> bool:
            with contextlib.closing(look(office.server.data)) as store:
                (count,) = store.execute("SELECT count(*) FROM attachments WHERE state = 'stored'").fetchone()
                return bool(count == 3)

        await until(all_stored, "three files")
        digest = hashlib.sha256(PNG).hexdigest()
        kept = [path for path in (office.server.data / "media").rglob("*") if path.is_file()]
        assert [path.name for path in kept] == [digest]
        assert kept[0].stat().st_mode & 0o111 == 0
