"""What a terminal is sent to ring, to show a notification on the desktop, to change its title or its clipboard.

OSC 9 (iTerm2, Windows Terminal, WezTerm, ghostty), OSC 777 (rxvt-unicode, foot, VTE with a patch) and OSC 99 (kitty,
foot). tmux and screen keep unknown sequences to themselves: there they are wrapped, which tmux lets through where
`allow-passthrough` is on. Bell and title need no wrapping. Over SSH nothing changes: the sequences go the way of all
that is painted.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from agent_console.safetext import cut, line

if TYPE_CHECKING:
    from agent_console.presentation.notify import Desktop, Multiplexer

BELL = "\a"
#: the title is put on the terminal's stack, and taken from it at the end
KEEP_TITLE, RETURN_TITLE = "\x1b[22;2t", "\x1b[23;2t"
#: cells of a text
MOST = 160
_ST = "\x1b\\"
#: values of TERM whose terminals show links as text, or hang
_NO_LINKS: Final = ("dumb", "linux", "rxvt", "sun", "sun-color")
#: the first version of some terminals that can be given links, as they call it in the environment
_LINKS_SINCE: Final = {"KONSOLE_VERSION": 201200, "VTE_VERSION": 5004}


def multiplexer(wish: Multiplexer, environment: Mapping[str, str]) -> Multiplexer:
    """What stands between us and the terminal: said, or guessed (over SSH only TERM tells)."""
    if wish != "auto":
        return wish
    term = environment.get("TERM", "")
    if environment.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    if environment.get("STY"):
        return "screen"
    # tmux, too, calls itself screen unless it is told not to; what it does not know it drops.
    return "tmux" if term.startswith("screen") else "none"


def hyperlinks(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may be given links as such (OSC 8). What does not know them drops them, as it has to, but
    for these: what shows them as text (consoles without a screen of their own, Emacs), hangs on them (rxvt), writes
    backslashes (Konsole before it had links), or could crash (VTE before 0.50.4). NO_TERM_HYPERLINKS is a person's own
    word. Source: the table in GNU libtextstyle's term-ostream, and the specification's list of terminals
    (gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda)."""
    term = environment.get("TERM", "")
    if "NO_TERM_HYPERLINKS" in environment or term in _NO_LINKS or term.startswith("eterm"):
        return False
    versions = ((environment.get(name, ""), least) for name, least in _LINKS_SINCE.items())
    return all(int(version) >= least for version, least in versions if version.isdecimal())


def notification(kind: Desktop, program: str, text: str, number: int, through: Multiplexer) -> str:
    """A notification of the desktop. `number` tells it from others. Empty for no kind."""
    said = _safe(text)
    match kind:
        case "osc9":
            sequence = f"\x1b]9;{said}{_ST}"
        case "osc777":
            sequence = f"\x1b]777;notify;{_safe(program)};{said}{_ST}"
        case "osc99":
            first = f"\x1b]99;i=ac{number}:d=0;{_safe(program)}{_ST}"
            return wrapped(first, through) + wrapped(f"\x1b]99;i=ac{number}:p=body;{said}{_ST}", through)
        case _:
            return ""
    return wrapped(sequence, through)


def clipboard(text: str, through: Multiplexer) -> str:
    """A text for the clipboard of the terminal (OSC 52). tmux takes it for the terminal's only if it is told to
    (`set-clipboard on`), and hands it on only if that is allowed: it gets both."""
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode()).decode('ascii')}{BELL}"
    return sequence + wrapped(sequence, through) if through == "tmux" else wrapped(sequence, through)


def title(text: str) -> str:
    """Another title of the window."""
    return f"\x1b]2;{_safe(text)}{_ST}"


def wrapped(sequence: str, through: Multiplexer) -> str:
    """A sequence that a multiplexer hands on to the terminal."""
    if through == "tmux":
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + _ST
    if through == "screen":
        # screen's own wrapping ends at the first ST, so the sequence inside ends with BEL, its other end.
        return f"\x1bP{sequence.replace(_ST, BELL)}{_ST}"
    return sequence


def _safe(text: str) -> str:
    """Nothing that acts on a terminal, and no separator of these sequences."""
    return cut(line(text, 400), MOST).replace(";", ",")
