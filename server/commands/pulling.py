"""What the job that fetches from providers needs of the store: which channels, how far each has come, how it goes."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server.commands.door import Actor, Command, Need, Query
from server.store import channel_health as health
from server.store import channels
from server.store.store import Snapshot, Tx


class Place(msgspec.Struct, kw_only=True):
    """A channel to fetch from. `version` grows when its settings change; `cursor`: how far it has come."""

    id: int
    version: int
    cursor: str


class ListPlaces(Query, kw_only=True):
    """All channels in service, and how far each was fetched."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> list[Place]:
        return [
            Place(id=row["id"], version=row["version"], cursor=channels.cursor(read, row["id"]))
            for row in channels.listing(read)
            if row["active"]
        ]


class NotePull(Command, kw_only=True):
    """How fetching from a channel goes: `problem` is a stable code, empty when it works (again)."""

    needs: ClassVar[Need] = "system"

    channel_id: int
    problem: str = ""
    detail: str = ""

    def run(self, tx: Tx, actor: Actor) -> None:
        row = channels.get(tx, self.channel_id)
        if row is not None:
            health.note_pull(tx, row, self.problem, self.detail)
