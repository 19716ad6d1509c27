"""The supervisor's wallboard: who waits, who works, how the day goes; from each figure to its conversations.

It is asked for anew every second while it is shown; `F` freezes it. What is done to a conversation is done in the
inbox, which every row leads to.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from rich.segment import Segment
from textual.app import ComposeResult
from textual.screen import Screen

from agent_console import words
from agent_console.backend import calls_service
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.tasks import begin
from agent_console.i18n import N_, _
from agent_console.presentation import bars, board
from agent_console.presentation.board import Target
from agent_console.safetext import line
from agent_console.screens.notices import Notices, Tone
from agent_console.widgets.bars import Bar, StatusLine
from agent_console.widgets.board import BoardRows
from agent_console.widgets.guard import guarded

if TYPE_CHECKING:
    from textual import events

    from agent_console.backend.session import Session
    from server import wire

#: seconds between two looks at the server
EVERY: Final = 1.0
#: for how long a word about a key stays (ms)
SAID: Final = 4_000

#: keys below, and what they do
KEYS: Final = (
    ("Enter", N_("their conversations")),
    ("a", N_("reassign")),
    ("A", N_("several")),
    ("o", N_("observe")),
    ("w", N_("whisper")),
    ("p", N_("more urgent")),
    ("s", N_("state")),
    ("F", N_("freeze")),
    ("Esc", N_("inbox")),
)
#: what the inbox does for a key: with the conversations behind a row, or with the one that an advisor looks at
_TO_ROWS: Final = {"a": ("assign",), "A": ("mark_all", "assign"), "p": ("priority_up",)}
_TO_WHAT_THEY_SEE: Final = {"o": "observe", "w": "whisper"}


class Desk(Protocol):
    """Where one comes back to, and what is done there (see `agent_console.screens.supervising`)."""

    @property
    def session(self) -> Session:
        """Who asks the server."""
        ...

    def now(self) -> int:
        """The server's time, UTC ms."""
        ...

    def show(self, query: str, *actions: str) -> None:
        """Show the conversations of a query, and do that with them."""
        ...

    def go(self, conversation: int, action: str) -> None:
        """Open a conversation and do that with it."""
        ...

    def state_of(self, name: str) -> None:
        """Ask whether an advisor is there."""
        ...


class Wallboard(Screen[None]):
    """Over the inbox, which is what one comes back to."""

    CSS = """
    Wallboard { layout: vertical; background: $page; color: $ink; overflow: hidden; }
    Wallboard #board-head { height: 1; }
    Wallboard #board-rows { height: 1fr; }
    Wallboard #board-status { height: 1; }
    Wallboard #board-keys { height: 1; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._board: wire.Board | None = None
        self._frozen = False
        self._asking: asyncio.Task[None] | None = None
        self._notices = Notices()
        self._said = ""
        self._rows = BoardRows(id="board-rows")
        self._head = Bar(self._paint_head, id="board-head")
        self._status = StatusLine(self._paint_status, id="board-status")
        self._keys = Bar(self._paint_keys, id="board-keys")

    def compose(self) -> ComposeResult:
        """Figures of the day, the rows, what is said, the keys."""
        yield self._head
        yield self._rows
        yield self._status
        yield self._keys

    def on_mount(self) -> None:
        """Begin to look."""
        self._rows.focus()
        self.set_interval(EVERY, self._tick)
        self._tick()

    def on_unmount(self) -> None:
        """Nothing is asked for any more."""
        if self._asking is not None:
            self._asking.cancel()

    # ------------------------------------------------------------ what is shown

    @guarded
    def _tick(self) -> None:
        if not self._frozen and (self._asking is None or self._asking.done()):
            self._asking = begin(self._ask())
        self.sync()

    async def _ask(self) -> None:
        try:
            self._board = await self._desk.session.api.send(calls_service.wallboard())
            self._said = ""
        except ApiError as error:
            self._said = line(words.problem(error.code, error.problem.params, error.problem.detail), 200)
        except Unreachable:
            self._said = _("The server does not answer; this is how it was.")
        if self.is_mounted:
            self.sync()

    def sync(self) -> None:
        """Paint what looks different."""
        if self._board is not None and self.size.width:
            self._rows.take(board.rows(self._board, self._now(), self._rows.look, self.size.width))
        self._head.sync()
        self._status.sync()
        self._keys.sync()

    def _now(self) -> int:
        return self._board.at if self._frozen and self._board is not None else self._desk.now()

    def _paint_head(self, width: int) -> bars.Bar:
        return bars.Bar(board.head(self._board, self._now(), self._frozen, self._head.look, width), [])

    def _paint_status(self, width: int) -> list[Segment]:
        text, tone = self._notices.now_said(self._desk.now(), 0, True, "")
        return bars.status(text or self._said, tone if text else "warn", "", self._status.look, width)

    def _paint_keys(self, width: int) -> bars.Bar:
        return board.keys(KEYS, self._keys.look, width)

    def _say(self, text: str, tone: Tone = "muted") -> None:
        self._notices.say(text, self._desk.now(), tone, SAID)
        self._status.sync()

    # ------------------------------------------------------------ what is done

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Move, look closer, act."""
        key = event.key if len(event.key) > 1 else event.character or event.key
        moves = {"up": (-1, 0), "k": (-1, 0), "down": (1, 0), "j": (1, 0), "left": (0, -1), "h": (0, -1)}
        moves |= {"right": (0, 1), "l": (0, 1), "pageup": (-10, 0), "pagedown": (10, 0)}
        chosen = self._rows.chosen
        if key in moves:
            self._rows.move(*moves[key])
        elif key == "tab":
            self._rows.next_kind()
        elif key in ("escape", "q", "f2", "f3"):
            self.app.pop_screen()
        elif key == "F":
            self._freeze()
        elif key == "enter" and chosen is not None:
            self._look_at(chosen)
        elif key in "aAowps" and chosen is not None:
            self._act(key, chosen)
        elif key == "ctrl+q":
            self.app.exit()
        else:
            return
        event.stop()
        event.prevent_default()

    @guarded
    def on_click(self, event: events.Click) -> None:
        """A click chooses; a second one looks closer."""
        before = self._rows.chosen
        if event.widget is self._rows and (target := self._rows.choose_at(event.x, event.y)) == before and target:
            self._look_at(target)

    def _freeze(self) -> None:
        self._frozen = not self._frozen
        self._say(_("Frozen: F goes on.") if self._frozen else _("Live again."))
        self._tick()

    def _look_at(self, target: Target) -> None:
        """Back to the inbox, at the conversations behind a row."""
        self.app.pop_screen()
        self._desk.show(board.query(target))

    def _act(self, key: str, target: Target) -> None:
        """Do in the inbox what is meant."""
        if key in _TO_ROWS:
            self.app.pop_screen()
            self._desk.show(board.query(target), *_TO_ROWS[key])
            return
        found = self._advisor(target)
        if found is None or (found.viewing is None and key != "s"):
            self._say(_("Choose an advisor who has a conversation open."), "warn")
            return
        self.app.pop_screen()
        if key == "s":
            self._desk.state_of(found.name)
        elif found.viewing is not None:
            self._desk.go(found.viewing, _TO_WHAT_THEY_SEE[key])

    def _advisor(self, target: Target) -> wire.BoardAdvisor | None:
        advisors = self._board.advisors if self._board is not None and target.kind == "advisor" else []
        return next((each for each in advisors if each.name == target.name), None)

    def forget_look(self) -> None:
        """The theme changed."""
        for widget in (self._head, self._rows, self._status, self._keys):
            widget.repaint()
        self.sync()
