"""The console in a real terminal: what reaches it, byte by byte, and that what is painted in parts is right.

The only bytes that may act on the terminal are the console's own: Textual's set-up and tear-down, colours and cursor
moves. Everything that foreign text could bring along is looked for in the raw stream.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.console import hostile
from tests.console.run_hostile import TEXTS
from tests.console.terminal import Painted, Terminal

ROOT = Path(__file__).resolve().parent.parent.parent

#: what Textual and the console send themselves: colours, cursor moves, modes, kitty keys, queries
_OWN = re.compile(
    "\x1b\\[[0-9;:]*m"  # colours
    "|\x1b\\[[0-9;]*H"  # cursor to
    "|\x1b\\[[?][0-9;]+[hl]"  # modes
    "|\x1b\\[[?]20(?:26|48)[$]p"  # what can you do
    "|\x1b\\[[<>=][0-9;]*u"  # kitty keys
    "|\x1b\\[[0-9]* q"  # shape of the cursor
    "|\x1b\\[[0-9]*[ABCDGKJ]"
    "|\x1b\\[c"
    "|\x1b\\]22;[a-z]*\x07"  # shape of the mouse pointer
    "|\x1b\\]8;id=[0-9-]+;https?://[!-~]+?\x1b\\\\|\x1b\\]8;;\x1b\\\\"  # a link that is read as what it leads to
)


def run(module: str, *arguments: str, columns: int = 120, rows: int = 40, **env: str) -> Terminal:
    command = [sys.executable, "-m", f"tests.console.{module}", *arguments]
    return Terminal(command, columns, rows, {"PYTHONPATH": str(ROOT), "AGENT_CONSOLE_EMOJI": "", **env})


@pytest.fixture
def sample_terminal() -> Iterator[Terminal]:
    with run("run_sample", columns=80, rows=24) as terminal:
        terminal.wait_for("María Ramos")
        yield terminal


def foreign_bytes(data: bytes) -> list[str]:
    """What acts on a terminal and is not our own."""
    text = data.decode("utf-8", errors="surrogateescape")
    rest = _OWN.sub("", text)
    found = [hex(ord(char)) for char in rest if ord(char) in hostile.FORBIDDEN and char not in "\r\n"]
    return [*found, "an escape"] if "\x1b" in rest else found


@pytest.mark.parametrize(
    ("columns", "rows", "step"),
    [
        pytest.param(120, 40, 1, marks=pytest.mark.slow, id="all of it"),
        # the same texts in other places: a third of them will do
        pytest.param(80, 24, 3, marks=pytest.mark.slow, id="small"),
        pytest.param(120, 40, 8, id="some of it"),
    ],
)
def test_nothing_foreign_reaches_the_terminal(columns: int, rows: int, step: int) -> None:
    with run("run_hostile", "es", columns=columns, rows=rows) as terminal:
        terminal.wait_for("<1:")
        for n in range(1, len(TEXTS) + 1, step):
            terminal.write(b"\r")  # open: thread, header, customer, presence, trouble in the status line
            # its header and the keys of reading: the list shows the same words
            terminal.wait_for(f"‹ <{n}:", timeout=30)
            terminal.wait_for(lambda screen: "i nota" in screen.splitlines()[-1])
            terminal.settle(0.05)
            if n % 5 == 0:
                for key in (b"X", b"C", b"m", b"v"):  # what has not left, channels, the same person, files
                    terminal.write(key)
                    terminal.wait_for(lambda screen: "siguiente" not in screen.splitlines()[-1])
                    escape_to(terminal, "i nota")
            if n % 7 == 0:
                for keys in (b"g", b"r", b"\x1b[200~" + TEXTS[n - 1].encode("utf-8", "replace") + b"\x1b[201~"):
                    terminal.write(keys)
                    terminal.settle(0.05)
                escape_to(terminal, "i nota")
            if columns < 120:  # the customer has the screen to itself
                for _ in range(2):
                    terminal.write(b"p")
                    terminal.settle(0.05)
            escape_to(terminal, "Enter abrir")
            terminal.write(b"j" * step)
            terminal.settle(0.05)
        assert foreign_bytes(bytes(terminal.data)) == []
        ours = terminal.data.count(b"\x1b]22;") + terminal.data.count(b"\x1b]8;")
        assert terminal.data.count(b"\x1b]") == ours
        assert b"\xc2\x9b" not in terminal.data and b"\xc2\x9d" not in terminal.data


def test_links_are_given_to_the_terminal_as_what_they_read() -> None:
    with run("run_hostile", "es") as terminal:
        terminal.wait_for("<1:")
        for text in hostile.LINKS:
            n = TEXTS.index(text) + 1
            terminal.write(f":{n}\r".encode())
            terminal.wait_for(f"‹ <{n}:")
            terminal.settle(0.1)
        given = set(re.findall(rb"\x1b\]8;id=[0-9-]+;([^\x1b]*)\x1b\\", bytes(terminal.data)))
        assert {urlsplit(each.decode("ascii")).hostname for each in given} == {
            "evil.example",
            "www.evil.example",
            "xn--vil-qdd.example",
        }
        assert foreign_bytes(bytes(terminal.data)) == []


def escape_to(terminal: Terminal, footer: str) -> None:
    """Press Escape and wait for the footer of where it leads: a key that follows too soon would be taken for alt."""
    terminal.settle(0.05)
    terminal.write(b"\x1b")
    terminal.wait_for(lambda screen: footer in screen.splitlines()[-1])


def test_the_check_would_notice() -> None:
    for text in hostile.ESCAPES:
        acting = text.encode("utf-8")
        assert foreign_bytes(b"\x1b[1;1Hbefore" + acting + b"after") or _OWN.fullmatch(text) or _harmless(text)


def _harmless(text: str) -> bool:
    """Sequences that are also among our own (colours, moves) can't be told by their bytes alone."""
    return not any(ord(char) in hostile.FORBIDDEN for char in _OWN.sub("", text))


def test_what_is_painted_in_parts_is_what_a_whole_paint_shows() -> None:
    """Moving, scrolling, opening and clocks repaint only what changed: the sum has to be the same as everything."""
    with run("run_million", columns=120, rows=40) as terminal:
        terminal.wait_for("Ramos 0")
        down, up = b"\x1b[6~", b"\x1b[5~"
        for keys in (b"j" * 30, down * 2, b"k" * 25, b"\r", b"\t", b"jjj", b"\t", up, b"2", b"1", b"G"):
            terminal.write(keys)
            terminal.settle(0.1)
        deadline = time.monotonic() + 60
        while True:
            in_parts = terminal.screen()
            painted_anew(terminal, 119)
            whole = painted_anew(terminal, 120)
            if without_clocks(in_parts) == without_clocks(whole):
                break
            assert time.monotonic() < deadline, "\n".join(
                f"{one!r}\n{other!r}" for one, other in zip(in_parts, whole, strict=True) if one != other
            )


def painted_anew(terminal: Terminal, columns: int) -> list[str]:
    """What the terminal shows when it has this width, of what was painted since."""
    painted = Painted(columns, 40, len(terminal.data))
    terminal.resize(columns, 40)
    deadline = time.monotonic() + 30
    while not all(painted.lines()[y].strip() for y in (0, 1, 39)):
        assert time.monotonic() < deadline, painted.lines()
        terminal.read(0.1)
        painted.take(terminal.data)
    terminal.settle(0.3)
    painted.take(terminal.data)
    return painted.lines()


def without_clocks(lines: list[str]) -> list[str]:
    """Seconds pass between two looks."""
    return [re.sub(r"[!▲] +\d+\b|[!▲ ] *-?\d\d:\d\d|\d+h ?\d+m|\d+ (?:min|h|s)\b", "", line) for line in lines]


def test_keys_as_a_terminal_sends_them(sample_terminal: Terminal) -> None:
    terminal = sample_terminal
    terminal.write(b"r")
    terminal.wait_for("Responder por WhatsApp")
    terminal.settle()
    terminal.write("Listo niña".encode())
    terminal.wait_for("Listo niña")
    terminal.write(b"\x1b\r")  # alt+Enter where there is no newer keyboard protocol
    terminal.wait_for("La respuesta a María Ramos sale en")
    terminal.write(b"z")
    terminal.wait_for("Retirado")
    terminal.write(b"\x13")  # ctrl+s
    terminal.wait_for("La respuesta a María Ramos sale en")
    terminal.write(b"\x1b")
    terminal.wait_for("Pupusería Lita")
    terminal.write(b"\x1b[B")
    terminal.wait_for(lambda screen: "▌! 01:" in screen)
    terminal.write(b"q")
    assert terminal.ended() == 0


def test_the_terminal_is_left_as_it_was(sample_terminal: Terminal) -> None:
    sample_terminal.write(b"q")
    assert sample_terminal.ended() == 0
    data = bytes(sample_terminal.data)
    assert data.rfind(b"\x1b[?1049l") > data.rfind(b"\x1b[?1049h")
    assert data.rfind(b"\x1b[?25h") > data.rfind(b"\x1b[?25l")
    assert data.rfind(b"\x1b[?2004l") > data.rfind(b"\x1b[?2004h")


def test_without_colours_nothing_is_lost() -> None:
    with run("run_sample", columns=80, rows=24, NO_COLOR="1") as terminal:
        terminal.wait_for("Lidia Portillo")
        coloured = re.findall(rb"\x1b\[[0-9;]*[34]8;2;(\d+);(\d+);(\d+)[;m]", bytes(terminal.data))
        assert all(red == green == blue for red, green, blue in coloured)
        shown = "\n".join(terminal.screen())
        for sign in ("▲-0", "! 0", "●", "✗", "‖", "WA", "FB", "▌"):
            assert sign in shown


def test_start_does_not_import_the_network() -> None:
    """Network clients cost 200 ms: they are imported when there is something to say, after the first paint."""
    import subprocess

    code = (
        "import agent_console.app, sys; print([n for n in ('httpx', 'websockets', 'sqlite_utils') if n in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert shown.stdout.strip() == "[]"
