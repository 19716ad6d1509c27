"""What a conversation is about and how hard it is, in two keys: a topic's letter, then s, m or c. `/` searches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console.i18n import _
from agent_console.presentation import checklist, classifying, drawers, fuzzy
from agent_console.widgets.drawers import Drawer
from agent_console.widgets.guard import guarded
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.messages import Answered

if TYPE_CHECKING:
    from textual import events

    from server import wire

Segments = list[Segment]
#: what was chosen: a topic (None: it stays), how hard it is (None: it stays)
Chosen = Callable[["wire.Topic | None", "wire.Complexity | None"], None]


class ClassifyDrawer(Drawer):
    """Asks for a topic, then for the complexity."""

    widest = 76
    rows = 12

    def __init__(self, topics: Callable[[], Sequence[wire.Topic] | None], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._topics = topics
        self._line = LineEdit()
        self._title = self._current = self._depth = ""
        self._take: Chosen = lambda topic, depth: None
        self._searching = self._second = False
        self._topic: wire.Topic | None = None
        self._at = 0

    def ask(self, title: str, current: str, depth: str, take: Chosen) -> None:
        """What to ask: of whom, what is known already (`current` topic, `depth`), and who is told."""
        self._title, self._current, self._depth, self._take = title, current, depth, take
        self._searching = self._second = False
        self._topic = None
        self._line.set("")
        names = [topic.name for topic in self._shown()]
        self._at = names.index(current) if current in names else 0

    def again(self) -> None:
        """More topics are known than before."""
        if self.display:
            self.settle()

    def _shown(self) -> list[wire.Topic]:
        known = sorted(self._topics() or (), key=lambda topic: fuzzy.plain(topic.name))
        if not self._searching:
            return known
        return fuzzy.best(self._line.text.strip(), known, lambda topic: checklist.topic(topic.name))

    def content(self, width: int, height: int) -> list[Segments]:
        """One of the two questions, in a frame."""
        look = self.look
        if self._second:
            body = classifying.depth_lines(self._topic, self._depth, look, width - 2)
            foot = _("Enter: as it is · Esc back")
            if self._topic is not None and self._topic.complexity:
                foot = _("Enter: as usual · Esc back")
            return drawers.framed(self._title, body, look, width, foot)
        found = self._shown()
        self._at = max(0, min(self._at, len(found) - 1))
        body = []
        if self._searching:
            body.append([Segment(" / ", look.accent), *self._line.paint(look, width - 6)])
        rows = max(1, min(self.rows, height - 2 - len(body)))
        shown = classifying.Shown(
            found, self._at, classifying.letters(self._topics() or ()), self._current, self._searching
        )
        body += classifying.topic_lines(shown, look, width - 2, rows)
        if not found:
            body.append([Segment("  " + self._nothing(), look.muted)])
        foot = (
            _("type · Enter takes it · Esc all") if self._searching else _("letter or Enter · / searches · Esc closes")
        )
        return drawers.framed(self._title, body, look, width, foot)

    def _nothing(self) -> str:
        if self._topics() is None:
            return _("loading…")
        if self._searching:
            return _("No topic has that in its name.")
        return _("There are no topics yet: agent-console topic import FILE. Enter: only how hard it is.")

    @guarded
    def on_key(self, event: events.Key) -> None:
        """Choose, search, answer, go back or close."""
        event.stop()
        event.prevent_default()
        if event.key == "ctrl+c":
            self.post_message(Answered("escape"))
        elif self._second:
            self._answer(event.key, event.character or "")
        elif event.key == "escape":
            self._leave()
        elif event.key == "enter":
            found = self._shown()
            if found or not self._searching:
                self._choose(found[self._at] if found else None)
        elif event.key in ("down", "ctrl+n", "tab", "pagedown"):
            self._at += 8 if event.key == "pagedown" else 1
        elif event.key in ("up", "shift+tab", "pageup"):
            self._at -= 8 if event.key == "pageup" else 1
        elif self._searching:
            if self._line.press(event):
                self._at = 0
        elif event.character == "/":
            self._searching, self._at = True, 0
        elif topic := classifying.letters(self._topics() or ()).get((event.character or "").casefold()):
            self._choose(topic)
        if self.display:
            self.settle()

    def _leave(self) -> None:
        if self._searching:
            self._searching, self._at = False, 0
            self._line.set("")
        else:
            self.post_message(Answered("escape"))

    def _choose(self, topic: wire.Topic | None) -> None:
        self._topic, self._second = topic, True

    def _answer(self, key: str, character: str) -> None:
        """The second question's."""
        if key in ("escape", "backspace", "left"):
            self._second = False
            return
        depth = classifying.DEPTHS.get(character.casefold())
        if depth is None and key != "enter":
            return
        if depth is None and self._topic is not None and self._topic.complexity:
            depth = self._topic.complexity
        topic, take = self._topic, self._take
        self.post_message(Answered("escape", lambda: take(topic, depth)))

    @guarded
    def on_paste(self, event: events.Paste) -> None:
        """What comes from the clipboard is foreign text: it searches."""
        event.stop()
        if not self._second:
            self._searching = True
            self._line.insert(" ".join(event.text.split()))
            self.settle()

    @guarded
    def on_click(self, event: events.Click) -> None:
        """A click takes the topic that stands there."""
        found = self._shown()
        first = max(0, min(self._at - self.rows + 1, len(found) - self.rows)) if self._at >= self.rows else 0
        index = event.y - 1 - self._searching + first
        if not self._second and 0 <= index < len(found):
            self._choose(found[index])
            self.settle()
