"""What supervisors do from an inbox: the wallboard, and what its keys ask of the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.backend.changes import Changes
from agent_console.i18n import _
from agent_console.screens.board import Wallboard
from agent_console.screens.notices import REASON
from agent_console.screens.service import ServicePart

if TYPE_CHECKING:
    from agent_console.backend.session import Session
    from agent_console.screens.inbox import Inbox


class Supervising(ServicePart):
    """The wallboard of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        #: what is to be done once the conversations of this query are there
        self._then: tuple[str, tuple[str, ...]] | None = None

    def do_wallboard(self) -> None:
        me = self._session.mirror.me
        if me is not None and me.role == "advisor":
            self._inbox.say(_("The wallboard is for supervisors."), "warn", REASON)
            return
        self._inbox.app.push_screen(Wallboard(self))

    # ------------------------------------------------------------ what the wallboard asks for

    @property
    def session(self) -> Session:
        """Who asks the server."""
        return self._session

    def now(self) -> int:
        """The server's time, UTC ms."""
        return self._inbox.now()

    def show(self, query: str, *actions: str) -> None:
        """Show the conversations of a query, and do that with the first of them, or with those that get marked."""
        self._then = (query, actions) if actions else None
        self._inbox.searching.show(query)
        self.changed(Changes())

    def go(self, conversation: int, action: str) -> None:
        """Open a conversation, which may be in no list shown, and do that with it. Looking on silently opens it by
        itself: nobody shall see that it was opened."""
        if action == "observe":
            self._inbox.acts.tell("look_on", conversation)
            return

        async def open_and_do() -> None:
            self._inbox.open_elsewhere(await self._session.find_row(conversation))
            self._inbox.acts.perform(action)

        self._inbox.first(open_and_do())

    def state_of(self, name: str) -> None:
        """Ask whether an advisor is there."""
        self._inbox.acts.tell("ask_state_of", name)

    def changed(self, changes: Changes) -> None:
        """The list that was asked for may have come."""
        window = self._session.mirror.window
        if self._then is None or not window.loaded or window.spec.q != self._then[0]:
            return
        actions, self._then = self._then[1], None
        if not len(window):
            self._inbox.say(_("There is no such conversation now."), "muted")
            return
        for action in actions:
            self._inbox.acts.perform(action)
