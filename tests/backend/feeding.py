"""A server's end of the feed, which breaks every promise a server can break, and what a console keeps of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from agent_console.backend.live import Frame, Link
from server import wire

EPOCH = "e1"
NOW = 1_700_000_000_000
Script = Callable[["Line"], Awaitable[None]]


class Line:
    """One connection as the server sees it. `said`: every frame of the client after its hello, but those
    that tell when a key was `touched`."""

    def __init__(self, socket: ServerConnection, hello: wire.Hello) -> None:
        self.socket = socket
        self.hello = hello
        self.said: list[wire.ClientFrame] = []
        self.touched: list[int] = []

    async def send(self, frame: wire.ServerFrame | wire.FeedEvent) -> None:
        await self.socket.send(msgspec.json.encode(frame).decode())

    async def resume(self, head: int, epoch: str = EPOCH) -> None:
        frame = wire.Resume(since=self.hello.since, head=head, epoch=epoch, now=NOW)
        await self.send(wire.ServerFrame(resume=frame))

    async def events(self, *seqs: int) -> None:
        for seq in seqs:
            await self.send(wire.FeedEvent(seq=seq, at=NOW, kind="note.added", conversation=None, actor="system"))

    async def beat(self, head: int) -> None:
        await self.send(wire.ServerFrame(heartbeat=wire.Heartbeat(head_seq=head, now=NOW)))

    async def listen(self) -> None:
        """Take what the client says until it goes."""
        try:
            async for data in self.socket:
                frame = msgspec.json.decode(data, type=wire.ClientFrame)
                if isinstance(frame.touched, int):
                    self.touched.append(frame.touched)
                else:
                    self.said.append(frame)
        except ConnectionClosed:
            return


class Feed:
    """The server: `scripts` say what happens on the first, second … connection; the last one goes on for the rest."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.lines: list[Line] = []
        self.tokens: list[str] = []
        self.refuse = 0

    async def handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        self.tokens.append(request.headers.get("Authorization", ""))
        return connection.respond(self.refuse, "") if self.refuse else None

    async def serve(self, socket: ServerConnection) -> None:
        try:
            hello = msgspec.json.decode(await socket.recv(), type=wire.ClientFrame).hello
            assert hello is not None
            line = Line(socket, hello)
            self.lines.append(line)
            script = self.scripts[min(len(self.lines), len(self.scripts)) - 1]
            await script(line)
            await line.listen()
        except ConnectionClosed:
            return


class Client:
    """What a console keeps of the feed."""

    def __init__(self) -> None:
        self.seq = 0
        self.epoch = ""
        self.frames: list[Frame] = []
        self.links: list[Link] = []
        self._changed = asyncio.Event()

    def on_frame(self, frame: Frame) -> None:
        self.frames.append(frame)
        if isinstance(frame, wire.FeedEvent):
            self.seq = max(self.seq, frame.seq)
        elif frame.resume is not None:
            self.epoch = frame.resume.epoch
        elif frame.reset is not None:
            self.seq, self.epoch = frame.reset.head, frame.reset.epoch
        self._changed.set()

    def on_link(self, link: Link) -> None:
        self.links.append(link)
        self._changed.set()

    @property
    def states(self) -> list[str]:
        return [link.state for link in self.links]

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.frames if isinstance(frame, wire.FeedEvent)]

    async def until(self, met: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not met():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.05):  # some of what is waited for happens at the server
                        await self._changed.wait()
                except TimeoutError:
                    continue
