"""Work finds its people: queues drain, what somebody leaves behind is dealt with, nothing waits where nobody is.

Each command is one bounded batch that chooses inside the writer, so that no two get the same conversation and nobody
more than they can carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, NamedTuple

from server.commands import alerts, assigning
from server.commands.availability import advisors, left_at
from server.commands.door import Actor, Command, Need, Query
from server.desk import assignment
from server.store import availability, conversations, people, service
from server.store.conversations import Conversation
from server.store.store import Row, Snapshot, Tx
from server.wire import ServiceSettings

#: conversations given out, or taken from somebody who left, in one transaction
BATCH = 25

Queue = tuple[int, str]

# ---------------------------------------------------------------- queues that drain


class _Desk:
    """Advisors of the teams that assign by themselves, each known once: what one team gives them counts in all."""

    def __init__(self, read: Snapshot, settings: ServiceSettings) -> None:
        self.teams: dict[int, list[assignment.Advisor]] = {}
        known: dict[int, assignment.Advisor] = {}
        for team in availability.teams(read):
            if team["assignment"] == "automatic":
                found = [known.setdefault(a.id, a) for a in advisors(read, team["id"], settings)]
                self.teams[team["id"]] = found

    def anybody(self, team_id: int) -> bool:
        """Whether somebody of the team could take anything at all."""
        return any(a.state == "online" and (a.load < a.capacity or a.load <= 0) for a in self.teams[team_id])

    def heads(self, read: Snapshot) -> dict[Queue, Row]:
        """The most urgent conversation of each queue from which somebody could take."""
        found: dict[Queue, Row] = {}
        for team_id in self.teams:
            if not self.anybody(team_id):
                continue
            for skills in availability.needs(read, team_id):
                row = availability.head(read, team_id, skills)
                if row is not None:
                    found[team_id, skills] = row
        return found

    def choose(self, read: Snapshot, row: Row, settings: ServiceSettings) -> assignment.Choice:
        last = None
        if settings.sticky_ms:
            last = availability.last_advisor(read, row["id"], row["contact_id"], read.now - settings.sticky_ms)
        need = assignment.Need(row["weight"], assignment.skills(row["skills"]), last)
        return assignment.choose(self.teams[row["team_id"]], need)


class Dispatch(Command, kw_only=True):
    """Give out what waits in the queues of teams that assign by themselves; how many there were.

    The most urgent goes first, over all teams. Where it fits nobody now, those behind it that need the same skills
    wait with it: light work must not keep heavy work waiting for ever.
    """

    needs: ClassVar[Need] = "system"

    limit: int = BATCH

    def run(self, tx: Tx, actor: Actor) -> int:
        settings = service.settings(tx)
        desk = _Desk(tx, settings)
        heads = desk.heads(tx)
        done = 0
        while heads and done < self.limit:
            queue = min(heads, key=lambda q: (heads[q]["sort_key"], heads[q]["id"]))
            row = heads.pop(queue)
            choice = desk.choose(tx, row, settings)
            if choice.advisor is None:
                continue
            _give(tx, row["id"], choice, "auto")
            done += 1
            following = availability.head(tx, *queue)
            if following is not None:
                heads[queue] = following
        return done


class SomethingToGive(Query, kw_only=True):
    """Whether a queue has something that somebody could take now, found without troubling the writer."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> bool:
        settings = service.settings(read)
        desk = _Desk(read, settings)
        return any(desk.choose(read, row, settings).advisor is not None for row in desk.heads(read).values())


def _give(tx: Tx, id: int, choice: assignment.Choice, how: str) -> None:
    conv = conversations.load(tx, id)
    assert conv is not None and choice.advisor is not None
    assigning.assign(tx, conv, choice.advisor.name, None, actor="system", how=how, **choice.why)
    conversations.save(tx, conv)
    choice.advisor.load += conv.weight
    choice.advisor.last_at = tx.now


# ---------------------------------------------------------------- those who leave


class HandOver(Command, kw_only=True):
    """Deal with the open work of somebody who is not there, as each of their teams has it; how much there was.

    What waits for the customer stays where it is until they write (see `availability.taken_up`).
    """

    needs: ClassVar[Need] = "system"

    user_id: int
    limit: int = BATCH

    def run(self, tx: Tx, actor: Actor) -> int:
        row = availability.row(tx, self.user_id)
        if row is None or row["leave_at"] is None:
            return 0
        rules = {team["id"]: team for team in availability.teams(tx) if team["on_leave"] != "keep"}
        moments = {id: left_at(row, team) for id, team in rules.items()}
        now = [id for id, at in moments.items() if at <= tx.now]
        found = availability.in_hand(tx, self.user_id, now, self.limit)
        if len(found) < self.limit:
            later = min((at for at in moments.values() if at > tx.now), default=None)
            availability.put(tx, self.user_id, {"leave_at": later})
        for id in found:
            conv = conversations.load(tx, id)
            assert conv is not None
            pass_on(tx, conv, row["state"], colleague=rules[conv.team_id or 0]["on_leave"] == "colleague")
        return len(found)


def pass_on(tx: Tx, conv: Conversation, why: str, *, colleague: bool) -> None:
    """Take a conversation from an advisor who is not there: to a colleague of its team who can take it, else to the
    queue."""
    left = conv.assignee_id
    if colleague and conv.team_id is not None:
        others = [a for a in advisors(tx, conv.team_id, service.settings(tx)) if a.id != left]
        choice = assignment.choose(others, assignment.Need(conv.weight, assignment.skills(conv.skills)))
        if choice.advisor is not None:
            assigning.assign(tx, conv, choice.advisor.name, None, actor="system", how="left", why=why, **choice.why)
            conversations.save(tx, conv)
            return
    if assigning.assign(tx, conv, None, None, actor="system", how="left", why=why):
        conversations.save(tx, conv)


def left_for_good(tx: Tx, user_id: int) -> None:
    """Somebody was switched off: whatever they had in hand goes on without them, what rests too."""
    for id in people.open_conversations(tx, user_id):
        conv = conversations.load(tx, id)
        assert conv is not None
        team = availability.team(tx, conv.team_id) if conv.team_id is not None else None
        pass_on(tx, conv, "switched_off", colleague=team is not None and team["on_leave"] == "colleague")


class Leaving(Query, kw_only=True):
    """(whose open work is to be looked at now, when the next one's is)."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> tuple[list[int], int | None]:
        return availability.leaving(read, 100), availability.next_leave(read)


# ---------------------------------------------------------------- queues that nobody sees


class Strays(NamedTuple):
    """Queues in which conversations wait for nobody: new ones, those that are no more, those to act on, and when the
    next is one of these."""

    new: list[Queue]
    over: list[Queue]
    due: list[Queue]
    next: int | None


def strays(read: Snapshot) -> Strays:
    """A queue is stranded when its team has no active member, or assigns by itself and no member has the skills; what
    is in no team at all, when the organisation has said where that goes.

    One that is emptied into the team of last resort stays known until somebody could take from it: what comes next
    goes on at once, and its alarm is neither over nor raised anew with each conversation.
    """
    settings = service.settings(read)
    known = availability.stranded(read)
    now = set(_nobodys(read, settings))
    emptied = {queue for queue, (_, alarm) in known.items() if alarm == "moved" and queue not in now}
    rest = {queue for queue in emptied if _has_nobody(read, settings, queue)}
    at = {queue: since + settings.stranded_ms for queue, (since, _) in known.items() if queue in now}
    ready = {queue for queue, moment in at.items() if moment <= read.now and settings.stranded_ms}
    resort = _resort(read, settings)
    return Strays(
        new=sorted(now - known.keys()),
        over=sorted(known.keys() - now - rest),
        due=sorted(queue for queue in ready if known[queue][1] != "raised" or _moves(queue, resort)),
        next=min((moment for queue, moment in at.items() if queue not in ready), default=None),
    )


def _resort(read: Snapshot, settings: ServiceSettings) -> int:
    """The team of last resort, 0 if there is none."""
    team = people.team(read, settings.last_resort) if settings.last_resort else None
    return int(team["id"]) if team is not None else 0


def _moves(queue: Queue, resort: int) -> bool:
    return resort not in (0, queue[0])


def _nobodys(read: Snapshot, settings: ServiceSettings) -> Iterable[Queue]:
    if settings.last_resort and availability.anything_without_team(read):
        yield 0, ""
    for team in availability.teams(read):
        queues = availability.needs(read, team["id"])
        if not queues:
            continue
        able = _able(read, team)
        for skills in queues:
            if not able(skills):
                yield team["id"], skills


def _has_nobody(read: Snapshot, settings: ServiceSettings, queue: Queue) -> bool:
    """Whether nobody could take from a queue, if anything were in it."""
    if not queue[0]:
        return bool(settings.last_resort)
    team = availability.team(read, queue[0])
    return team is not None and not _able(read, team)(queue[1])


def _able(read: Snapshot, team: Row) -> Callable[[str], bool]:
    """Tells whether a member of a team could take what needs these skills."""
    known = [assignment.skills(row["skills"]) for row in availability.members(read, team["id"])]

    def able(skills: str) -> bool:
        needed = assignment.skills(skills) if team["assignment"] == "automatic" else {}
        return any(assignment.has(have, needed) for have in known)

    return able


class StrayQueues(Query, kw_only=True):
    """What `Rescue` has to look at."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> Strays:
        return strays(read)


class Rescue(Command, kw_only=True):
    """Note which queues nobody sees; after a while raise an alarm for each, and move what is in it to the team of last
    resort. An alarm is over when somebody is there or, where nothing could be moved, nothing waits. How many
    conversations were moved."""

    needs: ClassVar[Need] = "system"

    limit: int = BATCH

    def run(self, tx: Tx, actor: Actor) -> int:
        found = strays(tx)
        for queue in found.new:
            availability.note_stranded(tx, *queue)
        known = availability.stranded(tx)
        for queue in found.over:
            availability.forget_stranded(tx, *queue)
            if known[queue][1]:
                alerts.over(tx, "stranded", _about(queue))
        moved = 0
        for queue in found.due:
            moved += self._rescue(tx, queue, known[queue][1], self.limit - moved)
        return moved

    def _rescue(self, tx: Tx, queue: Queue, alarm: str, limit: int) -> int:
        settings = service.settings(tx)
        moves = _moves(queue, _resort(tx, settings))
        ids = availability.queued(tx, *queue, max(1, limit))
        first = conversations.load(tx, ids[0]) if ids else None
        if first is None:
            return 0
        to = settings.last_resort if moves else ""
        if not alarm or (alarm == "moved" and not moves):  # there is no last resort any more: now it matters
            alerts.over(tx, "stranded", _about(queue))
            alerts.raise_(tx, "stranded", first, about=_about(queue), skills=queue[1], moved_to=to)
            availability.note_alarm(tx, *queue, "moved" if moves else "raised")
        for id in ids if moves and limit > 0 else ():
            conv = conversations.load(tx, id)
            assert conv is not None
            assigning.assign(tx, conv, None, to, actor="system", how="route", why="stranded", skills=conv.skills)
            conv.skills = ""  # nobody of the other team need have what nobody of this one had
            conversations.save(tx, conv)
        return len(ids) if moves and limit > 0 else 0


def _about(queue: Queue) -> str:
    return f"queue:{queue[0]}:{queue[1]}"
