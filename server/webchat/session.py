"""One visitor's socket, from `hello` to its end. What it says is in `server.webchat.protocol`."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import secrets
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server.channels.webchat import TEXT_LIMIT, WebChat
from server.commands.door import SYSTEM, Refusal, Unavailable
from server.commands.receive import Receive, Received
from server.facts import Address, Fact, MessageFact, Party, StatusFact
from server.webchat import protocol
from server.webchat.limits import Buckets
from server.webchat.queries import ChatChannel, EarlierMessages, FindArrived, Unconfirmed, VisitorMessages

if TYPE_CHECKING:
    from server.webchat.socket import WebChatHub

log = logging.getLogger(__name__)

#: when the store cannot write: how long a client waits before it sends again, ms
UNAVAILABLE_MS = 5_000
#: seconds a closing handshake may take
CLOSE_SECONDS = 5.0


class End(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Session:
    """One open socket. `visitor` is the hash of the token, known after `hello`; `conversation` their newest, or 0."""

    def __init__(
        self, hub: WebChatHub, websocket: WebSocket, channel: ChatChannel, chat: WebChat, address: str
    ) -> None:
        self.hub = hub
        self.channel = channel
        self.chat = chat
        self.address = address
        self.visitor = ""
        self.conversation = 0
        self._socket = websocket
        self._name = ""
        self._known = False
        self._typing = False
        self._seq: int | None = None  # journal entry the welcome was as of; None before it
        self._early: list[tuple[int, str]] = []  # news that came while the welcome was being made
        self._frames = Buckets(hub.limits.frames)
        self._waiting: asyncio.Queue[str] = asyncio.Queue(hub.limits.queue)
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Talk until one side ends it."""
        await self._socket.accept()
        listening = asyncio.create_task(self._listen())
        speaking = asyncio.create_task(self._speak())
        code: int | None = None
        try:
            ends: list[asyncio.Future[Any]] = [listening, speaking, self._ended]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self._ended.done():
                code = self._ended.result()
            elif listening.done():
                code = listening.result()
        finally:
            for task in (listening, speaking):
                task.cancel()
            await asyncio.gather(listening, speaking, return_exceptions=True)
            self._set_typing(False)
            self.hub.leave(self)
        if code is not None:
            await self._close(code)

    def push(self, text: str, seq: int | None = None) -> None:
        """Queue a frame. `seq`: the journal entry it is as of; frames the welcome contained already are left out."""
        if seq is not None:
            if self._seq is None:
                self._early.append((seq, text))
                return
            if seq <= self._seq:
                return
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.end(protocol.TOO_SLOW)  # it catches up by `since` when it comes back

    def end(self, code: int) -> None:
        """Close the socket with this code."""
        if not self._ended.done():
            self._ended.set_result(code)

    # ------------------------------------------------------------ out

    async def _speak(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # gone while we were writing
            while True:
                await self._socket.send_text(await self._waiting.get())

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(code)

    # ------------------------------------------------------------ in

    async def _listen(self) -> int | None:
        """Hear the visitor until the end: the code to close with, or None if they hung up."""
        try:
            first = await self._hear(self.hub.limits.hello_seconds)
            if not isinstance(first, protocol.Hello):
                return protocol.BAD_PROTOCOL
            await self._welcome(first)
            while True:
                await self._answer(await self._hear(self.hub.limits.silence_seconds))
        except End as end:
            return end.code
        except WebSocketDisconnect:
            return None
        except Unavailable:
            return protocol.OUR_FAULT
        except Exception:
            log.exception("a visitor's socket on channel %r failed", self.channel.name)
            return protocol.OUR_FAULT

    async def _hear(self, patience: float) -> protocol.FromVisitor:
        """The next frame. What is none of ours is answered with an error; before `hello` it ends the socket."""
        while True:
            try:
                async with asyncio.timeout(patience):
                    message = await self._socket.receive()
            except TimeoutError:
                raise End(protocol.SILENT) from None
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            text = message.get("text")
            if text is None:
                raise End(protocol.BAD_PROTOCOL)
            if len(text) > protocol.FRAME_LIMIT or len(text.encode()) > protocol.FRAME_LIMIT:
                raise End(protocol.TOO_LARGE)
            if self._frames.take("", self.hub.monotonic()):
                raise End(protocol.TOO_FAST)
            try:
                return protocol.decode(text)
            except (msgspec.MsgspecError, ValueError):
                if self._seq is None:
                    raise End(protocol.BAD_PROTOCOL) from None
                self._say(protocol.Error(code="invalid"))

    async def _answer(self, frame: protocol.FromVisitor) -> None:
        match frame:
            case protocol.Write():
                await self._write(frame)
            case protocol.Received(ids=ids):
                await self._confirm(ids, "delivered")
            case protocol.Read(ids=ids):
                await self._confirm(ids, "read")
            case protocol.VisitorTyping(on=on):
                self._set_typing(on)
            case protocol.Earlier(before=before):
                query = EarlierMessages(channel_id=self.channel.id, visitor=self.visitor, before=min(before, 2**53))
                messages, more = await self.hub.door.ask(SYSTEM, query)
                self._say(protocol.History(messages=messages, earlier=more))
            case protocol.Ping():
                self._say(protocol.Pong())
            case protocol.Hello():
                raise End(protocol.BAD_PROTOCOL)

    def _say(self, frame: protocol.ToVisitor) -> None:
        self.push(protocol.encode(frame))

    # ------------------------------------------------------------ what they can say

    async def _welcome(self, hello: protocol.Hello) -> None:
        token = hello.visitor or secrets.token_urlsafe(32)
        if not protocol.TOKEN.fullmatch(token):
            raise End(protocol.BAD_PROTOCOL)
        self.visitor = hashlib.sha256(token.encode()).hexdigest()
        self._name = hello.name
        if not self.hub.join(self):
            raise End(protocol.TOO_FAST)
        page = await self.hub.door.ask(
            SYSTEM,
            VisitorMessages(channel_id=self.channel.id, visitor=self.visitor, since=hello.since, epoch=hello.epoch),
        )
        self._known = page.known
        self.hub.place(self, page.conversation)
        self._say(
            protocol.Welcome(
                visitor=token,
                epoch=page.epoch,
                seq=page.seq,
                now=self.hub.now(),
                title=self.chat.title,
                color=self.chat.color,
                language=self.chat.language,
                messages=page.messages,
                earlier=page.earlier,
                reset=page.reset,
            )
        )
        self._seq = page.seq
        early, self._early = self._early, []
        for seq, text in early:
            self.push(text, seq)

    async def _write(self, frame: protocol.Write) -> None:
        """Store a message; acknowledge it after the commit."""
        if not protocol.REF.fullmatch(frame.ref):
            return self._say(protocol.Error(code="invalid"))
        text = frame.text.replace("\0", "").strip()
        if not text:
            return self._say(protocol.Error(code="empty", ref=frame.ref))
        if len(text) > TEXT_LIMIT:
            return self._say(protocol.Error(code="too_long", ref=frame.ref))
        wait = self.hub.wait_to_write(self, newcomer=not self._known)
        if wait:
            retry_ms = int(wait * 1000) + 50
            return self._say(protocol.Error(code="rate_limited", ref=frame.ref, retry_ms=retry_ms))
        name = " ".join((frame.name or self._name).replace("\0", "").split())[: protocol.NAME_LIMIT]
        external_id = f"{self.visitor[:16]}:{frame.ref}"
        fact = MessageFact(
            external_id=external_id,
            party=Party(addresses=(Address("visitor", self.visitor),), name=name),
            at=self.hub.now(),
            kind="text",
            text=text,
        )
        try:
            received = await self._receive([fact])
            if received.unreadable:
                return self._say(protocol.Error(code="invalid", ref=frame.ref))
            arrived = await self.hub.door.ask(SYSTEM, FindArrived(channel_id=self.channel.id, external_id=external_id))
        except (Unavailable, Refusal) as error:
            log.warning("a visitor's message on channel %r was not stored: %s", self.channel.name, error)
            return self._say(protocol.Error(code="unavailable", ref=frame.ref, retry_ms=UNAVAILABLE_MS))
        if arrived is None:
            log.error("a visitor's message on channel %r was not stored", self.channel.name)
            return self._say(protocol.Error(code="unavailable", ref=frame.ref, retry_ms=UNAVAILABLE_MS))
        self._known = True
        self._typing = False  # whoever watches sees the message instead
        self.hub.place(self, arrived.conversation)
        self._say(protocol.Ack(ref=frame.ref, id=arrived.id, at=arrived.at, order=arrived.order))

    async def _confirm(self, ids: list[int], status: str) -> None:
        """Note that messages reached the visitor, or were seen: only theirs, and only what is news."""
        if len(ids) > protocol.IDS_LIMIT or any(not 0 < id < 2**53 for id in ids):
            return self._say(protocol.Error(code="invalid"))
        missing = await self.hub.door.ask(
            SYSTEM,
            Unconfirmed(
                channel_id=self.channel.id,
                visitor=self.visitor,
                ids=ids,
                status="read" if status == "read" else "delivered",
            ),
        )
        if missing:
            now = self.hub.now()
            with contextlib.suppress(Refusal):
                await self._receive([StatusFact(external_id=id, status=status, at=now) for id in missing])

    async def _receive(self, facts: list[Fact]) -> Received:
        command = Receive(channel_id=self.channel.id, body=b"", facts=facts, received_at=self.hub.now())
        received: Received = await self.hub.door.do(SYSTEM, command)
        return received

    def _set_typing(self, on: bool) -> None:
        if on != self._typing or on:  # `on` is repeated while they type: those who watch forget it after a while
            self._typing = on
            if self.conversation:
                self.hub.visitor_typing(self.conversation, on)
