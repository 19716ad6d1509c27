"""How far the reader has read, and drafts, told to the server by and by. Only the newest of each counts."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.calls import Call

log = logging.getLogger(__name__)

#: Seconds after its last change at which a draft goes to the server.
DRAFT_DELAY = 1.5


class Marks:
    """Things that may come late, and that a newer one makes void. `run` sends them until it is cancelled."""

    def __init__(self, api: Api, draft_delay: float = DRAFT_DELAY) -> None:
        self._api = api
        self._draft_delay = draft_delay
        self._seen: dict[int, int] = {}
        self._drafts: dict[int, str] = {}
        self._drafts_due = 0.0
        self._on_server: set[int] = set()
        self._written = Counter[int]()
        self._wake = asyncio.Event()

    def seen(self, conversation: int, inbound: int) -> None:
        """The first `inbound` of the customer's messages have been read."""
        self._seen[conversation] = max(inbound, self._seen.get(conversation, 0))
        self._wake.set()

    def draft(self, conversation: int, text: str) -> None:
        """What is being written now."""
        self._drafts[conversation] = text
        self._written[conversation] += 1
        self._drafts_due = asyncio.get_running_loop().time() + self._draft_delay
        self._wake.set()

    def forget_draft(self, conversation: int, on_server: bool) -> None:
        """There is no draft any more; `on_server`: the server is known to have one."""
        if on_server or conversation in self._on_server:
            self.draft(conversation, "")
        else:
            self._drafts.pop(conversation, None)

    def had_draft(self, conversation: int) -> None:
        """The server holds a draft, written elsewhere or earlier, which what is written here takes the place of."""
        self._on_server.add(conversation)

    def version(self, conversation: int) -> int | None:
        """Another number after each draft; None while the server has not been told of the newest."""
        return None if conversation in self._drafts else self._written[conversation]

    async def tell_drafts(self) -> None:
        """Tell the drafts now, as far as the server can be reached."""
        await self._send_all(self._drafts, self._draft_call)

    def online(self) -> None:
        """The network is back."""
        self._wake.set()

    async def run(self) -> None:
        """Send whatever is due; what can't be sent waits for `online`, or for the next of its kind."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            reached = await self._send_all(self._seen, calls.seen)
            wait = self._drafts_due - loop.time()
            if reached and self._drafts and wait <= 0:
                reached = await self._send_all(self._drafts, self._draft_call)
            try:
                async with asyncio.timeout(max(wait, 0) if reached and self._drafts else None):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _draft_call(self, conversation: int, text: str) -> Call[None]:
        if text:
            self._on_server.add(conversation)
        else:
            self._on_server.discard(conversation)
        return calls.draft(conversation, text)

    async def _send_all(self, marks: dict[int, Any], make: Any) -> bool:
        """Send them all; False if the server can't be reached."""
        while marks:
            conversation, mark = next(iter(marks.items()))
            call: Call[None] = make(conversation, mark)
            try:
                await self._api.send(call)
            except Unreachable:
                return False
            except ApiError as error:
                if error.passing or error.status == 401:
                    return False
                log.info("a mark was refused: %s", error)
            if marks.get(conversation) == mark:
                del marks[conversation]
        return True
