"""Where lines come from and go to: a keyboard, or a pipe."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Protocol


class Interrupted(Exception):
    """ctrl+c while a line was being read; `typed` is what it had so far."""

    def __init__(self, typed: str = "") -> None:
        super().__init__("interrupted")
        self.typed = typed


class Lines(Protocol):
    """`live`: a person types here, who can be told of things at any time. `idle`: they are asked and have not begun
    to type. `rested` is called whenever that becomes so, `interrupted` when ctrl+c is pressed while no line is read."""

    live: bool
    rested: Callable[[], None]
    interrupted: Callable[[], None]

    @property
    def idle(self) -> bool:
        """Whether a line said now would disturb nobody."""

    async def read(self, prompt: str, hidden: bool = False) -> str | None:
        """The next line, without its end; None when there are no more. Raises Interrupted."""

    def say(self, lines: Sequence[str]) -> None:
        """Write lines. While one is being read, and nothing of it is typed, they come before its prompt."""

    def complain(self, text: str) -> None:
        """Say why something was not done: to a script on stderr."""

    def ring(self) -> None:
        """Ring the bell."""

    def interrupt(self) -> None:
        """As if ctrl+c had been pressed."""

    def suspend(self) -> None:
        """Leave the terminal to another program."""

    def resume(self) -> None:
        """Take it back."""

    def close(self) -> None:
        """Leave the terminal as it was found."""


def put(text: str) -> None:
    """Write to stdout now."""
    sys.stdout.write(text)
    sys.stdout.flush()


class Pipe:
    """Lines of a script, or of a program that stands between us and a person. No prompts, but questions are lines."""

    live = False
    idle = False

    def __init__(self) -> None:
        self.rested: Callable[[], None] = lambda: None
        self.interrupted: Callable[[], None] = lambda: None
        self._came: asyncio.Queue[str | None] = asyncio.Queue()
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._reader: threading.Thread | None = None

    async def read(self, prompt: str, hidden: bool = False) -> str | None:
        """The next line. Prompts are for people: a script knows where it is."""
        if self._ended:
            return None
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, name="stdin", daemon=True)
            self._reader.start()
        line = await self._came.get()
        self._ended = line is None
        return line

    def _read(self) -> None:
        # Regular files cannot be waited for by the loop, so a thread reads whatever stdin is.
        for raw in sys.stdin.buffer:
            self._hand_over(raw.decode("utf-8", "replace").rstrip("\r\n"))
        self._hand_over(None)

    def _hand_over(self, line: str | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._came.put_nowait, line)

    def say(self, lines: Sequence[str]) -> None:
        """Write lines."""
        put("".join(f"{line}\n" for line in lines))

    def complain(self, text: str) -> None:
        """One line on stderr, as every command does."""
        sys.stderr.write(f"agent-console: {' '.join(text.split())}\n")
        sys.stderr.flush()

    def ring(self) -> None:
        """Nobody hears it."""

    def interrupt(self) -> None:
        """A script's line is never given up."""

    def suspend(self) -> None:
        """Nothing to leave."""

    def resume(self) -> None:
        """Nothing to take back."""

    def close(self) -> None:
        """Nothing to restore."""


def open_lines() -> Lines:
    """The keyboard where one types at a terminal, else the pipe."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        try:
            from agent_console.plain.keyboard import Keyboard
        except ImportError:  # Windows has no termios; its own line editing does
            return Pipe()
        return Keyboard()
    return Pipe()
