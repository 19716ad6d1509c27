"""What happens because time passes: clocks that warn and breach, old raw calls and keys that are forgotten."""

from __future__ import annotations

from typing import ClassVar

from server.commands.door import Actor, Command, Need, Query
from server.store import channels, journal, sla
from server.store.store import Snapshot, Tx

#: raw provider calls are kept this long (ms), for replay
KEEP_DELIVERIES = 30 * 24 * 3_600_000
#: an idempotency key is remembered this long (ms)
KEEP_KEYS = 48 * 3_600_000


class MarkClocks(Command, kw_only=True):
    """Note each clock that warns or breaches by now, once; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 200

    def run(self, tx: Tx, actor: Actor) -> int:
        marked = 0
        for row in sla.due(tx, self.limit):
            if sla.mark(tx, row["id"], bool(row["breach"])):
                kind = "sla.breached" if row["breach"] else "sla.warned"
                tx.emit(kind, row["conversation_id"], target=row["target"], due_at=row["due_at"])
                marked += 1
        return marked


class ClocksDue(Query, kw_only=True):
    """When the next clock has something to say (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return sla.next_due(read)


class ForgetOld(Command, kw_only=True):
    """Drop raw calls and keys past their time, a bounded number; how many went."""

    needs: ClassVar[Need] = "system"

    limit: int = 500

    def run(self, tx: Tx, actor: Actor) -> int:
        return channels.forget_deliveries(tx, tx.now - KEEP_DELIVERIES, self.limit) + journal.forget_keys(
            tx, tx.now - KEEP_KEYS, self.limit
        )
