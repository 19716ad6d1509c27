"""No space left: webhooks get a 503 and never a false 200, reading goes on, and with space everything goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError
from agent_console.backend.calls import Call
from server import wire
from server.sandbox.graph_hooks import inbound, sign
from tests.conftest import missing
from tests.faults.audit import audit
from tests.faults.office import Office, open_office, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

How = Literal["file size limit", "full file system"]
#: bytes of the small file system
SMALL = 24 * 1024 * 1024
FILLER = "filler"


class Disk:
    """The folder a server has its data in, and how to take its space away and give it back."""

    def __init__(self, how: How, home: Path) -> None:
        self.how = how
        self.home = home

    def fill(self, office: Office) -> None:
        """From now on the store cannot grow."""
        if self.how == "full file system":
            with (self.home / FILLER).open("wb", buffering=0) as filler, contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(4096))
        else:  # no file may become larger than the write-ahead log is now
            self._limit(office, (office.server.data / "agent-console.db-wal").stat().st_size)

    def free(self, office: Office) -> None:
        """There is space again."""
        if self.how == "full file system":
            (self.home / FILLER).unlink()
        else:
            self._limit(office, resource.RLIM_INFINITY)

    def _limit(self, office: Office, size: int) -> None:
        assert office.server.process is not None
        resource.prlimit(office.server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextlib.contextmanager
def _small_file_system() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL},mode=700", "tmpfs", folder]
        if os.geteuid() != 0 or shutil.which("mount") is None:
            missing("root, to mount a small file system")
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            missing(f"the right to mount a small file system ({done.stderr.strip()})")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture(params=["file size limit", "full file system"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "full file system":
        with _small_file_system() as home:
            yield Disk("full file system", home)
        return
    if not sys.platform.startswith("linux"):
        missing("Linux, to limit a running process")
    yield Disk("file size limit", tmp_path)


class Customers:
    """Webhooks, each until it gets its 200. `answers` counts what came back."""

    def __init__(self, office: Office, client: httpx.AsyncClient) -> None:
        self.office = office
        self.client = client
        self.promised: list[str] = []
        self.refused: list[tuple[str, bytes]] = []
        self.number = 0

    def _document(self, padding: int) -> tuple[str, bytes]:
        self.number += 1
        state = self.office.graph.state
        person = self.office.graph.customer(f"5037000{self.number % 8:04}", name="Socia", open_window=True)
        id = f"wamid.full{self.number:05}"
        state.inbound[id] = person.key
        part = {"type": "text", "text": {"body": f"consulta {self.number} {'x' * padding}"}}
        return id, msgspec.json.encode(inbound(state, person, id, state.clock(), part))

    async def write(self, padding: int = 0) -> int:
        id, body = self._document(padding)
        return await self._post(id, body)

    async def _post(self, id: str, body: bytes) -> int:
        settings = self.office.graph.settings
        headers = {"X-Hub-Signature-256": sign(settings.app_secret, body)}
        answer = await self.client.post(settings.hook_url, content=body, headers=headers)
        if answer.status_code == 200:
            self.promised.append(id)
        else:
            assert answer.status_code == 503, answer.text
            assert answer.json()["code"] == "unavailable"
            assert int(answer.headers["retry-after"]) > 0
            self.refused.append((id, body))
        return answer.status_code

    async def again(self) -> None:
        """The provider comes again with what was not taken."""
        waiting, self.refused = self.refused, []
        for id, body in waiting:
            await self._post(id, body)


async def test_no_space(disk: Disk, tmp_path: Path) -> None:
    async with (
        open_office(disk.home, pair_interval_ms=20, read_after=100) as office,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        api = office.api("advisor")
        try:
            customers = Customers(office, client)
            for _ in range(30):
                assert await customers.write() == 200
            rows = (await api.send(calls.conversations("all"))).items

            disk.fill(office)
            await _until_full(customers)
            refused = [await customers.write(200) for _ in range(20)]
            assert 503 in refused
            await asyncio.gather(*(customers.write(50_000) for _ in range(10)))
            await _reading_goes_on(office, api, client, rows[0].id)
            key = await _writing_is_refused(api, rows[0].id)

            disk.free(office)

            async def taken() -> bool:
                await customers.again()
                return not customers.refused

            await until(taken, "every webhook taken")
            answered = await api.send(calls.reply(rows[0].id, wire.Reply(text="en el disco lleno"), key))
            for n, row in enumerate(rows):
                await api.send(calls.reply(row.id, wire.Reply(text=f"otra vez {n}")))

            async def delivered() -> bool:
                with contextlib.closing(office.database()) as store:
                    return not store.execute("SELECT 1 FROM outbox").fetchone()

            await until(delivered, "every answer gone")
            assert await office.graph.settle()
            assert answered.text == "en el disco lleno"
            assert office.graph.state.doubled() == {}
            assert len(office.graph.state.accepted) == len(rows) + 1
        finally:
            await api.close()
        assert await asyncio.to_thread(office.server.stop) == 0
        _nothing_half_stored(office, customers)


async def _until_full(customers: Customers) -> None:
    """Write until the first refusal: a log of some pages may have room in a file that cannot grow."""
    for _ in range(400):
        if await customers.write(2_000) == 503:
            return
    raise AssertionError("the disk did not fill")


async def _reading_goes_on(office: Office, api: Api, client: httpx.AsyncClient, conversation: int) -> None:
    assert (await api.send(calls.conversations("open", limit=200))).items
    assert (await api.send(calls.messages(conversation))).items
    assert (await api.send(calls.counts())).open
    assert (await client.get(office.server.url + "/healthz")).status_code == 200
    ready = await client.get(office.server.url + "/readyz")
    assert ready.status_code in (200, 503)


async def _writing_is_refused(api: Api, conversation: int) -> str:
    """An advisor's acts are refused as something that passes; the key of one to try again with later."""
    key = calls.new_key()
    attempts: tuple[Call[Any], ...] = (
        calls.reply(conversation, wire.Reply(text="en el disco lleno"), key),
        calls.note(conversation, "x" * 9_000),
        calls.upload(bytes(64 * 1024 * 1024), mime="application/pdf", file_name="grande.pdf"),
    )
    for call in attempts:
        with pytest.raises(ApiError) as refused:
            # small changes may find room in what a refusal rolled back: until it is really full
            for _ in range(50):
                await api.send(call)
                call = calls.note(conversation, "x" * 9_000)
        assert (refused.value.status, refused.value.code) == (503, "unavailable")
        assert refused.value.passing
    return key


def _nothing_half_stored(office: Office, customers: Customers) -> None:
    assert audit(office.server.data) == []
    with contextlib.closing(office.database()) as store:
        stored = [id for (id,) in store.execute("SELECT external_id FROM messages WHERE direction = 'in'")]
        assert sorted(stored) == sorted(customers.promised)
        assert len(stored) == customers.number
        (deliveries,) = store.execute("SELECT count(*) FROM deliveries WHERE state <> 'done'").fetchone()
        assert deliveries == 0
        (texts,) = store.execute("SELECT count(*) FROM messages WHERE text = 'en el disco lleno'").fetchone()
        assert texts == 1
    assert list((office.server.data / "media").glob("tmp/*")) == []
