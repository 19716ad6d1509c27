"""Sequences of our own to the terminal, beside what is painted.

Textual's way to its terminal is private but for a bell; it is touched here and nowhere else. Where it is not as
expected, nothing is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App


def send(app: App[Any], text: str) -> bool:
    """Send it, if there is a terminal; whether it was sent."""
    driver = getattr(app, "_driver", None)
    if not text or driver is None or app.is_headless:
        return False
    driver.write(text)
    driver.flush()
    return True
