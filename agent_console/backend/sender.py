"""Sends what waits, conversation by conversation in order, until it has arrived or the server refuses it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from agent_console.backend.api import Api, ApiError, Unreachable
from agent_console.backend.outgoing import Outgoing
from agent_console.backend.tasks import begin
from agent_console.backend.unsent import Command
from server import wire

log = logging.getLogger(__name__)

#: Conversations that are sent for at the same time.
AT_ONCE = 4


class Sender:
    """`on_done(command, answer)` when the server did it, `on_refused(command, problem)` when it will not.

    `on_unreachable(error)` each time the network fails and `on_signed_out()` when the token is not good any more; in
    both cases everything stays in the queue. Waits (seconds) between tries grow from `first` to `most`.
    """

    def __init__(
        self,
        api: Api,
        outgoing: Outgoing,
        *,
        now: Callable[[], int],
        on_done: Callable[[Command, Any], None],
        on_refused: Callable[[Command, wire.Problem], None],
        on_unreachable: Callable[[Unreachable], None],
        on_signed_out: Callable[[], None],
        first: float = 0.5,
        most: float = 15.0,
    ) -> None:
        self._api = api
        self._outgoing = outgoing
        self._now = now
        self._on_done = on_done
        self._on_refused = on_refused
        self._on_unreachable = on_unreachable
        self._on_signed_out = on_signed_out
        self._first = first
        self._most = most
        self._wake = asyncio.Event()
        self._busy: dict[int, Command] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._not_before = 0.0
        self._signed_out = False

    def sending(self, command: Command) -> bool:
        """Whether it is on its way this moment."""
        return self._busy.get(command.conversation) is command

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def online(self) -> None:
        """The network is back, or there is a new token: try at once."""
        self._failures, self._not_before, self._signed_out = 0, 0.0, False
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self._wake.clear()
                wait = self._not_before - loop.time()
                if wait <= 0 and not self._signed_out:
                    self._start_all()
                try:
                    async with asyncio.timeout(wait if wait > 0 else None):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._tasks:
                task.cancel()

    def _start_all(self) -> None:
        for command in self._outgoing.expire(self._now()):
            if command.refused is not None:
                self._on_refused(command, command.refused)
        for command in self._outgoing.ready(self._busy):
            if len(self._busy) >= AT_ONCE:
                return
            self._busy[command.conversation] = command
            task = begin(self._send(command))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, command: Command) -> None:
        untried, token = not command.tried, self._api.token
        call = self._outgoing.begin(command, self._now())
        try:
            answer = await self._api.send(call)
        except Unreachable as error:
            if untried and not error.maybe_done:
                self._outgoing.not_sent(command)
            self._hold_off()
            self._on_unreachable(error)
        except ApiError as error:
            if error.status == 401 and token == self._api.token:
                self._signed_out = True
                self._on_signed_out()
            elif error.status == 401:
                log.info("refused with a token that is another one by now: it is sent again")
            elif error.passing:
                self._hold_off(error.retry_after)
            else:
                self._outgoing.refuse(command, error.problem)
                self._on_refused(command, error.problem)
        except Exception:
            # Whatever it is, the command stays in the queue, and so does everything behind it.
            log.exception("a command could not be sent")
            self._hold_off()
        else:
            self._failures = 0
            self._outgoing.done(command)
            self._on_done(command, answer)
        finally:
            self._busy.pop(command.conversation, None)
            self._wake.set()

    def _hold_off(self, seconds: float | None = None) -> None:
        self._failures += 1
        most = min(self._most, self._first * 2 ** min(self._failures, 16))
        wait = seconds if seconds is not None else random.uniform(self._first / 2, most)
        self._not_before = asyncio.get_running_loop().time() + wait
