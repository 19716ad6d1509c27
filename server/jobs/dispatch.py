"""Work finds its people: consoles come and go, queues drain, what somebody leaves behind goes on."""

from __future__ import annotations

from typing import cast

from server.commands.availability import Attend, HowTheyStand, People, ServerStarted, next_change
from server.commands.dispatch import BATCH, Dispatch, HandOver, Leaving, Rescue, SomethingToGive, StrayQueues, Strays
from server.commands.door import Door
from server.desk.availability import Seen
from server.jobs.work import Job

#: people whose consoles are noted in one transaction
AT_ONCE = 100


class Attendance(Job):
    """Knows whose consoles are connected and when each was last touched; states follow from that.

    The feed tells it (`console`). Several consoles of one person count as one.
    """

    name = "attendance"
    kinds = frozenset({"availability.changed", "service.updated"})

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._consoles: dict[int, tuple[int, int]] = {}
        self._absent: set[int] = set()
        self._started = False

    def console(self, connection: int, user_id: int, touched_at: int | None) -> None:
        """A console was touched last at this moment (UTC ms); None: its connection is over."""
        if touched_at is None:
            if self._consoles.pop(connection, None) is not None:
                self.wake()
            return
        new = connection not in self._consoles
        self._consoles[connection] = (user_id, touched_at)
        # Of those who are here a key changes nothing but when they would be away: no need to look at once.
        if new or user_id in self._absent:
            self.wake()

    async def step(self) -> int | None:
        if not self._started:
            await self.do(ServerStarted())
            self._started = True
        people = cast(People, await self.ask(HowTheyStand()))
        self._absent = {id for id, (standing, _) in people.standing.items() if standing.state in ("away", "offline")}
        changes, due = next_change(people, self._seen(), self.now())
        for start in range(0, len(changes), AT_ONCE):
            await self.do(Attend(seen=changes[start : start + AT_ONCE]))
        return self.now() if changes else due

    def _seen(self) -> dict[int, Seen]:
        seen: dict[int, Seen] = {}
        for user_id, touched_at in self._consoles.values():
            before = seen.get(user_id)
            seen[user_id] = Seen(True, max(touched_at, before.touched_at if before is not None else 0))
        return seen


class Dispatcher(Job):
    """Gives out what waits as soon as somebody can take it: woken by whatever frees or brings somebody or something."""

    name = "dispatch"
    kinds = frozenset(
        {
            "availability.changed",
            "conversation.assigned",
            "conversation.classified",
            "conversation.created",
            "conversation.merged",
            "conversation.reopened",
            "conversation.resolved",
            "conversation.routed",
            "conversation.snoozed",
            "conversation.split",
            "conversation.transfer_declined",
            "conversation.transfer_returned",
            "conversation.transfer_withdrawn",
            "conversation.woken",
            "message.queued",
            "message.received",
            "service.updated",
            "team.created",
            "team.updated",
            "user.created",
            "user.updated",
        }
    )
    #: the first of many that come together is given out at once, the others in batches
    rest = 0.1

    async def step(self) -> int | None:
        while await self.ask(SomethingToGive()):
            if not await self.do(Dispatch()):
                break
        return None


class Leavers(Job):
    """Deals with the open work of people who are not there, when their teams' time is over."""

    name = "leavers"
    kinds = frozenset({"availability.changed", "team.updated"})

    async def step(self) -> int | None:
        while True:
            users, due = cast("tuple[list[int], int | None]", await self.ask(Leaving()))
            if not users:
                return due
            for user_id in users:
                while cast(int, await self.do(HandOver(user_id=user_id))) == BATCH:
                    pass


class Rescuer(Job):
    """Looks for queues that nobody sees."""

    name = "rescue"
    kinds = Dispatcher.kinds - {"message.queued", "conversation.snoozed", "availability.changed"} | {
        "team.removed",
        "user.removed",
    }
    #: whether a queue has anybody changes with the organisation, not with each message
    rest = 1.0

    async def step(self) -> int | None:
        while True:
            found = cast(Strays, await self.ask(StrayQueues()))
            if not (found.new or found.over or found.due):
                return found.next
            moved = cast(int, await self.do(Rescue()))
            if not moved and not found.new:
                return found.next
