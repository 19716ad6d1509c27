"""Typing at a terminal, one line at a time, so that news never fall into what is being typed.

The terminal's own line editing would do, but it tells nobody whether a line has been begun, and it cuts lines at 4,096
bytes. So letters are taken as they come and written back; the cursor only ever goes back over what is rubbed out.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import sys
import termios
import unicodedata
from collections import deque
from collections.abc import Callable, Sequence

from agent_console.plain.lines import Interrupted, put
from agent_console.safetext import cells

_INTERRUPT = "\x03"
_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
_PASTE_BEGINS, _PASTE_ENDS = "[200~", "[201~"


class Keyboard:
    """Reads lines from stdin, a terminal. What is pasted keeps its line breaks and is one line until Enter."""

    live = True

    def __init__(self) -> None:
        self.rested: Callable[[], None] = lambda: None
        self.interrupted: Callable[[], None] = lambda: None
        self._fd = sys.stdin.fileno()
        self._loop = asyncio.get_running_loop()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._came: deque[str] = deque()
        self._typed = ""
        self._prompt = ""
        self._hidden = False
        self._sequence: str | None = None
        self._pasting = False
        self._reading: asyncio.Future[str | None] | None = None
        self._ended = False
        self._before = termios.tcgetattr(self._fd)
        # A dumb terminal would print the request to mark what is pasted.
        self._marks_pastes = os.environ.get("TERM", "dumb") not in ("dumb", "")
        self.resume()
        self._loop.add_signal_handler(signal.SIGCONT, self._continue)

    # ------------------------------------------------------------ for the desk

    @property
    def idle(self) -> bool:
        """Whether a line is awaited and none has been begun."""
        return self._reading is not None and not self._typed and not self._pasting and not self._hidden

    async def read(self, prompt: str, hidden: bool = False) -> str | None:
        """Ask for a line. `hidden`: it is not shown. What was typed ahead counts."""
        self._prompt, self._hidden, self._typed = prompt, hidden, ""
        put(prompt)
        self._reading = self._loop.create_future()
        if self._ended:
            self._reading.set_result(None)
        self._take()
        try:
            return await self._reading
        finally:
            self._reading = None

    def say(self, lines: Sequence[str]) -> None:
        """Write lines; an empty prompt is left behind on its line and asked again after them."""
        asked = self._reading is not None and not self._reading.done()
        text = "".join(f"{line}\n" for line in lines)
        put(f"\n{text}{self._prompt}" if asked else text)

    def complain(self, text: str) -> None:
        """A line like others: who types reads them all."""
        self.say([text])

    def ring(self) -> None:
        """Ring the bell."""
        put("\a")

    def interrupt(self) -> None:
        """ctrl+c: give up the line being read, or whatever is at work."""
        if self._reading is None or self._reading.done():
            self.interrupted()
            return
        put("\n")
        self._reading.set_exception(Interrupted(self._typed))

    def suspend(self) -> None:
        """Leave the terminal to another program."""
        self._loop.remove_reader(self._fd)
        if self._marks_pastes:
            put(_PASTE_OFF)
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def resume(self) -> None:
        """Take letters as they are typed, and write them back ourselves."""
        mode = termios.tcgetattr(self._fd)
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        # As a signal ctrl+c would throw away what was typed just before it.
        mode[6][termios.VINTR] = bytes([os.fpathconf(self._fd, "PC_VDISABLE") & 0xFF])
        termios.tcsetattr(self._fd, termios.TCSADRAIN, mode)
        if self._marks_pastes:
            put(_PASTE_ON)
        self._loop.add_reader(self._fd, self._readable)

    def close(self) -> None:
        """Leave the terminal as it was found."""
        self._loop.remove_signal_handler(signal.SIGCONT)
        self.suspend()

    # ------------------------------------------------------------ inside

    def _continue(self) -> None:
        """Back after ctrl+z: the shell has set the terminal its own way."""
        self._loop.remove_reader(self._fd)
        self.resume()
        if self._reading is not None:
            put(self._prompt + ("" if self._hidden else _shown(self._typed)))

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        if not data:  # the terminal is gone
            self._ended = True
            self._loop.remove_reader(self._fd)
            if self._reading is not None and not self._reading.done():
                self._reading.set_exception(Interrupted(self._typed)) if self._typed else self._reading.set_result(None)
            return
        text = self._decoder.decode(data)
        if _INTERRUPT in text and self._reading is None:
            self._came.clear()
            self.interrupted()
            return
        self._came.extend(text)
        self._take()

    def _take(self) -> None:
        """Use up what came, until a line is whole."""
        had = self._typed
        while self._came and self._reading is not None and not self._reading.done():
            self._key(self._came.popleft())
        if had and not self._typed and self.idle:
            self.rested()

    def _key(self, key: str) -> None:
        if self._sequence is not None:
            self._in_sequence(key)
        elif key == "\x1b":
            self._sequence = ""
        elif self._pasting:
            self._add("\n" if key in "\r\n" else key if key.isprintable() or key == "\t" else "")
        elif key == _INTERRUPT:
            self.interrupt()
        elif key in "\r\n":
            put("\n")
            self._end(self._typed)
        elif key in "\x7f\x08":
            self._rub_out(1)
        elif key == "\x15":
            self._rub_out(len(self._typed))
        elif key == "\x17":
            bare = self._typed.rstrip()
            self._rub_out(len(self._typed) - (bare.rfind(" ") + 1))
        elif key == "\x04":
            if not self._typed:
                put("\n")
                self._end(None)
        elif key >= " " or key == "\t":
            self._add(key)

    def _in_sequence(self, key: str) -> None:
        """Arrows and the like mean nothing here; the marks around what is pasted do."""
        self._sequence = (self._sequence or "") + key
        if self._sequence in ("[", "O") or (self._sequence[0] == "[" and not "@" <= key <= "~"):
            return
        if self._sequence in (_PASTE_BEGINS, _PASTE_ENDS):
            self._pasting = self._sequence == _PASTE_BEGINS
        self._sequence = None

    def _end(self, line: str | None) -> None:
        if self._reading is not None:
            self._reading.set_result(line)

    def _add(self, text: str) -> None:
        self._typed += text
        if not self._hidden:
            put(_shown(text))

    def _rub_out(self, count: int) -> None:
        """Take the last `count` characters away, with the marks that stand on them."""
        at = max(0, len(self._typed) - count)
        while 0 < at < len(self._typed) and unicodedata.combining(self._typed[at]):
            at -= 1
        gone, self._typed = self._typed[at:], self._typed[:at]
        if not self._hidden and gone:
            put("\b \b" * cells(_shown(gone)))


def _shown(text: str) -> str:
    """What is written back: what a terminal would act on is kept, but not shown."""
    return "".join(char if char.isprintable() else " " if char in "\t\n" else "" for char in text)
