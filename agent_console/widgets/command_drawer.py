"""The `:` line: one line to type a command in, with what it could become below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from agent_console.actions import State
from agent_console.i18n import _
from agent_console.presentation import command_line, drawers
from agent_console.presentation.command_line import Candidate, Values
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events

#: lines remembered
KEPT = 50


class Ways(NamedTuple):
    """What the line asks: `values` that can follow a verb, what is to be `said` of a line while it is typed, and to
    `run` one: why it can't be, empty if it was done."""

    values: Values
    said: Callable[[str], str]
    run: Callable[[str], str]


class CommandDrawer(Drawer):
    """Tab takes the likeliest candidate, arrows choose among them or go through what was typed before."""

    writes = True
    widest = 100
    rows = 8

    def __init__(self, ways: Ways, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ways = ways
        self._edit = LineEdit()
        self._state = State()
        self._chosen = -1
        self._wrong = ""
        self._past: list[str] = []
        self._at = 0

    def begin(self, state: State, text: str = "") -> None:
        """An empty line (or `text`), for what can be done in this state."""
        self._state = state
        self._edit.set(text)
        self._chosen, self._wrong, self._at = -1, "", len(self._past)

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The line and its candidates in a frame."""
        found = self._found()
        self._chosen = min(self._chosen, len(found) - 1)
        said = self._wrong or self._ways.said(self._edit.text)
        if not found and not said:
            said = command_line.read(self._edit.text, self._state).problem
        rows = max(0, min(self.rows, height - 3 - bool(said)))
        body = command_line.painted(
            self._edit.paint(self.look, width - 6), found, self._chosen, said, bool(self._wrong), self.look, width, rows
        )
        return drawers.framed(_("Command"), body, self.look, width, _("Tab completes · Enter does it · Esc closes"))

    def _found(self) -> list[Candidate]:
        return command_line.complete(self._edit.text, self._state, self._ways.values)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Type, complete, do or close."""
        event.stop()
        event.prevent_default()
        match event.key:
            case "escape" | "ctrl+c" | "ctrl+g":
                self.post_message(Answered("escape"))
                return
            case "enter":
                self._enter()
                return
            case "tab" | "ctrl+n" | "down":
                self._choose(1, event.key)
            case "shift+tab" | "ctrl+p" | "up":
                self._choose(-1, event.key)
            case "backspace" if not self._edit.text:
                self.post_message(Answered("escape"))
                return
            case _:
                self._edit.press(event)
                self._chosen, self._wrong = -1, ""
        self.settle()

    def _enter(self) -> None:
        found = self._found()
        if 0 <= self._chosen < len(found):
            self._take(found[self._chosen])
            if self._edit.text.endswith(" "):
                self.settle()
                return
        text = self._edit.text.strip()
        if not text:
            self.post_message(Answered("escape"))
            return
        self._past = [*(each for each in self._past if each != text), text][-KEPT:]
        self._wrong = self._ways.run(text)
        if self._wrong:
            self.settle()

    def _choose(self, step: int, key: str) -> None:
        found = self._found()
        if key in ("up", "down") and (self._chosen < 0 or not found) and (key == "up" or self._at < len(self._past)):
            self._recall(step)
        elif key == "tab" and found and (len(found) == 1 or self._chosen >= 0):
            self._take(found[max(0, self._chosen)])
        elif found:
            self._chosen = (self._chosen + step) % len(found) if self._chosen >= 0 or step > 0 else len(found) - 1

    def _take(self, candidate: Candidate) -> None:
        self._edit.set(candidate.text)
        self._chosen = -1

    def _recall(self, step: int) -> None:
        at = max(0, min(self._at + step, len(self._past)))
        if at != self._at:
            self._at = at
            self._edit.set(self._past[at] if at < len(self._past) else "")

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        self._edit.insert(" ".join(event.text.split()))
        self._chosen, self._wrong = -1, ""
        self.settle()
