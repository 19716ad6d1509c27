"""Telegram over a bad line: sent is shown is stored, nothing goes twice, each update is taken exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from server.sandbox.graph_faults import Fault
from server.sandbox.telegram import BotApi, Settings, serve
from tests.faults.audit import audit
from tests.faults.office import Office, look, until
from tests.faults.replies import Case, Outcome, play, text_of
from tests.real_server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ANA = 5037001
KILLS = int(os.environ.get("FAULT_TELEGRAM_KILLS", "10"))


def _error(status: int, detail: str, **more: Any) -> Fault:
    return Fault(kind="error", status=status, detail=detail, times=1, **more)


def _once(kind: Any, **more: Any) -> Fault:
    return Fault(kind=kind, times=more.pop("times", 1), **more)


CASES = (
    Case("nothing", (), "sent"),
    Case("429, retry after 2", (_error(429, "Too Many Requests", retry_after=2),), "sent", pause_ms=2_000),
    Case("429 of a proxy, twice", (_once("status", status=429, times=2),), "sent"),
    Case("503, Retry-After 1", (_once("status", status=503, retry_after=1),), "sent", pause_ms=1_000),
    Case("redirect", (_once("status", status=302),), "sent"),
    Case("slow", (_once("slow", ms=1_500),), "sent"),
    Case("blocked", (_error(403, "Forbidden: bot was blocked by the user"),), "failed", 0, "blocked", "resend"),
    Case("not found", (_error(400, "Bad Request: chat not found"),), "failed", 0, "recipient_unknown", "resend"),
    Case("token, for a moment", (_error(401, "Unauthorized"),), "sent"),
    Case("500", (_error(500, "Internal Server Error"),), "unknown", 0, then="resend"),
    Case("502 of a proxy", (_once("status", status=502),), "unknown", 0, then="resend"),
    Case("cut before", (_once("cut_before"),), "unknown", 0, then="resend"),
    Case("cut", (_once("cut"),), "unknown", 1, then="sent"),
    Case("garbled", (_once("garbled"),), "unknown", 1, then="sent"),
    Case("hang", (_once("hang"),), "unknown", 1, then="sent"),
)


class Played(NamedTuple):
    outcomes: dict[str, Outcome]
    bots: dict[str, BotApi]
    faults: list[str]


def _channel(case: Case) -> str:
    return f"tg-{CASES.index(case)}"


def _settings(n: int) -> Settings:
    return Settings(token=f"{7000 + n}:sandbox-bot-token-0123456789abcdef")


def _add(server: RealServer, name: str, url: str, token: str, **more: str) -> None:
    with server.client("admin") as admin:
        body = {"kind": "telegram", "name": name, "settings": {"token": token, "api_url": url, **more}}
        made = admin.post("/channels", json=body)
        assert made.is_success, made.text


async def _play(home: Path) -> Played:
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(RealServer(home))
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        bots: dict[str, BotApi] = {}
        for n, case in enumerate(CASES):
            bot = bots[_channel(case)] = BotApi(_settings(n))
            for fault in case.faults:
                fault.ref = text_of(case, 0)
                bot.faults.add(fault)
            url = await stack.enter_async_context(serve(bot))
            await asyncio.to_thread(_add, server, _channel(case), url, bot.settings.token)
            await bot.write(ANA, "hola", first_name=f"Ana {n}")
        api = Office(server, None).api("advisor")  # type: ignore[arg-type]
        try:

            async def all_wrote() -> bool:
                return await _count(server) == len(CASES)

            await until(all_wrote, "a message in each channel")
            outcomes = await play(api, {_channel(case): case for case in CASES}, "sent")
        finally:
            await api.close()
        assert await asyncio.to_thread(server.stop) == 0
        return Played(outcomes, bots, audit(server.data))


async def _count(server: RealServer) -> int:
    with contextlib.closing(look(server.data)) as store:
        return int(store.execute("SELECT count(*) FROM messages WHERE direction = 'in'").fetchone()[0])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(_play(tmp_path_factory.mktemp("telegram")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_it(played: Played, case: Case) -> None:
    outcome, bot = played.outcomes[_channel(case)], played.bots[_channel(case)]
    assert (outcome.first[0].status, outcome.first[0].failure) == (case.status, case.reason)
    shown = [received.text for received in bot.state.chats[ANA].received]
    assert Counter(shown) == dict.fromkeys((text_of(case, n) for n in range(3)), 1)
    assert bot.state.doubled() == {}
    ids = {f"{ANA}:{received.id}": received.text for received in bot.state.chats[ANA].received}
    for message in outcome.last:
        if message.external_id is not None:
            assert ids[message.external_id] == message.text
    if case.pause_ms:
        moments = [accepted.at for accepted in bot.state.accepted]
        assert moments[0] - outcome.first[0].at >= case.pause_ms


def test_the_store_is_whole(played: Played) -> None:
    assert played.faults == []


# ---------------------------------------------------------------- what comes in


#: what goes wrong with every third fetch
LINE = (
    Fault(kind="status", on="node", status=502, rate=0.1),
    Fault(kind="error", on="node", status=500, detail="Internal Server Error", rate=0.1),
    Fault(kind="error", on="node", status=429, detail="Too Many Requests", retry_after=1, rate=0.05),
    Fault(kind="cut", on="node", rate=0.1),
    Fault(kind="cut_before", on="node", rate=0.1),
    Fault(kind="garbled", on="node", rate=0.1),
    Fault(kind="duplicate", rate=0.2),
    Fault(kind="reorder", rate=0.2),
)


@pytest.mark.parametrize("mode", ["poll", "webhook"])
async def test_each_update_once_over_a_bad_line(tmp_path: Path, mode: str) -> None:
    bot = BotApi(seed=7)
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        async with serve(bot) as url:
            more = {"mode": "webhook", "secret_token": "our-word"} if mode == "webhook" else {}
            await asyncio.to_thread(_add, server, "tg", url, bot.settings.token, **more)
            if mode == "webhook":
                bot.state.hook.url, bot.state.hook.secret_token = f"{server.url}/hooks/tg", "our-word"
                bot.faults.add(Fault(kind="delay", ms=30, rate=0.3))
            bot.faults.add(*LINE)
            sent = [await bot.write(ANA + n % 10, f"{n}") for n in range(120)]
            callbacks = [await bot.press(ANA, sent[0], f"b{n}") for n in range(5)]

            async def all_in() -> bool:
                return await _count(server) >= 125 and set(callbacks) <= bot.state.answered

            await until(all_in, "all updates", 120)
            bot.faults.clear()
            await bot.settle(30)
        assert await asyncio.to_thread(server.stop) == 0
    with contextlib.closing(look(server.data)) as store:
        texts = Counter(text for (text,) in store.execute("SELECT text FROM messages"))
    assert texts == dict.fromkeys([*map(str, range(120)), *(f"b{n}" for n in range(5))], 1)
    assert audit(server.data) == []


async def test_killed_while_it_fetches(tmp_path: Path, say: Callable[[str], None]) -> None:
    """kill -9 at any moment of fetching, storing and confirming: each update is there exactly once."""
    seed = int(os.environ.get("FAULT_SEED") or random.randrange(2**32))
    chance, bot = random.Random(seed), BotApi()
    with RealServer(tmp_path) as server:
        await asyncio.to_thread(lambda: server.init().start().sign_in_all())
        async with serve(bot) as url:
            await asyncio.to_thread(_add, server, "tg", url, bot.settings.token)
            written, stopping = 0, False

            async def people() -> None:
                nonlocal written
                while not stopping:
                    for _ in range(chance.choice((1, 1, 5, 20))):
                        await bot.write(ANA + chance.randrange(20), f"{written}")
                        written += 1
                    await asyncio.sleep(chance.uniform(0.05, 0.3))

            writing = asyncio.create_task(people())
            for _ in range(KILLS):
                before = await _count(server)
                wanted = before + chance.choice((0, 1, 10, 60))

                async def some(wanted: int = wanted) -> bool:
                    return await _count(server) >= wanted

                await until(some, "some messages")
                await asyncio.sleep(chance.uniform(0, 0.1))
                server.kill()
                await asyncio.to_thread(server.start)
            stopping = True
            await writing

            async def all_in() -> bool:
                return await _count(server) >= written and not bot.state.updates

            await until(all_in, "all updates", 90)
        assert await asyncio.to_thread(server.stop) == 0
    with contextlib.closing(look(server.data)) as store:
        texts = Counter(text for (text,) in store.execute("SELECT text FROM messages"))
        (again,) = store.execute("SELECT sum(offered - 1) FROM deliveries").fetchone()
    assert texts == dict.fromkeys(map(str, range(written)), 1), f"FAULT_SEED={seed}"
    assert audit(server.data) == [], f"FAULT_SEED={seed}"
    say(f"telegram: {KILLS} kills, {written} updates stored once each, {again} offered again, seed {seed}")
