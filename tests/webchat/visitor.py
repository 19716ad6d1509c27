"""A visitor without a browser: the chat's protocol over a real socket, each wait with an end."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

#: seconds to wait for a frame; a loaded machine needs some
PATIENCE = 20.0
SITE = "https://www.example.org"

Frame = dict[str, Any]


def new_token() -> str:
    return secrets.token_urlsafe(32)


class Visitor:
    """One socket of a visitor. `seen` holds every frame that came, `messages` what was said, by id."""

    def __init__(self, url: str, channel: str, origin: str | None = SITE, greet: bool = True, **hello: Any) -> None:
        address = f"ws{url.removeprefix('http')}/chat/{channel}/socket"
        self._ends = ExitStack()
        self.socket: ClientConnection = self._ends.enter_context(
            connect(address, origin=Origin(origin) if origin else None, max_size=None, proxy=None)
        )
        self.seen: list[Frame] = []
        self.messages: dict[int, Frame] = {}
        self.welcome: Frame = {}
        if greet:
            self.greet(**hello)

    def greet(self, visitor: str | None = None, **hello: Any) -> None:
        self.say("hello", visitor=visitor, **hello)
        self.welcome = self.wait("welcome")

    @property
    def token(self) -> str:
        return str(self.welcome["visitor"])

    @property
    def cursor(self) -> Frame:
        """What to say in the next `hello` to go on from here."""
        seqs = [f["seq"] for f in self.seen if "seq" in f]
        return {"visitor": self.token, "since": max(seqs), "epoch": self.welcome["epoch"]}

    def say(self, type: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type, **fields}, ensure_ascii=False))

    def write(self, text: str, ref: str | None = None) -> Frame:
        """Send a message and wait for its acknowledgement."""
        ref = ref or secrets.token_hex(8)
        self.say("message", ref=ref, text=text)
        return self.wait("ack", lambda f: f["ref"] == ref)

    def wait(self, type: str, wanted: Callable[[Frame], bool] = lambda frame: True) -> Frame:
        """The next frame of this type that fits."""
        while True:
            frame = self._next()
            if frame["type"] == type and wanted(frame):
                return frame

    def _next(self) -> Frame:
        frame: Frame = json.loads(self.socket.recv(PATIENCE))
        self.seen.append(frame)
        for message in frame.get("messages", []):
            self.messages[message["id"]] = {**self.messages.get(message["id"], {}), **message}
        return frame

    def wait_either(self, one: str, other: str, ref: str) -> Frame:
        """The next frame about message `ref` of one of two types."""
        while True:
            frame = self._next()
            if frame["type"] in (one, other) and frame.get("ref") == ref:
                return frame

    def pause(self, seconds: float) -> None:
        """Do as the server said: wait so long before the next try."""
        threading.Event().wait(seconds)

    def wait_for_text(self, text: str) -> Frame:
        """The message that reads so."""
        while not (found := [m for m in self.messages.values() if m["text"] == text]):
            self.wait("messages")
        return found[0]

    def closed(self) -> int:
        """The code the server closes the socket with."""
        while True:
            try:
                self._next()
            except ConnectionClosed as end:
                assert end.rcvd is not None
                return end.rcvd.code

    def ping(self) -> None:
        """Wait until the server has answered everything said before."""
        self.say("ping")
        self.wait("pong")

    def close(self) -> None:
        self._ends.close()

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.close()
