"""WhatsApp by Meta's Cloud API: one `WhatsApp` is one business phone number.

What comes in is read by `whatsapp_parse`, what goes out is shaped by `whatsapp_send`, what goes wrong is named by
`whatsapp_errors`; here are the settings, the signature and the calls. Set-up: docs/channels/whatsapp.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import msgspec

from server.channels.base import (
    Adapter,
    BadSettings,
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
    Uncertain,
)
from server.channels.foreign import scalar, string
from server.channels.whatsapp_content import FILES, sha256_hex
from server.channels.whatsapp_errors import send_error
from server.channels.whatsapp_parse import parse
from server.channels.whatsapp_send import CAPABILITIES, check_file, message_body, refuse
from server.facts import Address, Fact, Failure
from server.wire import Capabilities, Check

GRAPH_URL = "https://graph.facebook.com/v26.0"

#: seconds between two pieces of an answer
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
#: seconds a whole upload and a whole send may take; together less than the outbox's lease of an attempt (120 s)
_UPLOAD_SECONDS = 75.0
_SEND_SECONDS = 30.0

#: nothing has left this machine yet
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class WhatsApp(Adapter):
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
    media_hosts: ClassVar[tuple[str, ...]] = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".facebook.com")

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__({name: value.strip() for name, value in settings.items()})
        for name in ("phone_number_id", "business_account_id"):
            if not re.fullmatch(r"[\w.-]*", self.settings[name], re.ASCII):
                raise BadSettings(f"{name} must be the id that Meta shows, digits only")
        if not re.fullmatch(r"[\x21-\x7e]+", self.settings["access_token"]):
            raise BadSettings("access_token has characters that no token has: copy it again, whole")
        try:
            graph = urlsplit(self.settings["graph_url"])
            usable = graph.scheme in ("http", "https") and bool(graph.hostname) and graph.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise BadSettings(f"graph_url must be an http(s) URL like {GRAPH_URL}")
        self.graph_url = self.settings["graph_url"].rstrip("/")
        self._graph_host = (graph.hostname or "").lower()
        self._headers = {"Authorization": f"Bearer {self.settings['access_token']}"}

    @property
    def account(self) -> str:
        return self.settings["phone_number_id"]

    # ---------------------------------------------------------------- in

    def handshake(self, query: Mapping[str, str]) -> str:
        if query.get("hub.mode") != "subscribe":
            raise NotGenuine(403, "hub.mode is not subscribe")
        token = query.get("hub.verify_token", "").encode("utf-8", "replace")
        if not hmac.compare_digest(token, self.settings["verify_token"].encode()):
            raise NotGenuine(403, "hub.verify_token is not the channel's verify_token")
        return query.get("hub.challenge", "")[:1024]

    def authenticate(self, call: Call) -> None:
        given = call.headers.get("x-hub-signature-256", "")
        if not given:
            raise NotGenuine(401, "no X-Hub-Signature-256")
        digest = hmac.digest(self.settings["app_secret"].encode(), call.body, "sha256").hex()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), f"sha256={digest}".encode()):
            raise NotGenuine(403, "X-Hub-Signature-256 does not fit the app_secret")

    def parse(self, body: bytes, received_at: int) -> list[Fact]:
        return parse(body, received_at)

    # ---------------------------------------------------------------- out

    async def send(self, message: Outgoing, http: httpx.AsyncClient) -> Sent:
        if message.kind in FILES:
            file = check_file(message.kind, message.file)
            message_body(message, "checked")  # what can be refused here is refused before the upload
            body = message_body(message, await self._upload(file, http))
        else:
            body = message_body(message)
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                response = await http.post(
                    f"{self.graph_url}/{self.account}/messages",
                    headers=self._headers,
                    json=body,
                    timeout=_TIMEOUT,
                    follow_redirects=False,
                )
        except _NOT_SENT as error:
            raise TryAgain(_unreachable(error)) from error
        except (httpx.HTTPError, TimeoutError) as error:
            # The body may have left: only WhatsApp knows. Its status webhook will tell, by our reference.
            raise Uncertain(_unreachable(error)) from error
        sent = _sent(response)
        if sent is None:
            raise send_error(response)
        return sent

    async def _upload(self, file: OutgoingFile, http: httpx.AsyncClient) -> str:
        """Upload a file and return its media id. A repeated upload does no harm, so doubt means try again."""
        try:
            handle = await asyncio.to_thread(Path(file.path).open, "rb")
        except OSError as error:
            raise refuse("media", f"the stored file cannot be read: {error.strerror}") from error
        with handle:
            try:
                async with asyncio.timeout(_UPLOAD_SECONDS):
                    response = await http.post(
                        f"{self.graph_url}/{self.account}/media",
                        headers=self._headers,
                        data={"messaging_product": "whatsapp", "type": file.mime},
                        files={"file": (file.file_name or "file", handle, file.mime)},
                        timeout=_TIMEOUT,
                        follow_redirects=False,
                    )
            except (httpx.HTTPError, TimeoutError) as error:
                raise TryAgain(_unreachable(error)) from error
        answer = _json(response)
        media_id = scalar(answer.get("id")) if answer is not None and response.is_success else ""
        if not media_id:
            raise send_error(response, repeatable=True)
        return media_id

    async def mark_read(self, to: tuple[Address, ...], external_id: str, typing: bool, http: httpx.AsyncClient) -> None:
        """Mark the message (and all before it) read; `typing` shows the dots for 25 s or until the answer."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        try:
            await http.post(
                f"{self.graph_url}/{self.account}/messages", headers=self._headers, json=body, timeout=_TIMEOUT
            )
        except httpx.HTTPError:
            return  # best effort: the customer only misses two blue ticks

    # ---------------------------------------------------------------- media

    async def locate_media(self, provider_id: str, url: str, http: httpx.AsyncClient) -> Fetched:
        """Where the file is now. The id is asked for a fresh URL (they live 5 minutes); without one `url` must do."""
        if not provider_id:
            return Fetched(url=self._own(url), headers=self._headers)
        answer = await self._get(provider_id, http, phone_number_id=self.account)
        size = scalar(answer.get("file_size"), 16)
        return Fetched(
            url=self._own(string(answer.get("url"), 4096)),
            headers=self._headers,
            mime=string(answer.get("mime_type")),
            size=int(size) if size.isascii() and size.isdigit() else None,
            sha256=sha256_hex(answer.get("sha256")),
        )

    def _own(self, url: str) -> str:
        """The URL, if our token may be shown to its host."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            parts, host = urlsplit(""), ""
        if host == self._graph_host and parts.scheme in ("http", "https"):
            return url
        if parts.scheme == "https" and any(f".{host}".endswith(allowed) for allowed in self.media_hosts):
            return url
        raise refuse("media", f"not a media host of WhatsApp's: {host[:100] or 'none'}")

    async def _get(self, node: str, http: httpx.AsyncClient, **query: str) -> dict[str, Any]:
        """A Graph object, or Refused or TryAgain."""
        if not re.fullmatch(r"[\w./-]{1,256}", node, re.ASCII):
            raise refuse("media", "not an id")
        try:
            response = await http.get(f"{self.graph_url}/{node}", headers=self._headers, params=query, timeout=_TIMEOUT)
        except httpx.HTTPError as error:
            raise TryAgain(_unreachable(error)) from error
        answer = _json(response)
        if answer is None or not response.is_success or "error" in answer:
            raise send_error(response, repeatable=True)
        return answer

    # ---------------------------------------------------------------- settings tried out

    async def check(self, http: httpx.AsyncClient) -> Sequence[Check]:
        """Is Graph reachable, the token good, the number ours, the secret the app's, the app subscribed?"""
        try:
            number = await self._get(self.account, http, fields="display_phone_number,verified_name,quality_rating")
        except SendError as error:
            return [self._wrong(error)]
        words = (number.get("display_phone_number"), number.get("verified_name"), number.get("quality_rating"))
        shown = " · ".join(filter(None, (string(word) for word in words)))
        checks = [
            Check(name="reach", ok=True, detail=self.graph_url),
            Check(name="token", ok=True),
            Check(name="number", ok=True, detail=shown or self.account),
            await self._check_secret(http),
        ]
        if self.settings["business_account_id"]:
            checks.append(await self._check_subscription(http))
        return checks

    def _wrong(self, error: SendError) -> Check:
        failure = error.failure
        said = f"{failure.code} {failure.detail}".strip()
        if failure.reason == "token":
            return Check(
                name="token",
                ok=False,
                detail=f"{said} - make a new system user token with whatsapp_business_messaging, then set access_token",
            )
        if failure.reason in ("permission", "other"):
            return Check(
                name="number",
                ok=False,
                detail=f"{said} - check phone_number_id {self.account} and that the token's user may use its account",
            )
        return Check(name="reach", ok=False, detail=f"{said} - check the network and graph_url {self.graph_url}")

    async def _check_secret(self, http: httpx.AsyncClient) -> Check:
        """Graph checks an `appsecret_proof` whenever one is given, which proves token and secret are of one app."""
        token, secret = self.settings["access_token"], self.settings["app_secret"]
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        try:
            await self._get(self.account, http, fields="id", appsecret_proof=proof)
        except Refused as error:
            advice = "copy app_secret from App settings, Basic, of the app the token belongs to"
            return Check(name="secret", ok=False, detail=f"{error.failure.detail} - {advice}")
        except SendError as error:
            return self._wrong(error)
        return Check(name="secret", ok=True)

    async def _check_subscription(self, http: httpx.AsyncClient) -> Check:
        account = self.settings["business_account_id"]
        try:
            answer = await self._get(f"{account}/subscribed_apps", http)
        except SendError as error:
            said = f"{error.failure.code} {error.failure.detail}".strip()
            advice = f"check business_account_id {account}; the token needs whatsapp_business_management to look"
            return Check(name="subscription", ok=False, detail=f"{said} - {advice}")
        if answer.get("data"):
            return Check(name="subscription", ok=True)
        advice = f"POST {self.graph_url}/{account}/subscribed_apps with the token"
        return Check(name="subscription", ok=False, detail=f"no app gets this account's webhooks - {advice}")


def _unreachable(error: httpx.HTTPError | TimeoutError) -> Failure:
    return Failure(reason="provider_down", detail=f"{type(error).__name__}: {error}"[:300])


def _json(response: httpx.Response) -> dict[str, Any] | None:
    try:
        answer = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _sent(response: httpx.Response) -> Sent | None:
    """The success in an answer to a send, with the addresses that it proves to be one person's."""
    answer = _json(response) if response.is_success else None
    if answer is None or "error" in answer:
        return None
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
