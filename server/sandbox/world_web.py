"""A simulated visitor's browser: the web chat's protocol over a real socket (`server.webchat.protocol`)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from server.sandbox.members import Member
from server.sandbox.members_story import Part
from server.sandbox.world_ledger import Ledger
from server.sandbox.world_line import Heard, Line
from server.webchat import protocol

#: share of messages that are sent twice although the first was taken
TWICE = 0.08
#: seconds before a lost line is tried again, at most
AGAIN = 3.0

_decode = msgspec.json.Decoder(protocol.ToVisitor)


class Browser(Line):
    """One visitor with the chat open. Keeps what it could not send and sends it again, as the widget does."""

    def __init__(self, member: Member, url: str, ledger: Ledger, rng: random.Random) -> None:
        super().__init__(member, ledger, rng)
        self._url = url
        self._line: ClientConnection | None = None
        self._running: asyncio.Task[None] | None = None
        self._welcome = asyncio.Event()
        self._acks: dict[str, asyncio.Future[None]] = {}
        self._unsent: dict[str, str] = {}
        self._seq, self._epoch = 0, ""
        self._shown: set[int] = set()
        self._read: set[int] = set()
        self._away = 0.0

    async def open(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await self._welcome.wait()

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    # ---------------------------------------------------------------- the line

    async def _run(self) -> None:
        """Connect, talk, and come back when the line is lost."""
        parts = urlsplit(self._url)
        socket = self._url.replace("http", "ws", 1) + "/socket"
        while True:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                async with connect(
                    socket,
                    origin=f"{parts.scheme}://{parts.netloc}",  # type: ignore[arg-type]
                    compression=None,
                    proxy=None,
                    close_timeout=1,
                    ping_interval=None,
                ) as line:
                    await self._talk(line)
            self._line = None
            self._welcome.clear()
            await asyncio.sleep(self._away or self._rng.uniform(0.2, AGAIN))
            self._away = 0.0

    async def _talk(self, line: ClientConnection) -> None:
        name = "" if self._rng.random() < 0.1 else self.member.name
        await line.send(
            _encode(protocol.Hello(visitor=self.member.address, since=self._seq, epoch=self._epoch, name=name))
        )
        pinging: asyncio.Task[None] | None = None
        try:
            async for data in line:
                frame = _decode.decode(data)
                if isinstance(frame, protocol.Welcome):
                    self._line = line
                    if self._read:  # the last of it may have been lost with the line
                        await line.send(_encode(protocol.Read(ids=sorted(self._read)[-protocol.IDS_LIMIT :])))
                    await self._take(line, frame.seq, frame.messages, frame.epoch)
                    for ref, text in self._unsent.items():
                        self._ledger.offered(ref)
                        await line.send(_encode(protocol.Write(ref=ref, text=text)))
                    self._welcome.set()
                    pinging = asyncio.create_task(_ping(line))
                elif isinstance(frame, protocol.Messages):
                    await self._take(line, frame.seq, frame.messages)
                elif isinstance(frame, protocol.Ack):
                    self._acknowledged(frame.ref)
                elif isinstance(frame, protocol.Error) and frame.ref is not None:
                    await self._refused(line, frame.ref, frame.retry_ms)
        finally:
            if pinging is not None:
                pinging.cancel()

    async def _take(self, line: ClientConnection, seq: int, said: list[protocol.Said], epoch: str = "") -> None:
        if self._seq == 0:
            # A browser that comes back another day: what it had confirmed before is nothing new.
            self._shown.update(one.id for one in said if one.sender == "agent" and one.status != "sent")
        self._seq = max(self._seq, seq)
        self._epoch = epoch or self._epoch
        new = [one for one in said if one.sender == "agent" and one.id not in self._shown and one.order is not None]
        for one in new:
            self._shown.add(one.id)
            self._arrive(str(one.id), one.text)
        if new:
            await line.send(_encode(protocol.Received(ids=[one.id for one in new])))

    def _acknowledged(self, ref: str) -> None:
        self._unsent.pop(ref, None)
        if ref in self._ledger.offers:
            self._taken(ref)
        waiting = self._acks.pop(ref, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def _refused(self, line: ClientConnection, ref: str, retry_ms: int | None) -> None:
        """Too fast, or the store cannot write now: the same again when we are told to."""
        if retry_ms is None or ref not in self._unsent:
            return
        await asyncio.sleep(retry_ms / 1000)
        self._ledger.offered(ref)
        await line.send(_encode(protocol.Write(ref=ref, text=self._unsent[ref])))

    # ---------------------------------------------------------------- the visitor

    async def _say(self, part: Part, target: str, at: int) -> None:
        ref = secrets.token_urlsafe(12)
        self._offer(ref, part, at, times=0)
        self._unsent[ref] = part.text
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._acks[ref] = acknowledged
        twice = self._rng.random() < TWICE
        line = self._line
        if line is not None:
            with contextlib.suppress(WebSocketException):
                for _ in range(2 if twice else 1):
                    self._ledger.offered(ref)
                    await line.send(_encode(protocol.Write(ref=ref, text=part.text)))
        await acknowledged

    async def show_typing(self, on: bool) -> None:
        if self._line is not None:
            with contextlib.suppress(WebSocketException):
                await self._line.send(_encode(protocol.VisitorTyping(on=on)))

    async def read(self, message: Heard) -> None:
        if self._line is None or not self.member.reads:
            return
        with contextlib.suppress(WebSocketException):
            self._read.add(int(message.id))
            await self._line.send(_encode(protocol.Read(ids=[int(message.id)])))
            self._ledger.read(self.channel, message.id, self._clock())

    async def lose(self, seconds: float) -> None:
        """The network goes away and comes back."""
        self._away = seconds
        if self._line is not None:
            self._line.transport.abort()


async def _ping(line: ClientConnection) -> None:
    with contextlib.suppress(WebSocketException):
        while True:
            await asyncio.sleep(30)
            await line.send(_encode(protocol.Ping()))


def _encode(frame: protocol.FromVisitor) -> str:
    return msgspec.json.encode(frame).decode()
