"""Runs a module as a program that ends when it is told to, or when whoever started it is gone, however that happened.

`python -m agent_console.demo_child FOLDER MODULE [ARGUMENTS]`, with a pipe as its standard input. END in the pipe ends
the program by SIGTERM; CLEAR does too, and has it remove the temporary FOLDER afterwards. So does the pipe's end: the
starter is gone, be it by SIGKILL, and nobody else is left to clear up.
"""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import sys
import threading
import time

#: seconds that the program has to end by itself
GRACE = 10.0


END, CLEAR = b"e", b"c"


class _Starter:
    """Whoever holds the other end of `pipe`."""

    def __init__(self, pipe: int, folder: str) -> None:
        self.pipe = pipe
        self.folder = folder
        self.left_to_us = False

    def watch(self) -> None:
        """Wait for their word, or their end; then end this process."""
        try:
            word = os.read(self.pipe, 1)
        except OSError:
            word = b""
        self.left_to_us = word != END
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        self.clear()
        os._exit(1)

    def clear(self) -> None:
        """Remove the folder, if that is left to us. Several programs may: the last one finds it empty of users."""
        if self.left_to_us:
            shutil.rmtree(self.folder, ignore_errors=True)


def main() -> None:
    """Run the module that is named."""
    starter = _Starter(os.dup(0), sys.argv[1])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # the program itself has nothing to read
    os.close(nothing)
    threading.Thread(target=starter.watch, name="starter", daemon=True).start()
    module = sys.argv[2]
    sys.argv = sys.argv[2:]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        starter.clear()


if __name__ == "__main__":
    main()
