"""How this terminal can show a picture, by what it says of itself; nothing is asked of it and nothing waits for it.

kitty and Ghostty know the graphics protocol with placeholders in the text; others know sixel; any other one is painted
on with half blocks. In tmux the outer terminal is what counts, and only if tmux lets sequences through.
`AGENT_CONSOLE_IMAGES=kitty|sixel|blocks|off` decides against all this.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Literal, NamedTuple

Way = Literal["kitty", "sixel", "blocks", "off"]

#: a cell's size in pixels where the terminal does not tell: rather too small, so that a picture never runs over
CELL = (8, 16)
_TMUX_SECONDS = 1.0

_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_SIXEL_PROGRAMS = ("WezTerm", "iTerm.app", "mintty")
_KONSOLE_WITH_SIXEL = 220400


class Graphics(NamedTuple):
    """`passthrough`: sequences have to be wrapped for tmux."""

    way: Way
    passthrough: bool = False


def detect(environ: Mapping[str, str]) -> Graphics:
    """How to show a picture here. May run tmux for a moment: not for the console's own thread."""
    chosen = environ.get("AGENT_CONSOLE_IMAGES", "")
    in_tmux = bool(environ.get("TMUX"))
    if chosen in ("kitty", "sixel", "blocks", "off"):
        return Graphics(chosen, in_tmux and chosen == "kitty")  # type: ignore[arg-type]
    if environ.get("NO_COLOR"):
        return Graphics("off")
    if in_tmux:
        return of_tmux(_ask_tmux())
    if environ.get("TERM", "").startswith(("screen", "tmux")):
        return Graphics("blocks")
    return Graphics(_of_terminal(environ))


def _of_terminal(environ: Mapping[str, str]) -> Way:
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if term in _KITTY_TERMS or program == "ghostty" or environ.get("KITTY_WINDOW_ID"):
        return "kitty"
    if term.startswith(_SIXEL_TERMS) or "sixel" in term or program in _SIXEL_PROGRAMS:
        return "sixel"
    konsole = environ.get("KONSOLE_VERSION", "")
    return "sixel" if konsole.isdigit() and int(konsole) >= _KONSOLE_WITH_SIXEL else "blocks"


def of_tmux(answer: str) -> Graphics:
    """By tmux's answer: the outer terminal's name, whether sequences pass, what tmux knows of it."""
    name, passes, features = [*answer.strip().split("|"), "", "", ""][:3]
    if name in _KITTY_TERMS and passes in ("on", "all", "1"):
        return Graphics("kitty", passthrough=True)
    return Graphics("sixel" if "sixel" in features else "blocks")


def _ask_tmux() -> str:
    question = "#{client_termname}|#{allow-passthrough}|#{client_termfeatures}"
    try:
        asked = subprocess.run(
            ["tmux", "display-message", "-p", question],
            capture_output=True,
            text=True,
            timeout=_TMUX_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout


def cell_size() -> tuple[int, int]:
    """A cell's width and height in pixels, as the terminal told the system; `CELL` if it did not."""
    try:
        import fcntl
        import struct
        import sys
        import termios

        packed = fcntl.ioctl(sys.__stdout__.fileno() if sys.__stdout__ else 1, termios.TIOCGWINSZ, bytes(8))
        rows, columns, width, height = struct.unpack("HHHH", packed)
    except (ImportError, OSError, ValueError):
        return CELL
    if not (rows and columns and width and height):
        return CELL
    return max(1, width // columns), max(1, height // rows)
