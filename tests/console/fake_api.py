"""A server's answers without a server: each by its method and path, and what was asked for kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec

from agent_console.backend.api import Api, ApiError
from agent_console.backend.calls import Call
from server import wire
from tests.console import sample, sample_channels, sample_letters

Answer = Callable[[Call[Any]], object]


class FakeApi(Api):
    """`answers`: (method, beginning of the path) → the answer, or a function of the call. `asked`: all calls."""

    def __init__(self) -> None:
        super().__init__("http://test", "t")
        self.asked: list[Call[Any]] = []
        self.files: dict[int, bytes] = {}
        self.channels = [
            sample_channels.channel(1, "whatsapp", "wa-principal"),
            sample_channels.channel(2, "email", "correo"),
        ]
        self.unsent = sample_letters.unsent()
        self.answers: dict[tuple[str, str], object | Answer] = {
            ("GET", "/alerts"): wire.Page(items=[]),
            ("GET", "/availability"): wire.Page(items=[]),
            ("GET", "/outbox"): self._outbox,
            ("GET", "/channels"): lambda call: wire.Page(items=self.channels),
            ("POST", "/outbox/resend"): wire.Resent(resent=2),
            ("GET", "/attachments/"): lambda call: self.files[int(call.path.rpartition("/")[2])],
            ("POST", "/attachments"): self._upload,
            ("POST", "/messages/"): self._message,
            ("POST", "/contacts/"): wire.Contact(id=101, name="María", merges=sample_letters.merges()),
            ("POST", "/conversations/"): sample.rows()[0],
        }

    async def send(self, call: Call[Any], progress: Callable[[int], None] | None = None) -> Any:
        """Answer a call; the body of an upload leaves in two halves."""
        self.asked.append(call)
        found = [key for key in self.answers if key[0] == call.method and call.path.startswith(key[1])]
        if not found:
            raise ApiError(wire.Problem(status=404, code="not_found"), 404)
        if progress is not None and call.body is not None:
            for sent in (len(call.body) // 2, len(call.body)):
                progress(sent)
                await asyncio.sleep(0)
        answer = self.answers[max(found, key=lambda key: len(key[1]))]
        answer = answer(call) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def posted(self, path: str) -> list[Any]:
        """The bodies of what was sent to a path, decoded."""
        found = [call for call in self.asked if call.method == "POST" and call.path == path]
        return [msgspec.json.decode(call.body) if call.body else None for call in found]

    def _outbox(self, call: Call[Any]) -> wire.Page[wire.OutboxItem]:
        state = call.params.get("state", "failed")
        return wire.Page(items=[item for item in self.unsent if item.state == state])

    def _message(self, call: Call[Any]) -> wire.Message:
        id = int(call.path.split("/")[2])
        self.unsent = [item for item in self.unsent if item.message.id != id]
        return sample.message(id, "out", "", sample.NOW, status="queued")

    def _upload(self, call: Call[Any]) -> wire.Attachment:
        kind = call.headers["Content-Type"].partition("/")[0]
        kind = kind if kind in ("image", "audio", "video") else "document"
        return wire.Attachment(id=900 + len(self.asked), kind=kind, mime=call.headers["Content-Type"],
                               file_name=unquote(call.headers["X-File-Name"]), size=len(call.body or b""),
                               state="stored")  # fmt: skip
