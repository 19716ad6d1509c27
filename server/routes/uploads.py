"""Files on their way in: streamed to a temporary file under a cap, then kept under their sha256."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import msgspec

from server.desk.filetypes import bare_name

#: bytes gathered before they are written, so that a thread is not woken for every packet
GATHER = 256 * 1024

_MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


class Kept(msgspec.Struct, frozen=True):
    """A file in the media folder. `size` in bytes, `sha256` in hex."""

    sha256: str
    size: int


async def keep(pieces: AsyncIterator[bytes], media: Path) -> Kept:
    """Take a file in: it is durable in the media folder when this returns, and leaves nothing behind if it fails."""
    temporary = media / "tmp" / secrets.token_hex(16)
    file = await asyncio.to_thread(_create, temporary)
    hash, size = hashlib.sha256(), 0
    try:
        gathered: list[bytes] = []
        waiting = 0
        async for piece in pieces:
            gathered.append(piece)
            waiting += len(piece)
            size += len(piece)
            if waiting >= GATHER:
                await asyncio.to_thread(_write, file, hash, gathered)
                gathered, waiting = [], 0
        await asyncio.to_thread(_write, file, hash, gathered)
        digest = hash.hexdigest()
        await asyncio.to_thread(_settle, file, temporary, media / digest[:2] / digest)
    finally:
        file.close()
        temporary.unlink(missing_ok=True)
    return Kept(digest, size)


def clear_temporary(media: Path) -> None:
    """Remove what uploads left that a crash cut off."""
    for left in (media / "tmp").glob("*"):
        left.unlink(missing_ok=True)


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path.open("xb")


def _write(file: BinaryIO, hash: hashlib._Hash, pieces: list[bytes]) -> None:
    for piece in pieces:
        hash.update(piece)
        file.write(piece)


def _settle(file: BinaryIO, temporary: Path, place: Path) -> None:
    """Move the complete file to where it stays, durably: its bytes first, then its name."""
    file.flush()
    os.fsync(file.fileno())
    place.parent.mkdir(exist_ok=True, mode=0o700)
    temporary.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def clean_name(name: str) -> str:
    """The bare name in an `X-File-Name` header, which is percent-encoded."""
    return bare_name(unquote(name))


def clean_mime(content_type: str) -> str:
    """A media type without its parameters; `application/octet-stream` if it is none."""
    mime = content_type.partition(";")[0].strip().lower()
    return mime if _MIME.fullmatch(mime) else "application/octet-stream"


def kind_of(mime: str) -> str:
    """What kind of message a file of this type makes."""
    family = mime.partition("/")[0]
    return family if family in ("image", "audio", "video") else "document"
