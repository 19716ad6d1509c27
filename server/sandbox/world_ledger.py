"""The world's own record of who wrote what and who got what. The server never sees it; a demo is judged by it.

An *offer* is a message a customer gave to the channel, counted each time it was offered and each time it was
acknowledged. An *arrival* is a message that reached a customer. Times in UTC ms.
"""

from __future__ import annotations

import msgspec

from server.sandbox.members import Line as Channel


class Offer(msgspec.Struct, kw_only=True):
    """A customer's message. `id`: what the server calls it (`ref` on web chat, to which the server adds the visitor).

    `times`: how often it was offered; `taken`: how often the server said that it has it. `target`: the message that a
    reaction, an edit or a revocation speaks of.
    """

    channel: Channel
    id: str
    who: str
    kind: str
    text: str
    at: int
    target: str = ""
    times: int = 0
    taken: int = 0
    taken_at: int = 0


class Arrival(msgspec.Struct, kw_only=True):
    """A message as it reached a customer. `id`: the provider's message id, or the message's own on web chat.

    `ref`: our reference as the provider got it. `confirmed`: the channel tells the business that it arrived. `read_at`:
    when the customer's phone told that they read it.
    """

    channel: Channel
    id: str
    who: str
    text: str
    at: int
    ref: str = ""
    confirmed: bool = True
    read_at: int = 0


class Record(msgspec.Struct, kw_only=True):
    """The ledger as it is handed out. `doubled`: references that the provider accepted more than once; `accepted`: how
    many messages each provider took, by its own account.

    `stories`: how many were begun; `told`: how many came to their end.
    """

    offers: list[Offer]
    arrivals: list[Arrival]
    doubled: dict[str, int] = {}
    accepted: dict[str, int] = {}
    stories: int = 0
    told: int = 0


class Ledger:
    """Written as things happen, in the order in which they do."""

    def __init__(self) -> None:
        self.offers: dict[str, Offer] = {}
        self.arrivals: list[Arrival] = []
        self._arrived: dict[tuple[Channel, str], Arrival] = {}

    def offer(self, offer: Offer) -> None:
        """A message is about to be offered for the first time."""
        self.offers[offer.id] = offer

    def offered(self, id: str, times: int = 1) -> None:
        """It is on its way (again)."""
        self.offers[id].times += times

    def taken(self, id: str, at: int, times: int = 1) -> None:
        """The server acknowledged it."""
        offer = self.offers[id]
        offer.taken += times
        offer.taken_at = offer.taken_at or at

    def arrived(self, arrival: Arrival) -> None:
        """A message reached its customer: each time it does is one arrival."""
        self.arrivals.append(arrival)
        self._arrived[arrival.channel, arrival.id] = arrival

    def read(self, channel: Channel, id: str, at: int, *, who: str = "", until: int = 0) -> None:
        """The customer read it, and the channel was told; with `until`, all that reached `who` up to then as well."""
        read = [self._arrived.get((channel, id))]
        if until:
            read += [one for one in self.arrivals if one.who == who and one.channel == channel and one.at <= until]
        for arrival in read:
            if arrival is not None:
                arrival.read_at = arrival.read_at or at
