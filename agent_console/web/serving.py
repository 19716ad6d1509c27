"""The console in a browser, through textual-serve: a page with a terminal in it, and a console's process behind each.

textual-serve's own server believes any site that opens its socket and any size it is told, and its page fetches a font
from elsewhere; so the page and the socket are ours, and what runs a console behind a socket is textual-serve's.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import os
import shlex
import signal
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from agent_console.backend.api import is_loopback
from agent_console.backend.computer import VISITOR
from agent_console.backend.shelf import state_folder
from agent_console.i18n import _, language

log = logging.getLogger(__name__)

#: columns and rows that a visitor's terminal may have
LARGEST = 500, 200
SMALLEST = 20, 5
#: bytes of one message of a browser: what is pasted
LONGEST = 1 << 20
#: seconds that a console gets to end
PATIENCE = 5
#: seconds between two signs of life that the browser is asked for
HEARTBEAT = 15

_HEADERS = {
    # The script measures letters and sets styles by itself.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self';"
        " img-src 'self' data:; connect-src 'self' {socket}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>agent-console</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="static/css/xterm.css">
<style>
@font-face {{
  font-family: "Roboto Mono"; font-weight: 100 700; src: url("static/fonts/RobotoMono-VariableFont_wght.ttf");
}}
html, body {{ margin: 0; height: 100%; background: #101418; color: #e8e8e8; font: 16px "Roboto Mono", monospace; }}
#terminal {{ position: fixed; inset: 0; }}
#ended {{ display: none; position: fixed; inset: 0; place-content: center; text-align: center; background: #101418; }}
body.-closed #ended {{ display: grid; }}
#ended a {{ color: #7fd1b9; }}
</style>
<script src="static/js/textual.js"></script>
</head>
<body>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{socket}" data-font-size="{size}"></div>
<main id="ended" role="alert"><p>{ended}</p><p><a href="?">{again}</a></p></main>
<noscript>{noscript}</noscript>
</body>
</html>
"""


class Visit(AppService):
    """A console behind a socket. It ends with the socket, and the socket with it."""

    async def run(self) -> None:
        """Pass on what the console paints, until it ends, in whatever way."""
        await super().run()
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self.remote_close()

    async def leave(self) -> None:
        """End it. One that does not end by itself sees that nobody reads it any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.stop()

    async def resize(self, width: object, height: object) -> None:
        """The visitor's window has another size."""
        await self.set_terminal_size(*fitting(width, height))


def fitting(width: object, height: object) -> tuple[int, int]:
    """Columns and rows within reason, whatever a browser says."""
    found = []
    for given, least, most in zip((width, height), SMALLEST, LARGEST, strict=True):
        number = (
            int(given) if isinstance(given, int | str) and str(given).isdecimal() and len(str(given)) < 9 else least
        )
        found.append(min(max(number, least), most))
    return found[0], found[1]


class ConsoleServer(Server):
    """Serves consoles of the server `behind`. `public_url`: how browsers reach us if it is not as we are bound;
    `visitors`: how many at once."""

    def __init__(self, behind: str, host: str, port: int, public_url: str, visitors: int) -> None:
        command = f"{shlex.quote(sys.executable)} -m agent_console.web.visitor"
        super().__init__(command, host=host, port=port, title="agent-console", public_url=public_url)
        self._public = public_url.rstrip("/")
        self._room = visitors
        self._visits: set[Visit] = set()
        # Visitors' processes inherit what is here: where to, and no more of who runs this.
        os.environ.pop("AGENT_CONSOLE_TOKEN", None)
        unsent = state_folder().with_name("visitors")
        unsent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ |= {"AGENT_CONSOLE_SERVER": behind, "AGENT_CONSOLE_LANG": language(), VISITOR: str(unsent)}

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` is told the address. Raises OSError where it cannot listen."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.handle_index),
                web.get("/ws", self.handle_websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_shutdown.append(self.on_shutdown)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            port = runner.addresses[0][1]
            host = f"[{self.host}]" if ":" in self.host else self.host
            ready(self._public or f"http://{host}:{port}")
            end = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, end.set)
            await end.wait()
        finally:
            await runner.cleanup()

    async def on_shutdown(self, app: web.Application) -> None:
        """Every console ends with us."""
        await asyncio.gather(*(visit.leave() for visit in list(self._visits)))

    # ------------------------------------------------------------ the page

    async def handle_index(self, request: web.Request) -> Any:
        """The page."""
        origin = self._origin(request)
        if origin is None:
            raise web.HTTPForbidden(text=_("This page is not served under that name."))
        socket = "ws" + (self._public or origin).removeprefix("http") + "/ws"
        size = request.query.get("fontsize", "16")
        page = _PAGE.format(
            lang=language(),
            socket=html.escape(socket, quote=True),
            size=size if size.isdecimal() and 8 <= int(size[:3]) <= 48 else "16",
            ended=html.escape(_("The session has ended, or the connection was lost. Drafts are kept.")),
            again=html.escape(_("Begin again")),
            noscript=html.escape(_("The console needs JavaScript.")),
        )
        headers = {name: value.replace("{socket}", socket) for name, value in _HEADERS.items()}
        return web.Response(text=page, content_type="text/html", headers=headers)

    def _origin(self, request: web.Request) -> str | None:
        """The origin under which the browser sees us; None if it is a name that is not ours (DNS rebinding)."""
        if self._public:
            parts = urlsplit(self._public)
            return f"{parts.scheme}://{parts.netloc}"
        if is_loopback(f"http://{self.host}") and not is_loopback(f"http://{request.host}"):
            return None
        return f"http://{request.host}"

    # ------------------------------------------------------------ the socket

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A visitor: a console of their own until one of the two goes."""
        if request.headers.get("Origin") != self._origin(request):
            raise web.HTTPForbidden(text=_("This page is not served under that name."))
        if len(self._visits) >= self._room:
            raise web.HTTPServiceUnavailable(text=_("There are too many visitors at the moment."))
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST)

        async def close() -> None:
            await socket.close()

        visit = Visit(
            self.command,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        self._visits.add(visit)
        try:
            await socket.prepare(request)
            await visit.start(*fitting(request.query.get("width"), request.query.get("height")))
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await _hand_over(visit, socket, message.data)
        except ConnectionError:
            pass  # the browser went away while it was painted for
        finally:
            self._visits.discard(visit)
            await visit.leave()
        return socket


async def _hand_over(visit: Visit, socket: web.WebSocketResponse, data: str) -> None:
    """One message of the browser's script: [what, details]. Anything else is left alone."""
    import msgspec

    try:
        what, *details = msgspec.json.decode(data, type=list[Any])
    except (msgspec.DecodeError, ValueError):
        return
    given = details[0] if details else None
    if what == "stdin" and isinstance(given, str):
        await visit.send_bytes(given.encode("utf-8", "replace"))
    elif what == "resize" and isinstance(given, dict):
        await visit.resize(given.get("width"), given.get("height"))
    elif what == "ping":
        await socket.send_json(["pong", given])
    elif what == "focus":
        await visit.focus()
    elif what == "blur":
        await visit.blur()
