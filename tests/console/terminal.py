"""A program in a real pseudo-terminal: its bytes, when they came, and what they make of a screen.

The terminal's queries (synchronised output, in-band resize, keyboard protocol, device attributes) are answered at once
as a modern terminal answers them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

#: what the console asks a terminal, and a terminal's answer
_QUERIES: tuple[tuple[bytes, bytes], ...] = (
    (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
    (b"\x1b[?2048$p", b"\x1b[?2048;0$y"),
    (b"\x1b[c", b"\x1b[?62;22c"),
)
_LONGEST = max(len(query) for query, _answer in _QUERIES)


class Terminal:
    """Runs `command` at a size of `columns` x `rows`. `data` is everything it has written."""

    def __init__(
        self, command: Sequence[str], columns: int = 120, rows: int = 40, env: Mapping[str, str] | None = None
    ) -> None:
        self.columns, self.rows = columns, rows
        self.data = bytearray()
        self._answered = 0
        self._painted: Painted | None = None
        self.started = time.perf_counter()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._home = Path((env or {}).get("XDG_STATE_HOME") or (env or {}).get("HOME") or "/nonexistent")
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        for name in ("NO_COLOR", "TMUX", "COLUMNS", "LINES"):
            if env is None or name not in env:
                environment.pop(name, None)
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, close_fds=True
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def kill(self) -> None:
        """End the program at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(OSError):
            os.close(self._master)

    def ended(self, timeout: float = 10.0) -> int:
        """Wait until the program has ended; its exit code."""
        deadline = time.perf_counter() + timeout
        while self._process.poll() is None and time.perf_counter() < deadline:
            self.read(0.05)
        return self._process.wait(timeout=0.1)

    def write(self, data: bytes) -> None:
        """Type."""
        os.write(self._master, data)

    def read(self, timeout: float) -> bytes:
        """What comes within `timeout` seconds, as soon as something comes; queries are answered."""
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return b""
        try:
            chunk = os.read(self._master, 1 << 20)
        except OSError:
            return b""
        self.data += chunk
        recent = bytes(self.data[max(self._answered, len(self.data) - len(chunk) - _LONGEST) :])
        for query, answer in _QUERIES:
            if query in recent:
                self._answered = len(self.data)
                os.write(self._master, answer)
        return chunk

    def settle(self, silence: float = 0.03, timeout: float = 5.0) -> float:
        """Read until nothing has come for `silence` seconds; when the last byte came (perf_counter)."""
        last = time.perf_counter()
        deadline = last + timeout
        while time.perf_counter() < deadline:
            if not self.read(silence):
                return last
            last = time.perf_counter()
        return last

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 20.0) -> float:
        """Read until the screen shows `wanted`; when it did (perf_counter). AssertionError if it never does."""
        shows = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline = time.perf_counter() + timeout
        while True:
            if shows("\n".join(self.screen())):
                return time.perf_counter()
            assert time.perf_counter() < deadline, f"never saw {wanted!r} in:\n{self._told()}"
            assert self.read(0.05) or self._process.poll() is None, "ended:\n" + self.data.decode(errors="replace")

    def _told(self) -> str:
        """What the screen shows, and what the program wrote down of its own faults."""
        return "\n".join([*self.screen(), *(path.read_text() for path in self._home.rglob("console-*.log"))])

    def press(self, keys: bytes, silence: float = 0.03) -> float:
        """Type, and wait until the screen is still again; milliseconds from the key to the last byte it caused."""
        began = time.perf_counter()
        self.write(keys)
        self.read(2.0)
        first = time.perf_counter()
        return (max(first, self.settle(silence)) - began) * 1000

    def resize(self, columns: int, rows: int) -> None:
        """The window changes its size."""
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGWINCH)

    def screen(self) -> list[str]:
        """The lines that the terminal shows."""
        if self._painted is None or (self._painted.columns, self._painted.rows) != (self.columns, self.rows):
            self._painted = Painted(self.columns, self.rows)
        self._painted.take(self.data)
        return self._painted.lines()


class Painted:
    """What a terminal of this size shows of a growing stream of bytes, from the position `start` on."""

    def __init__(self, columns: int, rows: int, start: int = 0) -> None:
        import pyte

        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._taken = start

    def take(self, data: bytearray) -> None:
        """Paint what came since; the beginning of a sequence waits for its end."""
        end = len(data)
        last = data.rfind(b"\x1b", self._taken)
        if last >= 0 and not _COMPLETE.match(data, last):
            end = last
        self._stream.feed(_PYTE_CANNOT.sub(b"", bytes(data[self._taken : end])))
        self._taken = end

    def lines(self) -> list[str]:
        """The lines shown. (pyte's own `display` stumbles over joined emoji.)"""
        buffer = self._screen.buffer
        return ["".join(buffer[y][x].data for x in range(self.columns)) for y in range(self.rows)]


#: sequences pyte does not know and would print
_PYTE_CANNOT = re.compile(rb"\x1b\[[<>=?][0-9;]*\$?[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_COMPLETE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])")
