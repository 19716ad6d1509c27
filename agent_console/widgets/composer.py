"""Where answers are written: what they will be sent by, how long there is, how long they are, what goes along.

The text grows to eight lines. While nobody writes it is one line: the draft that waits, or what a reply would be. A
note looks like a note: another colour, another word, another bar. Pasted text is made safe before it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from agent_console import words
from agent_console.backend.answering import Answer, fill_in, private_problem
from agent_console.backend.overlay import Letter
from agent_console.i18n import _
from agent_console.presentation import composer as painted
from agent_console.presentation.composer import Limits, limits
from agent_console.presentation.look import Look
from agent_console.safetext import block
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Perform
from server.wire import Capabilities

if TYPE_CHECKING:
    from textual import events
    from textual.widgets import TextArea

    from agent_console.backend.mirror import Mirror
    from agent_console.widgets.write_box import WriteBox
    from server import wire

#: the text grows to this many lines before it scrolls
TALLEST = 8
#: characters taken from a kept draft
MOST = 100_000


class ComposerHead(Canvas):
    """The lines above the text. `paint` gives their strips."""

    def __init__(self, paint: Callable[[int], list[Strip]]) -> None:
        super().__init__()
        self._paint = paint

    def paint_line(self, y: int, width: int) -> Strip:
        """One of them."""
        lines = self._paint(width)
        return lines[y] if y < len(lines) else Strip.blank(width, self.look.bar)

    def sync(self) -> None:
        """Paint them again if they look different."""
        width = self.size.width
        if not width:
            return
        lines = self._paint(width)
        height = self.styles.height
        if height is None or height.value != len(lines):
            self.styles.height = len(lines)
        self.replace_lines(lines)

    def on_resize(self, event: events.Resize) -> None:
        """Another width, another number of lines."""
        super().on_resize(event)
        self.sync()

    def on_click(self) -> None:
        """A click begins to write."""
        self.post_message(Perform("reply"))


class Composer(Widget):
    """Writes to `conversation`, a reply or (`note`) a note. `own` answers our addresses on a channel."""

    BLANK: ClassVar[bool] = True

    class Edited(Message):
        """The text, or what goes along with it, was changed by the writer's hand."""

        def __init__(self, conversation: int, text: str, letter: Letter) -> None:
            super().__init__()
            self.conversation = conversation
            self.text = text
            self.letter = letter

    def __init__(
        self,
        mirror: Mirror,
        now: Callable[[], int],
        own: Callable[[str], Sequence[str]],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._mirror = mirror
        self._now = now
        self._own = own
        self.conversation: int | None = None
        self.note = False
        #: what goes along with the text
        self.letter = Letter()
        #: conversations for which a file is still on its way to the server
        self.uploading: set[int] = set()
        #: names that may be called in a note, the first of which Tab takes
        self.offered: Sequence[str] = ()
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

    @property
    def empty(self) -> bool:
        """Whether there is nothing that could be sent."""
        return not self.text.strip() and (self.note or not self.letter.files)

    def show(self, conversation: int | None, draft: str, letter: Letter) -> None:
        """Turn to another conversation, with the draft kept for it."""
        self.conversation = conversation
        self.note = False
        self.letter = letter
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
        """It was sent; a note leaves what goes along with a reply alone."""
        if not self.note:
            self.letter = Letter()
        self._load("")

    def load(self, text: str, letter: Letter | None = None) -> None:
        """Go on with a text that was taken back or refused, and with what went along."""
        self.letter = letter or Letter()
        self._load(text)

    def write_anew(self, text: str, note: bool) -> None:
        """Go on writing with another text; what goes along stays."""
        box = self.prepare()
        box.take(block(text, MOST))
        self.write(note)

    def paste(self, text: str) -> None:
        """Put text where the cursor is."""
        self.prepare().put(text)

    def jump(self, start: int, end: int) -> None:
        """Select what has to be changed."""
        self.prepare().mark(start, end)

    def before_cursor(self) -> str:
        """What stands before the cursor in its line."""
        if self._box is None:
            return ""
        row, column = self._box.cursor_location
        return self._box.document.get_line(row)[:column]

    def replace_before(self, characters: int, text: str) -> None:
        """Put a text in place of so many characters before the cursor."""
        box = self.prepare()
        row, column = box.cursor_location
        box.replace(text, (row, column - characters), (row, column), maintain_selection_offset=False)
        box.move_cursor((row, column - characters + len(text)))

    def offer(self, names: Sequence[str]) -> None:
        """These names may be called."""
        if tuple(names) != tuple(self.offered):
            self.offered = names
            self.sync()

    def jump_to_fault(self) -> None:
        """Select why it cannot go: a value nobody filled in, or what is too much."""
        gap, limit, text = painted.MARK.search(self.text), self.limits().text_limit, self.text
        if gap is not None:
            self.jump(gap.start(), gap.end())
        elif limit and len(text) > limit:
            self.jump(limit, len(text))

    def set_note(self, note: bool) -> None:
        """A reply, or a note that only colleagues see."""
        self.note = note
        self.set_class(note, "note")
        self.sync()

    def change(self, letter: Letter) -> None:
        """Something else goes along with the text."""
        if letter != self.letter:
            self.letter = letter
            if self.conversation is not None:
                self.post_message(self.Edited(self.conversation, self.text, letter))
        self.sync()

    @property
    def can(self) -> Capabilities:
        """What the conversation's channel can do, as far as that is known."""
        thread = self._mirror.thread(self.conversation) if self.conversation is not None else None
        return thread.about.capabilities if thread is not None and thread.about is not None else Capabilities()

    def answer(self) -> Answer:
        """The letter filled in."""
        row = self._mirror.row(self.conversation) if self.conversation is not None else None
        own = self._own(row.channel) if row is not None and self.can.copies else ()
        return fill_in(self.letter, self.can, self._messages(), own)

    def private_problem(self) -> str:
        """Why the public message can't be answered in private, in words; empty if it can."""
        code = private_problem(self.answer().answered, self.can, self._messages(), self._now())
        return words.problem(code) if code else ""

    def limits(self) -> Limits:
        """What the text has to keep to, and why it can't go, if it can't."""
        line = self._mirror.line(self.conversation) if self.conversation is not None else None
        if line is None:
            return Limits(None, 0, "")
        can, letter = self.can, self.letter
        refused = self.private_problem() if letter.private and can.private_once_ms is not None else ""
        if self.conversation in self.uploading:
            refused = _("a file is still on its way to the server")
        return limits(line, can, self._now(), self.note, self.text, len(letter.files), refused)

    def sync(self) -> None:
        """The clock went on, or what is known of the conversation changed."""
        if self.is_mounted:
            self._head.sync()

    def forget_look(self) -> None:
        """The theme changed."""
        self._head.repaint()

    # ------------------------------------------------------------ inside

    def _messages(self) -> list[wire.Message]:
        return self._mirror.messages(self.conversation) if self.conversation is not None else []

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
            if not text.strip() and (self.letter.snippet or self.letter.macro):
                self.letter = msgspec.structs.replace(self.letter, snippet=None, macro=None)
            self.post_message(self.Edited(self.conversation, text, self.letter))

    def on_resize(self) -> None:
        """The text wraps anew: its height is known once it has."""
        self.call_after_refresh(self._grow)

    def _grow(self) -> None:
        box = self._box
        if box is None:
            return
        lines = max(1, min(TALLEST, box.wrapped_document.height, max(1, self.screen.size.height // 3)))
        height = box.styles.height
        if height is None or height.value != lines:
            box.styles.height = lines

    def _paint_head(self, width: int) -> list[Strip]:
        look = self.look
        line = self._mirror.line(self.conversation) if self.conversation is not None else None
        if line is None:
            return [Strip.blank(width, look.page)]
        limit, text = self.limits(), self.text
        if not self.writing:
            return [strip(painted.closed(line, text, len(self.letter.files), limit, look, width), look.bar, width)]
        lines = [painted.head(line, limit, self.note, len(text), look, width, self.offered)]
        if not self.note:
            lines += painted.more(self.answer(), self.can, self.letter.everybody, look, width)
            if self.letter.macro is not None:
                lines.append(painted.besides(self.letter.macro.acts, look, width))
        return [strip(segments, look.bar, width) for segments in lines]

    @property
    def look(self) -> Look:
        """The styles of the theme in use."""
        return self._head.look
