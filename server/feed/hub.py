"""The feed's middle: reads each new event once, and tells everybody. It never waits for a client."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from msgspec import UnsetType

from server import wire
from server.commands.door import SYSTEM, Actor, Door, Refusal
from server.commands.queries import FeedFrames, Head
from server.feed.client import Client
from server.feed.counting import KINDS as COUNTED
from server.feed.counting import Counting
from server.feed.frames import Payload, Sealed, encode_event, encode_frame, framed, opened
from server.feed.presence import Company
from server.feed.ring import Encoded, Pages, Ring
from server.routes.auth import KINDS as SESSION_KINDS

log = logging.getLogger(__name__)

#: events read at once
BATCH = 256
#: seconds between two rounds at least; whatever is committed meanwhile goes out together
ROUND = 0.02
#: rest after a round, in times of what it took
REST = 3.0
#: seconds between two tellings of presence at least, and between two looks for who is gone
PRESENCE_ROUND = 0.25
PRESENCE_TICK = 2.0
#: seconds between heartbeats, and how long one waits for events that are on their way
HEARTBEAT = 10.0
HEARTBEAT_WAITS = 1.0
#: seconds between looks at every client's session
SESSIONS = 60.0
#: a client further behind than this loads everything anew
TOO_FAR = 50_000
#: seconds before trying again when the store could not be read
AGAIN = 0.5

Whose = Callable[[str], Awaitable[Actor]]


class Hub:
    """All clients of one server's feed, and what they are told."""

    def __init__(self, door: Door, whose: Whose) -> None:
        """`whose(token hash)` gives the actor, or raises Refusal when the session is over."""
        self._door = door
        self._whose = whose
        self._clients: dict[int, Client] = {}
        self._numbers = 0
        self._new = asyncio.Event()
        self._told = asyncio.Event()
        self._company_changed = asyncio.Event()
        self._sessions_changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._listeners: list[Callable[[int, bool], None]] = []
        self._attending: Callable[[int, int, int | None], None] | None = None
        self._consoles: set[int] = set()
        self._typed_in: set[int] = set()
        self._company = Company()
        self._counting = Counting(door, self._clients.values)
        self.epoch = ""
        #: newest seq that is committed, as far as we were told
        self.committed = 0
        self.ring = Ring()
        self.pages = Pages(self._read)
        self.heartbeat = HEARTBEAT

    def __len__(self) -> int:
        return len(self._clients)

    def now(self) -> int:
        """The server's clock, UTC ms."""
        return self._door.store.clock()

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Begin to follow the journal."""
        self.committed, self.epoch = await self._door.ask(SYSTEM, Head())
        self.ring.clear(self.committed)
        self._door.on_commit(self._on_commit)
        works = (self._follow, self._beat, self._tell_presence, self._check_sessions, self._counting.run)
        self._tasks = [asyncio.create_task(work(), name=f"feed {work.__name__}") for work in works]

    async def stop(self) -> None:
        """Stop following. The server itself closes the clients' connections (1012)."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def abandon_stuck(self) -> None:
        """Drop every client that takes nothing, so that a server which stops does not wait for it."""
        for client in self._clients.values():
            if client.line.stuck:
                client.line.abort()

    # ------------------------------------------------------------ clients come and go

    def number(self) -> int:
        """A number for a new connection."""
        self._numbers += 1
        return self._numbers

    async def place(self, hello: wire.Hello) -> tuple[wire.ServerFrame, int]:
        """Where a client that says `hello` goes on: the frame that tells it, and its cursor."""
        if hello.since > self.committed:  # read elsewhere before we were told of the commit
            self.committed = max(self.committed, (await self._door.ask(SYSTEM, Head()))[0])
        head, now = self.committed, self.now()
        since = max(0, hello.since)
        if hello.epoch != self.epoch or since > head:
            reason = "new_epoch"
        elif head - since > TOO_FAR:
            reason = "too_far"
        else:
            resume = wire.Resume(since=since, head=head, epoch=self.epoch, now=now)
            return wire.ServerFrame(resume=resume), since
        return wire.ServerFrame(reset=wire.Reset(reason=reason, head=head, epoch=self.epoch, now=now)), head

    def join(self, client: Client) -> None:
        """From now on `client` is told everything."""
        if not self._clients:
            self.ring.clear(self.committed)
        self._clients[client.number] = client
        for presence in self._company.told():
            payload = encode_frame(wire.ServerFrame(presence=presence))
            client.latest[presence.conversation] = payload
        self._counting.wake()

    def leave(self, client: Client) -> None:
        """The connection is over."""
        self._clients.pop(client.number, None)
        self._touched(client, None)
        self._company.leave(client.number)
        self._company_changed.set()

    # ------------------------------------------------------------ presence

    def seen_from(self, client: Client, frame: wire.ClientFrame) -> None:
        """The client says what it looks at, or just that it is still there."""
        if not isinstance(frame.touched, UnsetType):
            self._touched(client, self.now() - max(0, frame.touched))
        here = self._company.where(client.number)
        conversation = here if isinstance(frame.viewing, UnsetType) else frame.viewing
        if isinstance(frame.typing, UnsetType):
            typing = conversation == here and self._company.typing(client.number)
        else:
            typing = frame.typing
        self._company.view(client.number, client.actor.name, conversation, typing, self.now())
        self._company_changed.set()
        if typing and conversation is not None:
            self._typed_in.add(conversation)
            self._tell_listeners(conversation, True)

    def where(self) -> dict[str, tuple[int, bool]]:
        """By sign-in name: the conversation each looks at, and whether they type there."""
        return self._company.everybody()

    def on_console(self, listener: Callable[[int, int, int | None], None]) -> None:
        """Call `listener(connection, user, when a key was last touched there)` for people's consoles; None: gone."""
        self._attending = listener

    def _touched(self, client: Client, at: int | None) -> None:
        if self._attending is None or (at is None and client.number not in self._consoles):
            return
        if at is None:
            self._consoles.discard(client.number)
        else:
            self._consoles.add(client.number)
        self._attending(client.number, client.actor.id, at)

    def customer_typing(self, conversation: int, typing: bool) -> None:
        """The customer of `conversation` types, or stopped. Ends by itself after some seconds."""
        self._company.customer(conversation, typing, self.now())
        self._company_changed.set()

    def on_typing(self, listener: Callable[[int, bool], None]) -> None:
        """Call `listener(conversation, whether an advisor types)`; `True` is repeated every few seconds."""
        self._listeners.append(listener)

    async def _tell_presence(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PRESENCE_TICK):
                    await self._company_changed.wait()
            except TimeoutError:
                self._company.expire(self.now())
            self._company_changed.clear()
            changes = self._company.changes()
            frames = [(p.conversation, encode_frame(wire.ServerFrame(presence=p))) for p in changes]
            if frames:
                self._tell(frames)
            for presence in changes:
                if not presence.typing and presence.conversation in self._typed_in:
                    self._typed_in.discard(presence.conversation)
                    self._tell_listeners(presence.conversation, False)
            await asyncio.sleep(PRESENCE_ROUND)

    def _tell_listeners(self, conversation: int, typing: bool) -> None:
        for listener in self._listeners:
            try:
                listener(conversation, typing)
            except Exception:
                log.exception("a listener to typing failed")

    # ------------------------------------------------------------ the journal

    def _on_commit(self, seq: int) -> None:
        self.committed = max(self.committed, seq)
        if self._clients:
            self._new.set()
        else:
            self.ring.clear(self.committed)

    async def _follow(self) -> None:
        while True:
            await self._new.wait()
            self._new.clear()
            busy = 0.0
            try:
                while self._clients and self.ring.last < self.committed:
                    events = await self._door.ask(SYSTEM, FeedFrames(since=self.ring.last, limit=BATCH))
                    if not events:
                        raise LookupError(f"nothing after {self.ring.last}, though {self.committed} is committed")
                    started = time.perf_counter()
                    self._publish(events)
                    busy += time.perf_counter() - started
            except Exception:
                log.exception("the journal could not be read")
                self._new.set()
                await asyncio.sleep(AGAIN)
            # However much there is to tell, most of the loop's time is left to whoever brings messages in.
            await asyncio.sleep(max(ROUND, REST * busy))

    def _publish(self, events: Sequence[wire.FeedEvent]) -> None:
        previous = self.ring.last
        payloads: list[Payload] = []
        counted = sessions = False
        for event in events:
            if event.seq <= self.ring.last:  # the ring was cleared meanwhile, beyond this event
                continue
            if event.seq > self.ring.last + 1:  # cannot be; if it is all the same, nobody shall wait for it
                log.error("the journal has a gap between %d and %d", self.ring.last, event.seq)
                self.ring.clear(event.seq - 1)
            payload = encode_event(event)
            self.ring.append(payload)
            payloads.append(payload)
            counted = counted or event.kind.startswith(COUNTED)
            sessions = sessions or event.kind in SESSION_KINDS
        self._offer(previous, payloads)
        self._told.set()
        if counted:
            self._counting.wake()
        if sessions:
            self._sessions_changed.set()

    def _offer(self, previous: int, payloads: Sequence[Payload]) -> None:
        """The same bytes for everybody; where something is not for everybody, each client its own."""
        sealed = any(isinstance(payload, Sealed) for payload in payloads)
        data = b"" if sealed else framed(opened(payload, SYSTEM) for payload in payloads)
        for client in self._clients.values():
            own = framed(opened(payload, client.actor) for payload in payloads) if sealed else data
            client.offer(previous, self.ring.last, own)

    async def _read(self, since: int, limit: int) -> Sequence[Encoded]:
        events: Sequence[wire.FeedEvent] = await self._door.ask(SYSTEM, FeedFrames(since=since, limit=limit))
        return [(event.seq, encode_event(event)) for event in events]

    # ------------------------------------------------------------ heartbeat and sessions

    def _tell(self, frames: Sequence[tuple[object, bytes]]) -> None:
        data = framed(payload for _, payload in frames)
        for client in self._clients.values():
            client.tell(frames, data)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.heartbeat)
            # The head is what is committed, not what we have told: a client can see that we fell silent. What is just
            # on its way goes first, so that it does not suspect us for nothing.
            head = self.committed
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_WAITS):
                    while self._clients and self.ring.last < head:
                        self._told.clear()
                        await self._told.wait()
            beat = wire.Heartbeat(head_seq=head, now=self.now())
            self._tell([("heartbeat", encode_frame(wire.ServerFrame(heartbeat=beat)))])

    async def _check_sessions(self) -> None:
        """Close whoever's session ended or who was switched off; told by the journal, and by the clock (expiry)."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SESSIONS):
                    await self._sessions_changed.wait()
            self._sessions_changed.clear()
            for client in list(self._clients.values()):
                try:
                    client.actor = await self._whose(client.token_hash)
                except Refusal:
                    client.signed_out()
                except Exception:
                    log.exception("a session could not be checked")
                    break
            await asyncio.sleep(ROUND)
