"""Rules at work: they follow the journal, a bounded number of steps in a transaction.

Where they have got to, what they did and what they wrote commit together: each rule fires once for each event, whenever
the server dies. What a rule does can start rules that allow it (`chained`) in the same transaction, to a depth; nothing
that a rule wrote is looked at again later.
"""

from __future__ import annotations

import datetime as dt
import logging
import zoneinfo
from functools import cached_property
from typing import ClassVar

import msgspec

from server import query, wire
from server.commands.automation_acts import Cause, do
from server.commands.door import Actor, Command, Need, Query, Refusal
from server.desk import automation as desk
from server.desk import days
from server.desk.words import spoken
from server.store import automation, conversations, filters, messages, organisation
from server.store.store import Row, Snapshot, Tx
from server.store.writer import disk_error

log = logging.getLogger(__name__)

#: events looked at together; of one transaction at most: conditions asked, rules fired
EVENTS, CONDITIONS, FIRINGS = 256, 100, 16
#: of the journal, rules or not, one look takes in at most
FARTHEST = 10_000
#: firings that others set off, in one transaction at most
CHAINED = 40
#: events of no matter to any rule after which it is noted how far they got
AHEAD = 1000


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is switched on, ready to be asked."""

    id: int
    rule: wire.NewRule
    tree: query.Node
    from_seq: int
    waited: tuple[int, int]


def kept(row: Row) -> Kept:
    rule = automation.content(row)
    return Kept(
        id=row["id"],
        rule=rule,
        tree=query.parse(rule.condition),
        from_seq=row["from_seq"],
        waited=(row["waited_at"], row["waited_id"]),
    )


def zone_of(read: Snapshot) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(organisation.get(read).get("zone", "UTC"))


class Situation:
    """A conversation at an event, which conditions are asked about: as it is now.

    Words are looked for in the message that the event is about; without one, in the customer's newest.
    """

    def __init__(self, read: Snapshot, cause: Cause, zone: zoneinfo.ZoneInfo) -> None:
        self._read, self._cause, self._zone = read, cause, zone

    @cached_property
    def _spoken(self) -> str:
        read, cause = self._read, self._cause
        row = messages.get(read, cause.message) if cause.message is not None else None
        row = row if row is not None else messages.last_inbound(read, cause.conversation)
        return spoken(row["text"] if row is not None else "")

    def fulfils(self, tree: query.Node) -> bool:
        """Whether it is as a condition says."""
        if tree == query.Every(()):
            return True
        now, zone = self._read.now, self._zone
        context = filters.Context(
            me=0, now=now, day_start=lambda day: days.start_of(day, now, zone), spoken=self._spoken
        )
        return conversations.fulfils(self._read, self._cause.conversation, filters.where(tree, context))


class Followed(msgspec.Struct, kw_only=True):
    """How far the rules have got."""

    seq: int


class FollowJournal(Command, kw_only=True):
    """One step of the rules: these events (`seqs`, in order), and nothing else up to `seen`, matter to one of them.

    Whoever has waited long enough comes once the rules know all that happened.
    """

    needs: ClassVar[Need] = "system"

    seqs: list[int]
    seen: int

    def run(self, tx: Tx, actor: Actor) -> Followed:
        rules = [kept(row) for row in automation.active(tx)]
        step, done = _Step(tx, rules), automation.place(tx)
        for row in automation.some(tx, [seq for seq in self.seqs if seq > done]):
            if step.is_full():
                break
            step.event(row)
            done = row["seq"]
        else:
            done = max(done, self.seen)
        automation.advance(tx, done)
        if not step.is_full() and not automation.events(tx, done, tx.head(), desk.TURNS, 1):
            step.waits()
        automation.forget_firings(tx, tx.now - desk.WINDOW)
        return Followed(seq=done)


class _Step:
    """The rules at work in one transaction."""

    def __init__(self, tx: Tx, rules: list[Kept]) -> None:
        self._tx = tx
        self._rules = rules
        self._zone = zone_of(tx)
        self._timed = any(True for each in rules for _ in desk.timers(each.rule))
        self._conditions = self._firings = self._chained = 0

    def is_full(self) -> bool:
        return self._conditions >= CONDITIONS or self._firings >= FIRINGS

    def event(self, row: Row) -> None:
        """One line of the journal."""
        data = msgspec.json.decode(row["data"])
        name = desk.name_of(row["kind"], row["at"], data)
        id = row["conversation_id"]
        if self._timed:
            self._turn(id, name, row["at"])
        if name is not None:
            cause = Cause(seq=row["seq"], at=row["at"], on=name, conversation=id, message=data.get("message"))
            self._start([each for each in self._rules if row["seq"] > each.from_seq], cause)

    def _turn(self, id: int, name: str | None, at: int) -> None:
        before = automation.side(self._tx, id)
        match desk.after(name, before):
            case "ends":
                automation.end_wait(self._tx, id)
            case "":
                pass
            case side:
                automation.begin_wait(self._tx, id, side, at)

    def waits(self) -> None:
        """Those who have waited long enough."""
        tx = self._tx
        for each in self._rules:
            for event, timer in desk.timers(each.rule):
                for row in automation.waiting(tx, timer.side, each.waited, tx.now - timer.ms, FIRINGS):
                    id, since = row["conversation_id"], row["since"]
                    automation.waited(tx, each.id, since, id)
                    self._start([each], Cause(seq=0, at=since, on=event, conversation=id))
                    if self.is_full():
                        return

    def _start(self, rules: list[Kept], cause: Cause) -> None:
        """Ask all rules that mind this, in order, until one says that no later one shall be asked."""
        situation = Situation(self._tx, cause, self._zone)
        for each in rules:
            if cause.on not in each.rule.on or (cause.depth and not each.rule.chained) or cause.by == each.rule.name:
                continue
            self._conditions += 1
            conv = conversations.load(self._tx, cause.conversation)
            if conv is None or conv.merged_into is not None:
                return
            if situation.fulfils(each.tree) and self._fire(each, cause) and each.rule.stop:
                return

    def _fire(self, each: Kept, cause: Cause) -> bool:
        """Do what a rule says: all of it, or nothing. Whether it did."""
        tx, rule, id = self._tx, each.rule, cause.conversation
        self._firings += 1
        self._chained += cause.depth > 0
        earlier = automation.firings(tx, each.id, id, tx.now - desk.WINDOW)
        often = not desk.may_fire([row["at"] for row in earlier if not row["limited"]], tx.now, rule.per_hour)
        if often or cause.depth > desk.DEEPEST or self._chained > CHAINED:
            self._hold(each, cause, "often" if often else "deep", known=any(row["limited"] for row in earlier))
            return False
        actor = Actor("rule", 0, rule.name)
        mark, done = tx.pending(), 0
        try:
            with tx.attempt():
                for act in rule.then:
                    do(tx, act, cause, actor)
                    done += 1
        except Exception as error:
            if disk_error(error):
                raise
            code, params = _why(error, rule)
            tx.emit(
                "rule.fired", id, str(actor), **_line(rule, cause), outcome="refused", act=done, code=code, **params
            )
            automation.note(tx, each.id, id, self._day(), "refused")
            return False
        tx.sign(mark, str(actor))
        effects = tx.written(mark)
        acts = [f"{act.do}={act.value}" if act.value else act.do for act in rule.then]
        tx.emit("rule.fired", id, str(actor), **_line(rule, cause), outcome="fired", acts=acts)
        automation.note(tx, each.id, id, self._day(), "fired")
        for kind, about, data in effects:
            name, message = desk.name_of(kind, tx.now, data), data.get("message")
            if name is not None and about is not None:
                depth = cause.depth + 1
                next_one = Cause(
                    seq=cause.seq, at=tx.now, on=name, conversation=about, message=message, depth=depth, by=rule.name
                )
                self._start(self._rules, next_one)
        return True

    def _hold(self, each: Kept, cause: Cause, why: str, known: bool) -> None:
        """Too often, or too deep. The journal has the first one of an hour, the statistics all."""
        if known:
            automation.count_limited(self._tx, each.id, self._day())
            return
        actor = str(Actor("rule", 0, each.rule.name))
        self._tx.emit("rule.limited", cause.conversation, actor, **_line(each.rule, cause), why=why)
        automation.note(self._tx, each.id, cause.conversation, self._day(), "limited")

    def _day(self) -> str:
        return dt.datetime.fromtimestamp(self._tx.now / 1000, self._zone).date().isoformat()


def _line(rule: wire.NewRule, cause: Cause) -> dict[str, object]:
    return {"rule": rule.name, "on": cause.on, "event": cause.seq, "depth": cause.depth}


def _why(error: Exception, rule: wire.NewRule) -> tuple[str, dict[str, object]]:
    """(code, params) of what went wrong."""
    if isinstance(error, Refusal):
        return error.code, {"params": error.params}
    log.error("the rule %s failed", rule.name, exc_info=error)
    return "internal", {"params": {"detail": f"{type(error).__name__}: {error}"[:200]}}


# ---------------------------------------------------------------- what the job asks


class Ahead(msgspec.Struct, kw_only=True):
    """What lies ahead of the rules, who have noted everything up to `place`. `seqs`: the events up to `seen` that
    matter to one of them; `due`: when somebody has waited long enough (UTC ms)."""

    active: bool
    seqs: list[int] = []
    seen: int = 0
    place: int = 0
    due: int | None = None


class LookAhead(Query, kw_only=True):
    """Look at what happened after `since`, and ask most conditions, without holding up whoever writes."""

    needs: ClassVar[Need] = "system"

    since: int

    def run(self, read: Snapshot, actor: Actor) -> Ahead:
        rules = [kept(row) for row in automation.active(read)]
        if not rules:
            return Ahead(active=False)
        place = automation.place(read)
        seqs, seen = self._look(read, rules, max(self.since, place))
        moments = [
            begun + timer.ms
            for each in rules
            for _event, timer in desk.timers(each.rule)
            if (begun := automation.next_wait(read, timer.side, each.waited)) is not None
        ]
        return Ahead(active=True, seqs=seqs, seen=seen, place=place, due=min(moments, default=None))

    def _look(self, read: Snapshot, rules: list[Kept], since: int) -> tuple[list[int], int]:
        """(events that matter, how far it looked). After one that matters in a conversation all others there do: what
        a rule does at the first may make another one mind the second."""
        end = min(read.head(), since + FARTHEST)
        rows = automation.events(read, since, end, desk.kinds([each.rule for each in rules]), EVENTS)
        timed, zone = any(True for each in rules for _ in desk.timers(each.rule)), zone_of(read)
        found: list[int] = []
        touched: set[int] = set()
        for row in rows:
            if row["conversation_id"] in touched or _matters(read, rules, row, timed, zone):
                found.append(row["seq"])
                touched.add(row["conversation_id"])
                if len(found) >= FIRINGS:
                    return found, row["seq"]
        return found, end if len(rows) < EVENTS else rows[-1]["seq"]


def _matters(read: Snapshot, rules: list[Kept], row: Row, timed: bool, zone: zoneinfo.ZoneInfo) -> bool:
    """Whether an event changes who waits, or a rule would fire because of it, as things stand."""
    data = msgspec.json.decode(row["data"])
    name, id = desk.name_of(row["kind"], row["at"], data), row["conversation_id"]
    if name is None:
        return False
    if timed and desk.after(name, automation.side(read, id)):
        return True
    cause = Cause(seq=row["seq"], at=row["at"], on=name, conversation=id, message=data.get("message"))
    here = Situation(read, cause, zone)
    return any(name in each.rule.on and row["seq"] > each.from_seq and here.fulfils(each.tree) for each in rules)
