"""Fetches what the mirror does not hold: pages of lists, threads, customers. Each thing at most once at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable
from typing import Any

import msgspec

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.changes import Changes
from agent_console.backend.mirror import Mirror
from agent_console.backend.tasks import begin
from agent_console.backend.views import ListSpec
from server import wire

#: Rows of a list's page, messages of a thread's.
ROWS = 100
#: Pages of a search looked at before it rests, if nothing is found on them.
PAGES = 400
MESSAGES = 50
#: Prefetching: seconds the cursor has to rest, and threads fetched at the same time.
REST = 0.08
#: Seconds that the feed has to tell the counts after a change of ours.
SETTLE = 2.0
AT_ONCE = 2


class Loader:
    """`changed(changes)` is called with what each answer changed. Everything raises ApiError and Unreachable.

    `drafted(conversation)` tells which draft of the reader's the server knows (`Marks.version`): one that it tells of
    while a newer one was written is out of date.
    """

    def __init__(
        self,
        api: Api,
        mirror: Mirror,
        changed: Callable[[Changes], None],
        drafted: Callable[[int], int | None] = lambda conversation: 0,
    ) -> None:
        self._api = api
        self._mirror = mirror
        self._changed = changed
        self._drafted = drafted
        self._running: dict[Hashable, asyncio.Task[None]] = {}
        self._out_of_date: set[Hashable] = set()
        self._prefetching: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        self._age = 0

    def renew(self) -> None:
        """The server has reset us: what is under way belongs to the past and does not count."""
        self._age += 1

    # ------------------------------------------------------------ lists

    async def first(self, spec: ListSpec) -> None:
        """The top of a list; what was loaded of it before is replaced."""
        age = self._age

        async def load() -> None:
            page = await self._api.send(self._page(spec))
            if age == self._age:
                self._changed(self._mirror.load_page(spec, page, "first"))

        await self._once(("first", spec), load)

    async def more(self, spec: ListSpec, below: bool) -> None:
        """The page below (or above) what is held of the list shown; nothing at its end."""
        window = self._mirror.window
        cursor, age = (window.after if below else window.before), self._age
        if window.spec != spec or cursor is None:
            return

        async def load() -> None:
            at: str | None = cursor
            for _page in range(PAGES):
                call = self._page(spec, after=at) if below else self._page(spec, before=at)
                page = await self._api.send(call)
                # The list may have been loaded anew meanwhile: then the page does not join it.
                now_at = window.after if below else window.before
                if age != self._age or window is not self._mirror.window or at != now_at:
                    return
                self._changed(self._mirror.load_page(spec, page, "after" if below else "before"))
                at = window.after if below else window.before
                # The page of a search may be empty and yet not the last.
                if page.items or at is None:
                    return

        await self._once(("more", spec, below), load)

    async def counts(self) -> None:
        """The counts of all views."""

        async def load() -> None:
            self._changed(self._mirror.load_counts(await self._api.send(calls.counts())))

        await self._once("counts", load)

    def settle_counts(self) -> None:
        """The feed tells counts only when they change: ask, if it tells none soon after a change of ours."""
        if self._settling is None or self._settling.done():
            self._settling = begin(self._settle_counts())

    async def _settle_counts(self) -> None:
        while self._mirror.counts_unsure:
            await asyncio.sleep(SETTLE)
            if self._mirror.counts_unsure:
                try:
                    await self.counts()
                except (ApiError, Unreachable):
                    continue

    def _page(self, spec: ListSpec, *, after: str | None = None, before: str | None = None) -> Any:
        return calls.conversations(
            spec.view,
            q=spec.q,
            state=spec.state,
            channel=spec.channel,
            assignee=spec.assignee,
            team=spec.team,
            after=after,
            before=before,
            limit=ROWS,
        )

    # ------------------------------------------------------------ threads

    async def thread(self, conversation: int, *, anew: bool = False) -> None:
        """The conversation and its newest messages; `anew`: as they are now, whatever is on its way."""
        age = self._age

        async def load() -> None:
            self._mirror.expect_thread(conversation)
            page, about = await asyncio.gather(
                self._api.send(calls.messages(conversation, limit=MESSAGES)),
                self._about(conversation),
            )
            if age == self._age:
                changes = self._mirror.load_conversation(about)
                changes.merge(self._mirror.load_messages(conversation, page))
                self._changed(changes)

        await self._once(("thread", conversation), load, anew)

    async def about(self, conversation: int) -> None:
        """The conversation's own data as they are now: customer, channel, outcome."""
        age = self._age

        async def load() -> None:
            about = await self._about(conversation)
            if age == self._age:
                self._changed(self._mirror.load_conversation(about))

        if (whole := (age, ("thread", conversation))) in self._running:
            self._out_of_date.add(whole)  # it brings them, too
        await self._once(("about", conversation), load, anew=True)

    async def _about(self, conversation: int) -> wire.Conversation:
        drafted = self._drafted(conversation)
        about = await self._api.send(calls.conversation(conversation))
        if drafted is None or drafted != self._drafted(conversation):
            about = msgspec.structs.replace(about, draft="")
        return about

    async def older(self, conversation: int) -> None:
        """Messages before those held; nothing when all are here."""
        thread = self._mirror.thread(conversation)
        if thread is None or thread.older is None:
            return
        cursor, age = thread.older, self._age

        async def load() -> None:
            page = await self._api.send(calls.messages(conversation, before=cursor, limit=MESSAGES))
            held = self._mirror.thread(conversation)
            if age == self._age and held is not None and held.older == cursor:
                self._changed(self._mirror.load_messages(conversation, page, older=True))

        await self._once(("older", conversation), load)

    async def history(self, conversation: int) -> None:
        """The customer's earlier conversations."""

        async def load() -> None:
            page = await self._api.send(calls.history(conversation))
            self._changed(self._mirror.load_history(conversation, page.items))

        await self._once(("history", conversation), load, anew=True)

    def prefetch(self, conversations: Iterable[int]) -> None:
        """Get these threads ready once the cursor rests, in this order, instead of what was wished for before."""
        if self._prefetching is not None:
            self._prefetching.cancel()
        self._prefetching = begin(self._prefetch(list(conversations)))

    async def _prefetch(self, wanted: list[int]) -> None:
        await asyncio.sleep(REST)
        missing = [each for each in wanted if not self.is_ready(each)]
        for start in range(0, len(missing), AT_ONCE):
            try:
                # Shielded, so that a thread half fetched is not thrown away when the cursor moves on.
                await asyncio.gather(*(self.thread(each) for each in missing[start : start + AT_ONCE]))
            except (ApiError, Unreachable):
                return

    def is_ready(self, conversation: int) -> bool:
        """Whether the thread can be painted without asking the server."""
        thread = self._mirror.thread(conversation)
        return thread is not None and thread.loaded and not thread.stale and thread.about is not None

    # ------------------------------------------------------------ inside

    async def _once(self, key: Hashable, load: Callable[[], Coroutine[Any, Any, None]], anew: bool = False) -> None:
        """Run `load`, or wait for the one under way; it goes on when the caller is cancelled. `anew`: what is under way
        may have been read too early, so it is read once more after it."""
        key = (self._age, key)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._up_to_date(key, load))
            task.add_done_callback(lambda done: self._ended(key, done))
        elif anew:
            self._out_of_date.add(key)
        await asyncio.shield(task)

    async def _up_to_date(self, key: Hashable, load: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._out_of_date.add(key)
        while key in self._out_of_date:
            self._out_of_date.discard(key)
            await load()

    def _ended(self, key: Hashable, task: asyncio.Task[None]) -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled():
            task.exception()  # whoever waited has it; if nobody does, it is not an error of the program

    async def close(self) -> None:
        """Stop everything under way."""
        others = (self._prefetching, self._settling)
        tasks = [*self._running.values(), *(task for task in others if task is not None)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
