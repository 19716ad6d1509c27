"""A provider that hangs, is down or refuses our token: other channels go on, nothing is lost, nothing goes twice."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent_console.backend import calls
from agent_console.backend.api import Api
from server import wire
from server.desk import breaker
from server.sandbox.graph import Fault, Graph, serve
from server.sandbox.graph_state import Settings
from tests.faults.audit import audit
from tests.faults.office import Office, add_whatsapp, open_office, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("circuits")]

TIMES: dict[str, Any] = {"sent_after": 5, "delivered_after": 20, "read_after": 60}


async def meet(office: Office, graph: Graph, people: int, first: int = 1) -> list[int]:
    """So many customers write; their conversations."""
    before = {row.id for row in await rows(office)}
    await asyncio.gather(*(graph.write(f"5037{first + n:07}", "hola", name=f"P{first + n}") for n in range(people)))

    async def all_in() -> list[int]:
        found = [row.id for row in await rows(office) if row.id not in before]
        return found if len(found) == people else []

    return await until(all_in, f"{people} conversations")


async def rows(office: Office) -> list[wire.ConversationRow]:
    api = office.api("advisor")
    try:
        found, after = [], None
        while True:
            page = await api.send(calls.conversations("all", after=after, limit=200))
            found += page.items
            after = page.next
            if after is None:
                return found
    finally:
        await api.close()


async def answer(api: Api, conversations: list[int], each: int = 1) -> None:
    """Answer every conversation so many times, in order."""

    async def one(conversation: int) -> None:
        for n in range(each):
            await api.send(calls.reply(conversation, wire.Reply(text=f"{n}")))

    await asyncio.gather(*(one(conversation) for conversation in conversations))


async def health(api: Api, name: str) -> wire.Health:
    return (await api.send(calls.channel(name))).health


async def troubles(api: Api) -> list[tuple[str, str]]:
    page = await api.send(calls.events(since=0, limit=1000))
    found = list(page.items)
    while page.next is not None:
        page = await api.send(calls.events(since=int(page.next), limit=1000))
        found += page.items
    return [
        (event.kind, event.data["problem"])
        for event in found
        if event.kind.startswith("channel.") and "problem" in event.data
    ]


def count(office: Office, query: str, *params: Any) -> int:
    with contextlib.closing(office.database()) as store:
        return int(store.execute(query, params).fetchone()[0])


async def test_a_channel_that_hangs_holds_nobody_up(tmp_path: Path, say: Callable[[str], None]) -> None:
    async with open_office(tmp_path, pair_interval_ms=0, **TIMES) as office:
        other = Graph(Settings(phone_number_id="222", hook_url=f"{office.server.url}/hooks/wb", hook_retry=50, **TIMES))
        async with serve(other) as url:
            await asyncio.to_thread(add_whatsapp, office.server, other.settings, f"{url}/v26.0", "wb")
            slow = await meet(office, office.graph, 80)
            quick = await meet(office, other, 40, first=1000)
            office.graph.faults.add(Fault(kind="hang"))
            office.graph.settings.statuses = False  # nor do reports tell of what it took
            api = office.api("advisor")
            try:
                await answer(api, slow)

                async def hanging() -> bool:
                    return count(office, "SELECT count(*) FROM outbox WHERE state = 'sending'") > 0

                await until(hanging, "an attempt that hangs")
                started = time.monotonic()
                await answer(api, quick, 2)

                async def all_read() -> bool:
                    return all(len(customer.received) == 2 for customer in other.state.customers.values())

                await until(all_read, "the answers on the other channel", 15)
                say(f"80 answers beside a channel that hangs: {time.monotonic() - started:.1f} s")
                assert (await health(api, "wb")).state == "ok"

                async def paused() -> bool:
                    return (await health(api, "wa")).state == "down"

                await until(paused, "the pause of the channel that hangs")
                assert (await health(api, "wa")).waiting >= 80 - 2 * 16
            finally:
                await api.close()
            assert other.state.doubled() == {}


async def test_it_opens_when_the_provider_is_down_and_closes_by_itself(tmp_path: Path) -> None:
    async with open_office(tmp_path, pair_interval_ms=0, **TIMES) as office:
        conversations = await meet(office, office.graph, 60)
        fault = Fault(kind="error", code=131000)
        office.graph.faults.add(fault)
        api = office.api("admin")
        try:
            await answer(api, conversations)

            async def probed() -> bool:
                now = await health(api, "wa")
                return now.state == "down" and now.problem == "provider_down" and fault.hits > breaker.THRESHOLD + 2

            await until(probed, "a few probes")
            assert fault.hits < 40, "the channel was not left alone"
            office.graph.faults.clear()

            async def all_there() -> bool:
                return len(office.graph.state.accepted) == 60

            await until(all_there, "all answers")

            async def well() -> bool:
                return (await health(api, "wa")).problem == ""

            await until(well, "the recovery")
            assert await troubles(api) == [("channel.trouble", "provider_down"), ("channel.recovered", "provider_down")]
        finally:
            await api.close()
        assert office.graph.state.doubled() == {}


async def test_a_thousand_answers_with_a_bad_token_leave_once_when_it_is_renewed(tmp_path: Path) -> None:
    async with open_office(tmp_path, pair_interval_ms=0, **TIMES) as office:
        conversations = await meet(office, office.graph, 100)
        office.graph.settings.access_token = "the-new-one"
        api = office.api("admin")
        try:
            await answer(api, conversations, 10)

            async def paused() -> bool:
                now = await health(api, "wa")
                return (now.problem, now.waiting) == ("token", 1000)

            await until(paused, "the pause")
            assert office.graph.state.accepted == []
            assert count(office, "SELECT count(*) FROM messages WHERE status = 'failed'") == 0
            tried = count(office, "SELECT count(*) FROM attempts")
            assert tried < 60, "the channel was not left alone"
            await api.send(calls.change_channel("wa", wire.ChangeChannel(settings={"access_token": "the-new-one"})))

            async def all_there() -> bool:
                return len(office.graph.state.accepted) == 1000

            await until(all_there, "a thousand answers", 120)
            assert (await health(api, "wa")).problem == ""
        finally:
            await api.close()
        assert office.graph.state.doubled() == {}
        said: dict[str, list[str]] = {}
        for accepted in office.graph.state.accepted:
            said.setdefault(accepted.to, []).append(accepted.body["text"]["body"])
        assert set(map(tuple, said.values())) == {tuple(str(n) for n in range(10))}
        assert await office.graph.settle(60)
        assert await asyncio.to_thread(office.server.stop) == 0
        assert audit(office.server.data) == []
