"""Ends the console when its terminal goes away: a closed window, a dropped SSH line.

Textual neither reads nor dies then: its input thread spins on the dead terminal and its writer blocks. Two signs tell
us: SIGHUP, and the poll of the terminal. Either gives the console a moment to put its drafts on disk, and ends it.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable

#: seconds the console has to end by itself
PATIENCE = 2.0
#: how a process that SIGHUP ended is known to its shell
EXIT_CODE = 129


def watch(leave: Callable[[], None], fd: int = 0) -> None:
    """Call `leave` (from another thread) once the terminal on `fd` is gone, and end the process soon after."""
    gone = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, lambda number, frame: gone.set())
    threading.Thread(target=_poll, args=(fd, gone), name="hangup-poll", daemon=True).start()
    threading.Thread(target=_end, args=(gone, leave), name="hangup-end", daemon=True).start()


def _poll(fd: int, gone: threading.Event) -> None:
    """Wait for the line to be cut. An empty mask asks for nothing but that, and costs nothing while waiting."""
    poll = select.poll()
    try:
        poll.register(fd, 0)
        poll.poll()
    except OSError:
        pass
    gone.set()


def _end(gone: threading.Event, leave: Callable[[], None]) -> None:
    gone.wait()
    ended = threading.Timer(PATIENCE, os._exit, (EXIT_CODE,))
    ended.daemon = True
    ended.start()
    leave()
