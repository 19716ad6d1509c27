"""What became of every message of a demo: the customers' own ledger held against the server's API.

Neither side's counters are believed: messages are matched one by one, by the provider's id, or on web chat by the
reference the browser made (inbound) or by the message's own id (outbound).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire

#: states of an outbound message in which the server still has something to do or to learn
UNDER_WAY = frozenset({"queued", "sending", "unknown"})
ARRIVED = frozenset({"delivered", "read", "played"})
#: kinds that speak of another message, whose text is not theirs
ABOUT = frozenset({"reaction", "edit", "revoke"})
#: conversations whose messages are asked for at the same time
AT_ONCE = 6


class Offer(msgspec.Struct, kw_only=True):
    """A customer's message, as the ledger has it (`server.sandbox.world_ledger`)."""

    channel: str
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
    """A message that reached a customer, as the ledger has it."""

    channel: str
    id: str
    who: str
    text: str
    at: int
    confirmed: bool = True
    read_at: int = 0


class Ledger(msgspec.Struct, kw_only=True):
    """The customers' side."""

    offers: list[Offer]
    arrivals: list[Arrival]
    doubled: dict[str, int] = {}
    accepted: dict[str, int] = {}
    stories: int = 0
    told: int = 0


class Books(msgspec.Struct, kw_only=True):
    """The server's side: what its API shows. `events`: the journal since the demo began."""

    rows: list[wire.ConversationRow]
    messages: list[wire.Message]
    events: list[wire.Event]

    def replies(self, since: int) -> list[wire.Message]:
        """What advisors wrote to customers from `since` (UTC ms) on and did not take back; reactions are nothing that
        arrives by itself everywhere."""
        return [
            m
            for m in self.messages
            if m.direction == "out"
            and m.kind not in ABOUT
            and not m.via
            and m.status != "cancelled"
            and m.received_at >= since
        ]

    def under_way(self) -> list[wire.Message]:
        """What still has to leave, or nobody knows of whether it did."""
        return [m for m in self.messages if m.direction == "out" and m.status in UNDER_WAY]


class Figures(msgspec.Struct, kw_only=True):
    """What became of the messages of one channel, in the words of `Summary`. `accepted`: replies that its provider
    took, by the provider's own count; the web chat has none.
    """

    received: int = 0
    stored: int = 0
    answered: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    duplicates_offered: int = 0
    duplicates_stored: int = 0
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    mistaken: int = 0
    accepted: int | None = None


class Summary(msgspec.Struct, kw_only=True):
    """What `demo --no-tui` prints. Counts of messages unless said otherwise.

    `received`: offered by customers; `stored`: of these, shown by the API; `answered`: replies not taken back;
    `delivered`, `read`: of these, by the customers' own account. `duplicates_offered`: how often a message came again;
    `duplicates_stored`: messages stored more than once, or that no customer wrote. `doubled`: replies a customer got
    twice. `lost`: messages a customer wrote that are not stored, and replies said to be sent that never arrived.
    `altered`: stored with other words; `failed`: replies that could not be delivered, and the server says so;
    `mistaken`: replies of which the server's state is not what the customer knows. `settled`: whether everything had
    come to its end when this was counted; `unsettled`: how many messages had not. `sla_*`: promises kept and broken.
    `channels`: the same for each kind of channel.
    """

    received: int = 0
    stored: int = 0
    answered: int = 0
    delivered: int = 0
    read: int = 0
    duplicates_offered: int = 0
    duplicates_stored: int = 0
    lost: int = 0
    doubled: int = 0
    sla_met: int = 0
    sla_breached: int = 0
    failed: int = 0
    altered: int = 0
    mistaken: int = 0
    unsettled: int = 0
    settled: bool = True
    conversations: int = 0
    resolved: int = 0
    stories: int = 0
    stories_told: int = 0
    customers: int = 0
    whatsapp: int = 0
    web: int = 0
    channels: dict[str, Figures] = {}
    first_response_ms: dict[str, int] = {}
    events: int = 0
    gaps: int = 0
    seconds: float = 0.0
    seed: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing was lost, and nothing came or went twice."""
        return not (self.lost or self.duplicates_stored or self.doubled)


async def read_books(api: Api, since: int) -> Books:
    """Everything the API shows; events after journal entry `since`. Raises ApiError, Unreachable."""
    rows: list[wire.ConversationRow] = []
    after: str | None = None
    while True:
        page = await api.send(calls.conversations("all", after=after, limit=200))
        rows += page.items
        after = page.next
        if after is None:
            break
    gate = asyncio.Semaphore(AT_ONCE)
    threads = await asyncio.gather(*(_thread(api, row.id, gate) for row in {row.id: row for row in rows}.values()))
    events: list[wire.Event] = []
    while True:
        told = await api.send(calls.events(since=events[-1].seq if events else since, limit=1000))
        events += told.items
        if told.next is None:
            break
    return Books(rows=rows, messages=[m for thread in threads for m in thread], events=events)


async def _thread(api: Api, conversation: int, gate: asyncio.Semaphore) -> list[wire.Message]:
    found: list[wire.Message] = []
    before: str | None = None
    async with gate:
        while True:
            page = await api.send(calls.messages(conversation, before=before, limit=200))
            found += page.items
            before = page.next
            if before is None:
                return found


_ADDED_UP = [name for name in Figures.__struct_fields__ if name != "accepted"]


def compare(ledger: Ledger, books: Books, *, since: int, seq: int) -> Summary:
    """Hold the two against each other. `since` (UTC ms) and `seq`: when the customers began to write."""
    summary = Summary(stories=ledger.stories, stories_told=ledger.told, settled=True)
    kinds = {row.id: row.channel_kind for row in books.rows}
    for kind in sorted({*kinds.values(), *(offer.channel for offer in ledger.offers)}):
        own = [message for message in books.messages if kinds.get(message.conversation) == kind]
        figures = summary.channels[kind] = Figures(accepted=ledger.accepted.get(kind))
        _inbound(figures, [offer for offer in ledger.offers if offer.channel == kind], own, kind, since)
        arrivals = [arrival for arrival in ledger.arrivals if arrival.channel == kind]
        _outbound(figures, arrivals, msgspec.structs.replace(books, messages=own), kind, since)
    for name in _ADDED_UP:
        setattr(summary, name, sum(getattr(figures, name) for figures in summary.channels.values()))
    summary.doubled += sum(n - 1 for n in ledger.doubled.values())
    summary.whatsapp, summary.web = (summary.channels.get(kind, Figures()).received for kind in ("whatsapp", "webchat"))
    summary.unsettled = len(books.under_way())
    _journal(summary, books.events, seq)
    active = {m.conversation for m in books.messages if m.received_at >= since}
    summary.conversations = len(active)
    summary.resolved = sum(1 for row in books.rows if row.id in active and row.state == "resolved")
    summary.customers = len({offer.who for offer in ledger.offers})
    summary.first_response_ms = _first_responses(ledger)
    return summary


def _key(message: wire.Message, kind: str) -> str:
    """How the ledger calls an inbound message of the API."""
    external = message.external_id or f"message {message.id}"
    # The server puts the visitor's name before the reference that the browser made.
    return external.rpartition(":")[2] if kind == "webchat" else external


def _inbound(figures: Figures, told: list[Offer], messages: list[wire.Message], kind: str, since: int) -> None:
    stored: dict[str, list[wire.Message]] = {}
    for message in messages:
        if message.direction == "in":
            stored.setdefault(_key(message, kind), []).append(message)
    offers = [offer for offer in told if offer.times]
    found = [offer for offer in offers if offer.id in stored]
    figures.received = len(offers)
    figures.stored = len(found)
    figures.lost += len(offers) - len(found)
    figures.duplicates_offered = sum(max(0, offer.taken - 1) for offer in offers)
    known = {offer.id for offer in offers}
    for key, same in stored.items():
        figures.duplicates_stored += len(same) - 1
        if key not in known and same[0].received_at >= since:
            figures.duplicates_stored += 1  # nobody wrote this: one of the others under another name
    figures.altered = sum(1 for offer in found if _altered(offer, stored[offer.id][0]))


def _altered(offer: Offer, message: wire.Message) -> bool:
    if offer.kind != "text" or message.edited_at is not None or message.revoked_at is not None:
        return False
    return offer.text.strip() != message.text.strip()


def _outbound(figures: Figures, arrived: list[Arrival], books: Books, kind: str, since: int) -> None:
    web = kind == "webchat"
    replies = {(str(m.id) if web else m.external_id or f"message {m.id}"): m for m in books.replies(since)}
    times = Counter(arrival.id for arrival in arrived)
    arrivals = {arrival.id: arrival for arrival in arrived}
    known = {str(m.id) for m in books.messages} | {m.external_id for m in books.messages if m.external_id}
    figures.answered = len(replies)
    figures.delivered = sum(1 for id in replies if id in arrivals)
    figures.read = sum(1 for id in replies if id in arrivals and arrivals[id].read_at)
    figures.failed = sum(1 for m in replies.values() if m.status == "failed")
    figures.lost += sum(1 for id, m in replies.items() if id not in arrivals and m.status in ("sent", *ARRIVED))
    figures.doubled = sum(n - 1 for n in times.values())
    figures.doubled += sum(1 for id in arrivals if id not in known)  # no advisor's message accounts for it
    figures.mistaken = sum(1 for id, m in replies.items() if not _agrees(m, arrivals.get(id)))


def _agrees(message: wire.Message, arrival: Arrival | None) -> bool:
    if arrival is None:
        return message.status not in ARRIVED
    if arrival.read_at:
        return message.status in ("read", "played")
    return message.status == "delivered" or (not arrival.confirmed and message.status == "sent")


def _journal(summary: Summary, events: Sequence[wire.Event], seq: int) -> None:
    kinds = Counter(event.kind for event in events)
    summary.events = len(events)
    summary.gaps = sum(1 for n, event in enumerate(events, seq + 1) if event.seq != n)
    void = {_answer(event) for event in events if event.kind == "sla.restarted"}  # see docs/sla.md, For reports
    summary.sla_met = sum(event.kind == "sla.met" and _answer(event) not in void for event in events)
    summary.sla_breached = kinds["sla.breached"]


def _answer(event: wire.Event) -> tuple[object, ...]:
    """Which promise an answer ended."""
    return event.conversation, event.data.get("target"), event.data.get("message")


def _first_responses(ledger: Ledger) -> dict[str, int]:
    """From a customer's first message to the first answer on their screen, by their own clock (ms)."""
    began: dict[str, int] = {}
    for offer in ledger.offers:
        began.setdefault(offer.who, offer.at)
    waited: dict[str, int] = {}
    for arrival in ledger.arrivals:
        if arrival.who in began and arrival.who not in waited and arrival.at >= began[arrival.who]:
            waited[arrival.who] = arrival.at - began[arrival.who]
    return percentiles(waited.values())


def percentiles(values: Iterable[int]) -> dict[str, int]:
    """p50 and p95, empty without values."""
    found = sorted(values)
    if not found:
        return {}
    return {"p50": found[(len(found) - 1) // 2], "p95": found[min(len(found) - 1, len(found) * 95 // 100)]}
