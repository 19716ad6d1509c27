"""Is the store alive: one command that writes a little, one query that looks."""

from __future__ import annotations

from typing import ClassVar

from server.commands.door import Actor, Command, Need, Query
from server.store import health
from server.store.health import Health
from server.store.store import Snapshot, Tx

__all__ = ["Health", "LookAfter", "Probe"]


class Probe(Command, kw_only=True):
    """Commit something small. Whoever waits for it knows that the writer answers and the disk takes writes."""

    needs: ClassVar[Need] = "system"

    def run(self, tx: Tx, actor: Actor) -> None:
        health.probe(tx)


class LookAfter(Query, kw_only=True):
    """How the store is."""

    needs: ClassVar[Need] = "admin"

    def run(self, read: Snapshot, actor: Actor) -> Health:
        return health.health(read)
