"""The server is killed again and again while rules fire: each event starts its rule once, and all of it is done."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest

from server.sandbox.graph_state import Settings
from tests.faults.office import add_whatsapp, look, until
from tests.real_server import RealServer
from tests.routes.desk import sign, whatsapp_message

MESSAGES = 120
KILLS = int(os.environ.get("FAULT_KILLS", "6"))
SETTINGS = Settings()


def set_up(server: RealServer) -> None:
    server.init().start().sign_in_all()
    add_whatsapp(server, SETTINGS, "http://127.0.0.1:9/v26.0")
    rules = [
        {"name": "nota", "on": ["received"], "then": [{"do": "note", "value": "visto"}], "active": True},
        {
            "name": "tarjetas",
            "on": ["received"],
            "condition": "tarjeta",
            "then": [{"do": "tag", "value": "tarjeta"}, {"do": "note", "value": "dos"}],
            "active": True,
        },
    ]
    with server.client("admin") as admin:
        assert admin.post("/tags", json={"name": "tarjeta"}).is_success
        for rule in rules:
            made = admin.post("/rules", json=rule)
            assert made.status_code == 201, made.text


def body(n: int) -> bytes:
    text = "mi tarjeta" if n % 3 == 0 else "buenos días"
    return whatsapp_message(text, f"5037{n:07}", f"wamid.{n}", number_id=SETTINGS.phone_number_id)


async def deliver(server: RealServer, chance: random.Random) -> None:
    """Every message until it has its 200, as a provider does."""
    left = list(range(MESSAGES))
    async with httpx.AsyncClient(timeout=5) as http:
        while left:
            n = left[0]
            headers = {"X-Hub-Signature-256": sign(body(n), SETTINGS.app_secret)}
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.post(f"{server.url}/hooks/wa", content=body(n), headers=headers)
                if answer.status_code == 200:
                    left.pop(0)
            await asyncio.sleep(chance.uniform(0, 0.06))


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_each_firing_once(tmp_path: Path, say: Callable[[str], None]) -> None:
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(2**32))
    say(f"seed {seed}")
    chance = random.Random(seed)
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(set_up, server)
        sending = asyncio.create_task(deliver(server, chance))
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.05, 1.2))
            server.kill()
            await asyncio.to_thread(server.start)
        await sending

        async def all_fired() -> bool:
            return len(firings(server)) >= MESSAGES + MESSAGES // 3

        await until(all_fired, "every rule")
        await asyncio.sleep(0.5)  # a second firing would come now
        server.kill()
        found = firings(server)
        assert {outcome for _, _, outcome in found} == {"fired"}
        times = Counter((rule, event) for rule, event, _ in found)
        assert set(times.values()) == {1}
        assert Counter(rule for rule, _, _ in found) == {"nota": MESSAGES, "tarjetas": MESSAGES // 3}
        with contextlib.closing(look(server.data)) as store:
            notes = Counter(text for (text,) in store.execute("SELECT text FROM messages WHERE direction = 'note'"))
            (tagged,) = store.execute("SELECT count(*) FROM conversation_tags").fetchone()
            days = dict(
                store.execute(
                    "SELECT r.name, sum(d.fired) FROM rule_days d JOIN rules r ON r.id = d.rule_id GROUP BY 1"
                )
            )
        assert notes == {"visto": MESSAGES, "dos": MESSAGES // 3}
        assert tagged == MESSAGES // 3
        assert days == {"nota": MESSAGES, "tarjetas": MESSAGES // 3}
        say(f"{len(found)} firings, {KILLS} kills")


def firings(server: RealServer) -> list[tuple[str, int, str]]:
    with contextlib.closing(look(server.data)) as store:
        rows = [
            msgspec.json.decode(data) for (data,) in store.execute("SELECT data FROM events WHERE kind = 'rule.fired'")
        ]
    return [(row["rule"], row["event"], row["outcome"]) for row in rows]
