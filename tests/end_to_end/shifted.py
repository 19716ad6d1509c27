"""A program whose wall clock is moved by a file with so many seconds in it:
`python -m tests.end_to_end.shifted FILE …`.

What follows are the arguments of `agent-console`. Only the wall clock moves, as when a computer has slept: the clock
that timers run by stands still meanwhile.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path


def main() -> None:
    """Move the clock, run agent-console."""
    file = Path(sys.argv[1])
    real = time.time_ns

    def shifted() -> int:
        return real() + int(file.read_text() or 0) * 1_000_000_000

    time.time_ns = shifted
    time.time = lambda: shifted() / 1_000_000_000
    sys.argv = ["agent_console", *sys.argv[2:]]
    runpy.run_module("agent_console", run_name="__main__")


if __name__ == "__main__":
    main()
