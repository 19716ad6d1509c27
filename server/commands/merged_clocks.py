"""What becomes of service-level clocks when two conversations are made one, and when they are taken apart again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.commands import clocks
from server.desk import sla
from server.store import joined
from server.store import sla as store
from server.store.conversations import Conversation
from server.store.store import Tx


def ids(tx: Tx, conv: Conversation) -> dict[str, int]:
    """The clocks that run on a conversation, by kind."""
    return {sla.kind_of(row["target"]): row["id"] for row in store.running(tx, conv.id)}


def join(tx: Tx, into: Conversation, other: Conversation) -> None:
    """Of two clocks of a kind the one that is due first runs on. A transfer of the other is over."""
    ours = {sla.kind_of(row["target"]): row for row in store.running(tx, into.id)}
    moved = False
    for row in store.running(tx, other.id):
        kind = sla.kind_of(row["target"])
        mine = ours.get(kind)
        clocks.give_way(tx, row)
        if kind == "transfer" or (mine is not None and mine["due_at"] <= row["due_at"]):
            continue
        if mine is not None:
            clocks.give_way(tx, mine)
        clocks.run(tx, into, row)
        moved = moved or kind == "response"
    since = [at for at in (into.waiting_since, other.waiting_since) if at is not None]
    if moved or (into.waiting_since is None and since):
        _waits(into)
    into.waiting_since, other.waiting_since = min(since, default=None), None
    clocks.show(tx, other)
    clocks.show(tx, into)
    clocks.settle(tx, into)


def part(
    tx: Tx,
    into: Conversation,
    other: Conversation,
    before: Mapping[str, int],
    known: Iterable[Mapping[str, int]],
    newest: int,
) -> None:
    """Who still waits waits in the conversation where they wrote, and for what was promised there.

    `before`: the clocks of the one that goes, by kind; `known`: those of all that were merged; `newest`: no message
    from before the merge has a higher id.
    """
    waited = into.waiting_since
    into.waiting_since = other.waiting_since = None
    records = list(known)
    for row in store.running(tx, into.id):
        kind = sla.kind_of(row["target"])
        if kind == "transfer":
            continue
        clocks.give_way(tx, row)
        of_kind = {record[kind] for record in records if kind in record}
        own = {before[kind]} if kind in before else set()
        theirs, ours = of_kind & own, of_kind - own
        since = row["started_at"]
        if row["id"] not in of_kind:  # it began after they were merged
            went = kind == "response" and joined.came_first(tx, other.id, since, newest) == since
            (theirs if went else ours).add(row["id"])
        for conv, mine in ((other, theirs), (into, ours)):
            # One that gave way before the running one began is over: its customer was answered.
            rows = [found for id in mine if (found := store.superseded(tx, id, since)) is not None]
            if rows:
                clocks.run(tx, conv, min(rows, key=lambda each: (each["due_at"], each["id"] != row["id"])))
    for conv in (other, into):
        if conv.waiting_since is None and waited is not None:
            conv.waiting_since = joined.came_first(tx, conv.id, waited, newest)
        clocks.show(tx, conv)
        if conv.waiting_since is not None:
            _waits(conv)
            clocks.begin(tx, conv)


def _waits(conv: Conversation) -> None:
    conv.state = "open" if conv.assignee_id is not None else "queued"
