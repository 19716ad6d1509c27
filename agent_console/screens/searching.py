"""Searching in an inbox: the line that is typed into, the list that comes of it, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import words
from agent_console.backend.searching import Search
from agent_console.backend.views import ListSpec
from agent_console.i18n import _, language
from agent_console.presentation import search_line
from agent_console.safetext import line
from agent_console.screens.notices import REASON
from agent_console.settings import Remembered
from agent_console.widgets.line_edit import LineEdit
from agent_console.widgets.search_line import SearchLine
from server.query import Completion, complete

if TYPE_CHECKING:
    from rich.segment import Segment
    from textual import events

    from agent_console.backend.searching import Wrong
    from agent_console.screens.inbox import Inbox

#: earlier searches kept
KEPT = 30
#: characters of a search that is kept
LONGEST = 500
#: what may come next, at most
OFFERED = 40


class Searching:
    """The search of an inbox; `query` is what its list asks for, while it asks for something."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self.search = Search(inbox.session.api, inbox.session.mirror, inbox.changed)
        self._line = LineEdit()
        self._bar = SearchLine(self._paint, self._press, self._insert, self.do_search, id="search")
        self._typing = False
        self._before = ListSpec()
        self._memory: Remembered = inbox.console.remembered or Remembered()
        self._back = 0
        self._offered: list[Completion] = []
        self._chosen = 0

    # ------------------------------------------------------------ begin and end

    def do_search(self) -> None:
        """Type a search, or change the one that is shown."""
        inbox, shown = self._inbox, self._session.mirror.window.spec
        if not inbox.wide and inbox.place != "list":
            inbox.back()
        if not self._bar.is_attached:
            inbox.mount(self._bar, after=inbox.edges.trouble)
        self._before = shown
        if not shown.q:
            self.search.home = shown
        self._line.set(shown.q or (self._line.text if self.search.asking else ""))
        self._typing, self._back, self._chosen = True, 0, 0
        inbox.directory.want("channels", "teams", "tags", "users")
        self._bar.show(2)
        self._bar.focus()
        self._complete()
        self._sync()

    def do_leave_list(self) -> None:
        """Nothing marked any more, then back from a search to the view it began in."""
        if self._inbox.marking.clear():
            return
        home = self.search.home
        if self.search.spec is None and not self.search.asking:
            return
        self.close()
        self._inbox.show_view(home or ListSpec())

    def close(self) -> None:
        """Another list is shown: no search any more."""
        self._typing = False
        self.search.close()
        self._session.mirror.leave_search()
        self._bar.show(0)

    def show(self, query: str) -> None:
        """Make this search the list, as if it had been typed."""
        shown = self._session.mirror.window.spec
        if not shown.q:
            self.search.home = shown
        if not self._bar.is_attached:
            self._inbox.mount(self._bar, after=self._inbox.edges.trouble)
        self._line.set(query)
        self.search.ask(query, rest=0)
        self._keep()

    def _keep(self) -> None:
        """The search stays as the list; the keys go to it."""
        self._typing = False
        self._inbox.marking.clear()  # what is marked is always what can be seen
        query = self._line.text.strip()
        if len(query) <= LONGEST:
            others = [each for each in self._memory.searches if each != query]
            self._memory.searches = [query, *others][:KEPT]
            self._memory.keep()
        self._bar.show(1)
        self._inbox.thelist.focus()
        if self.search.question is not None:
            self._inbox.unless_given_up(self.search.question)
        self._sync()

    def _cancel(self) -> None:
        """Back to the list as it was."""
        self._typing = False
        self.search.give_up()
        self.search.wrong = None
        before = self._before
        if before.q:
            self._line.set(before.q)
            self._bar.show(1)
        else:
            self.close()
        if self._session.mirror.window.spec != before:
            self._session.show(before)
            self._inbox.thelist.show()
        self._inbox.thelist.focus()
        self._sync()

    # ------------------------------------------------------------ typing

    def _press(self, event: events.Key) -> None:
        if not self._typing:
            return
        key = event.key
        if key in ("escape", "ctrl+c"):
            self._cancel()
            return
        if key == "enter":
            self._enter()
            return
        if key in ("up", "down"):
            self._recall(1 if key == "up" else -1)
        elif key in ("ctrl+n", "ctrl+p"):
            self._chosen = (self._chosen + (1 if key == "ctrl+n" else -1)) % max(1, len(self._offered))
            self._sync()
            return
        elif key == "tab":
            if not self._offered:
                return
            self._take(self._offered[self._chosen])
        elif not self._line.press(event):
            return
        self._edited()

    def _insert(self, text: str) -> None:
        if self._typing:
            self._line.insert(text)
            self._edited()

    def _take(self, offered: Completion) -> None:
        text = self._line.text
        more = "" if offered.kind == "field" else " "
        self._line.text = text[: offered.start] + offered.text + more + text[offered.end :].lstrip(" ")
        self._line.cursor = offered.start + len(offered.text) + len(more)

    def _recall(self, step: int) -> None:
        """An earlier search, or back to what was typed."""
        searches = self._memory.searches
        self._back = max(0, min(self._back + step, len(searches)))
        self._line.set(searches[self._back - 1] if self._back else "")

    def _edited(self) -> None:
        self._chosen = 0
        self.search.ask(self._line.text)
        self._complete()
        home = self.search.home
        if not self._line.text.strip() and home is not None and self._session.mirror.window.spec != home:
            self._session.show(home)
            self._inbox.thelist.show()
        self._sync()

    def _complete(self) -> None:
        """What may be written at the cursor, while a word is begun there."""
        text, cursor = self._line.text, self._line.cursor
        if text[:cursor].count('"') % 2 and ":" not in text[:cursor].rpartition(" ")[2]:
            self._offered = []
            return
        self._offered = complete(text, cursor, self._inbox.directory.values(), language())[:OFFERED]

    def _enter(self) -> None:
        text = self._line.text.strip()
        if not text:
            self._cancel()
            return
        if self.search.wrong is not None:
            self._inbox.say(self._said(self.search.wrong), "warn", REASON)
            return
        spec = self.search.spec
        if spec is None or spec.q != text:
            self.search.ask(text, rest=0)
        self._keep()

    # ------------------------------------------------------------ painting

    def sync(self) -> None:
        """The list, the names or the clock went on."""
        spec = self.search.spec
        if not self._typing and self._bar.display and spec is None and not self.search.asking:
            if self.search.wrong is not None:
                self._inbox.say(self._said(self.search.wrong), "warn", REASON)
            self.close()
        if self._typing:
            self._complete()
        self._bar.sync()

    def forget_look(self) -> None:
        """The theme changed."""
        self._bar.repaint()

    def _sync(self) -> None:
        self._bar.sync()
        self._inbox.sync_bars()

    def _said(self, wrong: Wrong) -> str:
        if wrong.code == "unreachable":
            return _("The server does not answer; what is here can still be read.")
        return line(words.problem(wrong.code, wrong.params, wrong.detail), 300)

    def _paint(self, width: int) -> list[list[Segment]]:
        look, window = self._bar.look, self._session.mirror.window
        wrong = self.search.wrong
        unfinished = wrong is not None and wrong.end >= len(self._line.text.rstrip()) and bool(self._offered)
        if unfinished:
            wrong = None
        place = (wrong.start, wrong.end) if wrong is not None and wrong.end else None
        typed = search_line.Typed(self._line.text, self._line.cursor if self._typing else None, place)
        spec = self.search.spec
        found = search_line.Found(
            len(window), window.has_after, self.search.slow, spec is None or spec.q != self._line.text.strip()
        )
        name = "" if self._typing else self._inbox.views.name_of(self._line.text)
        lines = [search_line.query_line(typed, found, name, look, width)]
        if self._typing:
            said = self._said(wrong) if wrong is not None else ""
            offered = self._offered if self._line.text[: self._line.cursor].strip() or not self._line.text else []
            lines.append(search_line.hint_line(offered, self._chosen, said, look, width))
        return lines
