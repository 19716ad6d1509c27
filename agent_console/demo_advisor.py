"""The demo's scripted advisors: the console's own backend, with a routine in the place of a person.

`python -m agent_console.demo_advisor CREW` runs the colleagues named in the file CREW until SIGTERM.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from agent_console import demo_words as words
from agent_console.backend import calls_reminders, calls_transfers
from agent_console.backend.api import ApiError, Unreachable
from agent_console.backend.calls import Call
from agent_console.backend.changes import Changes
from agent_console.backend.live import wall_ms
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec, unanswered
from server import wire

log = logging.getLogger(__name__)

#: seconds between two looks at the inbox when nothing changes
LOOK = 0.5
#: seconds after which a conversation that the customer ended without a word is resolved
QUIET_END = 14.0


class Habits(msgspec.Struct, kw_only=True):
    """How somebody works. Times in seconds.

    `waits`: how long a customer's newest message must be old, at least and at most; `thinks`: time for an answer;
    `hold_ms`: how long an answer can be taken back; `leaves`: the share of unassigned conversations left to others;
    `private`: of public questions that are answered in private, too.
    """

    waits: tuple[float, float] = (2.0, 4.0)
    thinks: tuple[float, float] = (1.0, 3.0)
    hold_ms: int = 5_000
    leaves: float = 0.0
    slips: float = 0.04
    notes: float = 0.08
    reacts: float = 0.05
    promises: float = 0.06
    asks_help: float = 0.02
    hands_on: float = 0.12
    private: float = 0.5


class Colleague(msgspec.Struct, kw_only=True):
    """One member of a crew, signed in (`token`) or about to be (`password`).

    `gives_to`: a supervisor who hands unassigned work to this advisor and answers nobody. `hands_to`: the colleague to
    whom a few conversations are handed on, one at a time.
    """

    name: str
    token: str = ""
    password: str = ""
    habits: Habits = msgspec.field(default_factory=Habits)
    gives_to: str = ""
    hands_to: str = ""


class Crew(msgspec.Struct, kw_only=True):
    """The file that says who works: at which server, in which language, and where their unsent work is kept."""

    server: str
    folder: str
    seed: int
    people: list[Colleague]


class Advisor:
    """One scripted advisor at work."""

    def __init__(self, who: Colleague, crew: Crew) -> None:
        self.who = who
        self.handled = 0
        self._rng = random.Random(f"advisor {crew.seed} {who.name}")
        self._changed = asyncio.Event()
        self._stages: dict[int, int] = {}
        self._waits: dict[int, float] = {}
        self._left: dict[int, bool] = {}
        self._stopped: set[int] = set()
        self.session = Session(crew.server, who.token, listener=self._listen, folder=Path(crew.folder) / who.name)

    # ---------------------------------------------------------------- running

    async def work(self, until: asyncio.Event) -> None:
        """Go on until told to stop; what was begun is brought to its end."""
        if not self.who.token:
            await self.session.sign_in(self.who.name, self.who.password, "demo")
        await self.session.start(ListSpec(view="open"))
        while not until.is_set():
            done = await (self._give() if self.who.gives_to else self._serve_next())
            if done:
                continue
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._changed.wait()

    async def finish(self, patience: float) -> bool:
        """Wait until the server has everything this advisor did; False if it took longer than `patience` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self.session.outgoing.waiting:
                    self._changed.clear()
                    await self._changed.wait()
        return not self.session.outgoing.waiting

    async def close(self) -> None:
        """Go home."""
        await self.session.stop()

    def _listen(self, changes: Changes) -> None:
        self._changed.set()
        for trouble in changes.troubles:
            log.info("%s: %s in %s", self.who.name, trouble.problem.code, trouble.conversation)
            if trouble.stopped and trouble.conversation is not None:
                self._stopped.add(trouble.conversation)

    # ---------------------------------------------------------------- what next

    async def _serve_next(self) -> bool:
        """Do the most urgent thing there is; False if there is none."""
        self._let_go()
        now = self.session.mirror.server_now(wall_ms())
        rows = [line.row for line in self.session.mirror.lines()]
        for row in rows:
            if self._mine_to_answer(row, now):
                await self._serve(row)
                return True
        for row in rows:
            silent = row.state == "waiting" and now - row.last_at > QUIET_END * 1000
            if silent and row.assignee == self.who.name and self._stages.get(row.id, 0) >= 2:
                self._resolve(row.id)
                return True
        return False

    def _let_go(self) -> None:
        """What a colleague answered first is theirs: drop our answer to it."""
        while self._stopped:
            self.session.give_up(self._stopped.pop())

    def _mine_to_answer(self, row: wire.ConversationRow, now: int) -> bool:
        if not unanswered(row) or row.reviewing or row.assignee not in (None, self.who.name):
            return False
        waits = self._waits.setdefault(row.id, self._rng.uniform(*self.who.habits.waits))
        who = self.session.mirror.presence(row.id)
        if who is not None and who.customer_typing:
            return False
        if row.assignee is None:
            if who is not None and set(who.viewing) - {self.who.name}:
                return False
            if self._left.setdefault(row.id, self._rng.random() < self.who.habits.leaves):
                waits += 120
        return now - row.last_at >= waits * 1000

    # ---------------------------------------------------------------- answering

    async def _serve(self, row: wire.ConversationRow) -> None:
        session, habits = self.session, self.who.habits
        await session.open(row.id)
        seen_seq = session.mirror.seq
        session.seen(row.id)
        if row.assignee is None:
            session.claim(row.id)
        await self._think(row.id, self._rng.uniform(*habits.thinks))
        texts = self._customers_words(row.id)
        stage = self._stages.get(row.id, 0)
        answer = self._words(row, texts, stage)
        if self._rng.random() < habits.slips:
            await self._slip(row.id, answer)
        session.reply(row.id, answer, seen_seq=seen_seq, hold_ms=habits.hold_ms)
        if row.surface == "comment" and not stage:
            self._answer_in_private(row, texts)
        self.handled += 1
        self._stages[row.id] = stage + 1
        self._waits.pop(row.id, None)
        if self._rng.random() < habits.notes:
            session.note(row.id, self._rng.choice(words.NOTES))
        if self._rng.random() < habits.promises:
            await self._promise(row.id, self._rng.uniform(0.5, 30) * 3_600_000)
        if self._rng.random() < habits.asks_help:
            await self._quietly(calls_reminders.flag(row.id, self._rng.choice(words.TROUBLES)))
        if self._rng.random() < habits.reacts:
            self._react(row.id)
        if self.who.hands_to and self._rng.random() < habits.hands_on:
            await self._hand_on(row.id)
        if stage and texts and words.says_goodbye(texts[-1]):
            self._resolve(row.id)
        session.close()

    def _words(self, row: wire.ConversationRow, texts: list[str], stage: int) -> str:
        """What to answer, in the way that is usual there."""
        if row.surface == "comment":
            return words.compose_public(texts, stage, row.contact_name, self._rng)
        answer = words.compose(texts, stage, row.contact_name, time.localtime().tm_hour, self._rng)
        return words.letter(answer) if row.channel_kind == "email" else answer

    def _answer_in_private(self, row: wire.ConversationRow, texts: list[str]) -> None:
        """What everybody need not read goes to them alone, once, as an answer to what they wrote."""
        theirs = [m for m in self.session.mirror.messages(row.id) if m.direction == "in" and m.kind == "text"]
        if theirs and self._rng.random() < self.who.habits.private:
            text = words.compose(texts, 0, row.contact_name, time.localtime().tm_hour, self._rng)
            self.session.reply(row.id, text, reply_to=theirs[-1].id, private=True, hold_ms=self.who.habits.hold_ms)

    def _customers_words(self, conversation: int) -> list[str]:
        messages = self.session.mirror.messages(conversation)
        return [m.text for m in messages if m.direction == "in" and m.text and m.kind not in ("edit", "revoke")]

    async def _think(self, conversation: int, seconds: float) -> None:
        """Colleagues and the customer see that an answer is being written."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.session.touched()
            self.session.viewing(conversation, typing=True)
            await asyncio.sleep(min(1.0, seconds))

    async def _slip(self, conversation: int, answer: str) -> None:
        """Send it too early and take it back, as people do."""
        self.session.reply(conversation, answer[: max(12, len(answer) // 2)], hold_ms=10_000)
        await asyncio.sleep(0.6)
        held = [m for m in self.session.mirror.messages(conversation) if m.direction == "out" and m.status == "queued"]
        if held:
            self.session.take_back(conversation, held[-1].id)

    def _react(self, conversation: int) -> None:
        thread = self.session.mirror.thread(conversation)
        if thread is None or thread.about is None or not thread.about.capabilities.reactions:
            return
        theirs = [m for m in self.session.mirror.messages(conversation) if m.direction == "in" and m.kind == "text"]
        if theirs:
            self.session.react(conversation, theirs[-1].id, self._rng.choice(("👍", "🙏")))

    def _resolve(self, conversation: int) -> None:
        self.session.resolve(conversation, "solved")
        self._stages.pop(conversation, None)
        self._waits.pop(conversation, None)

    # ---------------------------------------------------------------- giving work out

    async def _promise(self, conversation: int, ahead: float, user: str | None = None) -> None:
        """Note what somebody will do `ahead` (ms) from now."""
        now = self.session.mirror.server_now(wall_ms())
        new = wire.NewReminder(
            text=self._rng.choice(words.PROMISES), due_at=now + int(ahead), kind="promise", user=user
        )
        await self._quietly(calls_reminders.remind(conversation, new))

    async def _hand_on(self, conversation: int) -> None:
        """Offer it to a colleague with its context, unless one offer waits for them already."""
        with contextlib.suppress(ApiError, Unreachable):
            waiting = await self.session.api.send(calls_transfers.transfers(waiting=True))
            if any(each.to_user == self.who.hands_to for each in waiting.items):
                return
            proposed = await self.session.api.send(calls_transfers.proposal(conversation))
            new = wire.NewTransfer(
                to=self.who.hands_to,
                reason=self._rng.choice(words.REASONS),
                summary=proposed.summary,
                promised=proposed.promised,
            )
            await self.session.api.send(calls_transfers.transfer(conversation, new))

    async def _quietly(self, call: Call[Any]) -> None:
        """Something that may fail without anybody minding."""
        with contextlib.suppress(ApiError, Unreachable):
            await self.session.api.send(call)

    async def _give(self) -> bool:
        """A supervisor's part: see to it that the person at the console has something of their own."""
        rows = [line.row for line in self.session.mirror.lines()]
        theirs = [row for row in rows if row.assignee == self.who.gives_to and unanswered(row)]
        now = self.session.mirror.server_now(wall_ms())
        free = [
            row for row in rows if row.assignee != self.who.gives_to and unanswered(row) and now - row.created_at > 1500
        ]
        free.sort(key=lambda row: row.assignee is not None)  # what nobody has comes first, then a colleague's
        if len(theirs) >= 4 or not free or self._rng.random() < 0.5:
            await asyncio.sleep(LOOK)
            return False
        self.session.assign(free[0].id, user=self.who.gives_to)
        if self._rng.random() < 0.15:
            # due while one looks on, so that the demo shows what happens then
            await self._promise(free[0].id, self._rng.uniform(60, 150) * 1000, self.who.gives_to)
        await asyncio.sleep(self._rng.uniform(2, 5))
        return True


async def run(crew: Crew) -> None:
    """Let a crew work until SIGTERM; then everybody drops what they have in hand."""
    until = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, until.set)
    advisors = [Advisor(who, crew) for who in crew.people]
    await advisors[0].session.api.open()  # one of them imports what all of them need
    working = [asyncio.create_task(advisor.work(until)) for advisor in advisors]
    ending = asyncio.create_task(until.wait())
    try:
        done, _rest = await asyncio.wait({ending, *working}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await asyncio.gather(*(advisor.close() for advisor in advisors))


if __name__ == "__main__":
    asyncio.run(run(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Crew)))
