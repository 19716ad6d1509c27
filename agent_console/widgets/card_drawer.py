"""What a receiver reads first: the card of a conversation offered to them, or a colleague's question; and their
answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import drawers, transfers
from agent_console.widgets.drawers import Drawer, unready
from agent_console.widgets.guard import guarded
from agent_console.widgets.text_edit import TextEdit
from server import wire

if TYPE_CHECKING:
    from textual import events

#: what is done with what is shown: taken, given back with a reason, answered, taken back by its sender, left for later
Answer = Literal["accept", "decline", "answer", "withdraw", "later"]
#: lines that a reason or an answer has
LINES = 5


class CardDrawer(Drawer):
    """`answered` gets what was decided and the words to it. `now`: UTC ms."""

    widest = 84

    def __init__(
        self, answered: Callable[[wire.Transfer, Answer, str], None], now: Callable[[], int], *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._answered, self._now = answered, now
        self.transfer: wire.Transfer | None = None
        self._row: wire.ConversationRow | None = None
        self._mine = self._may_decline = False
        self._edit: TextEdit | None = None
        self._first = 0
        self._wrong = ""
        self._rose: int | None = None

    def take(
        self,
        transfer: wire.Transfer,
        row: wire.ConversationRow | None,
        *,
        mine: bool = False,
        may_decline: bool = False,
        uncalled: bool = False,
    ) -> None:
        """What to show. `mine`: its sender looks at it; `uncalled`: nobody asked for it just now."""
        self._rose = self._now() if uncalled else None
        if self.transfer is None or self.transfer.id != transfer.id:
            self._edit, self._first, self._wrong = None, 0, ""
        self.transfer, self._row, self._mine, self._may_decline = transfer, row, mine, may_decline

    def complain(self, text: str) -> None:
        """Say what is wrong."""
        self._wrong = text
        if self.display:
            self.settle()

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The card, as far as there is room (↑ ↓ show the rest), and what is written to it."""
        if self.transfer is None:
            return []
        look = self.look
        below: list[list[Segment]] = []
        if self._edit is not None:
            label = _("Your answer") if self.transfer.kind == "consult" else _("Why not")
            below.append([Segment(" " + label, look.key)])
            painted = self._edit.paint(look, width - 5, LINES, True)
            below += [[Segment("   "), *segments] for segments in painted]
        if self._wrong:
            below += [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self._wrong, width - 4)]
        body = transfers.card(self.transfer, self._row, self._now(), look, width - 2)
        room = max(1, height - 2 - len(below))
        self._first = max(0, min(self._first, len(body) - room))
        shown = body[self._first : self._first + room]
        foot = self._foot() if len(body) <= room else f"↑ ↓ · {self._foot()}"
        return drawers.framed(
            transfers.title(self.transfer, self._mine), [*shown, *below][: height - 2], look, width, foot
        )

    def _foot(self) -> str:
        assert self.transfer is not None
        if self._edit is not None:
            if self.transfer.kind == "consult":
                return _("ctrl+s answers · Esc goes back")
            return _("ctrl+s declines · Esc goes back")
        if self._mine:
            return _("w takes it back · Esc closes")
        if self.transfer.kind == "consult":
            return _("y answer · Esc later")
        return _("y accept · n decline · Esc read it first") if self._may_decline else _("y accept · Esc read it first")

    # ------------------------------------------------------------ keys

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Accept, decline, answer, scroll or leave."""
        event.stop()
        event.prevent_default()
        if self.transfer is None:
            return
        self._wrong = ""
        if self._edit is not None:
            self._write(event)
        elif event.key in ("escape", "enter", "ctrl+c"):
            self._answered(self.transfer, "later", "")
        elif unready(self._rose, self._now()):
            return  # it came by itself: what is typed now was meant for something else
        elif step := {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 8, "space": 8, "pageup": -8}.get(event.key):
            self._first += step
        else:
            self._decide(self.transfer, event.key)
        if self.display:
            self.settle()

    def _decide(self, transfer: wire.Transfer, key: str) -> None:
        if self._mine:
            if key == "w":
                self._answered(transfer, "withdraw", "")
        elif transfer.kind == "consult":
            if key == "y":
                self._edit = TextEdit()
        elif key == "y":
            self._answered(transfer, "accept", "")
        elif key == "n" and self._may_decline:
            self._edit = TextEdit()

    def _write(self, event: events.Key) -> None:
        assert self._edit is not None and self.transfer is not None
        consult = self.transfer.kind == "consult"
        if event.key in ("escape", "ctrl+c"):
            self._edit = None
        elif event.key == "ctrl+s" or (event.key == "enter" and not consult):
            if self._edit.text.strip():
                self._answered(self.transfer, "answer" if consult else "decline", self._edit.text)
            else:
                self._wrong = _("Write something first.") if consult else _("Say why, so that they know what to do.")
        else:
            self._edit.press(event)

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text."""
        event.stop()
        if self._edit is not None:
            self._edit.insert(event.text[:10_000])
            self.settle()
