"""A few lines to fill in, inside the screen: Enter takes them, Esc leaves them as they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import drawers
from agent_console.safetext import cells, fit
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events


class Form(Drawer):
    """Fields by name, each with a label and its text. `check` answers what is wrong with them, empty if nothing is."""

    writes = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._labels: list[tuple[str, str]] = []
        self._fields: dict[str, LineEdit] = {}
        self._at = 0
        self._check: Callable[[Mapping[str, str]], str] = lambda values: ""
        self._then: Callable[[Mapping[str, str]], None] = lambda values: None
        self._wrong = ""

    def take(
        self,
        title: str,
        fields: Sequence[tuple[str, str, str]],
        check: Callable[[Mapping[str, str]], str],
        then: Callable[[Mapping[str, str]], None],
    ) -> None:
        """What to ask: (name, label, text) of each field; `then` gets the texts by name."""
        self._title, self._check, self._then = title, check, then
        self._labels = [(name, label) for name, label, _text in fields]
        self._fields = {name: LineEdit(text) for name, _label, text in fields}
        self._at, self._wrong = 0, ""

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The fields in a frame, and what is wrong with them."""
        look = self.look
        wide = max((cells(label) for _name, label in self._labels), default=0) + 2
        body: list[list[Segment]] = []
        for index, (name, label) in enumerate(self._labels):
            active = index == self._at
            lead = Segment(" " + fit(label, wide), look.key if active else look.muted)
            body.append([lead, *self._fields[name].paint(look, width - wide - 4, active)])
        body.append([Segment(" " + self._wrong, look.warn)])
        return drawers.framed(self._title, body, look, width, _("Tab next field · Enter takes it · Esc leaves it"))

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Type, go from field to field, take or leave."""
        event.stop()
        event.prevent_default()
        if event.key in ("escape", "ctrl+c"):
            self.post_message(Answered("escape"))
            return
        if event.key in ("enter", "ctrl+s"):
            values = {name: field.text for name, field in self._fields.items()}
            self._wrong = self._check(values)
            if not self._wrong:
                self.post_message(Answered("escape"))
                self._then(values)
                return
        elif event.key in ("tab", "down"):
            self._at = (self._at + 1) % len(self._labels)
        elif event.key in ("shift+tab", "up"):
            self._at = (self._at - 1) % len(self._labels)
        else:
            self._fields[self._labels[self._at][0]].press(event)
            self._wrong = ""
        self.settle()

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        self._fields[self._labels[self._at][0]].insert(" ".join(event.text.split()))
        self.settle()
