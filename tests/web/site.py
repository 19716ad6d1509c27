"""`agent-console web` in a process of its own, and what a browser shows of a console."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, WebSocket

from tests.console.terminal import Painted
from tests.real_server import PATIENCE, READY, RealServer, environment

COLUMNS, ROWS = 200, 80


class WebConsole:
    """The running server. `url` is where it listens; `words` are more options."""

    def __init__(self, server: RealServer, *words: str) -> None:
        self.server = server
        self._words = words
        self.url = ""

    def __enter__(self) -> WebConsole:
        # The operator's own token lies about, as it does on a real computer.
        variables = environment(
            self.server.home,
            AGENT_CONSOLE_SERVER=self.server.url,
            AGENT_CONSOLE_TOKEN=self.server.tokens["admin"],
            AGENT_CONSOLE_LANG="es",
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agent_console", "web", "--port", "0", *self._words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=variables,
        )
        assert self._process.stdout is not None
        ready = READY.search(self._process.stdout.readline().replace("escuchando en", "listening on"))
        assert ready, self._process.stdout.read()
        self.url = ready[1]
        self.said: list[str] = []
        self._listener = threading.Thread(target=self.said.extend, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        return self

    def __exit__(self, *error: object) -> None:
        visitors = self.visitors()
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        self._listener.join(PATIENCE)
        if self._process.stdout is not None:
            self._process.stdout.close()
        assert code == 0, self.said
        _gone, alive = psutil.wait_procs(visitors, PATIENCE)
        assert not alive

    def visitors(self) -> list[psutil.Process]:
        """The consoles' processes (a shell stands between)."""
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [each for each in children if "agent_console.web.visitor" in _command(each)]


def _command(process: psutil.Process) -> str:
    """What a process was started with; nothing once it has ended."""
    try:
        return " ".join(process.cmdline()[:4])
    except psutil.NoSuchProcess:  # ZombieProcess is one
        return ""


class Visitor:
    """A browser with the console in it. The terminal is a canvas, so what it shows is read from what it is sent."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page = context.new_page()
        self.data = bytearray()
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", self._socket)
        self._painted = Painted(COLUMNS, ROWS)
        self.page.goto(url)

    def _socket(self, socket: WebSocket) -> None:
        self.socket_url = socket.url
        socket.on("framereceived", self._take)

    def _take(self, payload: Any) -> None:
        if isinstance(payload, bytes):
            self.data += payload

    @property
    def screen(self) -> str:
        """The terminal's text."""
        self._painted.take(self.data)
        return "\n".join(line.rstrip() for line in self._painted.lines())

    def wait_for(self, wanted: str | Callable[[str], bool]) -> None:
        """Until the terminal shows it (a pattern)."""
        shows = (lambda text: bool(re.search(wanted, text))) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + PATIENCE
        while not shows(self.screen):
            assert time.monotonic() < deadline, f"never saw {wanted!r} in:\n{self.screen}"
            self.page.wait_for_timeout(100)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=5)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def press_until(self, key: str, wanted: str) -> None:
        """Press a key, again and again until it is answered: what has just been painted may not hear yet."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(wanted, self.screen):
            assert time.monotonic() < deadline, f"never saw {wanted!r} in:\n{self.screen}"
            self.press(key)
            self.page.wait_for_timeout(1_000)

    def sign_in(self, user: str, password: str) -> None:
        """At the sign-in, whose server is filled in."""
        self.wait_for("(?i)contraseña")
        self.page.locator(".textual-terminal").click(position={"x": 5, "y": 5})
        self.type(user)
        self.wait_for(re.escape(user))
        self.press("Enter")
        self.page.wait_for_timeout(1_500)  # the next field does not listen before it has been gone to
        self.type(password)
        self.press("Enter")
