"""Where files to send are chosen: a path is typed (Tab completes it) or pasted; below stands what goes along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from agent_console.backend import files
from agent_console.backend.tasks import begin
from agent_console.i18n import _
from agent_console.presentation import drawers
from agent_console.safetext import cut, line
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events

#: completions shown at once
SHOWN = 6


class Shown(NamedTuple):
    """A file in the drawer: what is said of it, and its style (a name of `Look`)."""

    text: str
    tone: str


class AttachDrawer(Drawer):
    """`listed` answers the files that go along or are on their way; `chosen` gets what was typed and entered; `remove`
    takes the last file off."""

    writes = True
    widest = 90

    def __init__(
        self,
        listed: Callable[[], Sequence[Shown]],
        chosen: Callable[[str], None],
        remove: Callable[[], None],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._listed, self._chosen_path, self._remove = listed, chosen, remove
        self._edit = LineEdit()
        self._found: list[str] = []
        self._chosen = -1
        self._looking: asyncio.Task[None] | None = None
        self.takes = ""
        self.wrong = ""

    def begin(self, takes: str) -> None:
        """A new choice; `takes`: what the channel takes."""
        self.takes, self.wrong = takes, ""
        self._edit.set("")
        self._found, self._chosen = [], -1

    def typed(self, text: str) -> None:
        """Go on with this path."""
        self._edit.set(text)
        self._look()

    def content(self, width: int, height: int) -> list[list[Segment]]:
        """The path, what it could become, and the files."""
        look, room = self.look, width - 6
        body: list[list[Segment]] = [[Segment(" › ", look.accent), *self._edit.paint(look, room - 2)]]
        first = max(0, min(self._chosen - SHOWN + 1, len(self._found) - SHOWN))
        for index, path in enumerate(self._found[first : first + SHOWN], first):
            mark, style = ("▌ ", look.strong) if index == self._chosen else ("  ", look.muted)
            name = path.rstrip("/").rpartition("/")[2] + ("/" if path.endswith("/") else "")
            body.append([Segment(" " + mark, look.accent), Segment(cut(line(name), room), style)])
        if len(self._found) > SHOWN:
            body.append([Segment(f"   … {len(self._found)}", look.faint)])
        if self.wrong:
            body += [[Segment(" " + part, look.warn)] for part in drawers.wrapped(self.wrong, width - 4)]
        listed = self._listed()
        if listed:
            body.append([])
        body += [[Segment(" + ", look.accent), Segment(cut(text, room), getattr(look, tone))] for text, tone in listed]
        if self.takes and not listed:
            body += [[Segment(" " + part, look.faint)] for part in drawers.wrapped(self.takes, width - 4)]
        foot = _("Tab completes · Enter attaches · Esc closes")
        return drawers.framed(_("Attach files"), body[: height - 2], look, width, foot)

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Type a path, complete it, take it."""
        event.stop()
        event.prevent_default()
        if event.key in ("escape", "ctrl+c", "ctrl+o"):
            self.post_message(Answered("escape"))
            return
        self.wrong = ""
        if event.key == "enter":
            self._take()
        elif event.key == "tab":
            self._complete()
        elif event.key in ("down", "up") and self._found:
            self._chosen = (self._chosen + (1 if event.key == "down" else -1)) % len(self._found)
        elif event.key == "backspace" and not self._edit.text:
            self._remove()
        elif self._edit.press(event):
            self._look()
        self.settle()

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """A path from the clipboard, or files dropped on the terminal."""
        event.stop()
        self.wrong = ""
        if self._edit.text or not event.text.strip():
            self._edit.insert(event.text)
            self._look()
        else:
            self._chosen_path(event.text)
        self.settle()

    def _take(self) -> None:
        if 0 <= self._chosen < len(self._found):
            self._edit.set(self._found[self._chosen])
        text = self._edit.text
        if text.endswith("/"):
            self._look()
        elif text.strip():
            self._edit.set("")
            self._found, self._chosen = [], -1
            self._chosen_path(text)
        else:
            self.post_message(Answered("escape"))

    def _complete(self) -> None:
        if 0 <= self._chosen < len(self._found):
            self._edit.set(self._found[self._chosen])
            self._look()
            return
        shared = files.common(self._found)
        if len(shared) > len(self._edit.text):
            self._edit.set(shared)
            self._look()
        elif self._found:
            self._chosen = 0
        else:
            self._look(always=True)

    def _look(self, always: bool = False) -> None:
        """Ask the disk, in a thread, what the path could become; only the newest answer counts."""
        if self._looking is not None:
            self._looking.cancel()
        self._chosen = -1
        if self._edit.text or always:
            self._looking = begin(self._find(self._edit.text))
        else:
            self._found = []

    async def _find(self, typed: str) -> None:
        found = await asyncio.to_thread(files.complete, typed)
        if typed == self._edit.text:
            self._found = [] if found == [typed] else found
            if self.display:
                self.settle()
