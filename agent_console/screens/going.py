"""Going to the next conversation that wants something: one with something unread, one whose time runs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent_console.i18n import _
from agent_console.presentation import sla

if TYPE_CHECKING:
    from agent_console.backend.changes import Line
    from agent_console.screens.inbox import Inbox


class Going:
    """Where an inbox can go."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def do_next_unread(self) -> None:
        self._go(lambda line: line.unread > 0, _("Nothing else is unread here."))

    def do_next_late(self) -> None:
        now = self._inbox.now()

        def late(line: Line) -> bool:
            return line.row.sla is not None and sla.tone_of(line.row.sla, now) in ("breach", "warn")

        self._go(late, _("Nothing else here is late, or soon will be."))

    def _go(self, wanted: Callable[[Line], bool], none: str) -> None:
        """To the next that is wanted, going round at the end; opened where one is reading."""
        inbox = self._inbox
        mirror, here = inbox.session.mirror, inbox.here
        ids = mirror.window.ids()
        at = ids.index(here) + 1 if here in mirror.window and here is not None else 0
        for each in ids[at:] + ids[:at]:
            line = mirror.line(each)
            if each != here and line is not None and not line.gone and wanted(line):
                reading = inbox.place == "thread"
                inbox.thelist.go_to(each)
                if reading:
                    inbox.open(each)
                return
        inbox.say(none, "good")
