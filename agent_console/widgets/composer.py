"""Where answers are written: what they will be sent by, how long there is, how long they are; grows to eight lines.

While nobody writes it is one line: the draft that waits, or what a reply would be. A note looks like a note: another
colour, another word, another bar. Pasted text is made safe before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from agent_console import actions
from agent_console.presentation.header import Limits, composer_closed, composer_head, limits
from agent_console.presentation.look import Look
from agent_console.safetext import block
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Perform

if TYPE_CHECKING:
    from agent_console.backend.mirror import Mirror

#: the text grows to this many lines before it scrolls
TALLEST = 8
#: characters taken from a paste or a kept draft
MOST = 100_000


class WriteBox(TextArea):
    """The text itself. Keys that type nothing and mean something here go to the screen."""

    ALLOW_SELECT: ClassVar[bool] = False

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
        result = self.replace(block(event.text, MOST), *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)


class ComposerHead(Canvas):
    """The line above the text. `paint` gives its strip."""

    def __init__(self, paint: Callable[[int], Strip]) -> None:
        super().__init__()
        self._paint = paint

    def paint_line(self, y: int, width: int) -> Strip:
        """The one line there is."""
        return self._paint(width)

    def sync(self) -> None:
        """Paint it again if it looks different."""
        width = self.size.width
        if width:
            new = self._paint(width)
            if not self._kept or self._kept[0] != new:
                self.replace_lines([new])

    def on_click(self) -> None:
        """A click begins to write."""
        self.post_message(Perform("reply"))


class Composer(Widget):
    """Writes to `conversation`, a reply or (`note`) a note."""

    BLANK: ClassVar[bool] = True

    class Edited(Message):
        """The text changed by the writer's hand."""

        def __init__(self, conversation: int, text: str) -> None:
            super().__init__()
            self.conversation = conversation
            self.text = text

    def __init__(self, mirror: Mirror, now: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._mirror = mirror
        self._now = now
        self.conversation: int | None = None
        self.note = False
        self._head = ComposerHead(self._paint_head)
        self._box = WriteBox(soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self._box.cursor_blink = False
        self._loaded = ""

    def compose(self) -> ComposeResult:
        """Head and text."""
        yield self._head
        yield self._box

    def on_mount(self) -> None:
        """Nobody writes yet."""
        self._box.display = False

    # ------------------------------------------------------------ for the screen

    @property
    def text(self) -> str:
        """What is written."""
        return self._box.text

    @property
    def writing(self) -> bool:
        """Whether the text is open."""
        return self._box.display

    def show(self, conversation: int | None, draft: str) -> None:
        """Turn to another conversation, with the draft kept for it."""
        self.conversation = conversation
        self.note = False
        self._load(draft)
        self.close()

    def write(self, note: bool) -> None:
        """Open the text and take the keys."""
        self.set_note(note)
        self._box.display = True
        self._grow()
        self._box.focus()
        self.sync()

    def close(self) -> None:
        """Nobody writes any more; the text stays as a draft."""
        self._box.display = False
        self.sync()

    def clear(self) -> None:
        """It was sent."""
        self._load("")

    def load(self, text: str) -> None:
        """Go on with a text that was taken back or refused."""
        self._load(text)

    def set_note(self, note: bool) -> None:
        """A reply, or a note that only colleagues see."""
        self.note = note
        self.set_class(note, "note")
        self.sync()

    def limits(self) -> Limits:
        """What the text has to keep to, and why it can't go, if it can't."""
        line = self._mirror.line(self.conversation) if self.conversation is not None else None
        if line is None:
            return Limits(None, 0, "")
        thread = self._mirror.thread(line.id)
        about = thread.about if thread else None
        return limits(line, about.capabilities if about else None, self._now(), self.note, len(self.text))

    def sync(self) -> None:
        """The clock went on, or what is known of the conversation changed."""
        if self.is_mounted:
            self._head.sync()

    def forget_look(self) -> None:
        """The theme changed."""
        self._head.repaint()

    # ------------------------------------------------------------ inside

    def _load(self, text: str) -> None:
        self._loaded = block(text, MOST)
        self._box.load_text(self._loaded)
        self._box.move_cursor(self._box.document.end)
        self._grow()
        self.sync()

    @guarded
    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Grow with the text and tell the screen."""
        event.stop()
        self._grow()
        self.sync()
        if self.conversation is not None and self._box.text != self._loaded:
            self._loaded = self._box.text
            self.post_message(self.Edited(self.conversation, self._box.text))

    def on_resize(self) -> None:
        """The text wraps anew."""
        self._grow()

    def _grow(self) -> None:
        lines = max(1, min(TALLEST, self._box.wrapped_document.height, max(1, self.screen.size.height // 3)))
        height = self._box.styles.height
        if height is None or height.value != lines:
            self._box.styles.height = lines

    def _paint_head(self, width: int) -> Strip:
        look = self.look
        line = self._mirror.line(self.conversation) if self.conversation is not None else None
        if line is None:
            return Strip.blank(width, look.page)
        limit, text = self.limits(), self.text
        if self.writing:
            return strip(composer_head(line, limit, self.note, len(text), look, width), look.bar, width)
        return strip(composer_closed(line, text, limit, look, width), look.bar, width)

    @property
    def look(self) -> Look:
        """The styles of the theme in use."""
        return self._head.look
