"""What happens because time passes: clocks that warn and breach, old raw calls and keys that are forgotten."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from server.channels import registry
from server.commands import clocks, flow
from server.commands.door import Actor, Command, Need, Query
from server.store import channels, conversations, journal, sla
from server.store.store import Snapshot, Tx

#: raw provider calls are kept this long (ms), for replay
KEEP_DELIVERIES = 30 * 24 * 3_600_000
#: an idempotency key is remembered this long (ms)
KEEP_KEYS = 48 * 3_600_000


class MarkClocks(Command, kw_only=True):
    """Note each clock that warns or breaches by now, once, and raise the alarm; how many there were."""

    needs: ClassVar[Need] = "system"

    limit: int = 200

    def run(self, tx: Tx, actor: Actor) -> int:
        marked = 0
        for row in sla.due(tx, self.limit):
            if sla.mark(tx, row["id"], bool(row["breach"])):
                kind = "sla.breached" if row["breach"] else "sla.warned"
                tx.emit(kind, row["conversation_id"], target=row["target"], due_at=row["due_at"])
                conv = conversations.load(tx, row["conversation_id"])
                assert conv is not None
                if row["breach"]:
                    clocks.alert(tx, conv, row)
                if flow.wake(tx, conv, "sla"):
                    conversations.save(tx, conv)
                marked += 1
        return marked


class ClocksDue(Query, kw_only=True):
    """When the next clock has something to say (UTC ms), or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> int | None:
        return sla.next_due(read)


class Forgotten(msgspec.Struct, kw_only=True):
    """How forgetting went: whether there may be more to do, and the last raw call that was looked at."""

    more: bool
    last: int


class ForgetOld(Command, kw_only=True):
    """Drop raw calls and keys past their time, a bounded number. `after`: the last raw call looked at before.

    Raw calls that files lie in are kept as long as their messages.
    """

    needs: ClassVar[Need] = "system"

    after: int = 0
    limit: int = 500

    def run(self, tx: Tx, actor: Actor) -> Forgotten:
        kept = [kind for kind in channels.kinds(tx) if registry.adapter_class(kind).embeds]
        last = channels.forget_deliveries(tx, self.after, tx.now - KEEP_DELIVERIES, kept, self.limit)
        keys = journal.forget_keys(tx, tx.now - KEEP_KEYS, self.limit)
        return Forgotten(more=last is not None or keys > 0, last=last or self.after)
