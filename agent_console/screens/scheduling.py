"""Answers that leave later: choosing when, and taking them back until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.i18n import _, zone
from agent_console.presentation import fuzzy, letters, moments, when
from agent_console.screens.notices import REASON
from agent_console.widgets.pick_drawer import Choice, Item, PickDrawer

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox

#: how far ahead an answer may leave, ms (as the server says)
LONGEST = 60 * 86_400_000


class Scheduling:
    """When the answers of an inbox leave."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = PickDrawer(id="when")

    def do_schedule(self) -> None:
        """Ask when what is written shall leave."""
        if self._inbox.composer.empty:
            self._inbox.say(_("There is nothing written yet."), "warn", REASON)
            return
        self._drawer.take(
            Choice(
                _("Send it later"),
                self._moments,
                self._send,
                _("Enter sends it then · Esc back to the text"),
                empty=_("Say a moment ahead: 2h, monday, tomorrow 4 pm, 30 nov"),
            )
        )
        self._inbox.over.raise_(self._drawer)

    def _moments(self, typed: str) -> list[Item]:
        now = self._inbox.now()
        limit = self._inbox.composer.limits().window_left
        found = [
            when.Offer(offer.name, offer.at) for offer in fuzzy.best(typed, when.offers(now), lambda offer: offer.name)
        ]
        if typed and (at := moments.read(typed, now, zone())) is not None:
            found.insert(0, when.Offer(typed, at))
        return [Item(name, when.ahead(at, now), at, why_not=_why_not(at, now, limit)) for name, at in found]

    def _send(self, value: object) -> None:
        if isinstance(value, int):
            self._inbox.acts.sending.send(send_at=value)

    def do_unschedule(self) -> None:
        """Take back the message that is marked, or the newest one in sight that waits for its time or its review."""
        inbox = self._inbox
        message = inbox.thread.target(lambda each: letters.withdrawable(each, inbox.now()))
        if message is not None:
            inbox.acts.sending.take_back(message)


def _why_not(at: int, now: int, window_left: int | None) -> str:
    """Why an answer can't leave at `at`; empty if it can."""
    if at > now + LONGEST:
        return _("at most 60 days ahead")
    if window_left is not None and at > now + window_left:
        return _("the window will be closed")
    return ""
