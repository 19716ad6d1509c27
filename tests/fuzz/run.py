"""What the fuzz tests of the channels do: read spoiled documents, and post spoiled calls to a real server as genuine
ones. `FUZZ_SEED` repeats a run, `FUZZ_DOCUMENTS` says how many are read of a kind."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tests.faults.audit import audit
from tests.faults.office import look
from tests.real_server import RealServer

DOCUMENTS = int(os.environ.get("FUZZ_DOCUMENTS", "104000"))
#: calls under way at once
AT_ONCE = 16


class Dice(NamedTuple):
    """Chance, and the seed to have the same again."""

    seed: int
    chance: random.Random


def dice(*of: object) -> Dice:
    """Another chance for each `of`."""
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(2**32))
    return Dice(seed, random.Random(" ".join(map(str, (seed, *of)))))


def read_many(many: int, dice: Dice, spoil: Callable[[random.Random], bytes], check: Callable[[bytes], Any]) -> None:
    """Let `check` read so many documents."""
    for n in range(many):
        body = spoil(dice.chance)
        try:
            check(body)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={dice.seed}, document {n}: {body[:3000]!r}") from error


class Calls(NamedTuple):
    """Calls of a channel's provider. `headers`: of the n-th; `answer`: what each gets, where that is not empty;
    `by_body`: whether the same bytes are the same call."""

    kind: str
    settings: dict[str, str]
    bodies: Sequence[bytes]
    headers: Callable[[bytes, int], dict[str, str]]
    answer: bytes | None = None
    by_body: bool = True


async def take_and_keep(folder: Path, calls: Calls, seed: int) -> str:
    """Post them: a 200 for each, the raw call kept for replay where it could not be read, the store whole; what became
    of them, in words."""
    with RealServer(folder) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        with server.client("admin") as admin:
            made = admin.post("/channels", json={"kind": calls.kind, "name": "ch", "settings": calls.settings})
            assert made.is_success, made.text
        bad = await _post(f"{server.url}/hooks/ch", calls)
        assert not bad, f"FUZZ_SEED={seed}: {bad[:3]}"
        with server.client("advisor") as advisor:
            for view in ("open", "unassigned", "resolved", "all"):
                page = advisor.get("/conversations", params={"view": view, "limit": 200})
                assert page.status_code == 200, page.text
            for row in page.json()["items"][:50]:
                assert advisor.get(f"/conversations/{row['id']}/messages").status_code == 200
        assert await asyncio.to_thread(server.stop) == 0
        with contextlib.closing(look(server.data)) as store:
            states = dict(store.execute("SELECT state, count(*) FROM deliveries GROUP BY state"))
            faults = store.execute(
                "SELECT error FROM deliveries WHERE error LIKE '%Error: %' OR error LIKE '%sqlite3%' LIMIT 5"
            ).fetchall()
            (messages,) = store.execute("SELECT count(*) FROM messages").fetchone()
        assert sum(states.values()) == len(set(calls.bodies) if calls.by_body else calls.bodies)
        assert not faults, f"FUZZ_SEED={seed}: facts that the store refused: {faults}"
        assert audit(server.data) == []
    posted = f"{len(calls.bodies)} spoiled {calls.kind} calls posted"
    return f"{posted}, kept {states}, {messages} messages in them, seed {seed}"


async def _post(url: str, calls: Calls) -> list[tuple[int, bytes]]:
    """Post them all, some at once; what was not answered as it should be."""
    waiting = enumerate(itertools.chain(calls.bodies))
    bad: list[tuple[int, bytes]] = []
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def line() -> None:
            for n, body in waiting:
                answer = await client.post(url, content=body, headers=calls.headers(body, n))
                if answer.status_code != 200 or calls.answer not in (None, answer.content):
                    bad.append((answer.status_code, body[:2000]))

        await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return bad
