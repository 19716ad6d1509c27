"""What Textual makes of the keys that a terminal sends, where it is not enough.

alt+Enter on terminals without the newer keyboard protocols: they send Escape and Return, which Textual takes for a
plain Enter, so that a reply could not be sent with it. And a key in a form of the newer protocols that is none (a
broken line, another program's bytes) raises where keys are read, which would end the console: it is no key. Of Escape
and a sign soon after it ("/", "?", a space) the Escape would be lost, and some letters and digits would be other keys:
each is alt and that sign. What that means where one writes and where one does not is `key_gate`'s to say.

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


def know_alt_signs() -> bool:
    """Let alt be heard with signs, too. False if Textual's parser is not where it was."""
    try:
        from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
        from textual._xterm_parser import XTermParser
    except ImportError:
        return False
    keys_of = getattr(XTermParser, "_sequence_to_key_events", None)
    if keys_of is None or getattr(keys_of, "knows_signs", False):
        return keys_of is not None

    def heard(self: Any, sequence: str, alt: bool = False) -> Any:
        if len(sequence) == 2 and sequence[1].isprintable() and sequence in ANSI_SEQUENCES_KEYS:
            sequence, alt = sequence[1], True
        for key in keys_of(self, sequence, alt=alt):
            if alt and key.is_printable and not key.key.startswith("alt+"):
                key.key = f"alt+{key.key}"
            yield key

    heard.knows_signs = True  # type: ignore[attr-defined]
    setattr(XTermParser, "_sequence_to_key_events", heard)  # noqa: B010
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
