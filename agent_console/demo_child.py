"""Runs a module as a program that ends when whoever started it is gone, however that happened.

`python -m agent_console.demo_child MODULE [ARGUMENTS]`, with a pipe as its standard input that the starter never
writes to: when the starter ends, be it by SIGKILL, the pipe closes and the program gets its SIGTERM.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

#: seconds that the program has to end by itself
GRACE = 10.0


def watch(pipe: int) -> None:
    """Wait until the other end of `pipe` is closed, then end this process."""
    while True:
        try:
            if not os.read(pipe, 4096):
                break
        except OSError:
            break
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def main() -> None:
    """Run the module that is named."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # the program itself has nothing to read
    os.close(nothing)
    threading.Thread(target=watch, args=(pipe,), name="starter", daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
