"""One advisor at one server: everything the console talks to.

`Session` loads what is looked at, follows the feed, sends what is done, and tells the console through one listener
what to paint. All of it runs in the console's own event loop; nothing here knows a widget.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from agent_console import i18n
from agent_console.backend import calls, credentials, tasks
from agent_console.backend.acts import Acts
from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.changes import Changes, Trouble
from agent_console.backend.channels import Channels
from agent_console.backend.credentials import forget, save, server, token
from agent_console.backend.live import Frame, Link, Live, Timing, wall_ms
from agent_console.backend.loader import Loader
from agent_console.backend.marks import Marks
from agent_console.backend.mirror import Mirror
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.overlay import Letter
from agent_console.backend.sender import Sender
from agent_console.backend.shelf import Shelf, name_of, state_folder
from agent_console.backend.views import ListSpec
from server import wire

__all__ = ["Session", "forget", "save", "server", "token"]

log = logging.getLogger(__name__)

#: Rows from the end of what is held at which the next page is fetched.
NEAR_END = 40
#: Seconds for the drafts to reach the server when the console is closed.
LAST_WORDS = 1.0


class Session(Acts):
    """`listener(changes)` is called in the event loop after every step that changed what is to be painted.

    `user` (if known from an earlier sign-in) lets the console paint before the server has answered. `folder`: where
    unsent work is kept (default: the system's place for it). Times in `timing` are for tests.
    """

    def __init__(
        self,
        server: str,
        token: str = "",
        *,
        listener: Callable[[Changes], None],
        lang: str = "es",
        user: wire.User | None = None,
        now: Callable[[], int] = wall_ms,
        folder: Path | None = None,
        timing: Timing | None = None,
    ) -> None:
        super().__init__(Mirror(user), now, self._tell_now)
        self.api = Api(server, token, lang)
        self.channels = Channels(self.api, lambda: self._tell_soon(Changes(channels=True)))
        self.link = Link("connecting", now())
        self._listener = listener
        self._folder = folder
        self._timing = timing or Timing()
        self._marks = Marks(self.api)
        self._loader = Loader(self.api, self.mirror, self._tell_soon, self._marks.version)
        self._live: Live | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._gathered = Changes()
        self._telling = False
        self._opened_for = ""
        self._following: asyncio.Task[Any] | None = None

    # ------------------------------------------------------------ sign in, start, stop

    async def sign_in(self, user: str, password: str, label: str = "console") -> wire.Session:
        """Sign in, then `start`. When the session had ended in the middle of the work, the work goes on; another user
        needs another `Session`. Keep the answer with `credentials.save`. Raises ApiError, Unreachable."""
        opened = await self.api.send(calls.sign_in(user, password, label))
        self.api.token = opened.token
        self.mirror.me = opened.user
        if self._live is not None:
            self._go_live()
        return opened

    async def sign_out(self) -> None:
        """End the session here and, if it can be reached, on the server."""
        try:
            await self.api.send(calls.sign_out())
        except (ApiError, Unreachable) as error:
            log.info("the server was not told of the sign-out: %s", error)
        self.api.token = ""
        await asyncio.to_thread(credentials.forget, self.api.server)

    async def start(self, spec: ListSpec | None = None) -> None:
        """Load a list and go live. Returns when the list is there, or the server can't be reached (then it goes on
        trying by itself, and the listener hears of it). Raises ApiError when the server refuses us (401: sign in)."""
        self.mirror.show(spec or ListSpec())
        self._take_up_unsent()
        if not await self._try_start():
            self._spawn(self._keep_starting())

    async def stop(self) -> None:
        """Let everything go. What waits to be sent is on disk; only that a draft is none any more has to be told."""
        if self.link.state == "live":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await self._marks.tell_drafts()
        running = list(self._tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._loader.close()
        await self.api.close()
        self.outgoing.close()

    async def _try_start(self) -> bool:
        """False if the server can't be reached, or can't work, now. Raises ApiError."""
        try:
            if self.mirror.me is None:
                await self._load_me()
                await asyncio.gather(self._loader.first(self.mirror.window.spec), self._loader.counts())
            else:
                spec = self.mirror.window.spec
                await asyncio.gather(self._load_me(), self._loader.first(spec), self._loader.counts())
        except Unreachable as error:
            self._on_link(Link("offline", self._now(), str(error)))
            return False
        except ApiError as error:
            if not error.passing:
                raise
            self._on_link(Link("offline", self._now(), str(error)))
            return False
        self._go_live()
        return True

    async def _load_me(self) -> None:
        """Who is signed in, and the zone in which their organisation reads the clock."""
        me, organisation = await asyncio.gather(self.api.send(calls.me()), self.api.send(calls.organisation()))
        self.mirror.me = me
        i18n.set_zone(organisation.zone)
        self._take_up_unsent()

    async def _keep_starting(self) -> None:
        failures, started = 0, False
        while not started:
            failures += 1
            most = min(self._timing.most, self._timing.first * 2 ** min(failures, 16))
            await asyncio.sleep(random.uniform(self._timing.first / 2, most))
            try:
                started = await self._try_start()
            except ApiError as error:
                self._on_link(Link("refused", self._now(), error.code))
                return

    def _take_up_unsent(self) -> None:
        """Take up what an earlier console left unsent, once it is known whose it is."""
        me = self.mirror.me
        if me is None or self._opened_for == me.name:
            return
        self._opened_for = me.name
        try:
            shelf = Shelf(self._folder or state_folder(), name_of(self.api.server, me.name))
            self.outgoing = Outgoing(shelf)
        except OSError as error:
            problem = wire.Problem(code="unsafe", detail=error.strerror or str(error), status=0)
            self._tell_soon(Changes(troubles=[Trouble(problem)]))
            self.outgoing = Outgoing()
        for command in self.outgoing.commands:
            if command.refused is None:
                continue
            trouble = Trouble(command.refused, command.conversation, command.change, stopped=True)
            self._tell_soon(Changes(troubles=[trouble]))
        stopped = {command.conversation for command in self.outgoing.stopped()}
        for command in self.outgoing.commands:
            if command.conversation not in stopped:
                self._tell_soon(self._pretend(command))

    def _go_live(self) -> None:
        if self._sender is None:
            self._sender = Sender(
                self.api,
                self.outgoing,
                now=self._now,
                on_done=self._done,
                on_refused=self._refused,
                on_unreachable=self._on_unreachable,
                on_signed_out=lambda: self._on_link(Link("refused", self._now(), "unauthenticated")),
            )
            self._spawn(self._sender.run())
            self._spawn(self._marks.run())
        if self._following is not None:
            self._following.cancel()
        self._live = Live(
            self.api.server,
            self.api.token,
            since=lambda: (self.mirror.seq, self.mirror.epoch),
            on_frame=self._on_frame,
            on_link=self._on_link,
            now=self._now,
            timing=self._timing,
        )
        opened = self.mirror.window.open
        self._live.send_viewing(None if opened == self.mirror.observed else opened)
        self._following = self._spawn(self._live.run())

    # ------------------------------------------------------------ lists

    def show(self, spec: ListSpec) -> None:
        """Show a list: at once if it is held, and loaded in the background if it is not."""
        held = self.mirror.show(spec)
        self._tell_now(Changes(order=True))
        if not held:
            self._spawn(self._quietly(self._loader.first, spec))

    async def refresh(self) -> None:
        """Load the list shown and the counts again, and try the connection at once if it is lost."""
        if self._live is not None:
            self._live.retry_now()
        if self._sender is not None:
            self._sender.online()
        spec = self.mirror.window.spec
        await asyncio.gather(self._loader.first(spec), self._loader.counts())

    def cursor(self, conversation: int | None) -> None:
        """The cursor is on this conversation now: gets it and its neighbours ready, and the next page near an end."""
        changes = self.mirror.set_cursor(conversation)
        if changes:
            self._tell_now(changes)
        at = None if conversation is None else self.mirror.window.index(conversation)
        if conversation is None or at is None:
            return
        around = self.mirror.window.ids(at + 1, at + 2) + self.mirror.window.ids(max(0, at - 1), at)
        if not all(self._loader.is_ready(each) for each in [conversation, *around]):
            self._loader.prefetch([conversation, *around])
        self.near(at, at)

    def near(self, top: int, bottom: int) -> None:
        """Positions `top` to `bottom` are on the screen: fetch the next page if an end of what is held is near."""
        window = self.mirror.window
        if window.has_after and len(window) - bottom < NEAR_END:
            self._spawn(self._quietly(self._loader.more, window.spec, below=True))
        if window.has_before and top < NEAR_END:
            self._spawn(self._quietly(self._loader.more, window.spec, below=False))

    # ------------------------------------------------------------ threads

    async def open(self, conversation: int) -> None:
        """Open a conversation: painted at once if it was got ready, else when it is here. Raises ApiError,
        Unreachable if it is not here and can't be fetched."""
        changes = self.mirror.set_open(conversation)
        if changes or self._loader.is_ready(conversation):
            changes.threads.add(conversation)
            self._tell_now(changes)
        self.viewing(conversation)
        await self.get_ready(conversation)
        thread = self.mirror.thread(conversation)
        if thread is not None and thread.history is None:
            self._spawn(self._quietly(self._loader.history, conversation))

    async def get_ready(self, conversation: int) -> None:
        """Have a conversation's messages and customer here, without opening it. Raises ApiError, Unreachable."""
        if not self._loader.is_ready(conversation):
            await self._loader.thread(conversation)

    async def find_row(self, conversation: int) -> wire.ConversationRow:
        """A conversation's row, which may be in no list that is held. Raises ApiError, Unreachable."""
        return self.mirror.row(conversation) or (await self.api.send(calls.conversation(conversation))).row

    def close(self) -> None:
        """No conversation is open any more."""
        changes = self.mirror.set_open(None)
        if changes:
            self._tell_now(changes)
        self.viewing(None)

    async def load_older(self, conversation: int) -> None:
        """Messages before those held. Raises ApiError, Unreachable."""
        await self._loader.older(conversation)

    async def renew(self, conversation: int) -> None:
        """Who the customer is and what else they wrote, as it is now. Raises ApiError, Unreachable."""
        await asyncio.gather(self._loader.about(conversation), self._loader.history(conversation))

    def viewing(self, conversation: int | None, typing: bool = False) -> None:
        """Let colleagues see what is looked at, and that one types there (say it again with each key)."""
        if typing or conversation != self.mirror.observed:
            self.mirror.observed = None
        if self._live is not None:
            self._live.send_viewing(None if self.mirror.observed is not None else conversation, typing)

    def observe(self, conversation: int | None) -> None:
        """Look on silently there: nobody sees it, nothing counts as read, until something else is opened or one begins
        to write. None: be seen again."""
        self.mirror.observed = conversation
        self.viewing(self.mirror.window.open if conversation is None else conversation)

    def know(self, row: wire.ConversationRow) -> None:
        """The server answered with a row as it is now."""
        self._tell_now(self.mirror.know(row))

    def touched(self) -> None:
        """Somebody touched a key of this console."""
        if self._live is not None:
            self._live.touched()

    def seen(self, conversation: int) -> None:
        """The customer's messages have been on the screen."""
        inbound = self._unread(conversation)
        if inbound and conversation != self.mirror.observed:
            self._mark_seen(conversation, inbound)
            self._marks.seen(conversation, inbound)

    def draft(self, conversation: int, text: str, letter: Letter | None = None) -> None:
        """Keep what is being written: on disk at once, its words on the server a moment later."""
        if not self.outgoing.set_draft(conversation, text, self._now(), letter):
            return
        if self._drop_draft(conversation):
            self._marks.had_draft(conversation)
        self._marks.draft(conversation, text)
        changes = Changes()
        self._check_saved(changes)
        if changes:
            self._tell_now(changes)

    def _forget_draft(self, conversation: int, on_server: bool) -> None:
        self._marks.forget_draft(conversation, on_server)

    def draft_of(self, conversation: int) -> str:
        """What was being written there: here, else on another console."""
        thread = self.mirror.thread(conversation)
        on_server = thread.about.draft if thread is not None and thread.about is not None else ""
        return self.outgoing.draft(conversation) or on_server

    # ------------------------------------------------------------ in the background

    def _on_frame(self, frame: Frame) -> None:
        changes = self.mirror.apply(frame)
        if self._live is not None:
            self.mirror.clock_offset = self._live.clock.offset
        if changes.reload:
            self._loader.renew()
            self._spawn(self._reload())
        if changes.channels:
            self._spawn(self._quietly(self.channels.load))
        for conversation in changes.anew:
            self._spawn(self._quietly(self._loader.thread, conversation, anew=True))
        for conversation in changes.about:
            self._spawn(self._quietly(self._loader.about, conversation))
        if changes:
            self._tell_soon(changes)

    def _on_link(self, link: Link) -> None:
        self.link = link
        changes = Changes(link=True)
        if link.state == "live":
            if self._sender is not None:
                self._sender.online()
            self._marks.online()
            self._spawn(self._quietly(self.channels.load))
            opened = self.mirror.window.open
            if self.mirror.window.stale or not self.mirror.window.loaded:
                self._spawn(self._reload())
            elif opened is not None and not self._loader.is_ready(opened):
                self._spawn(self._quietly(self._loader.thread, opened))  # opened while there was no network
        else:
            changes.merge(self.mirror.alone())
        self._tell_soon(changes)

    def _on_unreachable(self, error: Unreachable) -> None:
        if self._live is not None:
            self._live.suspect()
        self._tell_soon(Changes(waiting=True))

    async def _reload(self) -> None:
        loads = [
            self._quietly(self._loader.first, self.mirror.window.spec),
            self._quietly(self._loader.counts),
        ]
        if self.mirror.window.open is not None:
            loads.append(self._quietly(self._loader.thread, self.mirror.window.open))
        await asyncio.gather(*loads)

    async def _quietly(self, work: Callable[..., Coroutine[Any, Any, None]], *args: Any, **options: Any) -> None:
        """Do something nobody waits for. The feed notices by itself when the server is gone."""
        token = self.api.token
        try:
            await work(*args, **options)
        except Unreachable as error:
            log.info("in the background: %s", error)
        except ApiError as error:
            if error.status == 401 and token == self.api.token:
                self._on_link(Link("refused", self._now(), error.code))
            log.info("in the background: %s", error)

    # ------------------------------------------------------------ telling the console

    def _tell_now(self, changes: Changes) -> None:
        """Paint now, with whatever was gathered."""
        self._gathered.merge(changes)
        self._flush()

    def _tell_soon(self, changes: Changes) -> None:
        """Paint once all that came in together has been taken in."""
        self._gathered.merge(changes)
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._telling = False
        gathered, self._gathered = self._gathered, Changes()
        if self.mirror.counts_unsure:
            self._loader.settle_counts()
        if gathered:
            self._listener(gathered)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = tasks.begin(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
