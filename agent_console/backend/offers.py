"""What waits for one person's answer: conversations offered to them and questions of colleagues. No I/O.

Loaded once, kept in step by the journal; the server's list (`server.commands.handing`) goes by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from server import wire

#: the journal's kinds that tell of transfers and consults
KINDS: Final = frozenset(
    (
        "conversation.transferred",
        "conversation.transfer_accepted",
        "conversation.transfer_declined",
        "conversation.transfer_returned",
        "conversation.transfer_withdrawn",
        "conversation.consulted",
        "conversation.consult_answered",
        "conversation.consult_withdrawn",
    )
)


def read(data: Mapping[str, object]) -> wire.Transfer | None:
    """The transfer that an event tells of."""
    try:
        return msgspec.convert(data.get("transfer"), wire.Transfer)
    except msgspec.ValidationError:
        return None


def is_for(transfer: wire.Transfer, me: wire.User) -> bool:
    """Whether somebody may answer it."""
    if me.name == transfer.sender:
        return False
    return me.name in (transfer.to_user, transfer.responsible) or transfer.to_team in me.teams


def may_decline(transfer: wire.Transfer, me: wire.User) -> bool:
    """Whether somebody may decline it: of a team, only who answers for it."""
    return transfer.responsible == me.name


class Offers:
    """What waits, by its number."""

    def __init__(self) -> None:
        self._waiting: dict[int, wire.Transfer] = {}
        self._over: set[int] = set()
        #: the event that told of each
        self._seqs: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def all(self) -> list[wire.Transfer]:
        """Oldest first."""
        return sorted(self._waiting.values(), key=lambda each: each.id)

    def of(self, conversation: int) -> wire.Transfer | None:
        """What waits in a conversation; an offer before a question."""
        found = [each for each in self.all() if each.conversation == conversation]
        return min(found, key=lambda each: each.kind == "consult", default=None)

    def load(self, items: Iterable[wire.Transfer], as_of: int) -> None:
        """The server's list came, as it was at the event `as_of`; what events told of since then stays."""
        newer = {id: each for id, each in self._waiting.items() if self._seqs.get(id, 0) > as_of}
        self._waiting = {each.id: each for each in items if each.id not in self._over} | newer

    def take(self, transfer: wire.Transfer, me: wire.User, seq: int) -> bool:
        """The event `seq` told of it; whether it is new and waits for `me`."""
        if transfer.state != "pending":
            self.ended(transfer.id)
            return False
        if transfer.id in self._over or transfer.id in self._waiting or not is_for(transfer, me):
            return False
        self._waiting[transfer.id] = transfer
        self._seqs[transfer.id] = seq
        return True

    def ended(self, id: int) -> None:
        """It waits no longer."""
        self._waiting.pop(id, None)
        self._seqs.pop(id, None)
        self._over.add(id)
