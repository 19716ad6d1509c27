"""The server: everything put together, and run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute

from server.commands.channels import OpenChannels, RefreshLimits
from server.commands.door import SYSTEM, Door
from server.feed.hub import Hub
from server.feed.line import FeedProtocol
from server.feed.socket import FeedSocket
from server.jobs import Jobs
from server.routes import health, media, table
from server.routes.auth import Auth
from server.routes.hooks import Hooks
from server.routes.http import GUARDS, PROBLEM, encode
from server.routes.openapi import document
from server.routes.passwords import hash_password
from server.routes.problems import problem_of
from server.routes.services import Services
from server.routes.status import version
from server.routes.uploads import clear_temporary
from server.routes.zone import Zone
from server.settings import BadSetup, Settings
from server.store.store import Store
from server.webchat import pages
from server.webchat.socket import WebChatHub
from server.wire import API

__all__ = ["BadSetup", "Running", "Settings", "create_app", "hash_password", "serve", "start"]

log = logging.getLogger(__name__)

#: seconds that requests may take to end when the server stops
GRACE = 10
#: seconds an idle connection is kept: longer than the minute that proxies keep theirs
KEEP_ALIVE = 75
#: open files to ask the system for
FILES = 65_536
#: bytes of a websocket frame at most (the feed and the chat have smaller limits of their own)
LARGEST_FRAME = 128 * 1024
#: seconds a provider may take to connect, and between two pieces of its answer
PROVIDER_SECONDS = 30.0
#: connections to providers at most, and kept open: the outbox alone may use 64 at once, long polls one a channel
PROVIDER_CONNECTIONS = httpx.Limits(max_connections=256, max_keepalive_connections=64)


def create_app(settings: Settings) -> Starlette:
    """The ASGI application. It opens the store when it starts and closes it when it ends."""
    services = Services(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with _running(services, app):
            yield

    described = document(table.TABLE, version() or "0")
    app = Starlette(
        routes=[
            *table.routes(services),
            WebSocketRoute(API + "/feed", FeedSocket(services)),
            *health.routes(services, described),
            *media.routes(services),
        ],
        middleware=[Middleware(Hooks, services=services)],
        exception_handlers={Exception: _problem, 404: _problem, 405: _problem, 413: _problem},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.services = services
    return app


async def _problem(request: Request, error: Exception) -> Response:
    problem, headers = problem_of(error)
    response = Response(encode(problem), problem.status, media_type=PROBLEM.decode())
    response.raw_headers += [*GUARDS, *headers]
    return response


@contextlib.asynccontextmanager
async def _running(services: Services, app: Starlette) -> AsyncIterator[None]:
    """Open what a server needs, in order, and close it in the opposite order."""
    settings = services.settings
    async with contextlib.AsyncExitStack() as stack:
        store = await asyncio.to_thread(Store, settings.data)
        stack.push_async_callback(asyncio.to_thread, store.close)
        await asyncio.to_thread(clear_temporary, store.media)
        services.door = door = Door(store)
        await door.do(SYSTEM, RefreshLimits())
        client = httpx.AsyncClient(timeout=PROVIDER_SECONDS, limits=PROVIDER_CONNECTIONS)
        services.http = await stack.enter_async_context(client)
        services.channels = OpenChannels(door)
        services.auth = Auth(door)
        services.zone = Zone(door)
        services.hub = hub = Hub(door, services.auth.whose)
        chat = WebChatHub(door)
        jobs = Jobs(door, services.channels, services.http)
        _pass_typing_on(hub, chat, jobs)
        hub.on_console(jobs.attendance.console)
        services.tally = jobs.tally
        jobs.tally.where = hub.where
        health.watch(services)
        app.router.routes.extend(pages.routes(door, chat))
        await hub.start()
        stack.push_async_callback(hub.stop)
        await chat.start()
        stack.push_async_callback(chat.stop)
        jobs.start()
        stack.push_async_callback(jobs.stop)
        yield


def _pass_typing_on(hub: Hub, chat: WebChatHub, jobs: Jobs) -> None:
    """Advisors see customers type, customers see advisors type."""

    def advisor_types(conversation: int, typing: bool) -> None:
        chat.agent_typing(conversation, typing)
        if typing:
            jobs.marks.typing(conversation)

    hub.on_typing(advisor_types)
    chat.on_typing(hub.customer_typing)


# ---------------------------------------------------------------- running it


class _Server(uvicorn.Server):
    """uvicorn, with our own start and end: errors of the start reach the caller, signals end it without a trace."""

    def __init__(self, app: Starlette, config: uvicorn.Config, on_ready: Callable[[int], None] | None) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready
        self._life = app.router.lifespan_context(app)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._life.__aenter__()
        try:
            await super().startup(sockets)
            if self._on_ready is not None and sockets:
                self._on_ready(int(sockets[0].getsockname()[1]))
        except BaseException as error:
            await self._life.__aexit__(type(error), error, error.__traceback__)
            raise

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, close sockets (websockets with 1012), let requests end, then close the store."""
        self._app.state.services.hub.abandon_stuck()
        try:
            await super().shutdown(sockets)
        finally:
            await self._life.__aexit__(None, None, None)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGTERM and SIGINT, and return: uvicorn would raise the signal again once everything is closed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {name: signal.signal(name, self._asked) for name in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit and number == signal.SIGINT
        self.should_exit = True


def _listen(settings: Settings) -> socket.socket:
    """The listening socket. Raises BadSetup `cannot_listen`.

    It must say that it speaks TCP: asyncio sets TCP_NODELAY only on such sockets, and without it every answer waits
    for the other side's delayed acknowledgement (some 40 ms).
    """
    last: OSError | None = None
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        found, last = [], error
    for family, kind, proto, _, address in found:
        sock = socket.socket(family, kind, proto)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(address)
            sock.listen(2048)
            sock.setblocking(False)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    where = f"{settings.host}:{settings.port}"
    raise BadSetup("cannot_listen", f"cannot listen on {where}: {last}", where=where, reason=str(last)) from last


#: they would write every address we call into the log, and some providers want their token in it
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


def _server(settings: Settings, on_ready: Callable[[int], None] | None) -> _Server:
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws=FeedProtocol,
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        loop="auto",
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
    )
    return _Server(app, config, on_ready)


def serve(settings: Settings, on_ready: Callable[[int], None] | None = None) -> None:
    """Run a server until SIGTERM or SIGINT. `on_ready(port)` is called once it listens.

    Raises BadSetup (settings that do not go together, an address that is taken) or Unavailable (the data folder is in
    use by another server).
    """
    settings.check()
    _allow_many_connections()
    listening = _listen(settings)
    try:
        _server(settings, on_ready).run(sockets=[listening])
    finally:
        listening.close()


def _allow_many_connections() -> None:
    """Each console and each visitor is an open file, and the usual limit for those is 1,024."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Running:
    """A server in a thread of this process, for the demo and tests. Use as a context manager."""

    def __init__(self, settings: Settings) -> None:
        settings.check()
        self.port = 0
        self._errors: list[BaseException] = []
        self._ready = threading.Event()
        self._listening = _listen(settings)
        self._server = _server(settings, self._listens)
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._errors:
            self._thread.join()
            raise self._errors[0]

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def services(self) -> Services:
        """What its routes work with; its door may be used from other threads with `do_now` only."""
        services: Services = self._server.config.app.state.services  # type: ignore[union-attr]
        return services

    def stop(self) -> None:
        """End it as SIGTERM would, and wait."""
        self._server.should_exit = True
        self._thread.join()

    def _listens(self, port: int) -> None:
        self.port = port
        self._ready.set()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listening])
        except BaseException as error:
            self._errors.append(error)
        finally:
            self._listening.close()
            self._ready.set()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop()


def start(settings: Settings) -> Running:
    """Start a server in a thread and wait until it listens. Raises what `serve` raises."""
    return Running(settings)
