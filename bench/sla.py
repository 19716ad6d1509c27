"""A promise to a customer that breaks: from the moment it was due to the alert in a console."""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
from websockets.sync.client import connect

from bench import hooks
from bench.figures import machine, spread
from server.wire import API, ClientFrame, FeedEvent, Hello
from tests.real_server import RealServer

PROMISES = 60
#: ms to the first answer, in place of a quarter of an hour
FIRST_RESPONSE = 4_000


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, RealServer(Path(folder)) as server:
        server.init().start().sign_in_all()
        with server.client("admin") as admin:
            made = admin.post("/channels", json={"kind": "whatsapp", "name": "wa", "settings": hooks.SETTINGS})
            assert made.is_success, made.text
        server.stop()
        with contextlib.closing(sqlite3.connect(server.data / "agent-console.db")) as store:
            store.execute(
                "INSERT INTO sla_policies (id, name, first_response_ms, next_response_ms, is_default, created_at)"
                " VALUES (99, 'bench', :ms, :ms, 1, 0) ON CONFLICT DO NOTHING",
                {"ms": FIRST_RESPONSE},
            )
            store.execute("UPDATE sla_policies SET first_response_ms = ?", (FIRST_RESPONSE,))
            store.commit()
        server.start()
        late = _breaches(server)
        yield {"what": "due to alert", "promises": PROMISES, **spread(late), "machine": machine()}


def _breaches(server: RealServer) -> list[float]:
    """Seconds from due to the frame, of each."""
    late: list[float] = []
    due: dict[int, int] = {}
    headers = {"Authorization": f"Bearer {server.tokens['advisor']}"}
    url = server.url.replace("http", "ws", 1) + API + "/feed"
    with connect(url, additional_headers=headers, compression=None, proxy=None) as console, httpx.Client() as provider:
        console.send(msgspec.json.encode(ClientFrame(hello=Hello())).decode())
        for n in range(PROMISES):
            head, _, body = hooks.request("/hooks/wa", hooks.message("sla", n)).partition(b"\r\n\r\n")
            signed = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
            assert provider.post(server.url + "/hooks/wa", content=body, headers=signed).status_code == 200
            time.sleep(0.02)  # promises fall due one after the other
        decode = msgspec.json.Decoder(FeedEvent).decode
        while len(late) < PROMISES:
            frame = console.recv(timeout=30)
            if '"seq"' not in str(frame)[:12]:
                continue
            event = decode(frame)
            if event.kind == "sla.started" and event.conversation is not None:
                due[event.conversation] = int(event.data["due_at"])
            elif event.kind == "sla.breached" and event.conversation in due:
                late.append(time.time() - due[event.conversation] / 1000)
    return late
