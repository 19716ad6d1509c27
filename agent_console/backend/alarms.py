"""The open alerts that concern one person: loaded once, kept in step by the journal. No I/O.

An alert concerns whoever it names, everybody of the team it names if it names nobody, and, from the level supervisor
on, every supervisor and administrator; the server's list (`server.commands.alerts`) goes by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from server import wire

#: the journal's kinds that tell of alerts
KINDS: Final = frozenset(("alert.raised", "alert.escalated", "alert.ended"))


def concerns(alert: wire.Alert, me: wire.User) -> bool:
    """Whether somebody has to look at it."""
    if alert.user == me.name:
        return True
    if alert.level != "advisor":
        return me.role != "advisor" or (alert.user is None and alert.team in me.teams)
    return alert.user is None and alert.team in me.teams


class Alarms:
    """Open alerts by their number."""

    def __init__(self) -> None:
        self._open: dict[int, wire.Alert] = {}
        self._ended: set[int] = set()
        self._told: set[int] = set()

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> list[wire.Alert]:
        """Newest first."""
        return sorted(self._open.values(), key=lambda alert: -alert.id)

    def asked(self) -> None:
        """The server's list is asked for now."""
        self._told.clear()

    def load(self, alerts: Iterable[wire.Alert]) -> None:
        """The server's list. What ended while it was on its way stays away, and what was told of meanwhile stays."""
        told = {id: self._open[id] for id in self._told if id in self._open}
        self._open = {alert.id: alert for alert in alerts if alert.id not in self._ended} | told

    def take(self, data: Mapping[str, object], me: wire.User) -> wire.Alert | None:
        """What an event tells; the alert if it is news for `me`: raised, or passed on to them, just now."""
        try:
            alert = msgspec.convert(data.get("alert"), wire.Alert)
        except msgspec.ValidationError:
            return None  # of a newer server
        if alert.ended_at is not None:
            self._ended.add(alert.id)
            self._open.pop(alert.id, None)
            return None
        if not concerns(alert, me):
            return None
        self._told.add(alert.id)
        before = self._open.get(alert.id)
        self._open[alert.id] = alert
        return alert if before is None or before.level != alert.level else None

    def ended(self, id: int) -> None:
        """It was acknowledged here; the journal will say so too."""
        self._ended.add(id)
        self._open.pop(id, None)
