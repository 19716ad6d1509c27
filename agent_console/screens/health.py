"""All channels and how each is, over the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.i18n import _
from agent_console.presentation import outbox
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row

if TYPE_CHECKING:
    from agent_console.screens.inbox import Inbox


class ChannelHealth:
    """The list of channels of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._drawer = ListDrawer(id="channels")

    def do_channels(self) -> None:
        self._drawer.take(self._listing())
        self._inbox.over.raise_(self._drawer)
        self._inbox.first(self._load())

    async def _load(self) -> None:
        await self._inbox.session.channels.load()
        self._drawer.take(self._listing(), again=True)
        self._inbox.sync_bars()

    def _listing(self) -> Listing:
        now, channels = self._inbox.now(), self._inbox.session.channels.all()
        rows = [
            Row(lambda look, width, each=each: outbox.channel_lines(each, now, look, width), each.name)  # type: ignore[misc]
            for each in channels
        ]
        return Listing(_("Channels"), rows, empty=_("loading…"))
