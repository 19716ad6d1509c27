"""Alerts in the inbox: said when they come, listed and acknowledged in a drawer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_console.backend import calls_service
from agent_console.backend.alarms import KINDS, Alarms
from agent_console.backend.api import ApiError
from agent_console.i18n import _
from agent_console.keys import first
from agent_console.presentation import alerts
from agent_console.screens.notices import LONG
from agent_console.screens.service import ServicePart
from agent_console.widgets.list_drawer import ListDrawer, Listing, Row

if TYPE_CHECKING:
    from agent_console.backend.changes import Changes
    from agent_console.screens.inbox import Inbox
    from server import wire


class Alerting(ServicePart):
    """The open alerts of an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self.alarms = Alarms()
        self._drawer = ListDrawer(id="alerts")

    def changed(self, changes: Changes) -> None:
        """Alerts may have come, gone on or ended; after a reset they are asked for anew."""
        self.begin(self._load, changes)
        me = self._session.mirror.me
        told = [event for event in changes.alerts if event.kind in KINDS]
        if not told or me is None:
            return
        for event in told:
            news = self.alarms.take(event.data, me)
            if news is not None and event.actor != f"user:{me.name}":
                said = f"◆ {alerts.said(news)} · {first('alerts')}"
                self._inbox.say(said, "breach" if news.level == "admin" else "warn", LONG)
        self._sync()

    def do_alerts(self) -> None:
        self._drawer.take(self._listing())
        self._inbox.over.raise_(self._drawer)
        self._inbox.first(self._load())

    async def _load(self) -> None:
        self.alarms.asked()
        self.alarms.load((await self._session.api.send(calls_service.alerts())).items)
        self._sync()

    def _sync(self) -> None:
        self._inbox.edges.alerts = len(self.alarms)
        self._inbox.sync_bars()
        if self._drawer.display:
            self._drawer.take(self._listing(), again=True)

    def _listing(self) -> Listing:
        now = self._inbox.now()
        rows = [
            Row(lambda look, width, each=each: alerts.lines(each, now, look, width), each)  # type: ignore[misc]
            for each in self.alarms.all()
        ]
        keys = {"enter": (_("open"), self._open), "a": (_("I look after it"), self._acknowledge)}
        return Listing(_("Alerts"), rows, keys, empty=_("Nothing that somebody has to look at."))

    def _open(self, value: object) -> None:
        alert: wire.Alert = value  # type: ignore[assignment]
        if alert.conversation is None:
            self._inbox.acts.perform("wallboard")
            return
        self._inbox.over.close(self._inbox.thelist)
        self._inbox.first(self._go(alert.conversation))

    async def _go(self, conversation: int) -> None:
        self._inbox.open_elsewhere(await self._session.find_row(conversation))

    def _acknowledge(self, value: object) -> None:
        alert: wire.Alert = value  # type: ignore[assignment]

        async def send() -> None:
            try:
                await self._session.api.send(calls_service.acknowledge(alert.id))
            except ApiError as error:
                if error.code != "alert_over":
                    raise
            self.alarms.ended(alert.id)
            self._sync()

        self._inbox.background(send())
