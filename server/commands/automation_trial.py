"""Trying a rule on what has happened: how often it would have fired, and where. Nothing is changed.

A trial goes over the journal page by page, each page a snapshot of its own, so that a long one holds nothing up. What
was true then is not kept: conditions are asked of conversations as they are now.
"""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

import msgspec

from server import query, wire
from server.commands.automation import check, row_of
from server.commands.automation_acts import Cause
from server.commands.automation_run import Situation, zone_of
from server.commands.door import Actor, Need, Query, Refusal
from server.commands.shapes import row as line
from server.desk import automation as desk
from server.store import automation, conversations, journal
from server.store.store import Snapshot

#: events of one page; events that one trial looks at most; moments it shows
PAGE, MOST, SAMPLE = 500, 100_000, 20
#: days a trial goes back at most
DAYS = 92


class Trial:
    """What is known so far. `seq`: how far it has got; `end`: where it ends; None until it has begun."""

    def __init__(self, rule: wire.NewRule) -> None:
        self.rule = rule
        self.tree = query.parse(rule.condition)
        self.kinds = desk.kinds([rule])
        self.seq: int | None = None
        self.end = 0
        self.since = 0
        self.looked = self.fired = self.limited = 0
        self.until: int | None = None
        self.where: set[int] = set()
        self.sample: list[wire.RuleMatch] = []
        self._often: dict[int, list[int]] = {}
        self._waits: dict[int, tuple[desk.Side, int]] = {}

    def done(self) -> bool:
        return self.seq is not None and self.seq >= self.end

    def event(self, read: Snapshot, cause: Cause, name: str | None, zone: zoneinfo.ZoneInfo) -> None:
        """One event: what it starts, and whose waiting it ends."""
        self.looked += 1
        for event, timer in desk.timers(self.rule):
            self._turn(read, event, timer, cause, name, zone)
        if name is not None and name in self.rule.on:
            self._ask(read, cause, zone)

    def ends(self, read: Snapshot, now: int, zone: zoneinfo.ZoneInfo) -> None:
        """Those who wait still."""
        for event, timer in desk.timers(self.rule):
            for id, (side, since) in self._waits.items():
                if side == timer.side and since + timer.ms <= now:
                    self._ask(read, Cause(seq=self.end, at=since + timer.ms, on=event, conversation=id), zone)

    def _turn(
        self, read: Snapshot, event: str, timer: desk.Timer, cause: Cause, name: str | None, zone: zoneinfo.ZoneInfo
    ) -> None:
        id = cause.conversation
        before = self._waits.get(id)
        turn = desk.after(name, before[0] if before else None)
        if not turn:
            return
        if before is not None and before[0] == timer.side and before[1] + timer.ms <= cause.at:
            moment = Cause(seq=cause.seq, at=before[1] + timer.ms, on=event, conversation=id)
            self._ask(read, moment, zone)
        if turn == "ends":
            del self._waits[id]
        else:
            self._waits[id] = (turn, cause.at)

    def _ask(self, read: Snapshot, cause: Cause, zone: zoneinfo.ZoneInfo) -> None:
        conv = conversations.load(read, cause.conversation)
        if conv is None or conv.merged_into is not None or not Situation(read, cause, zone).fulfils(self.tree):
            return
        often = [at for at in self._often.get(conv.id, ()) if at > cause.at - desk.WINDOW]
        if not desk.may_fire(often, cause.at, self.rule.per_hour):
            self.limited += 1
            return
        self._often[conv.id] = [*often, cause.at]
        self.fired += 1
        self.where.add(conv.id)
        self.sample.append(wire.RuleMatch(seq=cause.seq, at=cause.at, on=cause.on, conversation=conv.id))
        del self.sample[:-SAMPLE]


class BeginTrial(Query, kw_only=True):
    """A trial ready to go. Refused like a rule that cannot be kept."""

    needs: ClassVar[Need] = "supervisor"

    wanted: wire.TryRule

    def run(self, read: Snapshot, actor: Actor) -> Trial:
        if (self.wanted.rule is None) == (self.wanted.name is None):
            raise Refusal(422, "invalid", detail="either name or rule")
        rule = self.wanted.rule
        if rule is None:
            rule = automation.content(row_of(read, self.wanted.name or ""))
        check(read, rule)
        trial = Trial(rule)
        trial.since = read.now - max(1, min(self.wanted.days, DAYS)) * 24 * 3_600_000
        trial.seq, trial.end = journal.seq_before(read, trial.since), read.head()
        return trial


class GoOn(Query, kw_only=True):
    """One page of a trial."""

    needs: ClassVar[Need] = "supervisor"

    trial: Trial

    def run(self, read: Snapshot, actor: Actor) -> None:
        trial, zone = self.trial, zone_of(read)
        assert trial.seq is not None
        rows = automation.events(read, trial.seq, trial.end, trial.kinds, PAGE)
        for row in rows:
            data = msgspec.json.decode(row["data"])
            name = desk.name_of(row["kind"], row["at"], data)
            cause = Cause(
                seq=row["seq"],
                at=row["at"],
                on=name or "",
                conversation=row["conversation_id"],
                message=data.get("message"),
            )
            trial.event(read, cause, name, zone)
        trial.seq = rows[-1]["seq"] if len(rows) == PAGE else trial.end
        if trial.looked >= MOST and not trial.done():
            trial.until, trial.seq = rows[-1]["at"], trial.end
        if trial.done():
            trial.ends(read, trial.until or read.now, zone)


class EndTrial(Query, kw_only=True):
    """What came of a trial, with the customers of its sample."""

    needs: ClassVar[Need] = "supervisor"

    trial: Trial

    def run(self, read: Snapshot, actor: Actor) -> wire.RuleTrial:
        trial = self.trial
        ids = sorted({match.conversation for match in trial.sample})
        rows = {r["id"]: line(r, mine=False) for r in conversations.rows(read, ids)}
        sample = [
            msgspec.structs.replace(
                match, contact_name=rows[match.conversation].contact_name, preview=rows[match.conversation].preview
            )
            for match in sorted(trial.sample, key=lambda match: match.at, reverse=True)
            if match.conversation in rows
        ]
        return wire.RuleTrial(
            since=trial.since,
            looked=trial.looked,
            fired=trial.fired,
            limited=trial.limited,
            conversations=len(trial.where),
            whole=trial.until is None,
            until=trial.until,
            sample=sample,
        )
