"""A search as it is typed: asked a moment after the last key, the question before it given up, the answer kept fresh.

Nothing here waits for the server while a key is handled. What is wrong with a query is found here already, before the
server is asked.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import msgspec

from agent_console.backend import calls
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.changes import Changes
from agent_console.backend.matching import narrowed, of_time
from agent_console.backend.mirror import Mirror
from agent_console.backend.tasks import begin
from agent_console.backend.views import ListSpec
from server.query import Every, QueryError, parse

#: seconds after the last key before the server is asked
REST = 0.12
#: rows asked for at once, rows that are enough for the first sight, and pages looked at to find them: the server gives
#: each a fiftieth of a second, and what hardly anything fulfils is found after a million conversations
PAGE, ENOUGH, PAGES = 100, 40, 400
#: seconds between two looks at what may have changed, conversations asked about at once, and how often a query that
#: time alone changes is asked anew
FRESH, AT_ONCE, ANEW = 2.0, 50, 30.0
#: more changed conversations than these are worth loading the list anew
MANY = 500


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with a query: a problem's code and params, and the characters it is about."""

    code: str
    params: dict[str, object] = {}
    start: int = 0
    end: int = 0
    detail: str = ""


class Search:
    """`tell(changes)` paints. `home`: the list that was shown before."""

    def __init__(self, api: Api, mirror: Mirror, tell: Callable[[Changes], None]) -> None:
        self._api = api
        self._mirror = mirror
        self._tell = tell
        self.home: ListSpec | None = None
        self.wrong: Wrong | None = None
        #: when (the event loop's time) the question under way was asked; None if there is none
        self.asked_at: float | None = None
        #: the question that waits to be asked, or for its answer
        self.question: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def spec(self) -> ListSpec | None:
        """The search that is shown, if one is."""
        shown = self._mirror.window.spec
        return shown if shown.q else None

    @property
    def asking(self) -> bool:
        """Whether a question waits to be asked, or for its answer."""
        return self.question is not None and not self.question.done()

    @property
    def slow(self) -> bool:
        """Whether the answer has been on its way for over a second."""
        return self.asked_at is not None and asyncio.get_running_loop().time() - self.asked_at > 1.0

    def ask(self, text: str, rest: float = REST) -> bool:
        """Search for `text` after `rest` seconds, instead of what was asked before. False if it asks for nothing that
        could be found: it is empty, or cannot be read."""
        self.give_up()
        self.wrong = wrong_with(text)
        if self.wrong is not None or not text.strip() or parse(text) == Every(()):
            return False
        spec = ListSpec(view="all", q=text.strip())
        if spec == self.spec and self._mirror.window.loaded:
            return True
        self.question = begin(self._ask(spec, rest))
        return True

    def give_up(self) -> None:
        """The question under way does not matter any more."""
        if self.question is not None:
            self.question.cancel()
        self.question, self.asked_at = None, None

    def close(self) -> None:
        """Nothing is searched any more."""
        self.give_up()
        if self._keeping is not None:
            self._keeping.cancel()
        self._keeping, self.home, self.wrong = None, None, None

    async def _ask(self, spec: ListSpec, rest: float) -> None:
        await asyncio.sleep(rest)
        self.asked_at = asyncio.get_running_loop().time()
        try:
            await self._load(spec)
        except ApiError as error:
            where = [error.problem.params.get(name) for name in ("start", "end")]
            start, end = (each if isinstance(each, int) else 0 for each in where)
            self.wrong = Wrong(error.code, error.problem.params, start, end, error.problem.detail)
        except Unreachable:
            self.wrong = Wrong("unreachable")
        self.question = self.asked_at = None
        self._tell(Changes(order=True))

    async def _load(self, spec: ListSpec) -> None:
        """The first pages, until there is enough to see; a page may be short, or empty, and yet not the last."""
        page = await self._api.send(calls.conversations(spec.view, q=spec.q, limit=PAGE))
        self._mirror.search(spec, self.home)
        changes = self._mirror.load_page(spec, page)
        changes.order = True
        self._tell(changes)
        self.keep_fresh()
        for _page in range(PAGES - 1):
            window = self._mirror.window
            if window.spec != spec or len(window) >= ENOUGH or window.after is None:
                return
            page = await self._api.send(calls.conversations(spec.view, q=spec.q, after=window.after, limit=PAGE))
            if self._mirror.window is window:
                self._tell(self._mirror.load_page(spec, page, "after"))

    # ------------------------------------------------------------ keeping it fresh

    def keep_fresh(self) -> None:
        """From now on, ask about what changes while a search is shown."""
        if self._keeping is None or self._keeping.done():
            self._keeping = begin(self._keep_fresh())

    async def _keep_fresh(self) -> None:
        loop = asyncio.get_running_loop()
        anew = loop.time() + ANEW
        while True:
            await asyncio.sleep(FRESH)
            spec = self.spec
            if spec is None:
                return
            try:
                await self.settle(spec)
                if loop.time() >= anew:
                    anew = loop.time() + ANEW
                    await self._renew(spec)
            except (ApiError, Unreachable):
                continue  # the feed says when the server is back; what changed meanwhile is asked about with it

    async def settle(self, spec: ListSpec) -> None:
        """Ask the server which of the conversations that changed the search finds now; too many of them are not asked
        about one by one."""
        doubtful = self._mirror.take_doubtful()
        if len(doubtful) > MANY:
            await self._reload(spec)
            return
        while some := set(itertools.islice(sorted(doubtful), AT_ONCE)):
            call = calls.conversations(spec.view, q=narrowed(spec.q, sorted(some)), limit=AT_ONCE)
            try:
                page = await self._api.send(call)
            except (ApiError, Unreachable):
                self._mirror.doubt(doubtful)
                raise
            doubtful -= some
            changes = self._mirror.told(spec, some, page)
            if changes:
                self._tell(changes)

    async def _renew(self, spec: ListSpec) -> None:
        """Load a query anew that time alone changes, as long as it fits one page."""
        window = self._mirror.window
        if not window.has_after and window.spec == spec and of_time(parse(spec.q)):
            await self._reload(spec)

    async def _reload(self, spec: ListSpec) -> None:
        window = self._mirror.window
        page = await self._api.send(calls.conversations(spec.view, q=spec.q, limit=PAGE))
        if self._mirror.window is window:
            self._tell(self._mirror.load_page(spec, page))


def wrong_with(text: str) -> Wrong | None:
    """What is wrong with a query, if anything is."""
    try:
        parse(text)
    except QueryError as error:
        params = {"why": error.code, "start": error.start, "end": error.end, **error.params}
        return Wrong("bad_query", params, error.start, error.end)
    return None
