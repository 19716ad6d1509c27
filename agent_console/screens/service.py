"""What the rules of service do in the inbox: the parts that have their actions, a method `do_<action>` for each."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from agent_console.backend.api import ApiError, Unreachable

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes, Trouble
    from agent_console.screens.inbox import Inbox


class ServicePart:
    """One of them. `changed` is told whatever changed in the mirror."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._session = inbox.session
        self._asked = self._failed = False

    def begin(self, load: Callable[[], Coroutine[Any, Any, None]], changes: Changes | None = None) -> None:
        """Load what waits on the server: once it is known for whom, anew after a reset, and once more when the
        connection is back after it could not be had."""
        back = changes is not None and changes.link and self._session.link.state == "live"
        if (changes is not None and changes.reload) or (back and self._failed):
            self._asked = False
        if self._asked or self._session.mirror.me is None:
            return
        self._asked, self._failed = True, False

        async def ask() -> None:
            try:
                await load()
            except (ApiError, Unreachable):
                self._failed = True

        self._inbox.background(ask())

    def changed(self, changes: Changes) -> None:
        """The mirror changed."""

    def names_came(self) -> None:
        """More names are known than before."""

    def trouble(self, trouble: Trouble) -> bool:
        """The server refused something: whether this part asks about it."""
        return False


def service_parts(inbox: Inbox) -> list[ServicePart]:
    """All of them, once the inbox is painted."""
    from agent_console.screens.alerting import Alerting
    from agent_console.screens.attending import Attending
    from agent_console.screens.coaching import Coaching
    from agent_console.screens.concluding import Concluding
    from agent_console.screens.customer_form import CustomerEditing
    from agent_console.screens.handing import Handing
    from agent_console.screens.protocolling import Protocolling
    from agent_console.screens.reminding import Reminding
    from agent_console.screens.reviewing import Reviewing
    from agent_console.screens.supervising import Supervising
    from agent_console.screens.why import Asking

    return [
        Alerting(inbox),
        Attending(inbox),
        Handing(inbox),
        Protocolling(inbox),
        Concluding(inbox),
        Supervising(inbox),
        Reminding(inbox),
        Coaching(inbox),
        CustomerEditing(inbox),
        Asking(inbox),
        Reviewing(inbox),
    ]
