"""What a browser fetches: the widget, the demo page; and the routes of the chat."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import html
import string
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from server.commands.door import Door
from server.webchat.socket import WebChatHub

STATIC = Path(__file__).parent / "static"
#: where the server writes a channel's settings into the widget
PLACEHOLDER = "const SERVED = Object.freeze({});"
#: seconds a browser may use its copy before it asks whether there is a newer one
MAX_AGE = 300


def routes(door: Door, hub: WebChatHub) -> list[BaseRoute]:
    """The chat's routes, to be mounted at the root of the app. `door` is the hub's own."""
    assert hub.door is door, "the hub follows another store"

    async def widget(request: Request) -> Response:
        found = await hub.find(request.path_params["name"])
        if found is None:
            return _not_found()
        chat = found[1]
        page = _widget(chat.title, chat.color, chat.language)
        headers = {
            "ETag": page.etag,
            "Cache-Control": f"public, max-age={MAX_AGE}",
            "Cross-Origin-Resource-Policy": "cross-origin",  # that is what it is for
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }
        if page.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = page.plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = page.zipped
            headers["Content-Encoding"] = "gzip"
        return Response(body, headers=headers, media_type="text/javascript")

    async def demo(request: Request) -> Response:
        name = request.path_params["name"]
        found = await hub.find(name)
        if found is None:
            return _not_found()
        language = request.query_params.get("lang", "")
        if language not in _words():
            language = found[1].language if found[1].language in _words() else "es"
        return _demo(language)

    return [
        Route("/chat/{name}/widget.js", widget),
        Route("/chat/{name}/demo", demo),
        WebSocketRoute("/chat/{name}/socket", hub.serve),
    ]


def _not_found() -> Response:
    return PlainTextResponse("there is no such chat\n", 404)


class _Script(msgspec.Struct):
    plain: bytes
    zipped: bytes
    etag: str


@functools.lru_cache(maxsize=64)
def _widget(title: str, color: str, language: str) -> _Script:
    """The widget with a channel's settings written into it, so that it looks right before it has a socket."""
    source = (STATIC / "widget.js").read_text(encoding="utf-8")
    assert source.count(PLACEHOLDER) == 1
    served = msgspec.json.encode({"title": title, "color": color, "language": language}).decode()
    plain = source.replace(PLACEHOLDER, f"const SERVED = Object.freeze({served});").encode()
    etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
    return _Script(plain, gzip.compress(plain, 9, mtime=0), etag)


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    return msgspec.json.decode((STATIC / "demo.json").read_bytes(), type=dict[str, dict[str, str]])


@functools.cache
def _demo(language: str) -> Response:
    """The demo page in one language. Nothing of the request is in it."""
    style = (STATIC / "demo.css").read_text(encoding="utf-8")
    words = {key: html.escape(value) for key, value in _words()[language].items()}
    page = string.Template((STATIC / "demo.html").read_text(encoding="utf-8"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'sha256-{digest}'; connect-src 'self'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(page.substitute(words, language=language, style=style), headers=headers, media_type="text/html")
