"""Lengths of time as administrators write them: 90s, 10m, 1h30m, 2d."""

from __future__ import annotations

import re
from typing import Final

from agent_console.cli.errors import WrongUsage
from agent_console.i18n import _

_UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}
_WHOLE = re.compile(r"(?:\d+[dhms])+")
_PART = re.compile(r"(\d+)([dhms])")


def read_span(text: str) -> int:
    """The length in ms. Raises WrongUsage; 0 is written `0`."""
    word = text.strip().lower()
    if word == "0":
        return 0
    if not _WHOLE.fullmatch(word):
        raise WrongUsage(_("{text} is no length of time: write 90s, 10m, 1h30m or 2d.").format(text=text))
    return sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(word))


def span(ms: int) -> str:
    """The same the other way: what `read_span` reads back."""
    parts = []
    for unit, size in _UNITS.items():
        n, ms = divmod(ms, size)
        if n:
            parts.append(f"{n}{unit}")
    return "".join(parts) or "0"
