"""How many conversations each view holds: the server's count, and what pending changes add to it."""

from __future__ import annotations

from agent_console.backend.overlay import Overlays, Ticket
from agent_console.backend.views import in_view
from server import wire

COUNTED: tuple[wire.View, ...] = ("mine", "unassigned", "open", "waiting")


class Tally:
    """Counts that move with a change at once and agree with the server's as soon as they come."""

    def __init__(self, overlays: Overlays) -> None:
        self._overlays = overlays
        self._said = wire.Counts()
        self._settling: list[Ticket] = []

    @property
    def counts(self) -> wire.Counts:
        """What to show."""
        total: dict[str, int] = {view: getattr(self._said, view) for view in COUNTED}
        pending = (ticket for ticket in self._overlays.all() if not ticket.settled)
        for ticket in [*pending, *self._settling]:
            for view, delta in ticket.counts.items():
                total[view] += delta
        return wire.Counts(**{view: max(0, n) for view, n in total.items()})

    @property
    def unsure(self) -> bool:
        """Whether a change the server has answered may not be in its counts yet."""
        return bool(self._settling)

    def said(self, counts: wire.Counts) -> None:
        """The server's counts came. They contain every change it has answered."""
        self._said = counts
        self._settling.clear()

    def weigh(self, row: wire.ConversationRow, me: str) -> None:
        """Work out anew what the pending changes of a conversation add. `row`: as the server last said."""
        for ticket in self._overlays.of(row.id):
            before, row = row, self._overlays.step(row, ticket, me)
            ticket.counts = {
                view: delta for view in COUNTED if (delta := in_view(view, row, me) - in_view(view, before, me))
            }

    def answered(self, ticket: Ticket) -> None:
        """The server has done the change; its counts will say so soon."""
        if ticket.counts:
            self._settling.append(ticket)
