"""How long a key takes in a pseudo-terminal."""

from __future__ import annotations

import time

from tests.console.terminal import Terminal


def until(terminal: Terminal, wanted: bytes, start: int = 0, patience: float = 30.0) -> float:
    """Read until the program has written `wanted` (after byte `start`); when the chunk with it came."""
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        if terminal.read(0.2) and wanted in terminal.data[max(0, start - len(wanted)) :]:
            return time.perf_counter()
    raise AssertionError(f"never saw {wanted!r} in:\n" + "\n".join(terminal.screen()))


def still(terminal: Terminal, keys: bytes = b"", silence: float = 0.3) -> None:
    """Type `keys`, which may change nothing, and wait until all has been still for `silence` seconds."""
    if keys:
        terminal.write(keys)
    while terminal.read(silence):
        pass


def settled(terminal: Terminal, keys: bytes, *, silence: float = 0.03, patience: float = 20.0) -> float:
    """Type `keys`; seconds until the last byte written before `silence` seconds without any (not counted).

    AssertionError if it writes nothing.
    """
    return shown_and_settled(terminal, keys, b"", silence, patience)[1]


def shown_and_settled(
    terminal: Terminal, keys: bytes, wanted: bytes, silence: float = 0.03, patience: float = 20.0
) -> tuple[float, float]:
    """The same, and before it the seconds until `wanted` was written: (shown, settled)."""
    start = len(terminal.data)
    shown = 0.0
    began = last = time.perf_counter()
    terminal.write(keys)
    while True:
        if terminal.read(silence):
            last = time.perf_counter()
            if not shown and wanted in terminal.data[start:]:
                shown = last - began
        elif shown:
            return shown, last - began
        elif time.perf_counter() - began > patience:
            screen = "\n".join(terminal.screen())
            raise AssertionError(f"{keys!r}: {'never saw ' + repr(wanted) if wanted else 'no answer'}:\n{screen}")
