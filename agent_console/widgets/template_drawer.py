"""Where reply templates are chosen, their fields filled in and macros looked at before they run.

While one chooses, the keys stay with the text: what is typed there after `;` is what is searched for. Fields and macros
take the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import drawers, templates
from agent_console.safetext import cells, cut, fit
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from server import wire

if TYPE_CHECKING:
    from textual import events

Segments = list[Segment]
Entry = wire.ReplyTemplate | wire.ApprovedTemplate
Stage = Literal["choose", "fill", "look"]

#: templates in sight, and lines of their text
ROWS, LINES = 7, 8


class TemplateDrawer(Drawer):
    """`changed` is called when a field was edited, `done` with how it was ended: `take`, `edit` or `leave`;
    `floor_of` answers the line it stands on while one chooses."""

    widest = 100

    def __init__(
        self,
        changed: Callable[[], None],
        done: Callable[[str], None],
        floor_of: Callable[[], int],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._changed, self._done, self._floor_of = changed, done, floor_of
        self.stage: Stage = "choose"
        self.found: Sequence[Entry] = ()
        self.chosen = 0
        self.typed = ""
        #: a line above the templates, and what is said where there are none
        self.note = ""
        self.empty = ""
        #: what it will say; None while that is being asked for
        self.text: str | None = None
        self.whose = ""
        self.title = ""
        self.does = ""
        self.can_edit = False
        self.fields: Sequence[wire.AskField] = ()
        self.wrong = ""
        self._edits: list[LineEdit] = []
        self._at = 0

    @property
    def entry(self) -> Entry | None:
        """The template chosen."""
        return self.found[self.chosen] if self.chosen < len(self.found) else None

    @property
    def values(self) -> list[str]:
        """What is in the fields, as typed."""
        return [edit.text for edit in self._edits]

    # ------------------------------------------------------------ stages

    def show(self, typed: str, found: Sequence[Entry]) -> None:
        """These fit what is typed; the keys stay where they are."""
        if (typed, self.stage) != (self.typed, "choose") or self.chosen >= len(found):
            self.chosen = 0
        self.stage, self.typed, self.found = "choose", typed, found
        self.display = True
        self.settle()

    def move(self, step: int) -> None:
        """Choose another one."""
        self.chosen = (self.chosen + step) % max(1, len(self.found))
        self.settle()

    def fill(self, title: str, fields: Sequence[wire.AskField]) -> None:
        """Ask for these."""
        self.stage, self.title, self.fields, self.wrong = "fill", title, fields, ""
        self._edits = [LineEdit(field.default or (field.choices[:1] or [""])[0]) for field in fields]
        self._at = 0

    def look_at(self, title: str, does: str, can_edit: bool) -> None:
        """Show what will happen, and wait for a yes."""
        self.stage, self.title, self.does, self.can_edit, self.wrong = "look", title, does, can_edit, ""
        self.settle()

    def complain(self, text: str, field: int | None = None) -> None:
        """Say what is wrong, at the field that it is about."""
        self.wrong = text
        if field is not None:
            self._at = field
        self.settle()

    # ------------------------------------------------------------ painting

    def floor(self, screen_height: int) -> int:
        """While one chooses: above the text, which has the keys."""
        return max(8, self._floor_of()) if self.stage == "choose" else super().floor(screen_height)

    def content(self, width: int, height: int) -> list[Segments]:
        """What there is to choose, fill in or look at, and below it the text."""
        inner = width - 4
        if self.stage == "choose":
            body, title = self._rows(inner, height), _("Templates")
            title = f";{self.typed} ─ {title}" if self.typed else title
        else:
            body, title = self._asked(inner) if self.stage == "fill" else self._acts(inner), self.title
        if self.wrong:
            body += [[Segment(" " + part, self.look.warn)] for part in drawers.wrapped(self.wrong, inner)]
        room = min(LINES, height - len(body) - 3)
        if room > 0 and (self.entry is not None or self.stage != "choose"):
            body += self._preview(inner, room)
        return drawers.framed(title, body[: height - 2], self.look, width, self._foot())

    def _rows(self, inner: int, height: int) -> list[Segments]:
        look = self.look
        body: list[Segments] = [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self.note, inner)]
        body = body if self.note else []
        rows = max(1, min(ROWS, (height - 4) // 2, len(self.found) or 1))
        first = max(0, min(self.chosen - rows + 1, len(self.found) - rows))
        for n, each in enumerate(self.found[first : first + rows], first):
            chosen = n == self.chosen
            if isinstance(each, wire.ReplyTemplate):
                segments = templates.row(each, chosen, look, inner)
            else:
                segments = templates.approved_row(each, chosen, look, inner)
            body.append([Segment("▌" if chosen else " ", look.accent), *segments])
        if not self.found:
            body += [[Segment("  " + part, look.muted)] for part in drawers.wrapped(self.empty, inner)]
        return body

    def _asked(self, inner: int) -> list[Segments]:
        look = self.look
        labels = [templates.label_of(field) + (" *" if field.required else "") for field in self.fields]
        wide = min(max(map(cells, labels), default=0) + 2, inner // 2)
        body: list[Segments] = []
        for n, (field, label, edit) in enumerate(zip(self.fields, labels, self._edits, strict=True)):
            active = n == self._at
            lead = Segment(("▌" if active else " ") + fit(label, wide), look.key if active else look.muted)
            room = inner - wide - 2
            body.append(
                [
                    lead,
                    *(self._choices(field, edit, room) if field.kind == "choice" else edit.paint(look, room, active)),
                ]
            )
        return body

    def _choices(self, field: wire.AskField, edit: LineEdit, room: int) -> Segments:
        look, segments, used = self.look, [], 0
        for choice in field.choices:
            mine = choice == edit.text
            said = cut(f"‹{choice}›" if mine else f" {choice} ", max(0, room - used))
            used += cells(said)
            segments.append(Segment(said, look.strong if mine else look.muted))
        return segments

    def _acts(self, inner: int) -> list[Segments]:
        look = self.look
        return [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self.does, inner)] if self.does else []

    def _preview(self, inner: int, room: int) -> list[Segments]:
        look = self.look
        said = cut(" " + _("as {name} will read it").format(name=self.whose) + " ", inner - 2)
        head = [Segment("─" + said + "─" * max(0, inner - cells(said) + 1), look.faint)]
        if self.text is None:
            return [head, [Segment(" …", look.faint)]]
        return [head, *([Segment(" "), *each] for each in templates.preview(self.text, look, inner - 1, room))]

    def _foot(self) -> str:
        if self.stage == "choose":
            return _("↑ ↓ choose · Enter inserts · Esc closes")
        if self.stage == "fill":
            return _("Tab next field · Enter goes on · Esc leaves it")
        if self.can_edit:
            return _("Enter does it · Tab edits the text first · Esc leaves it")
        return _("Enter sends it · Esc leaves it")

    # ------------------------------------------------------------ keys

    @guarded
    def on_key(self, event: events.Key) -> None:
        """What a key does here, and nowhere else."""
        event.stop()
        event.prevent_default()
        self.press(event)

    def press(self, event: events.Key) -> None:
        """Fill in, go on, leave."""
        if event.key in ("escape", "ctrl+c"):
            self._done("leave")
        elif self.stage == "look":
            self._decide(event.key)
        elif self.stage == "fill":
            self._edit(event)
        else:
            self._done("leave")

    def _decide(self, key: str) -> None:
        if key in ("enter", "ctrl+s"):
            self._done("take")
        elif key == "tab" and self.can_edit:
            self._done("edit")

    def _edit(self, event: events.Key) -> None:
        key, last = event.key, len(self._edits) - 1
        if key == "ctrl+s" or (key == "enter" and self._at >= last):
            self._done("take")
            return
        if key in ("tab", "down", "enter"):
            self._at = min(self._at + 1, last) if key == "enter" else (self._at + 1) % (last + 1)
        elif key in ("shift+tab", "up"):
            self._at = (self._at - 1) % (last + 1)
        else:
            field, edit = self.fields[self._at], self._edits[self._at]
            moved = self._choose(field, edit, event) if field.kind == "choice" else edit.press(event)
            if moved:
                self.wrong = ""
                self._changed()
        self.settle()

    def _choose(self, field: wire.AskField, edit: LineEdit, event: events.Key) -> bool:
        """Another choice: by the arrows, space, or how it begins."""
        at = field.choices.index(edit.text) if edit.text in field.choices else 0
        if event.key in ("left", "right", "space"):
            edit.set(field.choices[(at + (-1 if event.key == "left" else 1)) % len(field.choices)])
            return True
        letter = (event.character or "").casefold() if event.is_printable else ""
        ahead = [*field.choices[at + 1 :], *field.choices[: at + 1]]
        found = next((each for each in ahead if letter and each.casefold().startswith(letter)), None)
        if found is not None:
            edit.set(found)
        return found is not None

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        if self.stage == "fill" and self.fields[self._at].kind != "choice":
            self._edits[self._at].insert(" ".join(event.text[:10_000].split()))
            self._changed()
            self.settle()
