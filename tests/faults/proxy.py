"""A wire that can be cut, clogged and made one-way, between a console and its server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Literal

#: `open`: all bytes pass · `stalled`: none do, and connections stay open · `deaf`: what the server says is lost, what
#: the console says arrives · `down`: nobody is there
State = Literal["open", "stalled", "deaf", "down"]


class Proxy:
    """Forwards TCP from `port` to the server's. Bytes that wait while it is stalled go on when it is opened."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.state: State = "open"
        self.connections = 0
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        """Be there, on any free port at first and on the same one from then on."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._become("open")

    async def cut(self) -> None:
        """Reset every connection and be gone: a new one is refused."""
        self._become("down")
        if self._server is not None:
            self._server.close()
        self.reset()

    def reset(self) -> None:
        """Reset every connection; new ones are taken."""
        for writer in self._writers:
            writer.transport.abort()

    def stall(self) -> None:
        """From now on no byte passes, either way; connections are still taken."""
        self._become("stalled")

    def deafen(self) -> None:
        """From now on what the server says is lost."""
        self._become("deaf")

    def go_on(self) -> None:
        """Let everything pass again, and what has waited."""
        self._become("open")

    async def close(self) -> None:
        await self.cut()
        self._open.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _become(self, state: State) -> None:
        self.state = state
        if state == "stalled":
            self._open.clear()
        else:
            self._open.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        except asyncio.CancelledError:  # the test is over
            writer.transport.abort()
            raise
        self._writers |= {writer, back}
        try:
            await asyncio.gather(self._pump(reader, back, False), self._pump(there, writer, True))
        finally:
            self._writers -= {writer, back}
            for one in (writer, back):
                one.close()
            for one in (writer, back):
                with contextlib.suppress(OSError):
                    await one.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, home: bool) -> None:
        """Carry bytes one way until the connection ends; `home`: from the server to the console."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._open.wait()
                if home and self.state == "deaf":
                    continue
                writer.write(data)
                await writer.drain()
            await self._open.wait()
            if not (home and self.state == "deaf"):
                writer.write_eof()


@contextlib.asynccontextmanager
async def proxied(target: int) -> AsyncIterator[Proxy]:
    """A proxy to the local port `target` while the block runs."""
    proxy = Proxy(target)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.close()
