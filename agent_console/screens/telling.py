"""Notifications outside the console's own screen: what is due is sent to the terminal, if the advisor wished for it."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

from agent_console.backend import calls
from agent_console.i18n import zone
from agent_console.presentation import notify, osc
from agent_console.presentation.notify import Context, Notifier, Wishes
from agent_console.widgets.terminal_out import send

if TYPE_CHECKING:
    from agent_console.backend.changes import Alert
    from agent_console.screens.inbox import Inbox

PROGRAM = "agent-console"
#: conversations looked for that are followed
FOLLOWED = 200


class Telling:
    """The notifications of an inbox."""

    def __init__(self, inbox: Inbox, wishes: Wishes) -> None:
        self._inbox = inbox
        self._wishes = wishes
        self._notifier = Notifier(wishes, lambda at: dt.datetime.fromtimestamp(at / 1000, zone()))
        self.through = osc.multiplexer(wishes.multiplexer, os.environ)
        self._followed: set[int] = set()
        self._title = ""
        self._number = 0

    def begin(self) -> None:
        """Ask what this advisor follows; keep the window's title to give it back."""
        if "followed" in self._wishes.about:
            self._inbox.background(self._load_followed())
        if self._wishes.title:
            self._send(osc.KEEP_TITLE)

    def end(self) -> None:
        """Give the window its title back."""
        if self._wishes.title:
            self._send(osc.RETURN_TITLE)

    def take(self, alert: Alert) -> None:
        """An event came."""
        inbox, mirror = self._inbox, self._inbox.session.mirror
        if alert.kind == "conversation.followed" and alert.conversation is not None:
            if alert.data.get("user") == mirror.name:
                (self._followed.add if alert.data.get("on") else self._followed.discard)(alert.conversation)
            return
        context = Context(
            me=mirror.name,
            row=mirror.row,
            followed=self._follows,
            looking_at=inbox.opened if inbox.app.app_focus else None,
        )
        self._notifier.take(alert, context, inbox.now())
        self.tick()

    def tick(self) -> None:
        """A second has passed, or something came: tell what is due."""
        text = self._notifier.due(self._inbox.now())
        if text:
            self._number += 1
            if self._wishes.bell:
                self._send(osc.BELL)
            self._send(osc.notification(self._wishes.desktop, PROGRAM, text, self._number, self.through))
        if self._wishes.title:
            title = notify.title(PROGRAM, *self._inbox.edges.waiting())
            if title != self._title:
                self._title = title
                self._send(osc.title(title))

    def _follows(self, conversation: int) -> bool:
        thread = self._inbox.session.mirror.thread(conversation)
        known = thread is not None and thread.about is not None and thread.about.followed
        return known or conversation in self._followed

    async def _load_followed(self) -> None:
        page = await self._inbox.session.api.send(calls.conversations(view="all", q="is:followed", limit=FOLLOWED))
        self._followed |= {row.id for row in page.items}

    def _send(self, text: str) -> None:
        send(self._inbox.app, text)
