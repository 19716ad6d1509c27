"""What Twilio did not get through to us, fetched: it posts once (unless told otherwise) and then forgets.

Every few minutes the messages to our number since the last time are listed, and those from it of the last hour for what
became of them; each is told once as long as the server runs, and what is known by its sid is not stored again.

A place is the moment (UTC ms) up to which everything was seen, with a number that tells which document was stored last.
The API filters by day, so days are looked at one by one and the rest is done here. Messages may be listed a little
late, hence the overlap.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from server.channels.base import Pulled, Source
from server.channels.foreign import identifier, scalar
from server.channels.sms_api import Api
from server.channels.sms_parse import ARRIVING, STATUSES, sent_at

#: how long before the place messages are looked at again (ms): what is listed late, and clocks that differ
OVERLAP_MS = 15 * 60_000
#: how long reports about what we sent are looked for (ms)
REPORTS_MS = 3_600_000
#: how far back a channel goes that was never looked at, and one that was not for long (ms)
FIRST_MS, LONGEST_MS = 3_600_000, 30 * 86_400_000
#: seconds that one `pull` waits at most
WAIT = 25.0
#: messages of one document, of a page asked for, and taken from one day at once
DOCUMENT, PAGE, MOST = 200, 500, 10_000

#: sid → (when it was sent, what it says of itself)
_Told = dict[str, tuple[int, str]]


class SmsSource(Source):
    """Looks every `every` seconds at what `number` (of `service`, if it is a messaging service) got and sent."""

    def __init__(self, api: Api, number: str, http: httpx.AsyncClient, every: float) -> None:
        self._api = api
        self._number = number
        self._http = http
        self._every = every
        self._due = 0.0
        #: what is stored, as far back as we look
        self._told: _Told = {}
        #: what was handed over and may not be stored yet: by the cursor that says it is
        self._handed: list[tuple[str, _Told]] = []
        self._count = 0

    async def pull(self, cursor: str) -> Sequence[Pulled]:
        wait = self._due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(min(wait, WAIT))
            if wait > WAIT:
                return ()
        now = time.time_ns() // 1_000_000
        self._stored(cursor)
        reached = cursor.partition(":")[0]
        place = int(reached) if reached.isascii() and reached.isdigit() else now - FIRST_MS
        place = max(place, now - LONGEST_MS)
        self._forget(place)
        for day in _days(place - REPORTS_MS, now):
            fresh, clock = await self._day(day, place)
            now = min(now, clock)
            if fresh:
                return await self._documents(fresh, place)
        self._due = time.monotonic() + self._every
        return (Pulled(body=b"", cursor=str(max(place, now))),)

    def _stored(self, cursor: str) -> None:
        """Take note of the documents that were stored; the others are offered again."""
        last = next((n for n, (reached, _) in enumerate(self._handed) if reached == cursor), -1)
        for _, told in self._handed[: last + 1]:
            self._told |= told
        self._handed = []

    def _forget(self, place: int) -> None:
        before = place - REPORTS_MS - OVERLAP_MS
        self._told = {sid: told for sid, told in self._told.items() if told[0] >= before}

    async def _day(self, day: str, place: int) -> tuple[list[dict[str, Any]], int]:
        """News of one day, oldest first, and when the provider told. If there is too much, the oldest of it."""
        fresh: deque[dict[str, Any]] = deque(maxlen=MOST)
        clock = time.time_ns() // 1_000_000
        for query in self._queries():
            async for page in self._api.pages(self._http, PAGE, {**query, "DateSent": day}):
                clock = min(clock, page.now)
                fresh.extend(message for message in page.messages if self._is_news(message, place))
                newest = max((at for message in page.messages if (at := sent_at(message))), default=place)
                if newest < place - REPORTS_MS - OVERLAP_MS:
                    break
        return sorted(fresh, key=lambda message: sent_at(message) or 0), clock

    def _queries(self) -> list[dict[str, str]]:
        if self._number.startswith("MG"):
            return [{}]  # the list cannot be asked for a service
        return [{"To": self._number}, {"From": self._number}]

    def _is_news(self, message: dict[str, Any], place: int) -> bool:
        sid, at = identifier(message.get("sid")), sent_at(message)
        if not sid or at is None:
            return False
        if self._number.startswith("MG") and message.get("messaging_service_sid") != self._number:
            return False
        inbound = message.get("direction") == "inbound"
        if message.get("status") in ARRIVING:
            return False
        if at < place - (OVERLAP_MS if inbound else REPORTS_MS):
            return False
        told = self._told.get(sid)
        return told is None or (not inbound and told[1] != _word(message))

    async def _documents(self, fresh: list[dict[str, Any]], place: int) -> list[Pulled]:
        """The messages as documents, each with the place that is reached once it is stored."""
        found: list[Pulled] = []
        for start in range(0, len(fresh), DOCUMENT):
            part = fresh[start : start + DOCUMENT]
            for message in part:
                files = scalar(message.get("num_media"), 4)
                if message.get("direction") == "inbound" and files not in ("", "0"):
                    message["media"] = await self._api.files(identifier(message.get("sid")), self._http)
            self._count += 1
            reached = f"{place}:{self._count}"
            told = {identifier(message.get("sid")): (sent_at(message) or 0, _word(message)) for message in part}
            self._handed.append((reached, told))
            found.append(Pulled(body=msgspec.json.encode({"messages": part}), cursor=reached))
        return found


def _word(message: dict[str, Any]) -> str:
    """What a listed message says of itself: a report is news once for each of our own words."""
    status = scalar(message.get("status"))
    return STATUSES.get(status, status)


def _days(since: int, until: int) -> list[str]:
    """The days from one moment (UTC ms) to another, as the API names them."""
    first = datetime.fromtimestamp(since / 1000, UTC).date()
    last = datetime.fromtimestamp(until / 1000, UTC).date()
    return [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]
