"""A hundred thousand spoiled documents each of Messenger and Instagram: none is too much for parser or server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.channels.pages import ACCOUNTS, SECRET
from tests.channels.test_pages_total import RICH, check
from tests.conformance.pages_documents import documents
from tests.faults.audit import audit
from tests.faults.office import look
from tests.fuzz.mutations import spoiled
from tests.fuzz.test_whatsapp_fuzz import _post
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

KINDS = ("messenger", "instagram")
SHARES = 8
EACH = int(os.environ.get("FUZZ_DOCUMENTS", "104000")) // SHARES
POSTED = 3_000
ID = {"messenger": "page_id", "instagram": "account_id"}


def _good(kind: str) -> list[str]:
    """Documents to spoil: our own, and those that nobody here wrote if they are there."""
    rich: dict[str, Any] = RICH[KINDS.index(kind)]
    own: list[str] = []
    for entry in rich["entry"]:
        for key in ("messaging", "standby", "changes"):
            for each in entry.get(key, ()):
                small = {"id": entry["id"], "time": entry["time"], key: [each]}
                own.append(json.dumps({"object": rich["object"], "entry": [small]}))
    others = [path for path in documents() if path.parent.name == kind]
    return [*own, json.dumps(rich), *(path.read_text() for path in others)]


def _own_ids(document: str, n: int) -> str:
    """The same with other messages in it: one that was taken before is no test."""
    return document.replace('"m_', f'"m_{n}.').replace('"1_', f'"{n}_').replace('"179"', f'"179{n}"')


def _chance(kind: str, share: int) -> tuple[int, random.Random]:
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(2**32))
    return seed, random.Random(f"{seed} {kind} {share}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_unreadable_to_the_parser(kind: str, share: int, say: Callable[[str], None]) -> None:
    seed, chance = _chance(kind, share)
    good = _good(kind)
    for n in range(EACH):
        body = spoiled(chance.choice(good), chance)
        try:
            check(body)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={seed} {kind} {share}, document {n}: {body[:3000]!r}") from error
    if share == 0:
        say(f"{EACH * SHARES} spoiled {kind} documents read, seed {seed}")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_takes_and_keeps_them(tmp_path: Path, kind: str, say: Callable[[str], None]) -> None:
    """Signed and posted: a 200 for each, the raw call kept for replay where it could not be read, the store whole."""
    seed, chance = _chance(kind, -1)
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        with server.client("admin") as admin:
            given = {"access_token": "t", "app_secret": SECRET, "verify_token": "v", ID[kind]: ACCOUNTS[kind]}
            given["graph_url"] = "http://127.0.0.1:9/v26.0"
            made = admin.post("/channels", json={"kind": kind, "name": "page", "settings": given})
            assert made.is_success, made.text
        good = _good(kind)
        bodies = [body for n in range(POSTED) if (body := spoiled(_own_ids(chance.choice(good), n), chance))]
        bad = await _post(f"{server.url}/hooks/page", bodies)
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
            faults = store.execute("SELECT error FROM deliveries WHERE error LIKE '%Error: %' LIMIT 5").fetchall()
            (messages,) = store.execute("SELECT count(*) FROM messages").fetchone()
        assert kept == len(set(bodies))
        assert not faults, f"FUZZ_SEED={seed}: facts that the store refused: {faults}"
        assert audit(server.data) == []
    say(f"{len(bodies)} spoiled {kind} documents posted, {messages} messages in them, seed {seed}")
