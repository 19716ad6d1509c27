"""What one customer's message costs the writer: statements and CPU, a first message and a later one, without HTTP.

CPU of the writer's thread alone, in turns; take the best of them on a machine that others use too.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import hooks
from bench.figures import machine
from server.commands.channels import open_adapter
from server.commands.door import SYSTEM
from server.commands.receive import Receive
from server.store import channels
from server.store.store import Snapshot, Tx, now_ms
from tests.commands.office import Office

TURNS, MESSAGES = 20, 200
#: what WhatsApp calls the account of the messages that `hooks` makes
_ACCOUNT = hooks.SETTINGS["phone_number_id"]


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        office.store.clock = now_ms
        office.store.write_now("system", _serve)
        try:
            yield from asyncio.run(_measure(office))
        finally:
            office.close()


def _serve(tx: Tx) -> None:
    """Let the office's channel be the one that the messages are for."""
    tx.run("UPDATE channels SET account = ? WHERE id = ?", (_ACCOUNT, Office.channel))


async def _measure(office: Office) -> list[dict[str, Any]]:
    cost: dict[str, list[float]] = {"first": [], "later": []}
    await _take_in(office, _calls(office, "warm", 0, MESSAGES))
    for turn in range(1, TURNS + 1):
        for what, took in cost.items():
            took.append(await _take_in(office, _calls(office, what, turn * MESSAGES, MESSAGES)))
    return [
        {
            "what": f"a {what} message",
            "statements": await _count(office, _calls(office, what, 10**6, 1)[0]),
            "writer_cpu_us": {"best": round(min(took)), "p50": round(sorted(took)[TURNS // 2])},
            "machine": machine(),
        }
        for what, took in cost.items()
    ]


def _calls(office: Office, tag: str, start: int, count: int) -> list[Receive]:
    """Provider's calls of as many people, read. The same numbers are the same people."""

    def adapter(read: Snapshot) -> Any:
        channel = channels.get(read, Office.channel)
        assert channel is not None
        return open_adapter(read, channel)

    parse, now, calls = office.store.read_now(adapter).parse, now_ms(), []
    for number in range(start, start + count):
        body = hooks.message(tag, number, people=10**7)
        calls.append(Receive(channel_id=Office.channel, body=body, facts=parse(body, now), received_at=now))
    return calls


async def _take_in(office: Office, calls: list[Receive]) -> float:
    """CPU of the writer for each, in µs, all of them waiting at once."""
    before = office.store.write_now("system", lambda tx: time.thread_time())
    received = await asyncio.gather(*(office.door.do(SYSTEM, call) for call in calls))
    after = office.store.write_now("system", lambda tx: time.thread_time())
    assert all(each.messages and not each.unreadable for each in received)
    return (after - before) / len(calls) * 1e6


async def _count(office: Office, call: Receive) -> int:
    """The statements of one, with those of its transaction and those that the full-text index makes of them."""
    said: list[str] = []
    office.store.write_now("system", lambda tx: tx.conn.set_trace_callback(said.append))
    await office.door.do(SYSTEM, call)
    office.store.write_now("system", lambda tx: tx.conn.set_trace_callback(None))
    return len(said[2:-2])  # the end of the transaction that began to listen, the beginning of the one that ended it
