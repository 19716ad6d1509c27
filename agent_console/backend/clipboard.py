"""The clipboard of the reader's computer, through the programs that have it.

Most terminals take what is copied themselves (OSC 52, see `presentation.osc`), also over SSH. Some do not (those made
with VTE, macOS's Terminal): in front of one of these a program of the computer has to.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from agent_console.backend import computer

#: seconds that such a program may take
PATIENCE: Final = 2
_WAYLAND: Final = (("wl-copy",),)
_X11: Final = (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))


def program(environ: Mapping[str, str]) -> list[str]:
    """The program that puts what it reads on the clipboard; empty where there is none in front of the reader."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") or not computer.is_the_readers():
        return []
    if sys.platform == "darwin":
        known: tuple[tuple[str, ...], ...] = (("pbcopy",),)
    else:
        known = (*(_WAYLAND if environ.get("WAYLAND_DISPLAY") else ()), *(_X11 if environ.get("DISPLAY") else ()))
    found = next((each for each in known if shutil.which(each[0])), ())
    return list(found)


def put(text: str, environ: Mapping[str, str]) -> bool:
    """Put a text on it; whether a program took it."""
    command = program(environ)
    if not command:
        return False
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
