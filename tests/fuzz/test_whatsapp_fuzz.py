"""A hundred thousand spoiled WhatsApp documents: none is too much for the parser, none is too much for a server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.sandbox.graph_hooks import sign
from tests.channels.documents import SECRET, SETTINGS
from tests.channels.test_whatsapp_total import RICH, check
from tests.conformance.whatsapp_documents import documents
from tests.faults.audit import audit
from tests.faults.office import look
from tests.fuzz.mutations import spoiled
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 8
EACH = int(os.environ.get("FUZZ_DOCUMENTS", "104000")) // SHARES
POSTED = 4_000
AT_ONCE = 16


def _good() -> list[str]:
    """Documents to spoil: our own, and those that nobody here wrote if they are there."""
    own = [json.dumps(RICH)]
    for change in RICH["entry"][0]["changes"]:
        own.append(json.dumps({"object": RICH["object"], "entry": [{"id": "1", "changes": [change]}]}))
        for message in change["value"].get("messages", ()):
            value = {**change["value"], "messages": [message], "statuses": []}
            small = {"id": "1", "changes": [{"field": "messages", "value": value}]}
            own.append(json.dumps({"object": RICH["object"], "entry": [small]}))
    return own + [path.read_text() for path in documents()]


def _own_ids(document: str, n: int) -> str:
    """The same with other messages in it: one that was taken before is no test."""
    return document.replace("wamid.", f"wamid.{n}.")


def _chance(share: int) -> tuple[int, random.Random]:
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(2**32))
    return seed, random.Random(f"{seed} {share}")


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_unreadable_to_the_parser(share: int, say: Callable[[str], None]) -> None:
    seed, chance = _chance(share)
    good = _good()
    for n in range(EACH):
        body = spoiled(chance.choice(good), chance)
        try:
            check(body)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={seed} share {share}, document {n}: {body[:3000]!r}") from error
    if share == 0:
        say(f"{EACH * SHARES} spoiled documents read, seed {seed}")


async def test_a_server_takes_and_keeps_them(tmp_path: Path, say: Callable[[str], None]) -> None:
    """Signed and posted: a 200 for each, the raw call kept for replay where it could not be read, the store whole."""
    seed, chance = _chance(-1)
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        with server.client("admin") as admin:
            given = {**SETTINGS, "graph_url": "http://127.0.0.1:9/v26.0"}
            made = admin.post("/channels", json={"kind": "whatsapp", "name": "wa", "settings": given})
            assert made.is_success, made.text
        good = _good()
        bodies = [body for n in range(POSTED) if (body := spoiled(_own_ids(chance.choice(good), n), chance))]
        bad = await _post(f"{server.url}/hooks/wa", bodies)
        assert not bad, f"FUZZ_SEED={seed}: {bad[:3]}"
        with server.client("advisor") as advisor:
            for view in ("all", "open", "unassigned", "resolved"):
                page = advisor.get("/conversations", params={"view": view, "limit": 200})
                assert page.status_code == 200, page.text
            for row in page.json()["items"][:50]:
                assert advisor.get(f"/conversations/{row['id']}/messages").status_code == 200
        assert await asyncio.to_thread(server.stop) == 0
        with contextlib.closing(look(server.data)) as store:
            (kept,) = store.execute("SELECT count(*) FROM deliveries").fetchone()
            states = dict(store.execute("SELECT state, count(*) FROM deliveries GROUP BY state"))
            (unreadable,) = store.execute(
                "SELECT count(*) FROM deliveries WHERE error LIKE '%sqlite3%' OR error LIKE '%Error: %'"
            ).fetchone()
            faults = store.execute("SELECT error FROM deliveries WHERE error LIKE '%Error: %' LIMIT 5").fetchall()
            (messages,) = store.execute("SELECT count(*) FROM messages").fetchone()
        assert kept == len(set(bodies))
        assert not unreadable, f"FUZZ_SEED={seed}: facts that the store refused: {faults}"
        assert audit(server.data) == []
    say(f"{len(bodies)} spoiled documents posted, kept {kept} {states}, {messages} messages in them, seed {seed}")


async def _post(url: str, bodies: list[bytes]) -> list[tuple[int, bytes]]:
    """Post them all, some at once; what was not answered 200."""
    waiting = itertools.chain(bodies)
    bad: list[tuple[int, bytes]] = []
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def line() -> None:
            for body in waiting:
                answer = await client.post(url, content=body, headers={"X-Hub-Signature-256": sign(SECRET, body)})
                if answer.status_code != 200:
                    bad.append((answer.status_code, body[:2000]))

        await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return bad
