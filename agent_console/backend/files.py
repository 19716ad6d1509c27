"""Files on their way between this computer and the server, with how far they are."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

from agent_console.backend import computer
from server import wire

#: bytes handed over at once
CHUNK = 64 * 1024

#: what the server calls a family of types (`wire.Capabilities.media`); anything else is a document
_FAMILIES = ("image", "audio", "video")
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
)


class Found(NamedTuple):
    """A file of this computer that may be sent. `problem`: why it can't (a code: missing, folder, empty, unreadable,
    elsewhere, file_kind, file_too_large), empty if it can; `limit`: the largest size there is for its kind."""

    path: Path
    name: str
    mime: str
    kind: str
    size: int
    problem: str = ""
    limit: int = 0


def look_at(path: Path, can: wire.Capabilities) -> Found:
    """What a file is and whether the channel takes it. Reads its first bytes: not for the console's own thread."""
    name = path.name
    if not computer.is_the_readers():
        return Found(path, name, "", "", 0, "elsewhere")
    try:
        if path.is_dir():
            return Found(path, name, "", "", 0, "folder")
        if not path.is_file():
            return Found(path, name, "", "", 0, "missing")
        size = path.stat().st_size
        with path.open("rb") as file:
            beginning = file.read(64)
    except OSError:
        return Found(path, name, "", "", 0, "unreadable")
    mime = type_of(name, beginning)
    kind = kind_of(mime)
    if not size:
        return Found(path, name, mime, kind, size, "empty")
    limit = can.media.get(kind)
    if limit is None:
        # What a channel does not show as a picture it may still take as a file.
        limit, kind = can.media.get("document"), "document" if "document" in can.media else kind
        mime = mime if kind_of(mime) == kind else "application/octet-stream"
    if limit is None:
        return Found(path, name, mime, kind, size, "file_kind")
    if size > limit:
        return Found(path, name, mime, kind, size, "file_too_large", limit)
    return Found(path, name, mime, kind, size, "", limit)


def type_of(name: str, beginning: bytes) -> str:
    """The media type, by what the file begins with, else by its name."""
    import mimetypes

    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    for signature, mime in _SIGNATURES:
        if beginning.startswith(signature):
            return mime
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def kind_of(mime: str) -> str:
    """The kind of message a file of this type makes."""
    family = mime.partition("/")[0]
    return family if family in _FAMILIES else "document"


async def pieces(data: bytes, progress: Callable[[int], None]) -> AsyncIterator[bytes]:
    """The bytes in chunks; `progress` is told how many have been taken."""
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]
        progress(min(len(data), start + CHUNK))


def paths_in(text: str) -> list[Path]:
    """The paths in what somebody pasted or dropped: plain, quoted, with escaped blanks, as file:// addresses; one a
    line, or several quoted ones in a line."""
    found: list[Path] = []
    for line in text.replace("\r", "\n").split("\n"):
        if said := line.strip():
            found += [home(each) for each in _in_line(said)]
    return found


def home(path: str) -> Path:
    """The path, with the home folder for ~."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # ~ of somebody who does not exist
        return Path(path)


def _in_line(said: str) -> list[str]:
    import shlex

    if _exists(said):
        return [said]
    try:
        parts = shlex.split(said)
    except ValueError:  # a quote that nobody closed: an apostrophe in a name
        parts = [said]
    several = [_bare(part) for part in parts]
    marked = said[0] in "'\"" or "\\" in said or said.lower().startswith("file://")
    if len(several) > 1 and not marked and not all(_exists(each) for each in several):
        return [said]  # a name with blanks in it
    return several


def _bare(said: str) -> str:
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(said).path) if said.lower().startswith("file://") else said


def _exists(path: str) -> bool:
    try:
        return computer.is_the_readers() and home(path).exists()
    except (OSError, ValueError):
        return False


def complete(typed: str, limit: int = 200) -> list[str]:
    """The paths that begin with what is typed, folders with a slash behind them; hidden ones only when asked for.
    Reads the disk: not for the console's own thread."""
    folder, slash, begun = typed.rpartition("/")
    if typed == "~":
        return ["~/"]
    where = home(folder + slash) if slash else Path()
    found: list[str] = []
    if not computer.is_the_readers():
        return found
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                name = entry.name
                if not name.casefold().startswith(begun.casefold()) or (name.startswith(".") and not begun):
                    continue
                found.append(f"{folder}{slash}{name}" + ("/" if entry.is_dir() else ""))
                if len(found) >= limit:
                    break
    except (OSError, ValueError):
        return []
    return sorted(found, key=str.casefold)


def common(paths: list[str]) -> str:
    """The beginning that all of them share."""
    first, last = min(paths, default=""), max(paths, default="")
    same = next((n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:same]
