"""A promise to a customer that breaks: from the moment it was due to the alert on a console.

Three times: promises that fall due one after the other; the same with many clocks running that are not due; and a wave
of promises that fall due at almost the same moment.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from websockets.sync.client import ClientConnection, connect

from bench import hooks
from bench.figures import machine, spread
from server.wire import API, ClientFrame, FeedEvent, Hello
from tests.real_server import RealServer

PROMISES = 60
#: conversations whose clocks run and are not due
RUNNING = 10_000
#: promises that fall due as fast as they were taken in
WAVE = 1_000
#: ms to the first answer on the channel that is measured
FIRST_RESPONSE = 4_000
#: what the rules of the measured channel and of the other one are called
MEASURED, OTHER = "wb", "wa"
SENDERS = 16


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, RealServer(Path(folder)) as server:
        server.init().start().sign_in_all()
        _set_up(server)
        yield {"what": "due to alert", "promises": PROMISES, **spread(_breaches(server, 0, PROMISES, 0.05))}
        asyncio.run(_write(server, OTHER, range(RUNNING), 0.0))
        late = _breaches(server, PROMISES, PROMISES, 0.05)
        yield {"what": "due to alert, many clocks", "promises": PROMISES, "clocks": RUNNING, **spread(late)}
        late = _breaches(server, 2 * PROMISES, WAVE, 0.0)
        yield {
            "what": "due to alert, a wave",
            "promises": WAVE,
            "clocks": RUNNING,
            **spread(late),
            "machine": machine(),
        }


def _set_up(server: RealServer) -> None:
    """Two channels; only on one of them promises are short."""
    with server.client("admin") as admin:
        for name in (OTHER, MEASURED):
            settings = {**hooks.SETTINGS, "phone_number_id": _account(name)}
            made = admin.post("/channels", json={"kind": "whatsapp", "name": name, "settings": settings})
            assert made.is_success, made.text
        day = admin.patch("/sla/policies/default", json={"first_response_ms": 86_400_000})
        assert day.is_success, day.text
        short = {"name": "bench", "when": {"channel": [MEASURED]}, "first_response_ms": FIRST_RESPONSE}
        made = admin.post("/sla/policies", json=short)
        assert made.is_success, made.text


def _account(channel: str) -> str:
    return {"wa": "106540352242922", "wb": "106540352242923"}[channel]


def _message(channel: str, number: int) -> bytes:
    """A first message of a customer who writes for the first time."""
    call = json.loads(hooks.message(channel, number))
    value = call["entry"][0]["changes"][0]["value"]
    phone = f"5036{number:07}"
    value["metadata"]["phone_number_id"] = _account(channel)
    value["contacts"][0]["wa_id"] = value["messages"][0]["from"] = phone
    return json.dumps(call).encode()


async def _write(server: RealServer, channel: str, numbers: range, apart: float) -> None:
    """Customers write: one after the other, or (not `apart`) as fast as they are taken in."""
    port = int(server.url.rpartition(":")[2])
    waiting = iter(numbers)

    async def sender() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in waiting:
            data = hooks.request(f"/hooks/{channel}", _message(channel, number))
            assert await hooks.post(reader, writer, data) == 200
            await asyncio.sleep(apart)
        writer.close()

    await asyncio.gather(*(sender() for _ in range(1 if apart else SENDERS)))


def _breaches(server: RealServer, first: int, count: int, apart: float) -> list[float]:
    """Seconds from due to the frame of the alert, of each."""
    headers = {"Authorization": f"Bearer {server.tokens['supervisor']}"}
    url = server.url.replace("http", "ws", 1) + API + "/feed"
    with connect(url, additional_headers=headers, compression=None, proxy=None, max_queue=None) as console:
        console.send(msgspec.json.encode(ClientFrame(hello=Hello())).decode())
        console.recv(timeout=30)
        written = _write(server, MEASURED, range(first, first + count), apart)
        customers = threading.Thread(target=asyncio.run, args=(written,))
        customers.start()
        late = list(_alerts(console, count))
        customers.join()
        return late


def _alerts(console: ClientConnection, count: int) -> Iterator[float]:
    decode = msgspec.json.Decoder(FeedEvent).decode
    while count:
        frame = console.recv(timeout=60)
        came = time.time()
        with contextlib.suppress(msgspec.ValidationError):
            event = decode(frame)
            if event.kind == "alert.raised" and event.data["alert"]["kind"] == "sla_breached":
                count -= 1
                yield came - event.data["alert"]["data"]["due_at"] / 1000
