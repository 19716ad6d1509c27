"""Webhooks as Meta sends them: documents, signature, delivery that goes on until it gets its 200."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from server.sandbox.graph_rules import status_error
from server.sandbox.graph_state import Accepted, Customer, HookSettings, State, Stored


class Counters(msgspec.Struct, kw_only=True):
    """What went over the hook. `offered`: documents delivered with 200, each time counted; `duplicates`: of these,
    how often one was delivered again after its first 200; `retries`: attempts that got no 200."""

    attempts: int = 0
    offered: int = 0
    duplicates: int = 0
    retries: int = 0
    dropped: int = 0
    inbound: int = 0
    confirmed: int = 0
    statuses: int = 0


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def document(state: State, value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    """A webhook document around one change."""
    settings = state.settings
    metadata = {
        "display_phone_number": settings.display_phone_number,
        "phone_number_id": settings.phone_number_id,
    }
    change = {"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}, "field": field}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": settings.business_account_id, "changes": [change]}],
    }


def contact(customer: Customer) -> dict[str, Any]:
    """The element of `contacts` that describes a person; what they hide is absent."""
    profile = {"name": customer.name} if customer.name else {}
    if customer.username:
        profile["username"] = f"@{customer.username}"
    found: dict[str, Any] = {"profile": profile}
    if customer.phone:
        found["wa_id"] = customer.phone
    if customer.user_id:
        found["user_id"] = customer.user_id
    if customer.parent_user_id:
        found["parent_user_id"] = customer.parent_user_id
    return found


def inbound(state: State, customer: Customer, message_id: str, at: int, message: dict[str, Any]) -> dict[str, Any]:
    """The document of one message from a customer. `message` holds its type and content; `at` in UTC ms."""
    head: dict[str, Any] = {}
    if customer.phone:
        head["from"] = customer.phone
    if customer.user_id:
        head["from_user_id"] = customer.user_id
    if customer.parent_user_id:
        head["from_parent_user_id"] = customer.parent_user_id
    head |= {"id": message_id, "timestamp": str(at // 1000)}
    return document(state, {"contacts": [contact(customer)], "messages": [{**head, **message}]})


def status(state: State, customer: Customer, accepted: Accepted, word: str, at: int, code: int = 0) -> dict[str, Any]:
    """The document of one status. `code`: of the error, for a failed one."""
    item: dict[str, Any] = {"id": accepted.id, "status": word, "timestamp": str(at // 1000)}
    if customer.phone:
        item["recipient_id"] = customer.phone
    if customer.user_id:
        item["recipient_user_id"] = customer.user_id
    if code:
        item["errors"] = [status_error(code)]
    else:
        category = "utility" if accepted.type == "template" else "service"
        item["pricing"] = {"billable": False, "pricing_model": "PMP", "category": category}
    if accepted.ref:
        item["biz_opaque_callback_data"] = accepted.ref
    value: dict[str, Any] = {"statuses": [item]}
    if customer.user_id:
        value = {"contacts": [contact(customer)], **value}
    return document(state, value)


def file_part(stored: Stored, caption: str = "") -> dict[str, Any]:
    """The media object of a customer's file."""
    part = {"mime_type": stored.mime, "sha256": base64.b64encode(stored.sha256).decode(), "id": stored.id}
    if caption:
        part["caption"] = caption
    if stored.name:
        part["filename"] = stored.name
    return part


class Hook:
    """Delivers documents to `settings().hook_url`, each again and again until it is answered 200."""

    def __init__(self, settings: Callable[[], HookSettings], counters: Counters) -> None:
        self.settings = settings
        self.counters = counters
        self._client: httpx.AsyncClient | None = None
        self._slots: asyncio.Semaphore | None = None

    async def deliver(self, body: dict[str, Any], times: int = 1) -> int:
        """Deliver a document `times` times (at once, as a provider's doubled delivery would be). Returns the number
        of attempts it took. Without a hook_url nothing is sent."""
        if not self.settings().hook_url:
            return 0
        raw = msgspec.json.encode(body)
        attempts = await asyncio.gather(*(self._until_taken(raw) for _ in range(max(1, times))))
        self.counters.duplicates += len(attempts) - 1
        return sum(attempts)

    async def _until_taken(self, raw: bytes) -> int:
        attempts, pause = 0, self.settings().hook_retry
        while True:
            attempts += 1
            if await self._attempt(raw):
                self.counters.offered += 1
                return attempts
            self.counters.retries += 1
            await asyncio.sleep(pause / 1000)
            pause = min(pause * 2, self.settings().hook_retry_limit)

    async def _attempt(self, raw: bytes) -> bool:
        settings = self.settings()
        if self._client is None or self._slots is None:
            limits = httpx.Limits(
                max_connections=settings.hook_parallel, max_keepalive_connections=settings.hook_parallel
            )
            self._client = httpx.AsyncClient(limits=limits, trust_env=False)
            self._slots = asyncio.Semaphore(settings.hook_parallel)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": sign(settings.app_secret, raw),
        }
        async with self._slots:
            self.counters.attempts += 1
            try:
                response = await self._client.post(
                    settings.hook_url, content=raw, headers=headers, timeout=settings.hook_timeout / 1000
                )
            except httpx.HTTPError:
                return False
        return response.status_code == 200

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None
