"""Where a conversation is handed on, or a colleague asked: to whom, why, what they have to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from rich.segment import Segment

from agent_console.backend.unsent import TransferDraft
from agent_console.i18n import _
from agent_console.presentation import drawers, fuzzy
from agent_console.presentation.transfers import Candidate, candidate_row
from agent_console.safetext import cells, fit, line
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.text_edit import TextEdit

if TYPE_CHECKING:
    from textual import events

Segments = list[Segment]
Kind = Literal["transfer", "consult"]
Field = Literal["to", "reason", "summary", "promised", "tell", "absent"]

#: candidates in sight, and lines of the summary at least and at most
ROWS, LEAST, MOST = 5, 3, 9


class TransferDrawer(Drawer):
    """`keep` gets what is written with every key, `send` what is to go, `leave` closes. Closed by whoever it tells."""

    writes = True
    widest = 92

    def __init__(
        self,
        keep: Callable[[TransferDraft], None],
        send: Callable[[TransferDraft], None],
        leave: Callable[[], None],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._keep, self._send, self._leave = keep, send, leave
        self._people: Callable[[Kind], Sequence[Candidate]] = lambda kind: ()
        self._customer = ""
        self._kind: Kind = "transfer"
        self._to: Candidate | None = None
        self._typed, self._reason, self._promised = LineEdit(), LineEdit(), LineEdit()
        self._summary = TextEdit()
        self._tell = self._absent = False
        self._proposed: str | None = None
        self._proposed_promise = ""
        self._at: Field = "to"
        self._chosen = 0
        self._wrong = ""
        self._sending = False

    # ------------------------------------------------------------ what is in it

    def take(self, name: str, people: Callable[[Kind], Sequence[Candidate]], draft: TransferDraft | None) -> None:
        """Ask about the conversation of the customer `name`, going on with a draft, if there is one."""
        self._customer, self._people = name, people
        written = draft or TransferDraft()
        self._kind, self._tell, self._absent = written.kind, written.tell, written.absent
        self._typed, self._reason, self._promised = LineEdit(), LineEdit(written.reason), LineEdit(written.promised)
        self._summary = TextEdit(written.summary)
        self._proposed, self._proposed_promise = written.proposed or None, written.proposed_promise
        self._to = next((each for each in people(self._kind) if each.to == written.to), None)
        self._at, self._chosen, self._wrong, self._sending = "to", 0, "", False
        if self._to is not None:
            self._at = "reason" if self._kind == "transfer" else "summary"

    def propose(self, summary: str, promised: str) -> None:
        """A summary was made from the conversation: it stands there, unless something was written already."""
        self._proposed, self._proposed_promise = summary, promised
        if not self._summary.text.strip() and self._kind == "transfer":
            self._summary.set(summary)
            self._summary.cursor = 0
        if not self._promised.text:
            self._promised.set(promised)
        self.again()

    def again(self) -> None:
        """Who can be chosen, or how they stand, has changed."""
        if self.display:
            self.settle()

    def complain(self, text: str, absent: bool = False) -> None:
        """Say what is wrong; `absent`: they are not there, which can be confirmed."""
        self._wrong, self._sending = text, False
        if absent:
            self._at = "absent"
        self.again()

    @property
    def written(self) -> TransferDraft:
        """What stands in it."""
        return TransferDraft(
            kind=self._kind,
            to=self._to.to if self._to is not None else "",
            reason=self._reason.text,
            summary=self._summary.text,
            promised=self._promised.text,
            tell=self._tell,
            absent=self._absent,
            proposed=self._proposed or "",
            proposed_promise=self._proposed_promise,
        )

    def _fields(self) -> list[Field]:
        if self._kind == "consult":
            return ["to", "summary"]
        fields: list[Field] = ["to", "reason", "summary", "promised", "tell"]
        return [*fields, "absent"] if self._asks_absent() else fields

    def _asks_absent(self) -> bool:
        return self._absent or self._at == "absent" or (self._to is not None and self._to.absent)

    def _found(self) -> list[Candidate]:
        """Who fits what was typed: called so before those whose team is, or who know about it."""
        typed, people = self._typed.text.strip(), self._people(self._kind)
        called = fuzzy.best(typed, people, lambda each: f"{each.name} {each.to}")
        of_team = fuzzy.best(typed, people, lambda each: each.known_by) if typed else []
        return list(dict.fromkeys([*called, *of_team]))

    # ------------------------------------------------------------ painting

    def content(self, width: int, height: int) -> list[Segments]:
        """The fields; under the first one, while it is being filled in, who can be chosen."""
        look, inner = self.look, width - 2
        labels: Final = {
            "to": _("To"),
            "reason": _("Reason"),
            "summary": _("Summary") if self._kind == "transfer" else _("Question"),
            "promised": _("Promised"),
        }
        wide = max(cells(each) for each in labels.values()) + 2
        head: list[Segments] = []
        tail: list[Segments] = []
        room = inner - wide - 3

        def lead(field: Field) -> Segment:
            active = self._at == field
            return Segment(("▌" if active else " ") + fit(labels[field], wide), look.key if active else look.muted)

        head += self._to_lines(lead("to"), room, inner)
        if self._kind == "transfer":
            head.append([lead("reason"), *self._reason.paint(look, room, self._at == "reason")])
            tail.append([lead("promised"), *self._promised.paint(look, room, self._at == "promised")])
            tail.append(self._box("tell", self._tell, _("tell the customer, once it is accepted")))
            if self._asks_absent():
                tail.append(self._box("absent", self._absent, _("send it even though nobody is there now")))
        if self._wrong:
            tail += [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self._wrong, inner - 2)]
        free = max(1, min(MOST, height - 2 - len(head) - len(tail)))
        lines = self._summary.paint(look, room, free, self._at == "summary")
        if self._proposed is None and self._kind == "transfer" and not self._summary.text:
            lines = [[Segment(_("making a summary…"), look.faint)]]
        lines += [[]] * (min(LEAST, free) - len(lines))
        blank = Segment(("▌" if self._at == "summary" else " ") + " " * wide, look.key)
        middle = [[lead("summary") if n == 0 else blank, *segments] for n, segments in enumerate(lines)]
        return drawers.framed(self._title(), [*head, *middle, *tail][: height - 2], look, width, self._foot())

    def _to_lines(self, lead: Segment, room: int, inner: int) -> list[Segments]:
        look = self.look
        if self._at != "to":
            if self._to is None:
                return [[lead, Segment(_("nobody chosen yet"), look.faint)]]
            return [[lead, *candidate_row(self._to, False, look, room)[1:]]]
        found = self._found()
        self._chosen = max(0, min(self._chosen, len(found) - 1))
        lines: list[Segments] = [[lead, *self._typed.paint(look, room)]]
        first = max(0, min(self._chosen - ROWS + 1, len(found) - ROWS)) if self._chosen >= ROWS else 0
        for n, each in enumerate(found[first : first + ROWS], first):
            lines.append([Segment("  "), *candidate_row(each, n == self._chosen, look, inner - 3)])
        if not found:
            lines.append([Segment("   " + _("Nobody is called so."), look.muted)])
        return lines

    def _box(self, field: Field, on: bool, text: str) -> Segments:
        look, active = self.look, self._at == field
        mark = Segment(f"{'▌' if active else ' '}[{'x' if on else ' '}] ", look.key if active else look.muted)
        return [mark, Segment(text, look.strong if active else look.text)]

    def _title(self) -> str:
        title = _("Hand {name} on") if self._kind == "transfer" else _("Ask a colleague about {name}")
        return title.format(name=line(self._customer, 40))

    def _foot(self) -> str:
        if self._sending:
            return _("sending…")
        if self._kind == "consult":
            return _("ctrl+s asks · ctrl+t hand it on instead · Esc keeps it as a draft")
        return _("ctrl+s hands it on · ctrl+t only ask · Esc keeps it as a draft")

    # ------------------------------------------------------------ keys

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Fill in, go from field to field, send or leave."""
        event.stop()
        event.prevent_default()
        if event.key in ("escape", "ctrl+c"):
            self._leave()
            return
        elif event.key == "ctrl+s":
            self._finish()
        elif event.key == "ctrl+t":
            self._turn()
        elif event.key == "tab":
            self._step(1)
        elif event.key == "shift+tab":
            self._step(-1)
        else:
            self._wrong = ""
            self._edit(event)
        self._keep(self.written)
        self.again()

    def _edit(self, event: events.Key) -> None:
        match self._at:
            case "to":
                self._choose(event)
            case "summary":
                if not self._summary.press(event) and event.key in ("up", "down"):
                    self._step(-1 if event.key == "up" else 1)
            case "tell" | "absent":
                if event.key in ("up", "down"):
                    self._step(-1 if event.key == "up" else 1)
                elif event.key in ("space", "enter", "x"):
                    self._tell ^= self._at == "tell"
                    self._absent ^= self._at == "absent"
            case _:
                if event.key in ("up", "down", "enter"):
                    self._step(-1 if event.key == "up" else 1)
                else:
                    (self._reason if self._at == "reason" else self._promised).press(event)

    def _choose(self, event: events.Key) -> None:
        step = {"down": 1, "ctrl+n": 1, "up": -1, "pagedown": ROWS, "pageup": -ROWS}.get(event.key)
        if step is not None:
            self._chosen = max(0, self._chosen + step)
        elif event.key == "enter":
            self._step(1)
        elif self._typed.press(event):
            self._chosen = 0
            self._to = None

    def _take_chosen(self) -> None:
        """Who is under the cursor is who it goes to."""
        found = self._found()
        if found and (self._to is None or self._typed.text or self._chosen):
            self._to = found[max(0, min(self._chosen, len(found) - 1))]
            self._typed.set("")
            self._chosen = 0

    def _step(self, step: int) -> None:
        if self._at == "to" and step > 0:
            self._take_chosen()
        fields = self._fields()
        at = fields.index(self._at) if self._at in fields else 0
        self._at = fields[(at + step) % len(fields)]

    def _turn(self) -> None:
        """Ask instead of handing on, or the other way; what was proposed is no question."""
        self._kind = "consult" if self._kind == "transfer" else "transfer"
        proposed = self._proposed or ""
        if self._kind == "consult" and self._summary.text == proposed:
            self._summary.set("")
        elif self._kind == "transfer" and not self._summary.text:
            self._summary.set(proposed)
        if self._to is not None and self._to.to.startswith("team:"):
            self._to = None
        self._at = "to" if self._to is None else "summary" if self._kind == "consult" else "reason"

    def _finish(self) -> None:
        if self._sending:
            return
        if self._at == "to":
            self._take_chosen()
        missing: list[tuple[Field, bool, str]] = [
            ("to", self._to is None, _("Say to whom.")),
            ("reason", self._kind == "transfer" and not self._reason.text.strip(), _("Say why.")),
            ("summary", not self._summary.text.strip(), _("Say what they have to know.")),
        ]
        for field, lacking, said in missing:
            if lacking:
                self._at, self._wrong = field, said
                return
        self._sending = True
        self._send(self.written)

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        text = event.text[:10_000]
        if self._at == "summary":
            self._summary.insert(text.replace("\r\n", "\n").replace("\r", "\n"))
        elif self._at in ("to", "reason", "promised"):
            edits = {"to": self._typed, "reason": self._reason, "promised": self._promised}
            edits[self._at].insert(" ".join(text.split()))
        self._keep(self.written)
        self.again()
