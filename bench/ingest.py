"""Webhook to 200, durable: a real server under signed webhooks, beside raw SQLite group commit on the same disk."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import queue
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from bench import hooks
from bench.figures import cpu_seconds, machine, rss_mb, spread
from server.store.engine import open_writer
from server.store.store import Store
from tests.real_server import RealServer

SENDERS = (1, 16, 32)


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, RealServer(Path(folder)) as server:
        server.init().start().sign_in_all()
        with server.client("admin") as admin:
            made = admin.post("/channels", json={"kind": "whatsapp", "name": "wa", "settings": hooks.SETTINGS})
            assert made.is_success, made.text
        assert server.process is not None
        pid, port = server.process.pid, int(server.url.rpartition(":")[2])
        asyncio.run(hooks.load(port, "/hooks/wa", 16, 1.0, "warm"))
        for senders in SENDERS:
            cpu = cpu_seconds(pid)
            took, wall = asyncio.run(hooks.load(port, "/hooks/wa", senders, options.seconds, f"s{senders}x"))
            cpu = cpu_seconds(pid) - cpu
            raw, raw_took = raw_group_commit(Path(folder) / f"raw{senders}", senders, options.seconds / 2)
            rate = len(took) / wall
            yield {
                "senders": senders,
                "per_second": round(rate),
                **spread(took),
                "raw_per_second": round(raw),
                **{f"raw_{name}": value for name, value in spread(raw_took).items()},
                "ratio": round(rate / raw, 2),
                "server_cpu_us_each": round(cpu / len(took) * 1e6),
                "server_rss_mb": rss_mb(pid),
                "machine": machine(),
            }


def raw_group_commit(folder: Path, producers: int, seconds: float) -> tuple[float, list[float]]:
    """The least that must be done for the same rows: our tables and indexes, and nothing of ours around them.

    One writer thread, `synchronous=FULL`, a savepoint each, answers after the commit. A message is its raw call, its
    row, which may meet its duplicate, an update of its conversation and a line of the journal.
    (messages a second, seconds of each).
    """
    folder.mkdir()
    store = Store(folder)
    store.close()
    conn = open_writer(store.path)
    conn.execute("INSERT INTO channels (id, kind, name, created_at) VALUES (1, 'whatsapp', 'wa', 0)")
    for n in range(1, hooks.PEOPLE + 1):
        conn.execute("INSERT INTO contacts (id, name, created_at, updated_at) VALUES (?, ?, 0, 0)", (n, f"Socia {n}"))
        conn.execute(
            "INSERT INTO conversations (id, channel_id, contact_id, handle_id, thread, state, created_at, last_at,"
            " sort_key) VALUES (:n, 1, :n, :n, :n, 'queued', 0, 0, :n)",
            {"n": n},
        )
    work: queue.SimpleQueue[tuple[int, bytes, Future[None]] | None] = queue.SimpleQueue()
    writer = threading.Thread(target=_write, args=(conn, work))
    writer.start()
    numbers = iter(range(10**8))
    took: list[float] = []
    end = time.perf_counter() + seconds

    def produce() -> None:
        while (started := time.perf_counter()) < end:
            number, future = next(numbers), Future[None]()
            work.put((number, hooks.message("raw", number), future))
            future.result()
            took.append(time.perf_counter() - started)

    started = time.perf_counter()
    threads = [threading.Thread(target=produce) for _ in range(producers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - started
    work.put(None)
    writer.join()
    conn.close()
    return len(took) / wall, took


def _write(conn: sqlite3.Connection, work: queue.SimpleQueue[tuple[int, bytes, Future[None]] | None]) -> None:
    id = 0
    while (first := work.get()) is not None:
        batch = [first]
        while len(batch) < 256:
            try:
                more = work.get_nowait()
            except queue.Empty:
                break
            if more is None:
                work.put(None)
                break
            batch.append(more)
        conn.execute("BEGIN IMMEDIATE")
        for number, body, _ in batch:
            id, now, conversation = id + 1, time.time_ns() // 1_000_000, number % hooks.PEOPLE + 1
            text = f"buenos días, ¿me ayuda con el saldo de mi tarjeta? es la consulta {number}"
            conn.execute("SAVEPOINT one")
            conn.execute(
                "INSERT INTO deliveries (id, channel_id, received_at, digest, body, state)"
                " VALUES (?, 1, ?, ?, ?, 'done') ON CONFLICT (channel_id, digest) DO NOTHING",
                (id, now, hashlib.sha256(body).hexdigest(), body),
            )
            conn.execute(
                "INSERT INTO messages (id, conversation_id, channel_id, direction, kind, text, at, received_at, status,"
                " external_id) VALUES (?, ?, 1, 'in', 'text', ?, ?, ?, 'received', ?)"
                " ON CONFLICT (channel_id, external_id) DO NOTHING",
                (id, conversation, text, now, now, f"wamid.{number}"),
            )
            conn.execute(
                "UPDATE conversations SET last_at = ?, sort_key = ?, inbound = inbound + 1, preview = ? WHERE id = ?",
                (now, now, text, conversation),
            )
            conn.execute("INSERT INTO events VALUES (?, ?, 'message.received', ?, 'x', '{}')", (id, now, conversation))
            conn.execute("RELEASE one")
        conn.execute("COMMIT")
        for *_, future in batch:
            future.set_result(None)
