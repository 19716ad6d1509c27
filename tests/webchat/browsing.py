"""A site of somebody else's that embeds the chat, and a visitor's view of it in a real browser."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from tests.webchat.desk import Desk

#: milliseconds to wait for something to be seen
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)

#: what a browser under test must not do: talk to anybody but us
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Site:
    """A web site on another origin than the server's. `page` is what it serves, under the policy `policy`."""

    def __init__(self) -> None:
        site = self
        self.page = ""
        self.policy = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]

            def do_GET(self) -> None:
                body = site.page.encode() if self.path == "/" else b""
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                if site.policy:
                    self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator[Site]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def embed(self, desk: Desk, *, lang: str = "es", attributes: str = "", style: str = "", body: str = "") -> None:
        """Serve a page with the one line that embeds the chat."""
        script = f'<script src="{desk.server.url}/chat/{desk.name}/widget.js" {attributes} async></script>'
        self.page = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Site</title>'
            f'<link rel="icon" href="data:,"><style>{style}</style>{script}</head><body>{body}</body></html>'
        )


class Chat:
    """One tab with the chat in it, as a visitor sees it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", self._asked)
        page.on("console", lambda line: self._heard(line.type, line.text))
        page.goto(url)
        expect(self.launcher).to_be_visible()

    def _asked(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "WebSocket" not in text:  # a lost line is reported by the browser itself
            self.problems.append(text)

    @property
    def launcher(self) -> Locator:
        return self.page.locator("agent-console-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.locator("agent-console-chat").get_by_role("dialog")

    @property
    def input(self) -> Locator:
        return self.panel.locator("textarea")

    @property
    def log(self) -> Locator:
        return self.panel.get_by_role("log")

    @property
    def badge(self) -> Locator:
        return self.page.locator("agent-console-chat .badge")

    @property
    def banner(self) -> Locator:
        return self.panel.locator(".banner")

    @property
    def bubbles(self) -> Locator:
        """The texts of the messages, without who says them."""
        return self.log.locator(".bubble > [dir=auto]")

    def open(self) -> Chat:
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def write(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def expect_texts(self, *texts: str) -> None:
        """Exactly these messages, in this order."""
        expect(self.bubbles).to_have_text(list(texts))

    def expect_all_sent(self) -> None:
        """Nothing waits to be sent."""
        # Both at once: a message that waits shows the one, then the other.
        expect(self.log.get_by_text(re.compile("Enviando…|Se enviará al volver la conexión"))).to_have_count(0)

    def stored(self) -> dict[str, str]:
        """What the widget keeps in this browser for good."""
        kept: dict[str, str] = self.page.evaluate("() => ({...localStorage})")
        return kept


def visit(context: BrowserContext, url: str) -> Chat:
    """A new tab on this page."""
    return Chat(context.new_page(), url)
