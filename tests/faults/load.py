"""Load that never gives up: customers' webhooks as the provider would send them, and an advisor at the API.

Both do what they do again until it was answered, and keep account of what was promised to them.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.calls import Call
from server import wire
from server.sandbox.graph import Graph
from server.sandbox.graph_hooks import inbound, sign

CUSTOMERS = 120
#: seconds between two answers to one customer: WhatsApp's pace, and a little
PAUSE = 6.5


@dataclass(frozen=True)
class Letter:
    """One message of a customer's."""

    id: str
    phone: str
    text: str
    at: int


class Mail:
    """What customers write, and what the server has promised to have. `promised` are ids in a body that got a 200."""

    def __init__(self, graph: Graph, chance: random.Random) -> None:
        self.graph = graph
        self.chance = chance
        self.promised: set[str] = set()
        self.written = 0
        self.posts = 0
        self.lost_posts = 0
        self.again = 0
        self.wrong: list[str] = []
        self.stopping = False
        self._numbers = itertools.count(1)
        self._delivered: list[Letter] = []

    async def send(self, client: httpx.AsyncClient) -> None:
        """One of the provider's lines: documents of a few messages, each message until it was in one that got a 200.

        What was not taken is batched anew with what comes next; some of what was taken comes again, alone or in
        company, and some documents are sent twice at once.
        """
        chance, waiting = self.chance, list[Letter]()
        while waiting or not self.stopping:
            if not self.stopping and len(waiting) < 8:
                waiting += [self._letter() for _ in range(chance.randint(1, 3))]
            chance.shuffle(waiting)
            batch = waiting[: chance.randint(1, 6)]
            old = chance.sample(self._delivered, min(len(self._delivered), chance.choice((0, 0, 0, 1, 3))))
            body = self._document([*batch, *old])
            self.again += len(old)
            taken = await asyncio.gather(*(self._post(client, body) for _ in range(chance.choice((1, 1, 1, 2)))))
            if any(taken):
                self.promised.update(letter.id for letter in batch)
                self._delivered = [*self._delivered[-500:], *batch]
                waiting = [letter for letter in waiting if letter not in batch]
            await asyncio.sleep(chance.uniform(0, 0.08) if any(taken) else chance.uniform(0.02, 0.15))

    def _letter(self) -> Letter:
        number = next(self._numbers)
        self.written += 1
        person = self.graph.customer(f"5037000{self.chance.randrange(CUSTOMERS):04}", name="Socia", open_window=True)
        id = f"wamid.load{number:07}"
        self.graph.state.inbound[id] = person.key
        return Letter(id, person.phone, f"consulta {number}", self.graph.state.clock())

    def _document(self, letters: list[Letter]) -> bytes:
        """One document with all of them, over one or more changes."""
        made: dict[str, Any] = {}
        for letter in letters:
            person = self.graph.customer(letter.phone)
            part = {"type": "text", "text": {"body": letter.text}}
            one = inbound(self.graph.state, person, letter.id, letter.at, part)
            if not made:
                made = one
            elif self.chance.random() < 0.5:
                made["entry"][0]["changes"] += one["entry"][0]["changes"]
            else:
                value, more = made["entry"][0]["changes"][-1]["value"], one["entry"][0]["changes"][0]["value"]
                value["contacts"] += more["contacts"]
                value["messages"] += more["messages"]
        return msgspec.json.encode(made)

    async def _post(self, client: httpx.AsyncClient, body: bytes) -> bool:
        self.posts += 1
        headers = {"X-Hub-Signature-256": sign(self.graph.settings.app_secret, body)}
        try:
            answer = await client.post(self.graph.settings.hook_url, content=body, headers=headers)
        except httpx.HTTPError:
            self.lost_posts += 1
            return False
        if answer.status_code not in (200, 503):
            self.wrong.append(f"webhook: HTTP {answer.status_code} {answer.text[:200]}")
        return answer.status_code == 200


@dataclass
class Advisor:
    """Works through the API, each act under its key until the server has spoken.

    `answers` maps the text of each reply that got its 201 to the message's id, `notes` likewise; `refused` counts the
    server's refusals by code.
    """

    api: Api
    chance: random.Random
    name: str
    answers: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    taken_back: set[int] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    repeats: int = 0
    stopping: bool = False

    async def work(self, busy: dict[int, float]) -> None:
        """Answer, note, claim, resolve and take back until told to stop. `busy`: when each was answered last."""
        number = itertools.count(1)
        while not self.stopping:
            page = await self._insist(calls.conversations("all", limit=200))
            now = time.monotonic()
            rows = [] if page is None else [row for row in page.items if busy.get(row.id, 0.0) < now - PAUSE]
            self.chance.shuffle(rows)
            for row in rows[:8]:
                if self._over():
                    return
                busy[row.id] = time.monotonic()
                await self._act(row, f"{self.name} {next(number)}")
                await asyncio.sleep(self.chance.uniform(0, 0.1))
            if not rows:
                await asyncio.sleep(0.1)

    def _over(self) -> bool:
        return self.stopping

    async def _act(self, row: wire.ConversationRow, words: str) -> None:
        what = self.chance.random()
        if what < 0.70:
            await self._reply(row.id, words, 0)
        elif what < 0.80:
            held = await self._reply(row.id, words, self.chance.choice((200, 1_500)))
            if held is not None and await self._insist(calls.take_back(held)) is not None:
                self.taken_back.add(held)
        elif what < 0.90:
            note = await self._insist(calls.note(row.id, words))
            if note is not None:
                self.notes[words] = note.id
        elif what < 0.95:
            await self._insist(calls.resolve(row.id, "solved") if row.state != "resolved" else calls.reopen(row.id))
        else:
            await self._insist(calls.claim(row.id))

    async def _reply(self, conversation: int, words: str, hold_ms: int) -> int | None:
        call = calls.reply(conversation, wire.Reply(text=words, hold_ms=hold_ms))
        sent = await self._insist(call)
        if sent is None:
            return None
        self.answers[words] = sent.id
        if self.chance.random() < 0.1:  # an answer that was lost on the way home, for all the server knows
            self.repeats += 1
            once_more = await self._insist(call)
            if once_more is None or once_more.id != sent.id:
                self.wrong.append(f"the same key gave {once_more} after message {sent.id}")
        return int(sent.id)

    async def _insist(self, call: Call[Any]) -> Any:
        """The answer, however often it takes; None if the server refused."""
        while True:
            try:
                return await self.api.send(call)
            except Unreachable:
                await asyncio.sleep(self.chance.uniform(0.02, 0.1))
            except ApiError as error:
                if not error.passing:
                    self.refused[error.code] = self.refused.get(error.code, 0) + 1
                    if error.code not in _EXPECTED:
                        self.wrong.append(f"{call.method} {call.path}: {error}")
                    return None
                await asyncio.sleep(0.1)


#: refusals that are part of the game
_EXPECTED = {
    "already_assigned",
    "already_resolved",
    "already_sent",
    "not_resolved",
    "newer_conversation",
    "window_closed",
}
