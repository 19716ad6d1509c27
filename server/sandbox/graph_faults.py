"""What can be made to go wrong at the Graph stand-in.

On requests (`on`: messages, media or node):

    error       answer a Graph error: `code`, `subcode`, `status` (else the code's own), `detail`, `retry_after` seconds
    status      answer `status` with no Graph error in it, as a proxy would
    slow        wait `ms`, then go on as usual
    hang        take the message, then answer nothing for `ms` (the caller's time-out comes first)
    cut         take the message, then cut the connection
    cut_before  cut the connection and take nothing
    garbled     take the message, answer 200 with something that is not JSON

On webhooks:

    duplicate   deliver it twice
    reorder     statuses of a message backwards: read, delivered, sent
    delay       deliver it `ms` later
    drop        never deliver it
    fail        the accepted message fails: one failed status with `code`
"""

from __future__ import annotations

import random
from typing import Literal

import msgspec

RequestFault = Literal["error", "status", "slow", "hang", "cut", "cut_before", "garbled"]
HookFault = Literal["duplicate", "reorder", "delay", "drop", "fail"]


class Fault(msgspec.Struct, kw_only=True):
    """One thing that goes wrong: `times` times (null: until cleared), each time with probability `rate`.

    `to`, `type` and `ref` narrow it to messages to one person, of one type, with one reference.
    """

    kind: RequestFault | HookFault
    on: Literal["messages", "media", "node", "templates"] = "messages"
    times: int | None = None
    rate: float = 1.0
    status: int = 0
    code: int = 131000
    subcode: int = 0
    detail: str = ""
    retry_after: int | None = None
    ms: int = 60_000
    to: str = ""
    type: str = ""
    ref: str = ""
    hits: int = 0


class Faults:
    """The faults that are switched on. `seed` makes rates repeatable."""

    def __init__(self, seed: int = 0) -> None:
        self.active: list[Fault] = []
        self._random = random.Random(seed)

    def add(self, *faults: Fault) -> None:
        self.active.extend(faults)

    def clear(self) -> None:
        self.active.clear()

    def take(self, *kinds: str, on: str = "messages", to: str = "", type: str = "", ref: str = "") -> Fault | None:
        """The first fault of these kinds that strikes now; it is used up by that."""
        for fault in self.active:
            if fault.kind not in kinds or fault.on != on or fault.times == 0:
                continue
            if (fault.to and fault.to != to) or (fault.type and fault.type != type) or (fault.ref and fault.ref != ref):
                continue
            if fault.rate < 1.0 and self._random.random() >= fault.rate:
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
