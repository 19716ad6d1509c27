"""alt+Enter on terminals without the newer keyboard protocols: they send Escape and Return, which Textual takes for a
plain Enter, so that a reply could not be sent with it.

Textual's table of sequences is private; it is touched here and nowhere else, and where it is not as expected alt+Enter
is left as it is (ctrl+s sends everywhere). `tests/console/test_terminal.py` types it into a real terminal.
"""

from __future__ import annotations

from enum import Enum


class _Key(Enum):
    ALT_ENTER = "alt+enter"


def know_alt_enter() -> bool:
    """Teach Textual the sequence. False if its table is not where it was."""
    try:
        from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
    except ImportError:
        return False
    if not isinstance(ANSI_SEQUENCES_KEYS, dict):
        return False
    ANSI_SEQUENCES_KEYS.setdefault("\x1b\r", (_Key.ALT_ENTER,))
    return True
