"""A sheet of fields inside the screen: lines to fill in with what is understood of them beside, choices to go through.

What was typed is never lost by accident: the sheet stays until the server has said yes, shows a refusal with all that
was typed, and opens as it was left when Esc closed it unfinished.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Offset

from agent_console.i18n import _
from agent_console.presentation import drawers
from agent_console.safetext import cells, cut, fit, line, wrap
from agent_console.widgets.canvas import strip
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Region

Segments = list[Segment]
Values = Mapping[str, str]

#: a sheet narrower than this is not laid over a pane but at the bottom of the screen
NARROWEST = 30


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices`: (value, what it is called) to go through instead of typing; `reading` says what is
    understood of what was typed, `hint` what could be typed; `shown`: whether it is there, by the other values."""

    name: str
    label: str
    text: str = ""
    choices: Sequence[tuple[str, str]] = ()
    reading: Callable[[str], str] = lambda text: ""
    hint: str = ""
    shown: Callable[[Values], bool] = lambda values: True


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is asked. `check` answers what is wrong, empty if nothing is; `take` gets the values, and calls `done` or
    `refuse` of the drawer. `key`: sheets of one key are one, which opens as it was left. `over`: the pane it is laid
    over, if that is wide enough."""

    title: str
    fields: Sequence[Field]
    take: Callable[[Values], None]
    foot: str
    check: Callable[[Values], str] = lambda values: ""
    key: object = None
    over: Callable[[], Region | None] = field(default=lambda: None)


class FieldsDrawer(Drawer):
    """Shows a `Sheet`."""

    writes = True
    widest = 76

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sheet = Sheet("", (), lambda values: None, "")
        self._lines_of: dict[str, LineEdit] = {}
        self._at = 0
        self._wrong = ""
        self._waits = False

    # ------------------------------------------------------------ what is asked

    def take(self, sheet: Sheet) -> None:
        """What to ask; a sheet that was left unfinished goes on."""
        again = sheet.key is not None and sheet.key == self._sheet.key
        self._sheet = sheet
        if not again:
            self._lines_of = {each.name: LineEdit(each.text) for each in sheet.fields}
            self._at = 0
        else:
            for each in sheet.fields:
                self._lines_of.setdefault(each.name, LineEdit(each.text))
        self._wrong, self._waits = "", False
        self._stand()

    def ask(
        self, title: str, fields: Sequence[Field], check: Callable[[Values], str], then: Callable[[Values], None]
    ) -> None:
        """Ask for what no server has to agree to: Enter closes it once nothing is wrong, `then` gets the values."""

        def take(values: Values) -> None:
            self.forget()
            self.post_message(Answered("escape", lambda: then(values)))

        self.take(Sheet(title, fields, take, _("Tab next field · Enter takes it · Esc leaves it"), check))

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields."""
        return {each.name: self._lines_of[each.name].text for each in self._sheet.fields}

    def forget(self) -> None:
        """What was asked has been done: nothing of it is kept."""
        self._sheet = Sheet("", (), lambda values: None, "")

    def done(self) -> None:
        """The same, and close."""
        self.forget()
        if self.display:
            self.post_message(Answered("escape"))

    def refuse(self, why: str) -> None:
        """The server said no: what was typed stays."""
        self._wrong, self._waits = why, False
        if self.display:
            self.settle()

    def again(self) -> None:
        """What can be said about the fields has changed."""
        if self.display:
            self.settle()

    def _shown(self) -> list[Field]:
        values = self.values
        return [each for each in self._sheet.fields if each.shown(values)]

    def _stand(self) -> None:
        self._at = max(0, min(self._at, len(self._shown()) - 1))

    # ------------------------------------------------------------ how it looks

    def settle(self) -> None:
        """Lay it over its pane, or at the bottom."""
        region = self._sheet.over()
        if region is None or region.width < NARROWEST:
            super().settle()
            return
        body = self.content(region.width, region.height)[: region.height]
        self._lines = [strip(segments, self.look.drawer, region.width) for segments in body]
        self.styles.width, self.styles.height = region.width, len(self._lines)
        self.styles.offset = Offset(region.x, region.y)
        self.repaint()

    def content(self, width: int, height: int) -> list[Segments]:
        """The fields in a frame: label, what was typed, what is understood of it; what is wrong below."""
        inner = width - 2
        shown = self._shown()
        wide = min(max((cells(each.label) for each in shown), default=0) + 2, max(8, inner * 2 // 5))
        body: list[Segments] = []
        here = 0
        for index, each in enumerate(shown):
            if index == self._at:
                here = len(body)
            body += self._field(each, index == self._at, wide, inner)
        said = [[Segment(" " + part, self.look.warn)] for part in wrap(line(self._wrong, 300), inner - 2)]
        said = said if self._wrong else [[]]
        room = max(1, height - 2 - len(said))
        first = max(0, min(here, len(body) - room))
        return drawers.framed(self._sheet.title, body[first : first + room] + said, self.look, width, self._sheet.foot)

    def _field(self, each: Field, active: bool, wide: int, inner: int) -> list[Segments]:
        look = self.look
        lead = Segment(" " + fit(each.label, wide), look.key if active else look.muted)
        room = max(4, inner - wide - 2)
        if each.choices:
            return [[lead, *self._choice(each, active, room)]]
        edit = self._lines_of[each.name]
        said = each.reading(edit.text) or ("" if edit.text else each.hint)
        typed = edit.paint(look, room, active)
        used = sum(cells(segment.text) for segment in typed)
        tail = Segment("  " + cut(said, room - used - 2), look.faint if not edit.text else look.accent)
        if not said:
            return [[lead, *typed]]
        if cells(said) + 2 <= room - used:
            return [[lead, *typed, tail]]
        return [[lead, *typed], [Segment(" " * (wide + 1)), Segment(cut(said, room), tail.style)]]

    def _choice(self, each: Field, active: bool, room: int) -> Segments:
        look, value = self.look, self._lines_of[each.name].text
        names = dict(each.choices)
        if sum(cells(name) + 3 for name in names.values()) <= room:
            row: Segments = []
            for code, name in each.choices:
                on = code == value
                row.append(Segment("● " if on else "○ ", look.accent))
                row.append(Segment(name + "  ", look.strong if on else look.muted))
            return row
        arrows = ("‹ ", " ›") if active else ("", "")
        return [
            Segment(arrows[0], look.faint),
            Segment(cut(names.get(value, value), room - 4), look.strong if active else look.text),
            Segment(arrows[1], look.faint),
        ]

    # ------------------------------------------------------------ keys

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Type, go from field to field, choose, take or leave."""
        event.stop()
        event.prevent_default()
        if event.key in ("escape", "ctrl+c"):
            self.post_message(Answered("escape"))
            return
        if event.key in ("enter", "ctrl+s"):
            self._take()
            return
        shown = self._shown()
        if not shown:
            return  # it is about to close
        if event.key in ("tab", "down"):
            self._at = (self._at + 1) % len(shown)
        elif event.key in ("shift+tab", "up"):
            self._at = (self._at - 1) % len(shown)
        elif shown[self._at].choices:
            self._choose(shown[self._at], event)
        elif self._lines_of[shown[self._at].name].press(event):
            self._wrong = ""
        self._stand()
        self.settle()

    def _choose(self, each: Field, event: events.Key) -> None:
        codes = [code for code, _name in each.choices]
        edit = self._lines_of[each.name]
        at = codes.index(edit.text) if edit.text in codes else 0
        if event.key in ("right", "space", "l"):
            edit.set(codes[(at + 1) % len(codes)])
        elif event.key in ("left", "h"):
            edit.set(codes[(at - 1) % len(codes)])
        elif event.character:
            letter = event.character.casefold()
            found = [code for code, name in each.choices if name.casefold().startswith(letter)]
            if found:
                edit.set(found[0])
        self._wrong = ""

    def _take(self) -> None:
        if self._waits:
            return
        values = self.values
        self._wrong = self._sheet.check(values)
        self._waits = not self._wrong
        self.settle()
        if self._waits:
            self._sheet.take(values)

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        shown = self._shown()
        if shown and not shown[self._at].choices:
            self._lines_of[shown[self._at].name].insert(" ".join(event.text.split()))
            self.settle()
