"""The hub of the web chat: who is connected, what is new for them, how much each may do.

It follows the journal. After each commit it reads what is new for visitors and pushes it to those who are connected;
the others catch up when they come back. It never waits for a visitor: a slow one is closed and catches up as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket

from server.channels.base import BadSettings
from server.channels.webchat import WebChat
from server.commands.door import SYSTEM, Door
from server.store.webchat import KINDS
from server.webchat import protocol
from server.webchat.limits import Buckets, Limits, address_key
from server.webchat.queries import ChatChannel, FindChat, JournalHead, NewsPage, VisitorNews
from server.webchat.session import Session

__all__ = ["WebChatHub"]

log = logging.getLogger(__name__)

#: events after which the settings of connected chats may be others
CHANNEL_KINDS = ("channel.updated", "channel.removed")
#: seconds before the journal is read again after it could not be
RETRY_SECONDS = 1.0

K = TypeVar("K", bound=Hashable)
TypingListener = Callable[[int, bool], None]


class WebChatHub:
    """All visitors connected to this server. `start` it in the event loop it serves in, `stop` it there."""

    def __init__(
        self, door: Door, limits: Limits | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.door = door
        self.limits = limits or Limits()
        self.monotonic = monotonic
        self._sessions: dict[tuple[int, str], set[Session]] = {}
        self._by_conversation: dict[int, set[Session]] = {}
        self._per_address: dict[str, int] = {}
        self._open = 0
        self._connections = Buckets(self.limits.connections)
        self._messages = Buckets(self.limits.messages)
        self._newcomers = Buckets(self.limits.newcomers)
        self._listeners: list[TypingListener] = []
        self._channels_changed = False
        self._read_to = 0
        self._head = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Begin to follow the journal."""
        self._read_to = self._head = await self.door.ask(SYSTEM, JournalHead())
        self.door.on_commit(self._committed, frozenset(KINDS))
        self.door.on_commit(self._channel_changed, frozenset(CHANNEL_KINDS))
        self._task = asyncio.create_task(self._follow(), name="webchat-hub")

    async def stop(self) -> None:
        """Stop following and close every socket; their owners come back to the next server."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for session in [s for group in self._sessions.values() for s in group]:
            session.end(1012)  # service restart

    def now(self) -> int:
        """The server's clock, UTC ms."""
        return self.door.store.clock()

    # ------------------------------------------------------------ typing, both ways

    def on_typing(self, listener: TypingListener) -> None:
        """Call `listener(conversation, whether the customer is typing)`; `True` is repeated every few seconds."""
        self._listeners.append(listener)

    def visitor_typing(self, conversation: int, on: bool) -> None:
        for listener in self._listeners:
            listener(conversation, on)

    def agent_typing(self, conversation: int, on: bool) -> None:
        """Tell the visitor of this conversation that somebody is writing to them.

        The widget forgets it after 16 s; say it again until then.
        """
        group = self._by_conversation.get(conversation)
        if group:
            text = protocol.encode(protocol.AgentTyping(on=on))
            for session in list(group):
                session.push(text)

    # ------------------------------------------------------------ sockets

    async def serve(self, websocket: WebSocket) -> None:
        """The endpoint: check who calls, then talk."""
        address = address_key(websocket.client.host if websocket.client else "")
        found = await self.find(str(websocket.path_params["name"]))
        if found is None:
            return await _refuse(websocket, 404, "there is no such chat")
        channel, chat = found
        if not chat.allows(websocket.headers.get("origin"), websocket.headers.get("host", "")):
            return await _refuse(websocket, 403, "this site may not embed this chat")
        crowded = (
            self._open >= self.limits.sockets or self._per_address.get(address, 0) >= self.limits.sockets_per_address
        )
        if crowded or self._connections.take(address, self.monotonic()):
            return await _refuse(websocket, 429, "too many connections")
        self._open += 1
        self._per_address[address] = self._per_address.get(address, 0) + 1
        try:
            await Session(self, websocket, channel, chat, address).run()
        finally:
            self._open -= 1
            self._per_address[address] -= 1
            if not self._per_address[address]:
                del self._per_address[address]

    async def find(self, name: str) -> tuple[ChatChannel, WebChat] | None:
        """The chat of this name, if it is switched on."""
        channel: ChatChannel | None = await self.door.ask(SYSTEM, FindChat(name=name))
        if channel is None:
            return None
        try:
            return channel, WebChat(channel.settings)
        except BadSettings as error:
            log.error("web chat %r cannot be used: %s", name, error)
            return None

    def join(self, session: Session) -> bool:
        """A visitor said who they are: they get what is new from now on. False if they have too many sockets."""
        group = self._sessions.setdefault((session.channel.id, session.visitor), set())
        if len(group) >= self.limits.sockets_per_visitor:
            return False
        group.add(session)
        return True

    def place(self, session: Session, conversation: int) -> None:
        """The conversation in which typing of this visitor is shown."""
        if conversation == session.conversation:
            return
        _discard(self._by_conversation, session.conversation, session)
        session.conversation = conversation
        if conversation:
            self._by_conversation.setdefault(conversation, set()).add(session)

    def leave(self, session: Session) -> None:
        self.place(session, 0)
        _discard(self._sessions, (session.channel.id, session.visitor), session)

    def wait_to_write(self, session: Session, newcomer: bool) -> float:
        """Seconds this visitor has to wait before they may write; 0.0 counts as written."""
        now = self.monotonic()
        wait = self._messages.take(f"{session.channel.id} {session.visitor}", now)
        if not wait and newcomer:
            wait = self._newcomers.take(session.address, now)
        return wait

    # ------------------------------------------------------------ the journal

    def _committed(self, seq: int) -> None:
        self._head = max(self._head, seq)
        self._wake.set()

    def _channel_changed(self, seq: int) -> None:
        self._channels_changed = True
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if self._channels_changed:
                    self._channels_changed = False
                    await self._check_channels()
                await self._push_news()
            except Exception:
                log.exception("the web chat could not read the journal; trying again")
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()

    async def _push_news(self) -> None:
        while self._read_to < self._head:
            if not self._sessions:
                self._read_to = self._head  # whoever joins from here on reads the store first
                return
            page: NewsPage = await self.door.ask(SYSTEM, VisitorNews(since=self._read_to))
            for item in page.items:
                group = self._sessions.get((item.channel_id, item.visitor))
                if group:
                    text = protocol.encode(protocol.Messages(seq=page.upto, messages=item.messages))
                    for session in list(group):
                        session.push(text, page.upto)
            self._read_to = max(self._read_to, page.upto)

    async def _check_channels(self) -> None:
        """Settings changed: chats that are gone end, those that are others now come back to the new ones."""
        sessions = [s for group in self._sessions.values() for s in group]
        for name in {s.channel.name for s in sessions}:
            found = await self.find(name)
            for session in sessions:
                if session.channel.name != name:
                    continue
                if found is None or found[0].id != session.channel.id:
                    session.end(protocol.GONE)
                elif found[0].settings != session.channel.settings:
                    session.end(1012)


def _discard(groups: dict[K, set[Session]], key: K, session: Session) -> None:
    group = groups.get(key)
    if group is not None:
        group.discard(session)
        if not group:
            del groups[key]


async def _refuse(websocket: WebSocket, status: int, why: str) -> None:
    """Refuse the handshake with an HTTP status."""
    await websocket.send_denial_response(PlainTextResponse(why + "\n", status))
