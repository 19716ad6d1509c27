"""Telling, after something was called something else, what of what named it took the new name over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import words_routing
from agent_console.cli.grammar import Format

if TYPE_CHECKING:
    from server import wire


def tell(followed: wire.Followed, output: Format) -> None:
    """One line for people, if anything did; programs find it in the answer."""
    from agent_console.cli import printing

    if output is Format.text and followed:
        printing.out(printing.safe(words_routing.followed(followed)))
