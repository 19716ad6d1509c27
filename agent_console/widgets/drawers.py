"""What rises inside the screen and goes with Esc: the keys, the commands, a question. No change of screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Offset
from textual.strip import Strip

from agent_console import actions, keys
from agent_console.i18n import _
from agent_console.presentation import drawers
from agent_console.presentation.drawers import Question
from agent_console.safetext import line
from agent_console.widgets.canvas import Canvas, strip
from agent_console.widgets.guard import guarded
from agent_console.widgets.messages import Answered, Perform

if TYPE_CHECKING:
    from textual import events


#: for how long (ms) a question takes no answer
UNREADY = 400


class Drawer(Canvas, can_focus=True):
    """Base: framed lines in the layer above the panes. Subclasses give `content`, `widest` and take keys."""

    widest = 76
    at_bottom = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display = False
        self._lines: list[Strip] = []

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The framed lines, `width` cells wide and at most `height` of them."""
        raise NotImplementedError

    def rise(self) -> None:
        """Show it and take the keys."""
        self.display = True
        self.settle()
        self.focus()

    def sink(self) -> None:
        """Hide it; the screen gives the keys to whoever had them."""
        self.display = False

    def floor(self, screen_height: int) -> int:
        """The first line of the screen below it."""
        return screen_height - 2

    def settle(self) -> None:
        """Lay the lines out for the screen's size."""
        screen_width, screen_height = self.screen.size
        width = screen_width if screen_width <= self.widest + 12 else self.widest
        look = self.look
        floor = self.floor(screen_height)
        lines = self.content(width, max(4, floor))[: max(4, floor)]
        self._lines = [strip(segments, look.drawer, width) for segments in lines]
        self.styles.width = width
        self.styles.height = len(self._lines)
        top = floor - len(self._lines) if self.at_bottom else (screen_height - len(self._lines)) // 3
        self.styles.offset = Offset((screen_width - width) // 2, max(0, top))
        self.repaint()

    def paint_line(self, y: int, width: int) -> Strip:
        """One framed line."""
        return self._lines[y] if y < len(self._lines) else Strip.blank(width, self.look.drawer)

    def forget_look(self) -> None:
        """The theme changed."""
        if self.display:
            self.settle()


class HelpOverlay(Drawer):
    """All keys, from the registry. Any of its own keys closes it; ↑ ↓ scroll where the screen is small."""

    widest = 124
    at_bottom = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._place: actions.Place = "list"
        self._first = 0

    def rise_for(self, place: actions.Place) -> None:
        """Show the keys, those of `place` standing out."""
        self._place = place
        self._first = 0
        self.rise()

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The keys in a frame."""
        body = drawers.help_lines(self.look, width, self._place)
        room = height - 2
        self._first = max(0, min(self._first, len(body) - room))
        shown = body[self._first : self._first + room]
        foot = _("{key} tour · Esc closes").format(key=keys.first("tour"))
        foot = foot if len(body) <= room else f"{_('↑ ↓ more')} · {foot}"
        return drawers.framed(drawers.where_title(self._place), shown, self.look, width, foot)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Scroll, or close."""
        event.stop()
        event.prevent_default()
        step = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "space": 10, "pageup": -10}.get(event.key)
        if step is None:
            action = actions.find("list", event.key, event.character)
            self.post_message(Answered("escape"))
            if action is not None and action.id == "tour":
                self.post_message(Perform("tour"))
            return
        self._first = max(0, self._first + step)
        self.settle()

    def on_click(self) -> None:
        """A click closes it."""
        self.post_message(Answered("escape"))


class Palette(Drawer):
    """Commands by name, from the registry: type some of it, choose, Enter."""

    at_bottom = False
    rows = 12

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._typed = ""
        self._chosen = 0
        self._state = actions.State()

    def rise_for(self, state: actions.State) -> None:
        """Show the commands of a place; those that can't be done now say why."""
        self._state, self._typed, self._chosen = state, "", 0
        self.rise()

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """What was typed and the commands that fit, in a frame."""
        found = actions.choices(self._state, self._typed)
        self._chosen = max(0, min(self._chosen, len(found) - 1))
        rows = max(1, min(self.rows, height - 3))
        body = drawers.palette_lines(self._typed, found, self._chosen, self.look, width, rows)
        body += [[]] * (rows + 1 - len(body))
        return drawers.framed(_("Commands"), body, self.look, width, _("Enter does it · Esc closes"))

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Type, choose, do or close."""
        event.stop()
        event.prevent_default()
        found = actions.choices(self._state, self._typed)
        if event.key in ("escape", "ctrl+p", "ctrl+c"):
            self.post_message(Answered("escape"))
        elif event.key == "enter":
            self.post_message(Answered("escape"))
            if found:
                self.post_message(Perform(found[self._chosen][0].id, taught=True))
        elif event.key in ("down", "ctrl+n", "tab"):
            self._chosen = (self._chosen + 1) % max(1, len(found))
        elif event.key in ("up", "shift+tab"):
            self._chosen = (self._chosen - 1) % max(1, len(found))
        elif event.key == "backspace":
            self._typed, self._chosen = self._typed[:-1], 0
        elif event.key == "ctrl+u":
            self._typed, self._chosen = "", 0
        elif event.is_printable and event.character:
            self._typed, self._chosen = (self._typed + event.character)[:60], 0
        self.settle()

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        self._typed, self._chosen = (self._typed + line(event.text, 60))[:60], 0
        self.settle()

    def on_click(self, event: events.Click) -> None:
        """Do the command that was clicked."""
        found = actions.choices(self._state, self._typed)
        index = event.y - 2 + max(0, self._chosen - self.rows + 1)
        self.post_message(Answered("escape"))
        if 0 <= index < len(found):
            self.post_message(Perform(found[index][0].id, taught=True))


def unready(rose: int | None, now: int) -> bool:
    """Whether what rose uncalled at `rose` (ms) takes no keys yet. The clock may have been set back since."""
    return rose is not None and 0 <= now - rose < UNREADY


class QuestionDrawer(Drawer):
    """A question over the lower part of the screen. Its answer goes to whoever asked.

    It may rise while somebody is pressing keys meant for what was there before: for a moment it takes no answer.
    """

    def __init__(self, now: Callable[[], int], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._now = now
        self._rose = 0
        self._question = Question("", (), ())
        self._then: Callable[[str], None] | None = None

    def ask(self, question: Question, then: Callable[[str], None]) -> None:
        """Ask; `then` gets the key of the answer, `escape` if there was none."""
        self._question, self._then, self._rose = question, then, self._now()
        self.rise()

    def answer(self, key: str) -> None:
        """Hand the answer over."""
        then, self._then = self._then, None
        if then is not None:
            then(key)

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """Question and answers in a frame."""
        body = drawers.question_lines(self._question, self.look, width)
        return drawers.framed(self._question.title, body, self.look, width)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Only the keys of the answers do something."""
        event.stop()
        event.prevent_default()
        if unready(self._rose, self._now()):
            return
        keys = [key for key, _label in self._question.choices]
        pressed = event.key if event.key in keys else event.character
        if pressed in keys:
            self.post_message(Answered(pressed or "escape"))
        elif event.key == "escape":
            self.post_message(Answered("escape"))
