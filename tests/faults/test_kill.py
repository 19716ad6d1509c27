"""A real server under load is killed again and again: nothing acknowledged is lost, nothing is stored or sent twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_console.backend import calls
from agent_console.backend.changes import Changes
from agent_console.backend.live import Timing
from agent_console.backend.session import Session
from agent_console.backend.views import ListSpec
from server import wire
from server.wire import Role
from tests.faults.audit import audit
from tests.faults.load import Advisor, Mail
from tests.faults.mirrors import differences
from tests.faults.office import Office, open_office, until

KILLS = int(os.environ.get("FAULT_KILLS", "50"))
SENDERS = 4
TIMING = Timing(connect=3.0, stall=15.0, behind=2.0, first=0.05, most=0.5)
VIEWS: dict[Role, wire.View] = {"admin": "all", "supervisor": "open", "advisor": "mine"}

#: whose hands work at the API besides
WORKING: tuple[Role, ...] = ("supervisor", "advisor")


class Console:
    """A console's backend as it runs in the console, and somebody who clicks about in it."""

    def __init__(self, office: Office, role: Role, home: Path) -> None:
        self.role: Role = role
        self.troubles: list[str] = []
        self.went_live = 0
        self.written: list[str] = []
        self.session = Session(
            office.server.url,
            office.server.tokens[role],
            listener=self._changed,
            lang="en",
            folder=home / f"console-{role}",
            timing=TIMING,
        )

    def _changed(self, changes: Changes) -> None:
        self.troubles += [f"{trouble.problem.code} on {trouble.change}" for trouble in changes.troubles]
        if changes.link and self.session.link.state == "live":
            self.went_live += 1

    async def work(self, chance: random.Random, busy: dict[int, float], stopped: asyncio.Event) -> None:
        """Open conversations, and answer one now and then, whether there is a network or not."""
        while not stopped.is_set():
            ids = self.session.mirror.window.ids()
            if ids:
                conversation = chance.choice(ids)
                with contextlib.suppress(Exception):
                    await self.session.open(conversation)
                if busy.get(conversation, 0.0) < time.monotonic() - 7 and self.session.mirror.row(conversation):
                    busy[conversation] = time.monotonic()
                    self.written.append(f"console {self.role} {len(self.written)}")
                    self.session.reply(conversation, self.written[-1], hold_ms=0, confirm=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), chance.uniform(0.3, 1.2))


class Killer:
    """Kills the server at moments of `chance`'s choosing, in its start too, and looks each time what is left."""

    def __init__(self, office: Office, mail: Mail, chance: random.Random) -> None:
        self.office = office
        self.mail = mail
        self.chance = chance
        self.kills = 0
        self.moments: list[float] = []
        self.missing: set[str] = set()
        self._checked: set[str] = set()

    async def run(self, kills: int) -> None:
        server = self.office.server
        while self.kills < kills:
            alive = await self._moment()
            promised = set(self.mail.promised)
            self._kill(alive)
            while self.chance.random() < 0.15:  # and again while it starts
                starting = asyncio.create_task(asyncio.to_thread(self._try_start))
                before = server.process
                while server.process is before:
                    await asyncio.sleep(0.005)
                moment = self.chance.uniform(0.1, 1.0)
                await asyncio.sleep(moment)
                self._kill(-moment)
                await starting
            await asyncio.to_thread(server.start)
            self._check(promised)

    async def _moment(self) -> float:
        """Wait for the next moment to kill: some way into the work, or at once; how long that was (s)."""
        began = time.monotonic()
        wanted = len(self.mail.promised) + self.chance.choice(
            (0, 1, self.chance.randrange(10), self.chance.randrange(80))
        )
        while len(self.mail.promised) < wanted and time.monotonic() - began < 10:
            await asyncio.sleep(0.01)
        await asyncio.sleep(self.chance.uniform(0, 0.3))
        return time.monotonic() - began

    def _kill(self, moment: float) -> None:
        self.office.server.kill()
        self.kills += 1
        self.moments.append(round(moment, 3))

    def _try_start(self) -> None:
        with contextlib.suppress(AssertionError):
            self.office.server.start()

    def _check(self, promised: set[str]) -> None:
        """Everything that had its 200 before the kill is there after it."""
        fresh = promised - self._checked
        with contextlib.closing(self.office.database()) as store:
            stored = {id for (id,) in store.execute("SELECT external_id FROM messages WHERE direction = 'in'")}
        self.missing |= fresh - stored
        self._checked |= fresh


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_killed_at_any_moment(tmp_path: Path, say: Callable[[str], None]) -> None:
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(2**32))
    say(f"seed {seed}")
    began = time.monotonic()
    async with open_office(tmp_path, sent_after=5, delivered_after=30, read_after=120) as office:
        async with contextlib.AsyncExitStack() as stack:
            told = await _play(office, random.Random(seed), tmp_path, stack)
        say(f"{told}, {time.monotonic() - began:.0f} s, seed {seed}")


async def _play(office: Office, chance: random.Random, home: Path, stack: contextlib.AsyncExitStack) -> str:
    """The whole game; a line that tells what happened. AssertionError if a promise was broken."""
    mail = Mail(office.graph, random.Random(chance.random()))
    client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=10))
    consoles = [Console(office, role, home) for role in VIEWS]
    for console in consoles:
        stack.push_async_callback(console.session.stop)
        await console.session.start(ListSpec(VIEWS[console.role]))
    advisors = []
    for role in WORKING:
        api = office.api(role)
        stack.push_async_callback(api.close)
        advisors.append(Advisor(api, random.Random(chance.random()), f"api {role}"))
    busy: dict[int, float] = {}
    stopped = asyncio.Event()
    sending = [asyncio.create_task(mail.send(client)) for _ in range(SENDERS)]
    working = [asyncio.create_task(advisor.work(busy)) for advisor in advisors]
    clicking = [
        asyncio.create_task(console.work(random.Random(chance.random()), busy, stopped)) for console in consoles
    ]
    everybody = [*sending, *working, *clicking]
    stack.callback(lambda: [task.cancel() for task in everybody])
    killer = Killer(office, mail, chance)
    await killer.run(KILLS)

    mail.stopping = True
    stopped.set()
    for advisor in advisors:
        advisor.stopping = True
    await asyncio.wait_for(asyncio.gather(*everybody), 120)
    assert not killer.missing, f"acknowledged and gone after a kill: {sorted(killer.missing)[:5]}"
    assert not mail.wrong, mail.wrong[:5]
    assert not [each for advisor in advisors for each in advisor.wrong]

    await _all_sent(office, consoles)
    await _consoles_agree(office, consoles)
    statuses = await _through_the_api(office, mail, advisors, consoles)
    assert await asyncio.to_thread(office.server.stop) == 0
    _in_the_store(office, mail, advisors, consoles)
    return (
        f"kill -9: {killer.kills} kills, {mail.written} customer messages in {mail.posts} webhooks ({mail.lost_posts}"
        f" lost, {mail.again} messages offered again), {sum(statuses.values())} answers {dict(statuses)},"
        f" {len(office.graph.state.accepted)} accepted by the stand-in, doubled 0, lost 0, consoles reconnected"
        f" {[console.went_live - 1 for console in consoles]} times"
    )


async def _all_sent(office: Office, consoles: list[Console]) -> None:
    """Nothing waits any more: in no console, in no outbox, in no provider."""

    async def nothing_waits() -> bool:
        if any(console.session.outgoing.commands for console in consoles):
            return False
        with contextlib.closing(office.database()) as store:
            (waiting,) = store.execute("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')").fetchone()
        return not waiting and not office.graph.busy

    await until(nothing_waits, "an empty outbox", 120)


async def _consoles_agree(office: Office, consoles: list[Console]) -> None:
    for console in consoles:
        assert console.went_live > KILLS // 5, f"{console.role} was live {console.went_live} times only"
        assert not console.troubles, console.troubles[:3]
        await _agrees(office, console)


async def _agrees(office: Office, console: Console) -> None:
    api = office.api(console.role)
    last: list[str] = []

    async def agrees() -> bool:
        last[:] = await differences(console.session, api)
        return not last

    try:
        await until(agrees, f"the same state at the {console.role}", 40)
    except AssertionError:
        raise AssertionError(f"the {console.role}'s console differs: {last[:5]}") from None
    finally:
        await api.close()


async def _through_the_api(
    office: Office, mail: Mail, advisors: list[Advisor], consoles: list[Console]
) -> Counter[str]:
    """Count what the API shows; the statuses of all answers."""
    api = office.api("admin")
    shown: list[wire.Message] = []
    try:
        after: str | None = None
        rows: list[wire.ConversationRow] = []
        while True:
            page = await api.send(calls.conversations("all", after=after, limit=200))
            rows += page.items
            after = page.next
            if after is None:
                break
        for row in rows:
            before: str | None = None
            while True:
                part = await api.send(calls.messages(row.id, before=before, limit=200))
                shown += part.items
                before = part.next
                if before is None:
                    break
    finally:
        await api.close()
    inbound = Counter(message.external_id for message in shown if message.direction == "in")
    assert len(inbound) == mail.written
    assert set(inbound.values()) == {1}
    assert set(inbound) >= mail.promised
    out = [message for message in shown if message.direction == "out"]
    texts = Counter(message.text for message in out)
    promised = {text: id for advisor in advisors for text, id in advisor.answers.items()}
    assert {text: texts[text] for text in promised} == dict.fromkeys(promised, 1)
    by_id = {message.id: message for message in out}
    assert all(by_id[id].text == text for text, id in promised.items())
    assert {text: texts[text] for console in consoles for text in console.written} == {
        text: 1 for console in consoles for text in console.written
    }
    notes = Counter(message.text for message in shown if message.direction == "note")
    assert notes == {text: 1 for advisor in advisors for text in advisor.notes}
    taken_back = {id for advisor in advisors for id in advisor.taken_back}
    assert {by_id[id].status for id in taken_back} <= {"cancelled"}
    assert {message.status for message in out} <= {"sent", "delivered", "read", "failed", "unknown", "cancelled"}
    return Counter(message.status for message in out)


def _in_the_store(office: Office, mail: Mail, advisors: list[Advisor], consoles: list[Console]) -> None:
    """The same of the stopped store, and that the provider got nothing twice and nothing it should not have."""
    assert audit(office.server.data) == []
    with contextlib.closing(office.database()) as store:
        rows: list[tuple[Any, ...]] = store.execute(
            "SELECT client_ref, status, external_id FROM messages WHERE direction = 'out'"
        ).fetchall()
    state = office.graph.state
    assert state.doubled() == {}
    assert set(state.by_ref) <= {ref for ref, _, _ in rows}
    for ref, status, external_id in rows:
        accepted = state.by_ref.get(ref, [])
        if accepted:  # whatever the kill cut off, the provider's report told the server
            assert status in ("delivered", "read"), (ref, status)
            assert external_id == accepted[0].id
        else:
            assert status in ("unknown", "cancelled"), (ref, status)
