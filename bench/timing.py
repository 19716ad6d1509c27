"""How long a key takes in a pseudo-terminal."""

from __future__ import annotations

import time

from tests.console.terminal import Terminal


def still(terminal: Terminal, keys: bytes = b"", silence: float = 0.3) -> None:
    """Type `keys`, which may change nothing, and wait until all has been still for `silence` seconds."""
    if keys:
        terminal.write(keys)
    while terminal.read(silence):
        pass


def settled(
    terminal: Terminal, keys: bytes, *, silence: float = 0.03, until: bytes = b"", patience: float = 20.0
) -> float:
    """Type `keys`; seconds until the last byte written before `silence` seconds without any (not counted).

    With `until` it is not over before the program has written that. AssertionError if it writes nothing.
    """
    start = len(terminal.data)
    began = last = time.perf_counter()
    terminal.write(keys)
    while True:
        if terminal.read(silence):
            last = time.perf_counter()
        elif len(terminal.data) > start and until in terminal.data[start:]:
            return last - began
        elif time.perf_counter() - began > patience:
            shown = "\n".join(terminal.screen())
            raise AssertionError(f"{keys!r}: {'never saw ' + repr(until) if until else 'no answer'}:\n{shown}")
