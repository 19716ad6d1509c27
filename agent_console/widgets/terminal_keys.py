"""What Textual makes of the keys that a terminal sends, where it is not enough.

alt+Enter on terminals without the newer keyboard protocols: they send Escape and Return, which Textual takes for a
plain Enter, so that a reply could not be sent with it. And a key in a form of the newer protocols that is none (a
broken line, another program's bytes) raises where keys are read, which would end the console: it is no key.

Textual's table of sequences and its parser are private; they are touched here and nowhere else, and where they are not
as expected they are left as they are (ctrl+s sends everywhere). `tests/console/test_terminal.py` types it into a real
terminal.
"""

from __future__ import annotations

from enum import Enum
from typing import Any


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


def survive_odd_keys() -> bool:
    """Let what only looks like a key be none. False if Textual's parser is not where it was."""
    try:
        from textual import events
        from textual._xterm_parser import XTermParser
        from textual.keys import Keys
    except ImportError:
        return False
    parse = getattr(XTermParser, "_parse_extended_key", None)
    if parse is None or getattr(parse, "survives", False):
        return parse is not None

    def safely(self: Any, sequence: str) -> Any:
        try:
            return parse(self, sequence)
        except (ValueError, OverflowError):
            return [events.Key(Keys.Ignore, None)]

    safely.survives = True  # type: ignore[attr-defined]
    setattr(XTermParser, "_parse_extended_key", safely)  # noqa: B010
    return True
