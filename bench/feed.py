"""The live feed under consoles: from a webhook's first byte to the frame in every console, while answers go out too."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench import consoles, hooks
from bench.figures import cpu_seconds, machine, rss_mb, spread
from server.sandbox.graph import Graph, serve
from server.sandbox.graph_state import Settings
from tests.real_server import PASSWORD, RealServer

#: customers' messages and advisors' answers a second
MESSAGES, ANSWERS = 20.0, 5.0
#: different people behind the consoles
ADVISORS = 10


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for count in (1, *(int(word) for word in options.consoles.split(","))):
        with tempfile.TemporaryDirectory() as folder, RealServer(Path(folder)) as server:
            server.init().start().sign_in_all()
            yield asyncio.run(_measure(server, count, options.seconds)) | {"machine": machine()}


async def _measure(server: RealServer, count: int, seconds: float) -> dict[str, Any]:
    settings = Settings(hook_url=f"{server.url}/hooks/wa", app_secret=hooks.SECRET, access_token="t", hook_parallel=4)
    graph = Graph(settings)
    async with serve(graph) as url:
        tokens = await asyncio.to_thread(_people, server, f"{url}/v26.0")
        assert server.process is not None
        pid, port = server.process.pid, int(server.url.rpartition(":")[2])
        before = rss_mb(pid)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.consoles", str(port), str(count)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=1 << 28,
        )
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{len(tokens)}\n{''.join(f'{token}{chr(10)}' for token in tokens)}".encode())
        assert await process.stdout.readline() == b"ready\n"
        idle = cpu_seconds(pid)
        await asyncio.sleep(2)
        idle = (cpu_seconds(pid) - idle) / 2
        cpu, ours = cpu_seconds(pid), cpu_seconds(process.pid)
        answered = await _work(port, server, tokens, graph, seconds)
        await graph.settle()
        cpu, ours = cpu_seconds(pid) - cpu, cpu_seconds(process.pid) - ours
        after = rss_mb(pid)
        process.stdin.close()
        told = json.loads(await process.stdout.readline())
        await process.wait()
    frames = max(1, told["frames"])
    sent = max(1, len(told["latencies"]) // count)
    return {
        "consoles": count,
        "messages": sent,
        "answers": answered,
        "events_each": told["events"] // count,
        **spread(told["latencies"]),
        "lost_connections": told["lost"],
        "server_core_share": round(cpu / seconds, 3),
        "server_core_share_idle": round(idle, 3),
        "server_cpu_us_a_frame": round(cpu / frames * 1e6, 1),
        "consoles_core_share": round(ours / seconds, 3),
        "frames_per_second": round(frames / seconds),
        "server_rss_mb": after,
        "server_rss_mb_before": before,
    }


def _people(server: RealServer, graph_url: str) -> list[str]:
    """The channel, some conversations' worth of people, and the tokens of those at the consoles."""
    with server.client("admin") as admin:
        given = hooks.SETTINGS | {"graph_url": graph_url}
        made = admin.post("/channels", json={"kind": "whatsapp", "name": "wa", "settings": given})
        assert made.is_success, made.text
        for n in range(ADVISORS):
            made = admin.post("/users", json={"name": f"a{n}", "password": PASSWORD})
            assert made.is_success, made.text
    return [server.sign_in(f"a{n}") for n in range(ADVISORS)]


async def _work(port: int, server: RealServer, tokens: list[str], graph: Graph, seconds: float) -> int:
    """Customers write and advisors answer, each at random moments, for `seconds`. How many answers."""
    end = time.perf_counter() + seconds
    chance = random.Random(5)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0

    async def customers() -> None:
        number = 0
        while time.perf_counter() < end:
            await asyncio.sleep(chance.expovariate(MESSAGES))
            number += 1
            graph.customer(f"5037{number % hooks.PEOPLE:07}", open_window=True)
            text = f"{consoles.MARK.decode()}{time.time_ns()} buenos días, ¿me ayuda con el saldo de mi tarjeta?"
            status = await hooks.post(reader, writer, hooks.request("/hooks/wa", hooks.message("feed", number, text)))
            assert status == 200, f"HTTP {status}"

    async def advisors() -> None:
        nonlocal answered
        async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False, timeout=30) as client:
            while time.perf_counter() < end:
                await asyncio.sleep(chance.expovariate(ANSWERS))
                headers = {"Authorization": f"Bearer {chance.choice(tokens)}"}
                page = (await client.get("/conversations?view=unassigned&limit=20", headers=headers)).json()
                if page["items"]:
                    path = f"/conversations/{chance.choice(page['items'])['id']}/replies"
                    answer = await client.post(path, headers=headers, json={"text": "con gusto, permítame revisar"})
                    answered += answer.status_code == 201

    await asyncio.gather(customers(), advisors())
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return answered
