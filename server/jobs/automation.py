"""Lets the rules of automation follow the journal; see `server.commands.automation_run`."""

from __future__ import annotations

import itertools
from typing import cast

from server.commands.automation_run import AHEAD, Ahead, Followed, FollowJournal, LookAhead
from server.commands.door import Door
from server.desk.automation import EVENTS
from server.jobs.work import Job


class Automation(Job):
    """Looks ahead in the journal, and asks most conditions, without writing; only what fires is worth a transaction.

    Where the rules have got to is written down with what they do, and besides once in a while.
    """

    name = "automation"
    kinds = frozenset(itertools.chain(*EVENTS.values(), ("rule.created", "rule.updated", "rule.removed")))
    #: under load, rules look at what many messages did at once
    rest = 0.2

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._seen = 0

    async def step(self) -> int | None:
        while True:
            ahead = cast(Ahead, await self.ask(LookAhead(since=self._seen)))
            if not ahead.active:
                self._seen = 0
                return None
            due = ahead.due is not None and ahead.due <= self.now()
            if ahead.seqs or due or ahead.seen - ahead.place >= AHEAD:
                done = cast(Followed, await self.do(FollowJournal(seqs=ahead.seqs, seen=ahead.seen)))
                self._seen = done.seq
            elif ahead.seen <= max(self._seen, ahead.place):
                return ahead.due
            else:
                self._seen = ahead.seen
