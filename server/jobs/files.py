"""Fetches the files that come with messages: within a size, a time, and from where it is safe (see `fetching`).

A file is streamed to a temporary name, hashed on the way, and moved to where its sha256 says; what it is, is told by
its first bytes, whatever it claims. It is never executed, and its name never becomes a path.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from server.channels.base import Adapter, Fetched, Refused, SendError
from server.commands.channels import OpenChannels
from server.commands.door import Command, Door, Unavailable
from server.commands.files import FileFailed, FilesDue, FileStored, GetDocument, LeaseFiles, Wanted
from server.desk import filetypes, retry
from server.jobs.fetching import Blocked, Fetcher, TooLarge, Unfetched, origin
from server.jobs.work import PAUSE, Job

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

#: bytes of the largest file taken (WhatsApp's own limit for documents)
LARGEST = 100 * 1024 * 1024
#: how long one download may take in all (s)
PATIENCE = 120.0
AT_ONCE = 4
#: attempts before a file is given up
TRIES = 8


class Files(Job):
    """Fetches due files, a few at once."""

    name = "files"
    kinds = frozenset({"message.received", "message.echo"})

    def __init__(
        self, door: Door, channels: OpenChannels, http: httpx.AsyncClient, fetcher: Fetcher | None = None
    ) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http
        self._fetcher = fetcher or Fetcher()
        self._fetching: set[asyncio.Task[None]] = set()

    async def step(self) -> int | None:
        free = AT_ONCE - len(self._fetching)
        due = await self._due()
        if free > 0 and due is not None and due <= self.now():
            lease = LeaseFiles(limit=free, lease_ms=int(PATIENCE * 1000) + 30_000)
            for wanted in cast(list[Wanted], await self.do(lease)):
                task = asyncio.create_task(self._take(wanted))
                self._fetching.add(task)
                task.add_done_callback(self._taken)
            due = await self._due()
        # Nothing more fits until one is there, and that wakes us.
        return None if len(self._fetching) >= AT_ONCE else due

    async def stop(self) -> None:
        """Let go of what is being fetched: it is fetched again after its lease."""
        await super().stop()
        for task in self._fetching:
            task.cancel()
        await asyncio.gather(*self._fetching, return_exceptions=True)

    async def _due(self) -> int | None:
        return cast("int | None", await self.ask(FilesDue()))

    def _taken(self, task: asyncio.Task[None]) -> None:
        self._fetching.discard(task)
        self.wake()

    async def _take(self, wanted: Wanted) -> None:
        """Fetch one file and record how it went."""
        outcome = await self._fetch(wanted)
        while True:
            try:
                await self.do(outcome)
                return
            except Unavailable:  # the disk is full
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("how file %d was fetched could not be recorded", wanted.id)
                return

    async def _fetch(self, wanted: Wanted) -> Command:
        """Fetch one file; the command that records how it went."""
        channel = await self._channels.by_id(wanted.channel_id)
        if channel is None:
            return self._failed(wanted, "channel_gone", refused=True)
        try:
            async with asyncio.timeout(PATIENCE):
                if channel.adapter.embeds:
                    return await self._extract(wanted, channel.adapter)
                place = await channel.adapter.locate_media(wanted.provider_id, wanted.url, self._http)
                if place.headers and not may_see_credentials(channel.adapter, place.url):
                    return self._failed(wanted, "not a host of the provider's", refused=True)
                return await self._download(wanted, place, channel.adapter.api_url)
        except TooLarge:
            return self._failed(wanted, f"larger than {LARGEST} bytes", refused=True)
        except (Refused, Blocked) as error:
            return self._failed(wanted, str(error), refused=True)
        except (SendError, Unfetched, TimeoutError, OSError) as error:
            return self._failed(wanted, f"{type(error).__name__}: {error}")
        except Exception as error:
            log.warning("file %d could not be fetched: %s", wanted.id, error)
            return self._failed(wanted, f"{type(error).__name__}: {error}")

    async def _extract(self, wanted: Wanted, adapter: Adapter) -> Command:
        """A file that came inside the raw call: nothing has to be fetched."""
        document = cast("bytes | None", await self.ask(GetDocument(id=wanted.document))) if wanted.document else None
        if document is None:
            return self._failed(wanted, "the raw message is no longer kept", refused=True)
        content, mime = await asyncio.to_thread(adapter.extract, document, wanted.provider_id)
        kept = await keep(self.door.store.media, _once(content), LARGEST)
        return self._stored(wanted, kept, mime or wanted.mime)

    def _stored(self, wanted: Wanted, kept: tuple[str, int, bytes], claimed: str) -> FileStored:
        sha256, size, head = kept
        mime, warning = filetypes.examine(head, claimed, wanted.file_name)
        return FileStored(id=wanted.id, message=wanted.message, sha256=sha256, mime=mime, size=size, warning=warning)

    def _failed(self, wanted: Wanted, error: str, refused: bool = False) -> FileFailed:
        due = None
        if not refused and wanted.attempts < TRIES:
            now = self.now()
            due = retry.next_attempt(wanted.attempts, now, now, random.random())
        return FileFailed(id=wanted.id, message=wanted.message, error=error, refused=refused, due_at=due)

    async def _download(self, wanted: Wanted, place: Fetched, api: str) -> Command:
        async with self._fetcher.get(place.url, largest=LARGEST, headers=place.headers, api=api) as answer:
            if answer.status != 200:
                return self._failed(wanted, f"HTTP {answer.status}", refused=answer.status in (401, 403, 410))
            kept = await keep(self.door.store.media, answer.pieces, LARGEST)
        promised = wanted.sha256 or place.sha256
        if promised and promised.lower() != kept[0]:
            return self._failed(wanted, "the file is not the one the provider announced")
        return self._stored(wanted, kept, wanted.mime or place.mime or answer.mime)


def may_see_credentials(adapter: Adapter, url: str) -> bool:
    """Whether a fetch of that address may carry the adapter's headers: one of its API, or of the provider's hosts."""
    target = origin(url)
    if target is None:
        return False
    scheme, host, port = target
    if target == origin(adapter.api_url):
        return True
    return (scheme, port) == ("https", 443) and any(
        host.endswith(known) if known.startswith(".") else host == known for known in adapter.media_hosts
    )


async def keep(media: Path, chunks: AsyncIterator[bytes], largest: int) -> tuple[str, int, bytes]:
    """Stream bytes into the media folder, under their sha256. (sha256 in hex, size, first bytes). Raises TooLarge."""
    incoming = media / "tmp"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = incoming / f"{os.getpid()}-{random.getrandbits(64):016x}"
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with part.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > largest:
                    raise TooLarge
                digest.update(chunk)
                head += chunk[: filetypes.HEAD - len(head)]
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_settle, file)
        sha256 = digest.hexdigest()
        home = media / sha256[:2]
        home.mkdir(exist_ok=True, mode=0o700)
        part.replace(home / sha256)
        return sha256, size, head
    finally:
        part.unlink(missing_ok=True)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
