"""What all channels of Meta's have in common: the webhook's handshake and signature, and calls of the Graph API.

Sources: developers.facebook.com/docs/graph-api/webhooks/getting-started (hub.challenge, X-Hub-Signature-256) and
developers.facebook.com/docs/graph-api/guides/secure-requests (appsecret_proof).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from server.channels import checked
from server.channels.base import (
    Adapter,
    BadSettings,
    Call,
    NotGenuine,
    Outgoing,
    OutgoingFile,
    Refused,
    SendError,
    TryAgain,
    Uncertain,
)
from server.channels.meta_errors import answer_in
from server.facts import Failure
from server.wire import Check

GRAPH_URL = "https://graph.facebook.com/v26.0"

#: seconds between two pieces of an answer
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
#: seconds a whole upload and a whole send may take; together less than the outbox's lease of an attempt (120 s)
UPLOAD_SECONDS = 75.0
SEND_SECONDS = 30.0

#: nothing has left this machine yet
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def refuse(reason: str, detail: str) -> Refused:
    """Certain, before anything was sent: it cannot go like this."""
    return Refused(Failure(reason=reason, detail=detail))


def emoji_of(message: Outgoing) -> str:
    """The emoji of a reaction: `data["emoji"]`, else the text; empty takes the reaction back."""
    emoji = message.data.get("emoji", message.text)
    return emoji if isinstance(emoji, str) else ""


def fitting(text: str, limit: int, *, may_be_empty: bool = False) -> str:
    """The text, if there is some and it is not too long."""
    if not text.strip() and not may_be_empty:
        raise refuse("other", "the text is empty")
    if len(text) > limit:
        raise refuse("too_long", f"{len(text)} of {limit} characters")
    return text


def checked_file(kind: str, file: OutgoingFile | None, limits: Mapping[str, int]) -> OutgoingFile:
    """The file to upload, if there is one and the channel takes its kind and size."""
    if file is None:
        raise refuse("media", f"{kind} without a file")
    limit = limits.get(kind)
    if limit is None:
        raise refuse("unsupported", f"cannot send {kind!r}")
    if file.size > limit:
        raise refuse("media", f"{file.size} bytes; {kind} may have {limit}")
    return file


class MetaAdapter(Adapter):
    """An account on one of Meta's products, of an application with an `app_secret` and a webhook."""

    #: options that hold ids
    ids: ClassVar[tuple[str, ...]]

    def __init__(self, settings: Mapping[str, str]) -> None:
        super().__init__({name: value.strip() for name, value in settings.items()})
        for name in self.ids:
            if not re.fullmatch(r"[\w.-]*", self.settings[name], re.ASCII):
                raise BadSettings("meta_id", f"{name} must be the id that Meta shows, digits only", setting=name)
        checked.token("access_token", self.settings["access_token"])
        graph = checked.web_address("graph_url", self.settings["graph_url"], self.option("graph_url").default)
        self.graph_url = self.settings["graph_url"].rstrip("/")
        self._graph_host = (graph.hostname or "").lower()
        self.headers = {"Authorization": f"Bearer {self.settings['access_token']}"}

    @property
    def account(self) -> str:
        return self.settings[self.ids[0]]

    def error(self, response: httpx.Response, *, repeatable: bool = False) -> SendError:
        """What an answer that is not a success means, by this product's codes."""
        raise NotImplementedError

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

    # ---------------------------------------------------------------- out

    async def request(
        self,
        http: httpx.AsyncClient,
        node: str,
        *,
        method: str = "POST",
        repeatable: bool = False,
        seconds: float = SEND_SECONDS,
        **content: Any,
    ) -> dict[str, Any]:
        """Call Graph and return its answer; Refused, TryAgain or Uncertain. `content` as httpx takes it.

        `repeatable`: calling twice does no harm, so doubt means try again.
        """
        try:
            async with asyncio.timeout(seconds):
                response = await http.request(
                    method,
                    f"{self.graph_url}/{_node(node)}",
                    headers=self.headers,
                    timeout=TIMEOUT,
                    follow_redirects=False,
                    **content,
                )
        except _NOT_SENT as error:
            raise TryAgain(unreachable(error)) from error
        except (httpx.HTTPError, TimeoutError) as error:
            # The body may have left: only Meta knows.
            raise (TryAgain if repeatable else Uncertain)(unreachable(error)) from error
        answer = answer_in(response)
        if answer is None or not response.is_success or "error" in answer:
            raise self.error(response, repeatable=repeatable)
        return answer

    async def look_up(self, node: str, http: httpx.AsyncClient, **query: str) -> dict[str, Any]:
        """A Graph object, or Refused or TryAgain."""
        return await self.request(http, node, method="GET", repeatable=True, params=query)

    def own(self, url: str) -> str:
        """The URL, if it is of a host that Meta's files lie on (our token may be shown there)."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            parts, host = urlsplit(""), ""
        if host == self._graph_host and parts.scheme in ("http", "https"):
            return url
        if parts.scheme == "https" and any(f".{host}".endswith(allowed) for allowed in self.media_hosts):
            return url
        raise refuse("media", f"not a media host of Meta's: {host[:100] or 'none'}")

    # ---------------------------------------------------------------- settings tried out

    async def check_secret(self, http: httpx.AsyncClient) -> Check:
        """Graph checks an `appsecret_proof` whenever one is given, which proves token and secret are of one app."""
        token, secret = self.settings["access_token"], self.settings["app_secret"]
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        try:
            await self.look_up(self.account, http, fields="id", appsecret_proof=proof)
        except Refused as error:
            return Check(name="secret", ok=False, detail=error.failure.detail)
        except SendError as error:
            return self.out_of_reach(error)
        return Check(name="secret", ok=True)

    async def token_expiry(self, http: httpx.AsyncClient) -> int | None:
        """When the access token ends, by the token's own word (graph-api/reference/debug_token: `expires_at` in
        seconds, 0 for never). Products without that call, and answers not understood, say nothing."""
        try:
            answer = await self.look_up("debug_token", http, input_token=self.settings["access_token"])
        except SendError:
            return None
        data = answer.get("data")
        ends = data.get("expires_at") if isinstance(data, dict) else None
        return ends * 1000 if isinstance(ends, int) and 0 < ends < 2**40 else None

    def out_of_reach(self, error: SendError) -> Check:
        """Graph could not be asked."""
        return Check(name="reach", ok=False, detail=f"{self.graph_url}: {said(error)}")


def said(error: SendError) -> str:
    """Meta's own words for an error, with the code."""
    return f"{error.failure.code} {error.failure.detail}".strip()


def unreachable(error: httpx.HTTPError | TimeoutError) -> Failure:
    """Why nothing, or nothing that counts, came back."""
    return Failure(reason="provider_down", detail=f"{type(error).__name__}: {error}"[:300])


def _node(node: str) -> str:
    if not re.fullmatch(r"[\w./-]{1,256}", node, re.ASCII):
        raise refuse("media", "not an id")
    return node
