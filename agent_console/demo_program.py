"""One of the programs that a demo runs on: started, heard, ended."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from pathlib import Path

from agent_console.cli.errors import Failure
from agent_console.demo_child import END
from agent_console.i18n import _

#: how long a program may take to start, and to end
START_SECONDS, END_SECONDS = 60.0, 8.0


class Closed(Exception):
    """The office is closed: nothing is started any more."""


class Program:
    """A program of ours that ends with us. What it says on stderr goes to a log in `work`."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], work: Path) -> None:
        self.name = name
        self.log = log = work / f"{name}.log"
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agent_console.demo_child", str(work), *command],
                stdin=subprocess.PIPE,  # it ends when this is closed: see demo_child
                stdout=subprocess.PIPE,
                stderr=errors,
                env=env,
                start_new_session=True,  # ctrl+c is for us; we end it in our own order
            )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._drain, name=f"{name} says", daemon=True).start()

    def _drain(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                self._lines.put(line.decode(errors="replace"))
        self._lines.put("")

    def first_line(self) -> str:
        """What it says when it is ready. Raises Failure with its last words if it ends instead."""
        try:
            line = self._lines.get(timeout=START_SECONDS)
        except queue.Empty:
            raise Failure(
                _("{program} did not start in time: {why}").format(program=self.name, why=self.last_words())
            ) from None
        if not line:
            raise Failure(self.last_words())
        return line

    def last_words(self) -> str:
        """The end of its log, in one line."""
        said = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        last = said[-1].removeprefix("agent-console: ") if said else ""
        return last or _("{program} said nothing").format(program=self.name)

    def ask_to_end(self, word: bytes = END) -> None:
        """Ask it, and do not wait. `word` CLEAR: it is the last, and removes the temporary folder."""
        pipe = self.process.stdin
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(OSError):
                pipe.write(word)
                pipe.close()

    def end(self, word: bytes = END) -> None:
        """Ask it to end, and see to it."""
        self.ask_to_end(word)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
