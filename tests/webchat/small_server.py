"""The chat alone in this process, for what needs other limits or a look at the hub: real sockets, store and outbox."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx
import uvicorn
from starlette.applications import Starlette

from server import wire
from server.commands.accounts import CreateUser
from server.commands.channels import CreateChannel, OpenChannels, UpdateChannel
from server.commands.door import SYSTEM, Actor, Door
from server.commands.replies import SendReply
from server.commands.setup import SetUp
from server.jobs.outbox import Outbox
from server.store.store import Store
from server.webchat.limits import Limits
from server.webchat.pages import routes
from server.webchat.socket import WebChatHub
from tests.webchat.visitor import PATIENCE, SITE, Visitor

T = TypeVar("T")


class SmallServer:
    """Its own thread and event loop; `run` runs a coroutine there. One chat, called `web`."""

    hub: WebChatHub
    door: Door
    loop: asyncio.AbstractEventLoop
    advisor: Actor

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self.typing: list[tuple[int, bool]] = []
        self._started = threading.Event()
        app = Starlette(lifespan=self._live)
        # the feed's server protocol and this project's frame size, as `serve` has them
        config = uvicorn.Config(app, port=0, ws="websockets-sansio", log_level="warning", timeout_graceful_shutdown=3)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @contextlib.asynccontextmanager
    async def _live(self, app: Starlette) -> AsyncIterator[None]:
        self.loop = asyncio.get_running_loop()
        store = Store(self.folder)
        self.door = Door(store)
        await self.door.do(SYSTEM, SetUp(admin="root", password_hash="-", team="all"))
        ana = await self.door.do(
            SYSTEM, CreateUser(user=wire.NewUser(name="ana", password="", display_name="Ana"), password_hash="-")
        )
        self.advisor = Actor("user", ana.id, ana.name, "advisor")
        new = wire.NewChannel(kind="webchat", name="web", settings={"origins": SITE})
        await self.door.do(SYSTEM, CreateChannel(channel=new))
        self.hub = WebChatHub(self.door, self.limits)
        self.hub.on_typing(lambda conversation, on: self.typing.append((conversation, on)))
        await self.hub.start()
        app.router.routes.extend(routes(self.door, self.hub))
        async with httpx.AsyncClient() as http:
            outbox = Outbox(self.door, OpenChannels(self.door), http)
            outbox.start()
            self._started.set()
            yield
            await self.hub.stop()
            await outbox.stop()
        store.close()

    @property
    def url(self) -> str:
        (listener,) = self._server.servers[0].sockets
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def reply(self, text: str, conversation: int = 1) -> int:
        message = self.run(
            self.door.do(self.advisor, SendReply(conversation=conversation, reply=wire.Reply(text=text)))
        )
        return int(message.id)

    def change(self, **settings: str) -> None:
        change = wire.ChangeChannel(settings=settings)
        self.run(self.door.do(SYSTEM, UpdateChannel(name="web", change=change)))

    def visitor(self, **hello: Any) -> Visitor:
        return Visitor(self.url, "web", **hello)

    def __enter__(self) -> SmallServer:
        self._thread.start()
        assert self._started.wait(PATIENCE)
        while not self._server.started:  # sockets are bound right after the lifespan has started
            self._thread.join(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
