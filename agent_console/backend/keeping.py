"""Files of customers on this computer: what may be opened, what is dangerous, where one is saved.

A file is judged by what it begins with and by its name; the worse of the two counts. What is opened is a copy in a
folder that only its owner can read and that goes with the console.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from agent_console.backend import computer
from agent_console.backend.files import type_of
from agent_console.safetext import line

Danger = Literal["safe", "unknown", "dangerous"]

_SAFE = re.compile(r"image/(png|jpeg|gif|webp|bmp)|audio/[\w.+-]+|video/[\w.+-]+|application/pdf|text/plain")
_DANGEROUS_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
        apk app appimage bat bin chm cmd com cpl deb desktop dll dmg docm dotm elf exe hta htm html img inf
        ins iso jar jnlp js jse lnk mht mhtml msc msi msix msp mst ocx pif pkg pl potm ppam ppsm pptm ps1
        psm1 py pyz rb reg rpm scf scr sct settingcontent-ms sh sldm svg svgz sys url vb vbe vbs vhd vhdx
        wsc wsf wsh xht xhtml xlam xll xlsm xltm xml
        """,
    )
)
_DANGEROUS_TYPES = re.compile(r"application/x-(msdownload|executable|mach-binary|sh)|text/html|image/svg\+xml")
_SCRIPTS = (b"#!", b"<!doc", b"<html", b"<?xml", b"<svg", b"<scri")
_MACH = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BAD = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]')
#: characters of a file name
NAME = 120


def danger(name: str, data: bytes) -> tuple[Danger, str]:
    """How dangerous a file is, and its media type by what it begins with."""
    mime = type_of(name, data[:64])
    begun = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    ending = name.rpartition(".")[2].strip().casefold() if "." in name else ""
    if (
        ending in _DANGEROUS_NAMES
        or _DANGEROUS_TYPES.fullmatch(mime)
        or begun.startswith(_SCRIPTS)
        or data[:4] in _MACH
        or _TURNED.search(name)
    ):
        return "dangerous", mime
    return ("safe" if _SAFE.fullmatch(mime) else "unknown"), mime


def safe_name(name: str, otherwise: str) -> str:
    """A name under which a file may be saved: no folder, nothing hidden, nothing a system reads as more than a name."""
    bare = _BAD.sub("_", line(name.replace("\\", "/").rpartition("/")[2], 400)).strip(". ")
    stem, dot, ending = bare.rpartition(".")
    if dot and len(ending) <= 12:
        return f"{stem[: NAME - len(ending) - 1]}.{ending}"
    return bare[:NAME] or otherwise


def downloads(environ: Mapping[str, str]) -> Path:
    """Where files are saved: `AGENT_CONSOLE_DOWNLOADS`, else this user's folder for downloads."""
    chosen = environ.get("AGENT_CONSOLE_DOWNLOADS")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_downloads_path()


def save(data: bytes, folder: Path, name: str) -> Path:
    """Write a file, for its owner only and never over another one. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    for n in range(1, 1000):
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
        except FileExistsError:
            path = folder / f"{Path(name).stem} ({n}){Path(name).suffix}"
        else:
            return path
    raise FileExistsError(name)


def opener(environ: Mapping[str, str]) -> str:
    """The program that opens files in this computer's viewer; empty where there is none in front of the reader."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") or not computer.is_the_readers():
        return ""
    if sys.platform == "darwin":
        return shutil.which("open") or ""
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return ""
    return shutil.which("xdg-open") or ""


def open_copy(data: bytes, name: str, program: str) -> Path:
    """Open a copy in the system's viewer. Raises OSError."""
    path = save(data, _folder(), name)
    start(program, str(path))
    return path


def start(program: str, what: str) -> None:
    """Let the system's viewer show something. Raises OSError."""
    subprocess.Popen(
        [program, what],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


_opened: Path | None = None


def _folder() -> Path:
    """This console's own folder for what is opened; it goes when the console does."""
    global _opened
    if _opened is None:
        _opened = Path(tempfile.mkdtemp(prefix="agent-console-"))
        atexit.register(shutil.rmtree, _opened, ignore_errors=True)
    return _opened
