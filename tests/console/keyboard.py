"""Keys that come in one chunk, from a fast hand or a slow line, and paste."""

from __future__ import annotations

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from agent_console.app import ConsoleApp

_NAMES = {"\r": "enter", "\t": "tab", "\x1b": "escape", "\x13": "ctrl+s", "\x10": "ctrl+p", "\x05": "ctrl+e"}


def key_of(char: str) -> events.Key:
    """A character as the console's terminal driver hands it over."""
    return events.Key(_NAMES.get(char) or (char if char.isalnum() else _character_to_key(char)), char)


async def chunk(pilot: Pilot[None], *parts: str | events.Key | events.Paste) -> None:
    """All of it at once, then wait until nothing waits for its turn."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    for part in parts:
        for event in map(key_of, part) if isinstance(part, str) else [part]:
            event.set_sender(app)
            app.post_message(event)
    await pilot.pause()
    while app.gate.busy:
        await pilot.pause()
    await pilot.pause()
