"""Many consoles on the feed in one process: `python -m bench.consoles PORT COUNT` (tokens on stdin, one a line).

Each is a websocket that takes every frame and looks no further than it must, so that what is measured is the server.
Says `ready` when all have been greeted; ends when stdin ends, and prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import sys
import time

from server.wire import API

#: what the measured message begins with; its time of sending (ns) follows
MARK = b"@sent "
_DIGITS = 19


class Seen:
    """What all consoles saw together."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.frames = 0
        self.events = 0
        self.bytes = 0
        self.greeted = 0
        self.lost = 0
        self.all_greeted = asyncio.Event()
        self.wanted = 0


class Console(asyncio.Protocol):
    """One websocket, by hand: frames from a server are not masked, and ours are few."""

    def __init__(self, seen: Seen, token: str) -> None:
        self.seen = seen
        self.token = token
        self.rest = b""
        self.upgraded = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {API}/feed HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Authorization: Bearer {self.token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.time_ns()
        data = self.rest + data
        if not self.upgraded:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            assert b" 101 " in head, head
            self.upgraded = True
            self._send(b'{"hello":{"since":0,"epoch":""}}')
        at, size = 0, len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                if size - at < 4:
                    break
                length, start = struct.unpack_from("!H", data, at + 2)[0], at + 4
            elif length == 127:
                if size - at < 10:
                    break
                length, start = struct.unpack_from("!Q", data, at + 2)[0], at + 10
            if size - start < length:
                break
            self._frame(data, data[at] & 15, start, start + length, now)
            at = start + length
        self.rest = data[at:]

    def _frame(self, data: bytes, kind: int, start: int, end: int, now: int) -> None:
        seen = self.seen
        seen.frames += 1
        seen.bytes += end - start
        if kind == 9:
            self._send(data[start:end], 10)
        elif data.startswith(b'{"seq"', start):
            seen.events += 1
            if data.find(b'"message.received"', start, end) >= 0:
                mark = data.find(MARK, start, end)
                if mark >= 0:
                    sent = int(data[mark + len(MARK) : mark + len(MARK) + _DIGITS])
                    seen.latencies.append((now - sent) / 1e9)
        elif data.startswith((b'{"reset"', b'{"resume"'), start):
            seen.greeted += 1
            if seen.greeted == seen.wanted:
                seen.all_greeted.set()

    def _send(self, payload: bytes, kind: int = 1) -> None:
        assert self.transport is not None
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
        self.transport.write(bytes((0x80 | kind, 0x80 | len(payload))) + mask + masked)

    def connection_lost(self, error: Exception | None) -> None:
        self.seen.lost += 1


async def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    tokens = [sys.stdin.readline().strip() for _ in range(int(sys.stdin.readline()))]
    seen = Seen()
    seen.wanted = count
    loop = asyncio.get_running_loop()
    for start in range(0, count, 50):
        several = range(start, min(count, start + 50))
        await asyncio.gather(
            *(
                loop.create_connection(lambda n=n: Console(seen, tokens[n % len(tokens)]), "127.0.0.1", port)  # type: ignore[misc]
                for n in several
            )
        )
    await seen.all_greeted.wait()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    told = {name: getattr(seen, name) for name in ("latencies", "frames", "events", "bytes", "lost")}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    os._exit(0)  # five hundred goodbyes tell nothing


if __name__ == "__main__":
    asyncio.run(main())
