"""The text of an answer. Textual's text area is a tenth of the console's start, so this is imported after the first
paint (`Composer.prepare`).
"""

from __future__ import annotations

import re
from typing import ClassVar

from textual import events
from textual.widgets import TextArea

from agent_console import actions
from agent_console.safetext import block
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Dropped, Perform

#: characters taken from a paste or a kept draft
MOST = 100_000

#: what a terminal pastes when a file is dropped on it begins like this
_MAYBE_PATHS = re.compile(r"""\s*['"]?(?:file://|/|~/|[A-Za-z]:\\)\S""")
LONGEST_PATHS = 8_000


class WriteBox(TextArea):
    """Keys that type nothing and mean something while writing go to the screen; pasted text is made safe."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, text: str) -> None:
        super().__init__(text, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self.cursor_blink = False

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Look the key up before it edits."""
        action = actions.find("composer", event.key)
        # alt and a letter is Escape and a letter typed too fast, or a slip: neither types nor does anything.
        if action is not None or (event.key.startswith("alt+") and event.is_printable):
            event.stop()
            event.prevent_default()
        if action is not None:
            self.post_message(Perform(action.id))

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        event.prevent_default()
        if _MAYBE_PATHS.match(event.text) and len(event.text) < LONGEST_PATHS:
            self.post_message(Dropped(event.text))
        else:
            self.put(event.text)

    def put(self, text: str) -> None:
        """Put foreign text where the cursor is."""
        result = self.replace(block(text, MOST), *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def take(self, text: str) -> None:
        """Go on with this text, at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)
