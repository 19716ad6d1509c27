"""Any system as a channel: it calls our hook, we call its `url`, both signed the Standard Webhooks way.

What comes in is read by `webhook_parse`. A message of ours carries the id under which it is known here, the same at
every attempt, so that a receiver which keeps ids shows it once: what was cut short is simply sent again. The format,
with working examples: docs/channels/webhook.md.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx
import msgspec

from server.channels import checked, webhook_parse
from server.channels.base import (
    Adapter,
    Call,
    Fetched,
    NotGenuine,
    Option,
    Outgoing,
    OutgoingFile,
    Refused,
    SendError,
    Sent,
    TryAgain,
)
from server.channels.foreign import string
from server.channels.standard_webhooks import Rejected, headers, keys_of, verify
from server.facts import REASONS, Fact, Failure
from server.wire import Capabilities, Check

_MB = 1024 * 1024
#: bytes of one file: it travels inside the call, as base64
FILE_LIMIT = 5 * _MB
#: files in one message
FILES = 5
TEXT_LIMIT = 10_000

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_LONGEST_WAIT_MS = 3_600_000

#: what an answer means where it does not say so itself; 2xx and 409 (the id is known) are a success
_REASONS = {
    400: "other",
    401: "token",
    403: "permission",
    404: "channel_gone",
    410: "channel_gone",
    413: "media",
    415: "unsupported",
}
_PASSING = frozenset({408, 423, 425, 429})


class Webhook(Adapter):
    """One system that speaks to us and, if it has a `url`, is spoken to."""

    kind: ClassVar[str] = "webhook"
    repeatable: ClassVar[bool] = True
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            name="secret",
            help="whsec_ and the base64 of 32 random bytes; two, separated by a space, while the first replaces the"
            " second",
            secret=True,
        ),
        Option(name="url", help="where answers are posted to; without it the channel only receives", required=False),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=TEXT_LIMIT,
        caption_limit=TEXT_LIMIT,
        receipts=["sent", "delivered", "read", "failed"],
        media=dict.fromkeys(("image", "video", "audio", "document", "sticker"), FILE_LIMIT),
        files=FILES,
        reactions=True,
        quotes=True,
    )

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__({name: value.strip() for name, value in settings.items()})
        self._keys = keys_of(self.settings["secret"])
        self.url = self.settings["url"]
        if self.url:
            callable_address("url", self.url, "https://crm.example.com/answers")

    @property
    def api_url(self) -> str:
        return self.url

    # ---------------------------------------------------------------- in

    def authenticate(self, call: Call) -> None:
        try:
            verify(self._keys, call.headers, call.body, call.at)
        except Rejected as error:
            raise NotGenuine(401 if error.missing else 403, str(error)) from None

    def document(self, call: Call) -> bytes:
        return webhook_parse.document(call.headers.get("webhook-id", ""), call.body)

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return webhook_parse.parse(body, received_at)

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        return Fetched(url=url)

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        if not self.url:
            raise Refused(Failure(reason="receive_only", detail="this channel has no url"))
        body = await asyncio.to_thread(_encoded, message)
        await self._post(message.client_ref, body, http)
        return Sent(external_id=message.client_ref)

    async def _post(self, id: str, body: bytes, http: httpx.AsyncClient) -> None:
        """One signed call. Raises Refused, or TryAgain: a call that is repeated shows once."""
        signed = headers(
            self._keys, id, time.time_ns() // 1_000_000, body
        )  # the time of the attempt, not the message's
        try:
            async with asyncio.timeout(60):
                answer = await http.post(
                    self.url, content=body, headers=signed, timeout=_TIMEOUT, follow_redirects=False
                )
        except (httpx.HTTPError, TimeoutError) as error:
            words = f"{type(error).__name__}: {error}"[:300]
            raise TryAgain(Failure(reason="provider_down", detail=words)) from None
        if not (answer.is_success or answer.status_code == 409):
            raise _error(answer)

    # ---------------------------------------------------------------- settings tried out

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Does the other system take a signed call?"""
        if not self.url:
            return [Check(name="answers", ok=True, why="receives_only")]
        try:
            now = time.time_ns() // 1_000_000
            await self._post(f"ping.{now}", msgspec.json.encode({"type": "ping"}), http)
        except SendError as error:
            said = f"{error.failure.code} {error.failure.detail}".strip()
            return [Check(name="answers", ok=False, detail=said)]
        return [Check(name="answers", ok=True, detail=self.url)]


def callable_address(setting: str, value: str, example: str) -> None:
    """Calls can be made to that address, as it is written. Raises BadSettings."""
    checked.web_address(setting, value, example)
    if not value.isascii():
        raise checked.no_web_address(setting, example)


def _encoded(message: Outgoing) -> bytes:
    """The body of a message; its files inside, so that the receiver needs no access here."""
    to = next((address.value for address in message.to if address.kind == webhook_parse.PERSON), "")
    if not to:
        raise Refused(Failure(reason="recipient_unknown", detail="no id of the other system's"))
    body: dict[str, Any] = {"type": "message", "id": message.client_ref, "at": message.at, "to": {"id": to}}
    if message.kind == "reaction":
        return msgspec.json.encode(body | {"type": "reaction", "message": message.reply_to, "emoji": message.text})
    if message.kind != "text" and message.kind not in Webhook.capabilities.media:
        raise Refused(Failure(reason="unsupported", detail=f"cannot send {message.kind!r}"))
    body |= {"kind": message.kind, "text": message.text, "author": message.author}
    if message.reply_to:
        body["reply_to"] = message.reply_to
    if isinstance(message.last_data.get("thread"), str):
        body["thread"] = message.last_data["thread"]
    if message.subject:
        body["subject"] = message.subject
    if message.files:
        body["attachments"] = [_file(file) for file in message.files]
    return msgspec.json.encode(body)


def _file(file: OutgoingFile) -> dict[str, Any]:
    if file.size > FILE_LIMIT:
        raise Refused(Failure(reason="media", detail=f"{file.size} bytes; a file may have {FILE_LIMIT}"))
    try:
        content = Path(file.path).read_bytes()
    except OSError as error:
        words = f"the stored file cannot be read: {error.strerror}"
        raise Refused(Failure(reason="media", detail=words)) from None
    return {
        "kind": file.kind,
        "name": file.file_name,
        "mime": file.mime,
        "size": len(content),
        "content": base64.b64encode(content).decode(),
    }


def _error(answer: httpx.Response) -> SendError:
    """What an answer that is not a success means; a refusal may name its own `reason` and `detail`."""
    status, said = answer.status_code, _said(answer)
    failure = Failure(
        reason="provider_down", code=str(status), detail=string(said.get("detail"), 300) or f"HTTP {status}"
    )
    if status >= 500 or status in _PASSING or 300 <= status < 400:
        failure = msgspec.structs.replace(failure, reason="rate" if status == 429 else "provider_down")
        return TryAgain(failure, retry_after_ms(answer))
    reason = string(said.get("reason"), 64)
    known = reason if reason in REASONS else _REASONS.get(status, "other")
    return Refused(msgspec.structs.replace(failure, reason=known))


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.content[:10_000])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def retry_after_ms(answer: httpx.Response) -> int | None:
    """The answer's Retry-After in ms (seconds only), at most an hour."""
    value = answer.headers.get("retry-after", "").strip()
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        return None
    return min(int(value) * 1000, _LONGEST_WAIT_MS)
