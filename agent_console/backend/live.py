"""The live feed: one websocket that is opened again whenever it is lost, and goes on where it stopped.

Three things count as lost: a closed connection, silence (not even a heartbeat), and events that should have come but
did not (a jump in `seq`, or a heartbeat that speaks of a newer one than we hold). Each ends in the same way: connect
again and ask for everything since the newest event held. websockets is imported at the first connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import random
import sys
import time
from collections import deque
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import UNSET

from agent_console.backend.api import is_loopback
from agent_console.backend.tasks import begin
from server import wire

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

Frame: TypeAlias = wire.FeedEvent | wire.ServerFrame
State: TypeAlias = Literal["connecting", "live", "offline", "refused"]

#: Close code of a feed whose session ended; to connect again with the same token is no use.
SIGNED_OUT = 4001
#: Largest frame taken, in bytes.
LARGEST_FRAME = 8 * 1024 * 1024
#: Seconds before websockets is imported for the first time: what was loaded just now is painted first.
LOAD_LATER = 0.15
_CLIENT = "websockets.asyncio.client"


class Link(msgspec.Struct, frozen=True):
    """How the connection is. `since`: UTC ms when it became so; `why`: for a log.

    `refused`: the server does not know our token (any more); nothing is tried until there is another.
    """

    state: State
    since: int
    why: str = ""


class Timing(msgspec.Struct, frozen=True):
    """All in seconds. `stall`: silence after which the feed is dead · `behind`: how long events may be missing ·
    `first`, `most`: bounds of the wait before the next try · `typing`: how often to say again that one types ·
    `touch`: how often to say that keys are touched."""

    connect: float = 5.0
    stall: float = 25.0
    behind: float = 5.0
    first: float = 0.2
    most: float = 15.0
    typing: float = 2.0
    touch: float = 20.0


class ServerClock:
    """How far the server's clock is from ours, from the times in its frames.

    A frame's time is late by the way it took, so the largest of the last few differences is the nearest to the truth.
    """

    def __init__(self) -> None:
        self.offset = 0
        self._samples: deque[int] = deque(maxlen=8)

    def sample(self, server_now: int, local_now: int) -> int:
        """A frame said `server_now` and came at `local_now` (UTC ms). Returns the offset."""
        difference = server_now - local_now
        if self._samples and abs(difference - max(self._samples)) > 2_000:
            self._samples.clear()  # one of the two clocks was set
        self._samples.append(difference)
        best = max(self._samples)
        step = best - self.offset
        smooth = len(self._samples) > 1 and 20 < abs(step) <= 1_000
        self.offset += round(step / 4) if smooth else step
        return self.offset


def wall_ms() -> int:
    """The local clock, UTC ms."""
    return time.time_ns() // 1_000_000


def decode(data: str | bytes) -> Frame:
    """A frame of the feed: an event if it has a `seq`. Raises msgspec.DecodeError."""
    probe = _probe.decode(data)
    return _event.decode(data) if probe.seq is not UNSET else _other.decode(data)


class _Probe(msgspec.Struct):
    seq: int | msgspec.UnsetType = UNSET


_probe = msgspec.json.Decoder(_Probe)
_event = msgspec.json.Decoder(wire.FeedEvent)
_other = msgspec.json.Decoder(wire.ServerFrame)


class _Again(Exception):
    """Connect again, at once if `now`."""

    def __init__(self, why: str, now: bool = False) -> None:
        super().__init__(why)
        self.now = now


class Live:
    """Follows the feed until cancelled or refused. All callbacks run in the event loop and must not wait.

    `since()` tells the newest event held and the epoch it belongs to; `on_frame` gets every frame in order, each event
    once; `on_link` every change of the connection.
    """

    def __init__(
        self,
        server: str,
        token: str,
        *,
        since: Callable[[], tuple[int, str]],
        on_frame: Callable[[Frame], None],
        on_link: Callable[[Link], None],
        now: Callable[[], int] = wall_ms,
        timing: Timing | None = None,
    ) -> None:
        self.url = feed_url(server)
        self.token = token
        self.timing = timing or Timing()
        self.clock = ServerClock()
        self.link = Link("connecting", now())
        self._since = since
        self._on_frame = on_frame
        self._on_link = on_link
        self._now = now
        self._viewing: int | None = None
        self._typing = False
        self._touched_at = now()
        self._touch = asyncio.Event()
        self._say = asyncio.Event()
        self._retry = asyncio.Event()
        # Events the server keeps from us look like a gap. A gap that is still there after asking for it is one.
        self._asked_gap = self._asked_behind = -1
        self._floor = 0
        self._head = 0
        self._proven = False
        self._connection: ClientConnection | None = None

    # ------------------------------------------------------------ for the console

    def send_viewing(self, conversation: int | None, typing: bool = False) -> None:
        """Tell the others what we look at and whether we write there. Kept and said again after a reconnect."""
        if (conversation, typing) != (self._viewing, self._typing) or typing:
            self._viewing, self._typing = conversation, typing
            self._say.set()

    def touched(self) -> None:
        """Somebody touched a key: they are there."""
        self._touched_at = self._now()
        self._touch.set()

    def retry_now(self) -> None:
        """Do not wait for the next try."""
        self._retry.set()

    def suspect(self) -> None:
        """Something else could not reach the server: find out now, not at the next heartbeat."""
        if self._connection is not None:
            self._connection.transport.abort()

    async def run(self) -> None:
        """Stay connected. Returns only when the server refuses the token."""
        failures = 0
        while True:
            self._proven = False
            why, at_once = "", False
            try:
                await self._connect()
            except _Again as again:
                why, at_once = str(again), again.now
            except _Refused as refused:
                self._become("refused", str(refused))
                return
            failures = 0 if self._proven else failures + 1
            if at_once and failures == 0:
                self._become("connecting", why)
                continue
            if self.link.state != "offline":
                self._become("offline", why)
            most = min(self.timing.most, self.timing.first * 2 ** min(failures, 16))
            await self._pause(random.uniform(0, most))

    # ------------------------------------------------------------ one connection

    async def _connect(self) -> None:
        """Connect and follow until the connection is lost. Raises _Again or _Refused, always."""
        if _CLIENT not in sys.modules:
            await asyncio.sleep(LOAD_LATER)
        client, errors = await asyncio.to_thread(_websockets)
        try:
            connection = await client.connect(
                self.url,
                additional_headers={"Authorization": f"Bearer {self.token}"},
                user_agent_header="agent-console",
                open_timeout=self.timing.connect,
                close_timeout=1,
                ping_interval=None,
                compression=None,
                max_size=LARGEST_FRAME,
                proxy=None if is_loopback(self.url) else True,
            )
        except errors.InvalidStatus as error:
            if error.response.status_code in (401, 403):
                raise _Refused(f"HTTP {error.response.status_code}") from error
            raise _Again(str(error)) from error
        except (OSError, TimeoutError, errors.WebSocketException) as error:
            raise _Again(str(error) or type(error).__name__) from error
        speakers: list[asyncio.Task[None]] = []
        self._connection = connection
        try:
            seq, epoch = self._since()
            hello = wire.ClientFrame(hello=wire.Hello(since=seq, epoch=epoch))
            await connection.send(msgspec.json.encode(hello).decode())
            speakers = [begin(say(connection)) for say in (self._speak, self._attend)]
            await self._follow(connection)
        except errors.ConnectionClosed as error:
            if error.rcvd is not None and error.rcvd.code == SIGNED_OUT:
                raise _Refused(error.rcvd.reason) from error
            raise _Again(str(error)) from error
        finally:
            self._connection = None
            for speaker in speakers:
                speaker.cancel()
            connection.transport.abort()  # a dead network would not answer a closing handshake

    async def _follow(self, connection: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        self._head = 0
        behind: tuple[int, float] | None = None  # (what we held, since when)
        heard = loop.time()
        while True:
            limit = heard + self.timing.stall
            if behind is not None:
                limit = min(limit, behind[1] + self.timing.behind)
            try:
                async with asyncio.timeout_at(limit):
                    data = await connection.recv()
            except TimeoutError:
                if behind is None or loop.time() < behind[1] + self.timing.behind:
                    raise _Again("silence") from None
                data = None
            if data is not None:
                heard = loop.time()
                self._take(data)
            held = max(self._since()[0], self._floor)
            if held >= self._head:
                behind = None
            elif behind is None or behind[0] != held:
                behind = (held, loop.time())
            elif loop.time() >= behind[1] + self.timing.behind:
                if self._asked_behind != held:
                    self._asked_behind = held
                    raise _Again(f"events after {held} do not come", now=True)
                self._floor = self._head  # asked for and not given: they are not for us
                behind = None

    def _take(self, data: str | bytes) -> None:
        try:
            frame = decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _Again(f"not a frame: {error}") from error
        if isinstance(frame, wire.FeedEvent):
            if not self._proven:
                raise _Again("an event before the greeting")
            self._take_event(frame)
            return
        if frame.resume is not None:
            self._greeted(frame.resume.now, frame.resume.head)
        elif frame.reset is not None:
            self._floor = 0
            self._asked_gap = self._asked_behind = -1
            self._greeted(frame.reset.now, frame.reset.head)
            self._on_frame(frame)
            if self._since()[0] < frame.reset.head:
                raise _Again("only now the epoch is known", now=True)
            return
        elif frame.heartbeat is not None:
            self.clock.sample(frame.heartbeat.now, self._now())
            self._head = max(self._head, frame.heartbeat.head_seq)
        self._on_frame(frame)

    def _greeted(self, server_now: int, head: int) -> None:
        self.clock.sample(server_now, self._now())
        self._head = head
        self._proven = True
        self._retry.clear()
        self._become("live")

    def _take_event(self, event: wire.FeedEvent) -> None:
        held = max(self._since()[0], self._floor)
        if event.seq > held + 1 and self._asked_gap != held:
            self._asked_gap = held
            raise _Again(f"gap between {held} and {event.seq}", now=True)
        self._head = max(self._head, event.seq)
        self._on_frame(event)

    async def _speak(self, connection: ClientConnection) -> None:
        """Say what we look at, whenever that changes."""
        said: tuple[int | None, bool] = (None, False)
        while True:
            self._say.clear()
            wanted = (self._viewing, self._typing)
            if wanted != said or self._typing:
                frame = wire.ClientFrame(viewing=wanted[0], typing=wanted[1])
                try:
                    await connection.send(msgspec.json.encode(frame).decode())
                except _websockets()[1].ConnectionClosed:
                    return
                said = wanted
                if self._typing:
                    await asyncio.sleep(self.timing.typing)  # keys come faster than anybody needs to know
            await self._say.wait()

    async def _attend(self, connection: ClientConnection) -> None:
        """Say how long ago a key was touched: at once after a rest, else now and then. The wall clock counts, which a
        laptop's sleep does not stop."""
        while True:
            self._touch.clear()
            frame = wire.ClientFrame(touched=max(0, self._now() - self._touched_at))
            try:
                await connection.send(msgspec.json.encode(frame).decode())
            except _websockets()[1].ConnectionClosed:
                return
            await asyncio.sleep(self.timing.touch)
            await self._touch.wait()

    # ------------------------------------------------------------ inside

    def _become(self, state: State, why: str = "") -> None:
        if state != self.link.state:
            self.link = Link(state, self._now(), why)
            self._on_link(self.link)

    async def _pause(self, seconds: float) -> None:
        """Until the next try, or until one is asked for: also by what was asked while the last one was under way."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._retry.wait()
        self._retry.clear()


class _Refused(Exception):
    """The server does not take our token."""


def feed_url(server: str) -> str:
    """The feed's address for a server's."""
    parts = urlsplit(server.rstrip("/"))
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, f"{parts.path}{wire.API}/feed", "", ""))


def _websockets() -> tuple[ModuleType, ModuleType]:
    """The client and its errors."""
    return (
        importlib.import_module(_CLIENT),
        importlib.import_module("websockets.exceptions"),
    )
