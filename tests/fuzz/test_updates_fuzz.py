"""A hundred thousand spoiled Telegram updates, and as many webhook calls: none is too much for parser or server."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from server.sandbox.webhook import Settings, sign
from tests.channels import test_telegram_total, test_webhook_channel
from tests.channels.telegram_updates import RICH, TOKEN
from tests.conformance.telegram_documents import updates
from tests.faults.audit import audit
from tests.faults.office import look
from tests.fuzz.mutations import spoiled
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SHARES = 4
EACH = int(os.environ.get("FUZZ_DOCUMENTS", "104000")) // SHARES
POSTED = 3_000
AT_ONCE = 16
#: bytes of a call: the server takes 5 MB
LARGEST = 4 * 1024 * 1024
SECRET_TOKEN = "our-word"
SECRET = Settings().secret


def _telegram() -> list[str]:
    return [json.dumps(update) for update in RICH] + [path.read_text() for path in updates()]


def _webhook() -> list[str]:
    return [json.dumps(call) for call in test_webhook_channel.RICH] + [
        json.dumps(item) for call in test_webhook_channel.RICH if isinstance(call, list) for item in call
    ]


class Kind(NamedTuple):
    """An adapter to fuzz: documents to spoil, what must hold of each, a channel, and how calls are known."""

    name: str
    good: Callable[[], list[str]]
    check: Callable[[bytes], None]
    settings: dict[str, str]
    headers: Callable[[bytes, int], dict[str, str]]
    #: whether the same bytes are the same call
    by_body: bool


def _sign(body: bytes, n: int) -> dict[str, str]:
    now = int(time.time())
    signature = sign(SECRET, f"m{n}", now, body)
    return {"webhook-id": f"m{n}", "webhook-timestamp": str(now), "webhook-signature": signature}


KINDS = (
    Kind(
        "telegram",
        _telegram,
        test_telegram_total.check,
        {"token": TOKEN, "mode": "webhook", "secret_token": SECRET_TOKEN, "api_url": "http://127.0.0.1:9"},
        lambda body, n: {"X-Telegram-Bot-Api-Secret-Token": SECRET_TOKEN},
        True,
    ),
    Kind("webhook", _webhook, test_webhook_channel.check, {"secret": SECRET}, _sign, False),
)


def _chance(share: int) -> tuple[int, random.Random]:
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(2**32))
    return seed, random.Random(f"{seed} {share}")


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nothing_is_too_much_for_the_parser(kind: Kind, share: int, say: Callable[[str], None]) -> None:
    seed, chance = _chance(share)
    good = kind.good()
    for n in range(EACH):
        body = spoiled(chance.choice(good), chance)
        try:
            kind.check(body)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={seed} share {share}, document {n}: {body[:3000]!r}") from error
    if share == 0:
        say(f"{EACH * SHARES} spoiled {kind.name} documents read, seed {seed}")


def _own_ids(document: str, n: int) -> str:
    """The same with another message in it: one that was taken before is no test."""
    head = n + 1
    return document.replace('"update_id": ', f'"update_id": {head}').replace('"message_id": ', f'"message_id": {head}')


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_server_takes_and_keeps_them(kind: Kind, tmp_path: Path, say: Callable[[str], None]) -> None:
    """Posted as genuine calls: a 200 for each, the raw call kept where it could not be read, the store whole."""
    seed, chance = _chance(-1)
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        with server.client("admin") as admin:
            made = admin.post("/channels", json={"kind": kind.name, "name": "ch", "settings": kind.settings})
            assert made.is_success, made.text
        good = kind.good()
        made_up = (spoiled(_own_ids(chance.choice(good), n), chance) for n in range(POSTED))
        bodies = [body for body in made_up if 0 < len(body) < LARGEST]
        bad: list[tuple[int, bytes]] = []
        waiting = enumerate(itertools.chain(bodies))
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

            async def line() -> None:
                for n, body in waiting:
                    answer = await client.post(f"{server.url}/hooks/ch", content=body, headers=kind.headers(body, n))
                    if answer.status_code != 200:
                        bad.append((answer.status_code, body[:2000]))

            await asyncio.gather(*(line() for _ in range(AT_ONCE)))
        assert not bad, f"FUZZ_SEED={seed}: {bad[:3]}"
        with server.client("advisor") as advisor:
            page = advisor.get("/conversations", params={"view": "all", "limit": 200})
            assert page.status_code == 200, page.text
            for row in page.json()["items"][:50]:
                assert advisor.get(f"/conversations/{row['id']}/messages").status_code == 200
        assert await asyncio.to_thread(server.stop) == 0
        with contextlib.closing(look(server.data)) as store:
            states = dict(store.execute("SELECT state, count(*) FROM deliveries GROUP BY state"))
            faults = store.execute("SELECT error FROM deliveries WHERE error LIKE '%Error: %' LIMIT 5").fetchall()
            (messages,) = store.execute("SELECT count(*) FROM messages").fetchone()
        assert sum(states.values()) == (len(set(bodies)) if kind.by_body else len(bodies))
        assert not faults, f"FUZZ_SEED={seed}: facts that the store refused: {faults}"
        assert audit(server.data) == []
    say(f"{len(bodies)} spoiled {kind.name} calls posted, kept {states}, {messages} messages in them, seed {seed}")
