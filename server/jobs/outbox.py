"""Sends what waits in the outbox, as many at once as is good for the providers, each attempt on record first."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from typing import TYPE_CHECKING, cast

from server.channels.base import Refused, SendError, TryAgain, Uncertain
from server.commands.channels import OpenChannels
from server.commands.delivering import (
    Attempt,
    GiveUpStuck,
    LeaseOutbox,
    OutboxDue,
    RecordRefused,
    RecordRetry,
    RecordSent,
    RecordUnknown,
    SettleLost,
)
from server.commands.door import Command, Door, Unavailable
from server.desk import breaker
from server.facts import Failure
from server.jobs.work import PAUSE, Job

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

#: messages on their way at once, on all channels
AT_ONCE = 64
#: seconds an attempt may take in all: less than it is leased for
SECONDS = 110.0
#: how often attempts that never came back are looked for (ms)
SETTLE_EVERY_MS = 60_000


class Outbox(Job):
    """Leases due messages, sends each with its channel's adapter, and records how it went.

    What was on its way when a server died is of unknown fate: the first step settles that before anything leaves.
    """

    name = "outbox"
    rest = 0.005
    kinds = frozenset(
        {
            "message.queued",
            "message.reacted",
            "message.moderated",
            "message.status",
            "message.cancelled",
            "channel.recovered",
            "channel.updated",
        }
    )

    def __init__(self, door: Door, channels: OpenChannels, http: httpx.AsyncClient) -> None:
        super().__init__(door)
        self._channels = channels
        self._http = http
        self._sending: dict[asyncio.Task[None], int] = {}  # → its channel
        self._settled_at = 0

    async def step(self) -> int | None:
        if self.now() - self._settled_at > SETTLE_EVERY_MS:
            await self.do(SettleLost(all=not self._settled_at))
            while await self.do(GiveUpStuck()):
                pass
            self._settled_at = self.now()
        free = AT_ONCE - len(self._sending)
        if free > 0:
            due = await self._due()
            if due is not None and due <= self.now():
                lease = LeaseOutbox(limit=free, media=str(self.door.store.media), busy=self._busy())
                for attempt in cast(list[Attempt], await self.do(lease)):
                    task = asyncio.create_task(self._send(attempt))
                    self._sending[task] = attempt.channel_id
                    task.add_done_callback(self._sent)
        due = await self._due()
        # Nothing more fits until one that is on its way comes back, and that wakes us.
        return None if len(self._sending) >= AT_ONCE else due

    async def stop(self) -> None:
        """Start nothing more; let what is on its way end and be recorded."""
        await super().stop()
        if self._sending:
            await asyncio.wait(self._sending, timeout=10)

    async def _due(self) -> int | None:
        return cast("int | None", await self.ask(OutboxDue(busy=self._busy())))

    def _busy(self) -> dict[int, int]:
        """How many attempts are on their way on each channel."""
        return dict(Counter(self._sending.values()))

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        self.wake()

    async def _send(self, attempt: Attempt) -> None:
        outcome = await self._attempt(attempt)
        while True:
            try:
                await self.do(outcome)
                return
            except Unavailable:  # the disk is full: what the provider did must not be forgotten
                await asyncio.sleep(PAUSE)
            except Exception:
                log.exception("the outcome of message %d could not be recorded", attempt.message)
                return

    async def _attempt(self, attempt: Attempt) -> Command:
        """Make one attempt; the command that records how it went."""
        message, n = attempt.message, attempt.n
        channel = await self._channels.by_id(attempt.channel_id)
        if channel is None or not channel.active:
            return RecordRefused(message=message, n=n, reason="channel_gone", detail="")
        try:
            async with asyncio.timeout(SECONDS):
                sent = await channel.adapter.send(attempt.out, self._http)
        except Refused as error:
            return RecordRefused(
                message=message, n=n, reason=error.failure.reason, detail=_words(error.failure), chance=random.random()
            )
        except TryAgain as error:
            return RecordRetry(
                message=message,
                n=n,
                reason=error.failure.reason,
                detail=_words(error.failure),
                chance=random.random(),
                after_ms=error.after_ms,
            )
        except (Uncertain, SendError) as error:
            reason = error.failure.reason if error.failure.reason in breaker.CHANNEL else "provider_down"
            return self._unknown(attempt, reason, _words(error.failure))
        except TimeoutError:
            return self._unknown(attempt, "provider_down", f"no answer within {SECONDS:.0f} s")
        except Exception as error:  # a fault of ours, after which nobody knows whether it left
            log.exception("sending message %d failed", message)
            return self._unknown(attempt, "other", f"{type(error).__name__}: {error}")
        return RecordSent(
            message=message, n=n, external_id=sent.external_id, status=sent.status, addresses=sent.addresses
        )

    def _unknown(self, attempt: Attempt, reason: str, detail: str) -> Command:
        return RecordUnknown(message=attempt.message, n=attempt.n, reason=reason, detail=detail, chance=random.random())


def _words(failure: Failure) -> str:
    return " ".join(filter(None, (failure.code, failure.detail)))
