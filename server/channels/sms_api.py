"""Calls of Twilio's REST API (2010-04-01): one account, its messages. Source: twilio.com/docs/messaging/api.

Everything here can be repeated without harm; sending is in `sms`.
"""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import httpx

from server.channels.base import Fetched, Refused, TryAgain
from server.channels.foreign import items, scalar, string
from server.channels.sms_errors import answer_of, send_error
from server.facts import Failure

API_URL = "https://api.twilio.com"
VERSION = "2010-04-01"

#: seconds between two pieces of an answer
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
#: pages of one look-up
PAGES = 200


class Page(NamedTuple):
    """Messages as they are listed, newest first. `now`: when the provider answered (UTC ms), by its clock if known."""

    messages: list[dict[str, Any]]
    now: int


def unreachable(error: httpx.HTTPError | TimeoutError) -> Failure:
    return Failure(reason="provider_down", detail=f"{type(error).__name__}: {error}"[:300])


class Api:
    """One account. `base`: where the API is, without the version."""

    def __init__(self, base: str, account_sid: str, auth_token: str) -> None:
        self.base = base.rstrip("/").removesuffix(f"/{VERSION}")
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()}
        self.account = f"{self.base}/{VERSION}/Accounts/{quote(account_sid, safe='')}"
        parts = urlsplit(self.base)
        self.origin = f"{parts.scheme}://{parts.netloc}"

    async def get(
        self, url: str, http: httpx.AsyncClient, query: dict[str, str] | None = None
    ) -> tuple[dict[str, Any], int]:
        """The object at an address of this API, and when it answered. Raises Refused or TryAgain."""
        if not url.startswith((f"{self.base}/", f"{self.origin}/")):
            raise Refused(Failure(reason="other", detail="an address outside the API"))
        try:
            response = await http.get(
                url, headers=self.headers, params=query or None, timeout=TIMEOUT, follow_redirects=False
            )
        except httpx.HTTPError as error:
            raise TryAgain(unreachable(error)) from error
        answer = answer_of(response)
        if answer is None or not response.is_success:
            raise send_error(response, repeatable=True)
        return answer, _clock(response)

    async def pages(self, http: httpx.AsyncClient, size: int, query: dict[str, str]) -> AsyncIterator[Page]:
        """Messages, newest first, `size` a page (Twilio's own most is 1,000). Raises Refused or TryAgain."""
        url, asked = f"{self.account}/Messages.json", {**query, "PageSize": str(size)}
        for _ in range(PAGES):
            answer, now = await self.get(url, http, asked)
            yield Page(items(answer.get("messages")), now)
            following = string(answer.get("next_page_uri"), 4096)
            if not following.startswith("/"):
                return
            url, asked = self.origin + following, {}
        raise TryAgain(Failure(reason="other", detail=f"more than {PAGES} pages of messages"))

    async def files(self, sid: str, http: httpx.AsyncClient) -> list[dict[str, str]]:
        """The files of a message, as `parse` reads them: `url` and `content_type`."""
        try:
            answer, _ = await self.get(f"{self.account}/Messages/{quote(sid, safe='')}/Media.json", http)
        except Refused as error:
            if error.failure.code == "20404":  # deleted meanwhile
                return []
            raise
        return [
            {"url": self.origin + uri.removesuffix(".json"), "content_type": scalar(file.get("content_type"))}
            for file in items(answer.get("media_list"))
            if (uri := string(file.get("uri"), 2048)).startswith("/")
        ]

    def place(self, url: str) -> Fetched:
        """Where a file is fetched from: with our credentials only if it is the API that has it."""
        parts = urlsplit(url)
        ours = f"{parts.scheme}://{parts.netloc}" == self.origin
        return Fetched(url=url, headers=self.headers if ours else {})


def _clock(response: httpx.Response) -> int:
    try:
        return int(parsedate_to_datetime(response.headers.get("date", "")).timestamp() * 1000)
    except (TypeError, ValueError, IndexError):
        return time.time_ns() // 1_000_000
