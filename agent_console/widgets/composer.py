"""Where answers are written: what they will be sent by, how long there is, how long they are; grows to eight lines.

While nobody writes it is one line: the draft that waits, or what a reply would be. A note looks like a note: another
colour, another word, another bar. Pasted text is made safe before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from agent_console.presentation.header import Limits, composer_closed, composer_head, limits
from agent_console.presentation.look import Look
from agent_console.safetext import block
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Perform

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from agent_console.backend.mirror import Mirror
    from agent_console.widgets.write_box import WriteBox

#: the text grows to this many lines before it scrolls
TALLEST = 8
#: characters taken from a kept draft
MOST = 100_000


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
        self._box: WriteBox | None = None
        self._writing = False
        self._loaded = ""

    def compose(self) -> ComposeResult:
        """The head; the text comes when the screen has been painted once."""
        yield self._head

    def prepare(self) -> WriteBox:
        """Get the text ready to be written."""
        if self._box is None:
            from agent_console.widgets.write_box import WriteBox

            self._box = WriteBox(self._loaded)
            self._box.display = False
            self.mount(self._box)
        return self._box

    # ------------------------------------------------------------ for the screen

    @property
    def text(self) -> str:
        """What is written."""
        return self._loaded if self._box is None else self._box.text

    @property
    def writing(self) -> bool:
        """Whether the text is open."""
        return self._writing

    def show(self, conversation: int | None, draft: str) -> None:
        """Turn to another conversation, with the draft kept for it."""
        self.conversation = conversation
        self.note = False
        self._load(draft)
        self.close()

    def write(self, note: bool) -> None:
        """Open the text and take the keys."""
        self._writing = True
        self.set_note(note)
        box = self.prepare()
        box.display = True
        self._grow()
        box.focus()
        self.sync()

    def close(self) -> None:
        """Nobody writes any more; the text stays as a draft."""
        self._writing = False
        if self._box is not None:
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
        if self._box is not None:
            self._box.take(self._loaded)
            self._grow()
        self.sync()

    @guarded
    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Grow with the text and tell the screen."""
        event.stop()
        self._grow()
        self.sync()
        text = event.text_area.text
        if self.conversation is not None and text != self._loaded:
            self._loaded = text
            self.post_message(self.Edited(self.conversation, text))

    def on_resize(self) -> None:
        """The text wraps anew."""
        self._grow()

    def _grow(self) -> None:
        box = self._box
        if box is None:
            return
        lines = max(1, min(TALLEST, box.wrapped_document.height, max(1, self.screen.size.height // 3)))
        height = box.styles.height
        if height is None or height.value != lines:
            box.styles.height = lines

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
