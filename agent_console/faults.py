"""What is kept of a fault in the console: where in the code it happened, in a file of this user's."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

#: faults written down by one run; a fault that comes with every key must not fill the disk
MOST = 20

_written = 0


def folder() -> Path:
    """Where the files are."""
    from platformdirs import user_log_path

    return user_log_path("agent-console", appauthor=False)


def write_down(error: BaseException) -> Path | None:
    """Append a fault to this run's file, readable by its owner only; the file, or None if it can't be written.

    The file names places in the code, not the values it worked on (the error's own text apart).
    """
    global _written
    path = folder() / f"console-{time.strftime('%Y%m%d')}-{os.getpid()}.log"
    if _written >= MOST:
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')} Python {sys.version.split()[0]}, {sys.platform}\n")
            file.writelines(traceback.format_exception(error))
            file.write("\n")
    except OSError:
        return None
    _written += 1
    return path
