"""The inbox's edges: views and urgency above, notices and keys below; what they say and when they say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment

from agent_console import actions
from agent_console.i18n import _, clock
from agent_console.keys import first
from agent_console.presentation import bars
from agent_console.presentation.outbox import trouble_line
from agent_console.screens.notices import LONG, NOTICE, Notices, Tone, Urgency, late_text
from agent_console.widgets.bars import Bar, StatusLine
from agent_console.widgets.tour import Tour

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent_console.backend.session import Session
    from server.wire import SavedView


class Edges:
    """Three lines and what is known for them. `place` answers where keys go (None: to what rose over the panes),
    `fresh` how many came in out of sight, `state` what can be done."""

    def __init__(
        self,
        session: Session,
        now: Callable[[], int],
        place: Callable[[], actions.Place | None],
        fresh: Callable[[], int],
        state: Callable[[], actions.State],
    ) -> None:
        self._session = session
        self._now = now
        self._place = place
        self._fresh = fresh
        self._state = state
        self.notices = Notices()
        #: saved views, as far as they are known, and what is said of the conversations that are marked
        self.saved: Sequence[SavedView] = ()
        self.marked = ""
        #: what is said as long as one looks on silently
        self.observing = ""
        #: alerts that somebody has to look at
        self.alerts = 0
        #: what colleagues hand on to the reader, or ask them
        self.offers = 0
        #: what is said of one's own availability for a width; nothing while one is there for new work
        self.standing: Callable[[int], str] = lambda width: ""
        self._urgency = Urgency()
        self.top = Bar(self._paint_top, id="top")
        self.footer = Bar(self._paint_footer, id="footer")
        self.status = StatusLine(self._paint_status, id="status")
        self.trouble = Bar(self._paint_trouble, id="trouble")
        self.tour = Tour(now, id="tour")

    def say(self, text: str, tone: Tone = "text", stay: int = NOTICE) -> None:
        """Say something in the status line."""
        self.notices.say(text, self._now(), tone, stay)
        self.status.sync()

    def sync(self) -> None:
        """Paint what looks different."""
        self.trouble.display = bool(self._session.channels.in_trouble())
        self.trouble.sync()
        self.top.sync()
        self.status.sync()
        self.footer.sync()

    def begin(self) -> None:
        """Take in the rows that are here; what was late before one came is no news."""
        mirror = self._session.mirror
        self._urgency.take((line.row for line in mirror.lines(0, 500)), mirror.name)
        self._urgency.newly_late(self._now())

    def rows_changed(self, conversations: Iterable[int]) -> None:
        """These rows are different now: their clocks are."""
        mirror = self._session.mirror
        self._urgency.take((row for each in conversations if (row := mirror.row(each)) is not None), mirror.name)

    def waiting(self) -> tuple[int, int]:
        """How many of my customers wait for an answer with a clock running, and how many of them too long."""
        return self._urgency.waiting, self._urgency.counts(self._now())[0]

    def tick(self) -> None:
        """A second has passed: whose promise has just been broken?"""
        self.tour.tick()
        late = self._urgency.newly_late(self._now())
        if late:
            self.notices.say(late_text(late), self._now(), "breach", LONG)

    def _paint_top(self, width: int) -> bars.Bar:
        mirror = self._session.mirror
        late, warned = self._urgency.counts(self._now())
        urgent = bars.Urgent(late, warned, self._urgency.failed, self.alerts, self.offers)
        spec = mirror.window.spec
        shown = bars.Shown(spec.view, spec.q, self.saved)
        standing = self.standing(width)
        return bars.top_bar(mirror.counts, shown, urgent, mirror.name, self.top.look, width, standing)

    def _paint_trouble(self, width: int) -> bars.Bar:
        painted = trouble_line(self._session.channels.in_trouble(), self._now(), self.trouble.look, width)
        return bars.Bar(painted, [bars.Spot(0, width, "channels")])

    def _paint_footer(self, width: int) -> bars.Bar:
        place = self._place()
        undo = self.notices.undo(self._now())
        what = undo.what if undo is not None and not undo.held else ""
        if place is None:
            shown = [actions.BY_ID["leave"]]
        else:
            state = self._state() if place != "list" else actions.State(undo=what, offers=self.offers)
            shown = actions.footer_of(place, state)
        return bars.footer(shown, self.footer.look, width, {"undo": what})

    def _paint_status(self, width: int) -> list[Segment]:
        writing = self._place() in ("composer", None)
        text, tone = self.notices.now_said(self._now(), self._fresh(), writing, self.marked or self.observing)
        link = self._session.link
        since = clock(link.since) if link.state == "offline" else ""
        refused = _("signed out · {key} signs in").format(key=first("refresh")) if link.state == "refused" else ""
        right = bars.link_text(since, self._session.outgoing.waiting_replies, refused)
        return bars.status(text, tone, right, self.status.look, width)
