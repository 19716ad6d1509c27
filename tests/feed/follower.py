"""A console's end of the feed, for tests: synchronous, and as awkward as wanted."""

from __future__ import annotations

import contextlib
import socket
import time
from types import TracebackType
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from server.wire import API, ClientFrame, Hello
from tests.routes.desk import PATIENCE, Desk

Frame = dict[str, Any]


class Follower:
    """One connection to the feed. `frames` are all that came so far."""

    def __init__(self, desk: Desk, token: str = "", *, since: int = 0, epoch: str = "", hello: bool = True) -> None:
        self.desk = desk
        self.frames: list[Frame] = []
        self._open = contextlib.ExitStack()
        connecting = connect(
            f"ws://127.0.0.1:{desk.running.port}{API}/feed",
            additional_headers={"Authorization": f"Bearer {token or desk.tokens['advisor']}"},
            compression=None,
            proxy=None,
            max_size=None,
            open_timeout=PATIENCE,
            close_timeout=1,
            ping_interval=None,
        )
        self.socket: ClientConnection = self._open.enter_context(connecting)
        if hello:
            self.send(ClientFrame(hello=Hello(since=since, epoch=epoch)))
            self.greeting = self.next()

    def send(self, frame: ClientFrame) -> None:
        self.socket.send(msgspec.json.encode(frame).decode())

    def next(self, patience: float = PATIENCE) -> Frame:
        """The next frame, whatever it is. Raises ConnectionClosed, TimeoutError."""
        frame: Frame = msgspec.json.decode(self.socket.recv(timeout=patience))
        self.frames.append(frame)
        return frame

    def find(self, key: str, **wanted: Any) -> Frame:
        """The next frame that has `key` (an event: `seq`), with these values in it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            frame = self.next()
            if key in frame:
                inside = frame if key == "seq" else frame[key]
                if all(inside.get(name, _DEFAULTS.get(name)) == value for name, value in wanted.items()):
                    return frame
        raise AssertionError(f"no {key} with {wanted}")

    def seqs(self, head: int) -> list[int]:
        """The seqs of all events up to `head`."""
        found = [frame["seq"] for frame in self.frames if "seq" in frame]
        while not found or found[-1] < head:
            frame = self.next()
            if "seq" in frame:
                found.append(frame["seq"])
        return found

    def quiet(self, key: str, seconds: float = 0.6) -> bool:
        """Whether no frame with `key` comes for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                if key in self.next(left):
                    return False
            except TimeoutError:
                break
        return True

    def ended(self) -> int:
        """Wait for the end of the connection; the close code."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else 1006

    def cut(self) -> None:
        """Drop the connection as a dead network does."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)
        self._open.close()

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()


#: what an absent field means (frames leave defaults out)
_DEFAULTS: dict[str, Any] = {"viewing": [], "typing": [], "customer_typing": False}
