"""Why a conversation is with whom it is: a drawer over the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console import keys
from agent_console.backend import calls_routing
from agent_console.i18n import _
from agent_console.presentation import why
from agent_console.screens.service import ServicePart
from agent_console.screens.standing import name_of
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox
    from server import wire


class Asking(ServicePart):
    """Asks the server why the conversation under the cursor is where it is, and shows what it says."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._drawer = ListDrawer(id="why")
        self._about = 0

    def do_why(self) -> None:
        here = self._inbox.here
        if here is None:
            return
        self._about = here
        self._drawer.take(Listing(self._title(), (), empty="…"))
        self._inbox.over.raise_(self._drawer)
        self._inbox.first(self._load(here))

    async def _load(self, conversation: int) -> None:
        found = await self._session.api.send(calls_routing.why(conversation))
        if self._drawer.display and conversation == self._about:
            self._drawer.take(self._listing(found))

    def _title(self) -> str:
        return _("Why: {name}").format(name=name_of(self._session.mirror, self._about))

    def _listing(self, found: wire.Why) -> Listing:
        now = self._inbox.now()
        rows = [
            Row(lambda look, width, step=step: why.lines(step, now, look, width), step)  # type: ignore[misc]
            for step in found.steps
        ]
        close = dict.fromkeys(keys.of("why"), ("", self._close))
        empty = _("Nothing is known of how it came here.")
        return Listing(self._title(), rows, close, empty=empty, note=why.whose(found))

    def _close(self, _value: object) -> None:
        self._inbox.over.close(self._inbox.thelist)
