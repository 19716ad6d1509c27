"""Rules of automation: kept, checked when they are saved, switched on and off, and counted."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import naming
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.desk import automation as desk
from server.store import automation, event_hooks, labels, people, templates, topics
from server.store.store import Row, Snapshot, Tx

#: rules of an organisation at most
MOST = 200
#: days of statistics that are shown at most
DAYS = 92


def row_of(read: Snapshot, name: str) -> Row:
    row = automation.by_name(read, name)
    if row is None:
        raise not_found("rule", name)
    return row


def shown(row: Row) -> wire.Rule:
    return wire.Rule(
        **msgspec.structs.asdict(automation.content(row)),
        fired=row["fired"],
        refused=row["refused"],
        limited=row["limited"],
        last_at=row["last_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def check(read: Snapshot, rule: wire.NewRule) -> None:
    """Refuse a rule that cannot be read, or that speaks of what does not exist."""
    for fault in desk.faults(rule):
        if fault.code == "bad_query":
            raise Refusal(422, "bad_query", start=fault.start, end=fault.end, **fault.why)
        place: dict[str, Any] = {"start": fault.start, "end": fault.end} if fault.start >= 0 else {}
        raise Refusal(422, "bad_rule", why=fault.code, what=fault.what, **place, **fault.why)
    for act in rule.then:
        _exists(read, act)


def _exists(read: Snapshot, act: wire.RuleAct) -> None:
    value = act.value.strip()
    match act.do:
        case "tag" | "untag" if labels.by_name(read, value.lstrip("#").casefold()) is None:
            raise not_found("tag", value)
        case "assign" if value != "none":
            user = people.user(read, value)
            if user is None or not user["active"]:
                raise not_found("user", value)
        case "team" if people.team(read, value) is None:
            raise not_found("team", value)
        case "topic" if topics.by_name(read, value) is None:
            raise not_found("topic", value)
        case "reply" if template(read, value) is None:
            raise not_found("template", value)
        case "webhook" if event_hooks.by_name(read, value) is None:
            raise not_found("hook", value)


def template(read: Snapshot, name: str) -> Row | None:
    """A reply template that is not one person's own, by its name."""
    return next((row for row in templates.shared(read) if row["name"] == name), None)


def keep(tx: Tx, row: Row | None, rule: wire.NewRule) -> wire.Rule:
    """Write a rule; one that is switched on begins with what happens from now on."""
    had_any = automation.any_active(tx)
    had_timer = _any_timer(tx)
    was = None if row is None else automation.content(row)
    id = automation.create(tx, rule) if row is None else int(row["id"])
    automation.update(tx, id, rule)
    if rule.active and (was is None or not was.active or was.on != rule.on):
        head = tx.head()
        if not had_any:
            automation.advance(tx, head)
        automation.begin(tx, id, head)
        for _event, timer in desk.timers(rule):
            if not had_timer:
                automation.fill_waits(tx)
            automation.waited(tx, id, tx.now - timer.ms, 0)
    naming.mended(tx, rule.name)
    return shown(row_of(tx, rule.name))


def _any_timer(read: Snapshot) -> bool:
    return any(True for row in automation.active(read) for _ in desk.timers(automation.content(row)))


class CreateRule(Command, kw_only=True):
    """Keep a rule. Refused if it cannot be read (422 bad_query, bad_rule) or speaks of what does not exist."""

    needs: ClassVar[Need] = "admin"

    rule: wire.NewRule

    def run(self, tx: Tx, actor: Actor) -> wire.Rule:
        check(tx, self.rule)
        if automation.by_name(tx, self.rule.name) is not None:
            raise Refusal(409, "name_taken", name=self.rule.name)
        if len(automation.listing(tx)) >= MOST:
            raise Refusal(422, "bad_rule", why="too_many_rules", what=str(MOST))
        tx.emit("rule.created", rule=self.rule.name, active=self.rule.active)
        return keep(tx, None, self.rule)


class UpdateRule(Command, kw_only=True):
    """Change what is given. A rule that is switched on begins with what happens from then on."""

    needs: ClassVar[Need] = "admin"

    name: str
    change: wire.ChangeRule

    def run(self, tx: Tx, actor: Actor) -> wire.Rule:
        row = row_of(tx, self.name)
        given = {k: v for k, v in msgspec.structs.asdict(self.change).items() if v is not UNSET}
        rule = msgspec.structs.replace(automation.content(row), **given)
        check(tx, rule)
        tx.emit("rule.updated", rule=rule.name, active=rule.active, fields=sorted(given))
        return keep(tx, row, rule)


class RemoveRule(Command, kw_only=True):
    """Forget a rule and its statistics. The journal still tells what it did."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        automation.remove(tx, row_of(tx, self.name)["id"])
        naming.mended(tx, self.name)
        tx.emit("rule.removed", rule=self.name)


class ListRules(Query, kw_only=True):
    """All rules, in the order in which they go."""

    needs: ClassVar[Need] = "supervisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Rule]:
        return wire.Page(items=[shown(row) for row in automation.listing(read)], as_of=read.head())


class GetRule(Query, kw_only=True):
    needs: ClassVar[Need] = "supervisor"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> wire.Rule:
        return shown(row_of(read, self.name))


class GetRuleStats(Query, kw_only=True):
    """How often a rule did what, by day."""

    needs: ClassVar[Need] = "supervisor"

    name: str
    days: int = 31

    def run(self, read: Snapshot, actor: Actor) -> wire.RuleStats:
        row = row_of(read, self.name)
        days = automation.days(read, row["id"], max(1, min(self.days, DAYS)))
        return wire.RuleStats(
            rule=row["name"],
            days=[wire.RuleDay(**dict(day)) for day in days],
            fired=row["fired"],
            refused=row["refused"],
            limited=row["limited"],
            last_at=row["last_at"],
        )
