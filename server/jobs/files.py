"""Fetches the files that come with messages: within a size, a time, and from the provider's own hosts only.

A file is streamed to a temporary name, hashed on the way, and moved to where its sha256 says; what it claims to be is
checked against its first bytes. It is never executed, and its name never becomes a path.
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
from urllib.parse import urlsplit

from server.channels.base import Adapter, Fetched, Refused, SendError
from server.commands.channels import OpenChannels
from server.commands.door import Command, Door
from server.commands.files import FileFailed, FilesDue, FileStored, GetDocument, LeaseFiles, Wanted
from server.desk import retry
from server.jobs.work import Job

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


class TooLarge(Exception):
    """More bytes than may be taken."""


class Files(Job):
    """Fetches due files, a few at once."""

    name = "files"
    kinds = frozenset({"message.received", "message.echo"})

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http

    async def step(self) -> int | None:
        due = cast("int | None", await self.ask(FilesDue()))
        if due is not None and due <= self.now():
            lease = LeaseFiles(limit=AT_ONCE, lease_ms=int(PATIENCE * 1000) + 30_000)
            wanted = cast(list[Wanted], await self.do(lease))
            for outcome in await asyncio.gather(*(self._fetch(one) for one in wanted)):
                await self.do(outcome)
            due = cast("int | None", await self.ask(FilesDue()))
        return due

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
                if not may_fetch(channel.adapter, place.url):
                    return self._failed(wanted, f"host not allowed: {urlsplit(place.url).hostname}", refused=True)
                return await self._download(wanted, place)
        except TooLarge:
            return self._failed(wanted, f"larger than {LARGEST} bytes", refused=True)
        except Refused as error:
            return self._failed(wanted, str(error), refused=True)
        except (SendError, TimeoutError, OSError) as error:
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
        sha256, size, head = await keep(self.door.store.media, _once(content), LARGEST)
        return FileStored(
            id=wanted.id, message=wanted.message, sha256=sha256, mime=sniff(head) or mime or wanted.mime, size=size
        )

    def _failed(self, wanted: Wanted, error: str, refused: bool = False) -> FileFailed:
        due = None
        if not refused and wanted.attempts < TRIES:
            now = self.now()
            due = retry.next_attempt(wanted.attempts, now, now, random.random())
        return FileFailed(id=wanted.id, message=wanted.message, error=error, refused=refused, due_at=due)

    async def _download(self, wanted: Wanted, place: Fetched) -> Command:
        async with self._http.stream("GET", place.url, headers=place.headers, follow_redirects=False) as answer:
            if answer.status_code != 200:
                return self._failed(wanted, f"HTTP {answer.status_code}", refused=answer.status_code in (401, 403, 410))
            sha256, size, head = await keep(self.door.store.media, answer.aiter_bytes(65536), LARGEST)
        claimed = wanted.sha256 or place.sha256
        if claimed and claimed.lower() != sha256:
            return self._failed(wanted, "the file is not the one the provider announced")
        mime = sniff(head) or wanted.mime or place.mime or "application/octet-stream"
        return FileStored(id=wanted.id, message=wanted.message, sha256=sha256, mime=mime, size=size)


def may_fetch(adapter: Adapter, url: str) -> bool:
    """Whether a file may be fetched from there: https from the provider's hosts, or the host its API is set to."""
    parts = urlsplit(url)
    api = urlsplit(adapter.settings.get("graph_url", ""))
    if api.hostname and (parts.scheme, parts.hostname, parts.port) == (api.scheme, api.hostname, api.port):
        return True
    if parts.scheme != "https" or parts.hostname is None or parts.port not in (None, 443):
        return False
    return any(
        parts.hostname.endswith(host) if host.startswith(".") else parts.hostname == host
        for host in adapter.media_hosts
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
                head = head or chunk[:64]
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


#: (offset, first bytes, type) of files that are told by how they begin
_SIGNATURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp3gp", "video/3gpp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"MZ", "application/x-dosexec"),
    (0, b"\x7fELF", "application/x-elf"),
)


def sniff(head: bytes) -> str:
    """What a file is by its first bytes; empty if they do not tell."""
    for offset, magic, mime in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return mime
    return ""
