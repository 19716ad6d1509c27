"""WhatsApp by Meta's Cloud API: one `WhatsApp` is one business phone number.

What comes in is read by `whatsapp_parse`, what goes out is shaped by `whatsapp_send`, what goes wrong is named by
`whatsapp_errors`; here are the settings, the signature and the calls. Set-up: docs/channels/whatsapp.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import httpx

from server.channels.base import Fetched, Option, Outgoing, OutgoingFile, SendError, Sent
from server.channels.foreign import scalar, string
from server.channels.meta_api import (
    GRAPH_URL,
    TIMEOUT,
    UPLOAD_SECONDS,
    MetaAdapter,
    checked_file,
    refuse,
    said,
)
from server.channels.meta_errors import not_understood
from server.channels.whatsapp_content import FILES, sha256_hex
from server.channels.whatsapp_errors import send_error
from server.channels.whatsapp_parse import parse
from server.channels.whatsapp_send import CAPABILITIES, message_body
from server.channels.whatsapp_templates import FIELDS, PAGE, PAGES, read_page
from server.facts import Address, Fact
from server.wire import ApprovedTemplate, Capabilities, Check


class WhatsApp(MetaAdapter):
    """One business phone number on the WhatsApp Cloud API."""

    kind: ClassVar[str] = "whatsapp"
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="phone_number_id", help="id of the business phone number (App dashboard, WhatsApp, API setup)"),
        Option(name="access_token", help="token of a system user with whatsapp_business_messaging", secret=True),
        Option(name="app_secret", help="App dashboard, App settings, Basic: signs the webhooks", secret=True),
        Option(name="verify_token", help="a word of your choice, the same in the webhook's set-up", secret=True),
        Option(name="business_account_id", help="id of the WhatsApp Business Account", required=False),
        Option(name="graph_url", help="base URL of the Graph API", required=False, default=GRAPH_URL),
    )
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    ids: ClassVar[tuple[str, ...]] = ("phone_number_id", "business_account_id")
    media_hosts: ClassVar[tuple[str, ...]] = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com")

    def error(self, response: httpx.Response, *, repeatable: bool = False) -> SendError:
        return send_error(response, repeatable=repeatable)

    # ---------------------------------------------------------------- in

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return parse(body, received_at)

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        if message.kind in FILES:
            file = checked_file(message.kind, message.file, CAPABILITIES.media)
            message_body(message, "checked")  # what can be refused here is refused before the upload
            body = message_body(message, await self._upload(file, http))
        else:
            body = message_body(message)
        sent = _sent(await self.request(http, f"{self.account}/messages", json=body))
        if sent is None:
            raise not_understood(200, repeatable=False)
        return sent

    async def _upload(self, file: OutgoingFile, http: httpx.AsyncClient) -> str:
        """Upload a file and return its media id. A repeated upload does no harm, so doubt means try again."""
        try:
            handle = await asyncio.to_thread(Path(file.path).open, "rb")
        except OSError as error:
            raise refuse("media", f"the stored file cannot be read: {error.strerror}") from error
        with handle:
            answer = await self.request(
                http,
                f"{self.account}/media",
                repeatable=True,
                seconds=UPLOAD_SECONDS,
                data={"messaging_product": "whatsapp", "type": file.mime},
                files={"file": (file.file_name or "file", handle, file.mime)},
            )
        media_id = scalar(answer.get("id"))
        if not media_id:
            raise not_understood(200, repeatable=True)
        return media_id

    async def mark_read(self, to: tuple[Address, ...], external_id: str, typing: bool, http: httpx.AsyncClient) -> None:
        """Mark the message (and all before it) read; `typing` shows the dots for 25 s or until the answer."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        try:
            await http.post(
                f"{self.graph_url}/{self.account}/messages", headers=self.headers, json=body, timeout=TIMEOUT
            )
        except httpx.HTTPError:
            return  # best effort: the customer only misses two blue ticks

    # ---------------------------------------------------------------- media

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        """Where the file is now. The id is asked for a fresh URL (they live 5 minutes); without one `url` must do."""
        if not provider_id:
            return Fetched(url=self.own(url), headers=self.headers)
        answer = await self.look_up(provider_id, http, phone_number_id=self.account)
        size = scalar(answer.get("file_size"), 16)
        return Fetched(
            url=self.own(string(answer.get("url"), 4096)),
            headers=self.headers,
            mime=string(answer.get("mime_type")),
            size=int(size) if size.isascii() and size.isdigit() else None,
            sha256=sha256_hex(answer.get("sha256")),
        )

    # ---------------------------------------------------------------- settings tried out

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Is Graph reachable, the token good, the number ours, the secret the app's, the app subscribed?"""
        try:
            number = await self.look_up(self.account, http, fields="display_phone_number,verified_name,quality_rating")
        except SendError as error:
            return [self._wrong(error)]
        words = (number.get("display_phone_number"), number.get("verified_name"), number.get("quality_rating"))
        shown = " · ".join(filter(None, (string(word) for word in words)))
        checks = [
            Check(name="reach", ok=True, detail=self.graph_url),
            Check(name="token", ok=True),
            Check(name="number", ok=True, detail=shown or self.account),
            await self.check_secret(http),
        ]
        if self.settings["business_account_id"]:
            checks.append(await self._check_subscription(http))
        return checks

    async def approved(self, http: httpx.AsyncClient) -> Sequence[ApprovedTemplate] | None:
        """The account's message templates; None if it is not known which account that is."""
        if not (account := self.settings["business_account_id"]):
            return None
        found: list[ApprovedTemplate] = []
        query = {"fields": FIELDS, "limit": PAGE}
        for _ in range(PAGES):
            answer = await self.look_up(f"{account}/message_templates", http, **query)
            page, after = read_page(answer)
            found += page
            if not after:
                break
            query["after"] = after
        return found

    def _wrong(self, error: SendError) -> Check:
        if error.failure.reason == "token":
            return Check(name="token", ok=False, detail=said(error))
        if error.failure.reason in ("permission", "other"):
            return Check(name="number", ok=False, detail=f"phone_number_id {self.account}: {said(error)}")
        return self.out_of_reach(error)

    async def _check_subscription(self, http: httpx.AsyncClient) -> Check:
        account = self.settings["business_account_id"]
        try:
            answer = await self.look_up(f"{account}/subscribed_apps", http)
        except SendError as error:
            detail = f"business_account_id {account}: {said(error)}"
            return Check(name="subscription", ok=False, detail=detail, why="may_not_look")
        if answer.get("data"):
            return Check(name="subscription", ok=True)
        call = f"POST {self.graph_url}/{account}/subscribed_apps"
        return Check(name="subscription", ok=False, detail=call, why="no_app")


def _sent(answer: dict[str, Any]) -> Sent | None:
    """The success in an answer to a send, with the addresses that it proves to be one person's."""
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    external_id = scalar(first.get("id")) if isinstance(first, dict) else ""
    if not external_id:
        return None
    contacts = answer.get("contacts")
    contact = contacts[0] if isinstance(contacts, list) and contacts else None
    addresses: tuple[Address, ...] = ()
    if isinstance(contact, dict):
        found = (("phone", "wa_id"), ("bsuid", "user_id"), ("parent_bsuid", "parent_user_id"))
        addresses = tuple(
            Address(kind, value) for kind, key in found if (value := scalar(contact.get(key)).removeprefix("+"))
        )
    return Sent(external_id=external_id, addresses=addresses)
