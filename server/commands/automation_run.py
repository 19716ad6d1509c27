"""Rules at work: they follow the journal, a bounded number of steps in a transaction.

Where they have got to, what they did and what they wrote commit together: each rule fires once for each event, whenever
the server dies. What a rule does can start rules that allow it (`chained`) in the same transaction, to a depth; nothing
that a rule wrote is looked at again later.
"""

from __future__ import annotations

import datetime as dt
import logging
import zoneinfo
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

#: of one transaction at most: events looked at, conditions asked, rules fired
EVENTS, CONDITIONS, FIRINGS = 256, 64, 16
#: firings that others set off, in one transaction at most
CHAINED = 40
#: events that are looked at for one that a rule minds
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


def fulfils(read: Snapshot, tree: query.Node, cause: Cause, zone: zoneinfo.ZoneInfo) -> bool:
    """Whether the conversation is as a condition says, now. Words are looked for in the message that `cause` is about;
    without one, in the customer's newest."""
    if tree == query.Every(()):
        return True
    text = ""
    if any(term.field == "text" for term in query.terms(tree)):
        row = messages.get(read, cause.message) if cause.message is not None else None
        row = row if row is not None else messages.last_inbound(read, cause.conversation)
        text = row["text"] if row is not None else ""
    context = filters.Context(
        me=0, now=read.now, day_start=lambda day: days.start_of(day, read.now, zone), spoken=spoken(text)
    )
    return conversations.fulfils(read, cause.conversation, filters.where(tree, context))


class Followed(msgspec.Struct, kw_only=True):
    """How far the rules have got, and whether there is more to do now."""

    seq: int
    more: bool


class FollowJournal(Command, kw_only=True):
    """One step of the rules. `until`: nothing a rule minds comes before or at this event, so they go on from there."""

    needs: ClassVar[Need] = "system"

    until: int = 0

    def run(self, tx: Tx, actor: Actor) -> Followed:
        rules = [kept(row) for row in automation.active(tx)]
        head = tx.head()
        if not rules:
            return Followed(seq=head, more=False)
        step = _Step(tx, rules)
        since = max(automation.place(tx), self.until)
        kinds = desk.kinds([each.rule for each in rules])
        found = automation.events(tx, since, head, kinds, EVENTS)
        for row in found:
            step.event(row)
            since = row["seq"]
            if step.is_full():
                break
        else:
            since = head if len(found) < EVENTS else since
        automation.advance(tx, since)
        if since == head and not step.is_full():
            step.waits()
        automation.forget_firings(tx, tx.now - desk.WINDOW)
        return Followed(seq=since, more=since < head or step.is_full())


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
        match desk.after(name, before):  # type: ignore[arg-type]
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
        for each in rules:
            if cause.on not in each.rule.on or (cause.depth and not each.rule.chained) or cause.by == each.rule.name:
                continue
            self._conditions += 1
            conv = conversations.load(self._tx, cause.conversation)
            if conv is None or conv.merged_into is not None:
                return
            if fulfils(self._tx, each.tree, cause, self._zone) and self._fire(each, cause) and each.rule.stop:
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
        tx.run("SAVEPOINT firing")
        try:
            for act in rule.then:
                do(tx, act, cause, actor)
                done += 1
        except Exception as error:
            if disk_error(error):
                raise
            tx.run("ROLLBACK TO firing")
            tx.run("RELEASE firing")
            tx.forget_after(mark)
            code, params = _why(error, rule)
            tx.emit(
                "rule.fired", id, str(actor), **_line(rule, cause), outcome="refused", act=done, code=code, **params
            )
            automation.note(tx, each.id, id, self._day(), "refused")
            return False
        tx.run("RELEASE firing")
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
    """What lies ahead of the rules, who have seen everything up to `since`. `first`: the next event that one of them
    minds; `last`: the last one looked at; `due`: when somebody has waited long enough (UTC ms)."""

    active: bool
    first: int | None = None
    last: int = 0
    place: int = 0
    due: int | None = None


class LookAhead(Query, kw_only=True):
    needs: ClassVar[Need] = "system"

    since: int

    def run(self, read: Snapshot, actor: Actor) -> Ahead:
        rules = [kept(row) for row in automation.active(read)]
        if not rules:
            return Ahead(active=False)
        place = automation.place(read)
        since = max(self.since, place)
        first, last = automation.look_ahead(read, since, desk.kinds([each.rule for each in rules]), AHEAD)
        moments = [
            begun + timer.ms
            for each in rules
            for _event, timer in desk.timers(each.rule)
            if (begun := automation.next_wait(read, timer.side, each.waited)) is not None
        ]
        return Ahead(active=True, first=first, last=last, place=place, due=min(moments, default=None))
