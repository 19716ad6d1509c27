"""The text of an answer. Textual's text area is a tenth of the console's start, so this is imported after the first
paint (`Composer.prepare`).
"""

from __future__ import annotations

import re
from typing import ClassVar, Protocol, Self

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
#: joins emoji to families and flags; it has no look of its own, so that nothing else counts it as typed
_JOINER = "\u200d"
#: from here on it is asked what to do with a paste
LONG = 12_000


class Helper(Protocol):
    """Helps with what is typed: is told of the line before the cursor, and asked first about each key."""

    def typed(self, before: str) -> None:
        """The line before the cursor is this now."""

    def takes(self, event: events.Key) -> bool:
        """Whether a key was meant for it."""


class WriteBox(TextArea):
    """Keys that type nothing and mean something while writing go to the screen; pasted text is made safe."""

    ALLOW_SELECT: ClassVar[bool] = False
    helper: Helper | None = None

    def __init__(self, text: str) -> None:
        super().__init__(text, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self.cursor_blink = False

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the keys now (see `Canvas.focus`)."""
        self.screen.set_focus(self, scroll_visible=scroll_visible)
        return self

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Look the key up before it edits."""
        if self.helper is not None and self.helper.takes(event):
            event.stop()
            event.prevent_default()
            return
        action = actions.find("composer", event.key)
        # alt and a letter is Escape and a letter typed too fast, or a slip: neither types nor does anything.
        if action is not None or (event.key.startswith("alt+") and event.is_printable):
            event.stop()
            event.prevent_default()
        if action is not None:
            self.post_message(Perform(action.id))
        elif event.character == _JOINER:
            event.stop()
            event.prevent_default()
            self.replace(_JOINER, *self.selection, maintain_selection_offset=False)

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        event.prevent_default()
        if (_MAYBE_PATHS.match(event.text) and len(event.text) < LONGEST_PATHS) or len(event.text) > LONG:
            self.post_message(Dropped(event.text))
        else:
            self.put(event.text)

    def put(self, text: str) -> None:
        """Put foreign text where the cursor is."""
        result = self.replace(block(text, MOST), *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    @property
    def before(self) -> str:
        """The line before the cursor."""
        row, column = self.cursor_location
        return self.document.get_line(row)[:column]

    def swap(self, old: str, new: str) -> bool:
        """Put safe text in the place of `old`, which stands before the cursor; False if it does not."""
        row, column = self.cursor_location
        if not self.before.endswith(old):
            return False
        result = self.replace(new, (row, column - len(old)), (row, column), maintain_selection_offset=False)
        self.move_cursor(result.end_location)
        return True

    def mark(self, start: int, end: int) -> None:
        """Select from one character to another, so that what is typed next takes its place."""
        text = self.text
        first, last = (_location(text, at) for at in (start, end))
        self.move_cursor(first)
        self.move_cursor(last, select=True)

    def on_text_area_selection_changed(self) -> None:
        """The cursor moved, or something was typed."""
        if self.helper is not None:
            self.helper.typed(self.before)

    def take(self, text: str) -> None:
        """Go on with this text, at its end."""
        self.load_text(text)
        self.move_cursor(self.document.end)


def _location(text: str, at: int) -> tuple[int, int]:
    """Row and column of a character."""
    before = text[:at]
    return before.count("\n"), at - before.rfind("\n") - 1
