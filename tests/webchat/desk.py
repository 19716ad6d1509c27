"""The advisor's side of a chat under test, through the API."""

from __future__ import annotations

import itertools
import time
from types import TracebackType
from typing import Any

import httpx

from tests.real_server import PATIENCE, RealServer
from tests.webchat.visitor import SITE, Visitor

_names = itertools.count(1)


class Desk:
    """One web chat channel of a server, and an advisor who answers on it."""

    def __init__(self, server: RealServer, **settings: str) -> None:
        self.server = server
        self.name = f"chat{next(_names)}"
        self.settings = {"origins": SITE, **settings}
        with server.client("admin") as admin:
            made = admin.post("/channels", json={"kind": "webchat", "name": self.name, "settings": self.settings})
            assert made.is_success, made.text
        self.api: httpx.Client = server.client("advisor")

    def close(self) -> None:
        self.api.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def visitor(self, **hello: Any) -> Visitor:
        return Visitor(self.server.url, self.name, **hello)

    def conversations(self) -> list[dict[str, Any]]:
        answer = self.api.get("/conversations", params={"view": "all", "channel": self.name})
        assert answer.is_success, answer.text
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows

    def conversation(self) -> int:
        """The only conversation of this chat."""
        (row,) = self.conversations()
        return int(row["id"])

    def messages(self, conversation: int | None = None) -> list[dict[str, Any]]:
        answer = self.api.get(f"/conversations/{conversation or self.conversation()}/messages", params={"limit": 200})
        assert answer.is_success, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def texts(self, direction: str = "in") -> list[str]:
        return [m["text"] for m in self.messages() if m["direction"] == direction]

    def reply(self, text: str, conversation: int | None = None, **fields: Any) -> int:
        """Answer; the message's id."""
        at = f"/conversations/{conversation or self.conversation()}/replies"
        answer = self.api.post(at, json={"text": text, **fields})
        assert answer.is_success, answer.text
        return int(answer.json()["id"])

    def act(self, path: str, **fields: Any) -> Any:
        answer = self.api.post(path, json=fields)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def wait_for_status(self, message: int, status: str) -> None:
        """Until the message is in this state, or fail."""
        self.wait(lambda: [m["status"] for m in self.messages() if m["id"] == message] == [status], f"{status}")

    def wait(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}; there is {self.messages()}"
            time.sleep(0.02)
