"""The people of `bench.campaign`: when customers write and how patient they are, how fast advisors work."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import TypeAlias

from bench.campaign_office import BEGIN, CHANNELS, DAY, HOUR, Office
from server import wire
from server.commands.acts import ResolveConversation
from server.commands.availability import SetAvailability
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.inbox import ListConversations
from server.commands.receive import Receive, Received
from server.commands.replies import SendReply
from server.facts import Address, MessageFact, Party, StatusFact

Later: TypeAlias = "list[tuple[int, Step]]"
Step: TypeAlias = "Callable[[], Later | None]"

DAYS = 30
#: how many of a day's messages come in each hour, Monday to Friday; Saturdays have half, Sundays a quarter
BY_HOUR = (1, 1, 1, 1, 1, 2, 5, 12, 30, 34, 32, 28, 22, 24, 28, 26, 22, 16, 14, 14, 12, 9, 5, 2)
#: days on which an advertisement runs, each with three times the traffic
CAMPAIGN = frozenset((9, 10, 11))
#: shares of the channels
MIX = {"whatsapp": 70, "messenger": 14, "webchat": 10, "sms": 6}
#: (share, times the customer writes, seconds an advisor needs for one answer: read, look up, write)
STORIES = ((55, 1.6, 70), (30, 2.4, 110), (15, 3.6, 190))
#: seconds until a customer answers, in the middle
ANSWERS = 240


def month(conversations: int, chance: random.Random) -> list[int]:
    """When each of them begins (UTC ms), in order."""
    hours = []
    for day in range(DAYS):
        weekday = day % 7  # the month begins on a Sunday
        share = {0: 0.25, 6: 0.5}.get(weekday, 1.0) * (3 if day in CAMPAIGN else 1)
        hours += [(BEGIN + day * DAY + hour * HOUR, share * weight) for hour, weight in enumerate(BY_HOUR)]
    begins = chance.choices([at for at, _ in hours], [weight for _, weight in hours], k=conversations)
    return sorted(at + chance.randrange(HOUR) for at in begins)


class Customers:
    """Everybody who writes. `waits`: since when each conversation's customer waits for an answer."""

    def __init__(self, office: Office, chance: random.Random) -> None:
        self._office, self._chance = office, chance
        self._number = 0
        self._left: dict[int, int] = {}
        self._who: dict[int, tuple[str, Party]] = {}
        self.seconds: dict[int, int] = {}
        self.waits: dict[int, int] = {}
        self.began: dict[int, int] = {}

    def begin(self) -> Later | None:
        """Somebody writes for the first time."""
        self._number += 1
        kind = self._chance.choices(list(MIX), list(MIX.values()))[0]
        handle = "phone" if kind in ("whatsapp", "sms") else "psid" if kind == "messenger" else "visitor"
        party = Party(addresses=(Address(handle, f"5037{self._number:07}"),), name=f"Socia {self._number}")
        _, times, seconds = self._chance.choices(STORIES, [share for share, _, _ in STORIES])[0]
        conversation = self._write(kind, party, "buenos días, ¿me ayuda con el saldo de mi tarjeta?")
        self._who[conversation] = (kind, party)
        self._left[conversation] = max(0, round(self._chance.expovariate(1 / times)))
        self.seconds[conversation] = seconds
        self.began[conversation] = self._office.now
        return None

    def answer(self, conversation: int) -> None:
        """They write again."""
        self._left[conversation] -= 1
        self._write(*self._who[conversation], "gracias, ¿y desde cuándo puedo usarla?")

    def _write(self, kind: str, party: Party, text: str) -> int:
        office = self._office
        id = f"{kind}-{office.now}-{self._chance.getrandbits(60):x}"
        fact = MessageFact(external_id=id, party=party, at=office.now, kind="text", text=text)
        command = Receive(channel_id=office.channels[kind], body=id.encode(), facts=[fact], received_at=office.now)
        received: Received = office.do(SYSTEM, command)
        conversation = office.conversation_of(received.messages[0])
        self.waits.setdefault(conversation, office.now)
        office.most_waiting = max(office.most_waiting, len(self.waits))
        return conversation

    def kind(self, conversation: int) -> str:
        """Where they write."""
        return self._who[conversation][0]

    def given_up(self, conversation: int) -> None:
        """Nobody can answer them any more."""
        del self.waits[conversation]
        self.began.pop(conversation, None)

    def answered(self, conversation: int, client_ref: str) -> int | None:
        """They have an answer, which was delivered; when they write again (UTC ms), if they do."""
        office, (kind, _) = self._office, self._who[conversation]
        del self.waits[conversation]
        status = StatusFact(external_id=f"out-{client_ref}", status="delivered", at=office.now, client_ref=client_ref)
        body = f"status {client_ref}".encode()
        office.do(SYSTEM, Receive(channel_id=office.channels[kind], body=body, facts=[status], received_at=office.now))
        if self._left[conversation] <= 0:
            return None
        return office.now + int(self._chance.expovariate(1 / ANSWERS) * 1000) + 5_000


class Advisors:
    """Everybody who answers: one customer at a time, the most urgent of theirs first, as their inbox has them."""

    def __init__(self, office: Office, customers: Customers, chance: random.Random) -> None:
        self._office, self._customers, self._chance = office, customers, chance
        self._here: set[str] = set()
        self._working: set[str] = set()
        self.answers = 0
        #: customers whom their channel let nobody answer any more: a day had passed
        self.too_late = 0
        self.first: list[int] = []
        self.first_in_hours: list[int] = []
        self.following: list[int] = []

    def shifts(self) -> Iterator[tuple[int, Step]]:
        """When each comes and goes: eight to five with an hour at noon, Saturdays until noon, Sundays nobody."""
        for day in range(DAYS):
            weekday, midnight = day % 7, BEGIN + day * DAY
            for n, who in enumerate(self._office.advisors):
                if weekday == 0:
                    continue
                lunch = 12 if n % 2 else 13
                hours = [(8, 12)] if weekday == 6 else [(8, lunch), (lunch + 1, 17)]
                for start, end in hours:
                    yield midnight + start * HOUR, self._state(who, "online")
                    yield midnight + end * HOUR, self._state(who, "away" if end < 17 and weekday != 6 else "offline")

    def _state(self, who: Actor, state: wire.AvailabilityState) -> Step:
        def step() -> None:
            self._office.do(who, SetAvailability(name=who.name, set=wire.SetAvailability(state=state)))
            (self._here.add if state == "online" else self._here.discard)(who.name)

        return step

    def take_up(self) -> Later:
        """After anything happened: queues drain, and whoever has nothing in hand takes the next of theirs."""
        office = self._office
        office.give_out()
        found: Later = []
        idle = [who for who in office.advisors if who.name in self._here and who.name not in self._working]
        wanted = office.have_open() if idle else set()
        for who in idle:
            if who.id not in wanted:
                continue
            conversation = self._next(who)
            if conversation is not None:
                self._working.add(who.name)
                seconds = self._customers.seconds[conversation] * self._chance.lognormvariate(0, 0.4)
                found.append((office.now + int(seconds * 1000), self._reply(who, conversation)))
        return found

    def _next(self, who: Actor) -> int | None:
        page: wire.Page[wire.ConversationRow] = self._office.look(who, ListConversations(view="mine", limit=20))
        return next((row.id for row in page.items if row.id in self._customers.waits), None)

    def _reply(self, who: Actor, conversation: int) -> Step:
        def step() -> Later | None:
            office, customers = self._office, self._customers
            waited = office.now - customers.waits[conversation]
            message = self._send(who, conversation)
            if message is None:
                return None
            self.answers += 1
            began = customers.began.pop(conversation, None)
            if began is None:
                self.following.append(waited)
            else:
                self.first.append(waited)
                if in_hours(began):
                    self.first_in_hours.append(waited)
            self._working.discard(who.name)
            again = customers.answered(conversation, office.client_ref(message.id))
            if again is None:
                office.do(who, ResolveConversation(conversation=conversation, resolve=wire.Resolve(outcome="solved")))
                return None
            return [(again, lambda: customers.answer(conversation))]

        return step

    def _send(self, who: Actor, conversation: int) -> wire.Message | None:
        """Answer; where the channel takes no free text any more, as after a Sunday, with an approved template, or,
        where there is none, not at all."""
        office, customers = self._office, self._customers
        replies = [wire.Reply(text="con gusto, ya lo reviso")]
        if customers.kind(conversation) == "whatsapp":
            replies.append(wire.Reply(template=wire.Template(name="seguimos", language="es")))
        for reply in replies:
            try:
                message: wire.Message = office.do(who, SendReply(conversation=conversation, reply=reply))
            except Refusal as refused:
                if refused.code != "window_closed":
                    raise
            else:
                return message
        self.too_late += 1
        customers.given_up(conversation)
        self._working.discard(who.name)
        office.do(who, ResolveConversation(conversation=conversation, resolve=wire.Resolve(outcome="lost")))
        return None


def in_hours(at: int) -> bool:
    """Whether the cooperative was open."""
    day, hour = (at - BEGIN) // DAY % 7, (at - BEGIN) % DAY // HOUR
    return day != 0 and 8 <= hour < (12 if day == 6 else 17)


assert set(MIX) <= set(CHANNELS)
