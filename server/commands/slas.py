"""Service-level policies, and the message after hours: what the organisation promises."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from server import wire
from server.commands import clocks, naming
from server.commands.calendars import check_moment, check_name
from server.commands.calendars import find as find_calendar
from server.commands.door import Actor, Command, Need, Query, Refusal, not_found
from server.commands.replies import load
from server.desk import calendars as hours
from server.desk import sla as rules
from server.desk.words import plain
from server.store import calendars, campaigns, channels, conversations, people, sla
from server.store.store import Row, Snapshot, Tx

#: values of one condition
VALUES = 50
#: characters of a message after hours
TEXT = 1_000


# ---------------------------------------------------------------- policies


def find(read: Snapshot, name: str) -> Row:
    row = sla.policy_by_name(read, name.strip())
    if row is None:
        raise not_found("policy", name[:60])
    return row


def shown(row: Row) -> wire.Policy:
    return wire.Policy(
        id=row["id"],
        name=row["name"],
        when=msgspec.json.decode(row["conditions"], type=wire.PolicyWhen),
        first_response_ms=row["first_response_ms"],
        next_response_ms=row["next_response_ms"],
        resolution_ms=row["resolution_ms"],
        transfer_ms=row["transfer_ms"],
        warn_percent=row["warn_percent"],
        pause=bool(row["pause"]),
        calendar=row["calendar"],
        default=bool(row["is_default"]),
    )


def _conditions(read: Snapshot, when: wire.PolicyWhen) -> str:
    """Conditions as they are kept. Teams have to exist; channels and campaigns may come later."""
    kept: dict[str, list[str]] = {}
    for name, values in msgspec.to_builtins(when).items():
        clean = list(dict.fromkeys(value.strip() for value in values if value.strip()))
        if len(clean) > VALUES or any(len(value) > 120 for value in clean):
            raise Refusal(422, "bad_condition", condition=name)
        if clean:
            kept[name] = clean
    for team in kept.get("team", []):
        if people.team(read, team) is None:
            raise not_found("team", team)
    return msgspec.json.encode(kept).decode()


def _put(tx: Tx, row: Row | None, policy: wire.NewPolicy) -> wire.Policy:
    name = check_name(policy.name)
    other = sla.policy_by_name(tx, name)
    if other is not None and (row is None or other["id"] != row["id"]):
        raise Refusal(409, "name_taken", name=name)
    conditions = _conditions(tx, policy.when)
    is_default = row is not None and bool(row["is_default"])
    if is_default and conditions != "{}":
        raise Refusal(409, "default_policy", policy=name)
    if not is_default and conditions == "{}" and row is None:
        raise Refusal(422, "no_condition", policy=name)
    calendar = find_calendar(tx, policy.calendar) if policy.calendar else None
    targets: dict[rules.Target, int] = {
        target: span for target in rules.TARGETS if (span := getattr(policy, f"{target}_ms")) is not None
    }
    if not targets:
        raise Refusal(422, "no_promise", policy=name)
    sla.put_policy(
        tx,
        None if row is None else row["id"],
        name=name,
        targets=targets,
        conditions=conditions,
        warn_percent=policy.warn_percent,
        pause=policy.pause,
        calendar_id=None if calendar is None else calendar["id"],
    )
    followed: wire.Followed = UNSET
    if row is not None and row["name"] != name:
        using = campaigns.with_policy(tx, row["name"])
        for campaign in using:
            tx.emit("campaign.updated", campaign=campaign, fields=["policy"], follows=name)
        campaigns.policy_renamed(tx, row["name"], name)
        followed = {"campaign": len(using)} if using else {}
    sla.changed(tx)
    kept = msgspec.structs.replace(shown(find(tx, name)), followed=followed)
    kind = "sla.policy_created" if row is None else "sla.policy_updated"
    tx.emit(kind, policy=name, **({} if row is None else {"was": row["name"]}))
    return kept


class ListPolicies(Query, kw_only=True):
    """All policies, in the order in which they are tried."""

    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.Policy]:
        order = {each.id: n for n, each in enumerate(sla.rules(read).policies)}
        rows = sorted(sla.policies(read), key=lambda row: order[row["id"]])
        return wire.Page(items=[shown(row) for row in rows])


class GetPolicy(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    name: str

    def run(self, read: Snapshot, actor: Actor) -> wire.Policy:
        return shown(find(read, self.name))


class CreatePolicy(Command, kw_only=True):
    """Add a policy; it needs a condition, as the default one has none. Open clocks are computed anew."""

    needs: ClassVar[Need] = "admin"

    policy: wire.NewPolicy

    def run(self, tx: Tx, actor: Actor) -> wire.Policy:
        return _put(tx, None, self.policy)


class UpdatePolicy(Command, kw_only=True):
    """Change a policy. Open clocks are computed anew, in the background."""

    needs: ClassVar[Need] = "admin"

    name: str
    change: wire.ChangePolicy

    def run(self, tx: Tx, actor: Actor) -> wire.Policy:
        row = find(tx, self.name)
        known = {name: getattr(shown(row), name) for name in wire.NewPolicy.__struct_fields__}
        for name in wire.ChangePolicy.__struct_fields__:
            value = getattr(self.change, name)
            if value is not UNSET:
                known[name] = value
        policy = wire.NewPolicy(**known)
        if not row["is_default"] and _conditions(tx, policy.when) == "{}":
            raise Refusal(422, "no_condition", policy=row["name"])
        return _put(tx, row, policy)


class RemovePolicy(Command, kw_only=True):
    """Remove a policy; its open clocks go by the next one that fits. The default one stays (409 default_policy), and so
    does one that a campaign prescribes (409 in_use)."""

    needs: ClassVar[Need] = "admin"

    name: str

    def run(self, tx: Tx, actor: Actor) -> None:
        row = find(tx, self.name)
        if row["is_default"]:
            raise Refusal(409, "default_policy", policy=row["name"])
        if using := campaigns.with_policy(tx, row["name"]):
            raise naming.in_use(row["name"], [("campaign", each) for each in using])
        sla.remove_policy(tx, row["id"])
        sla.changed(tx)
        tx.emit("sla.policy_removed", policy=row["name"])


class TryPolicies(Query, kw_only=True):
    """Which policy holds for a conversation that might be, or is, and when its promises would be due."""

    needs: ClassVar[Need] = "advisor"

    test: wire.TestPolicy

    def run(self, read: Snapshot, actor: Actor) -> wire.PolicyTested:
        at = check_moment(read.now if self.test.at is None else self.test.at)
        book = sla.rules(read)
        facts, prescribed = self._facts(read)
        chosen = rules.choose(book.policies, facts, prescribed)
        policy, calendar = chosen.policy, chosen.policy.calendar
        row = sla.policy_by_name(read, policy.name)
        started = [clock for target in rules.TARGETS if (clock := rules.start(policy, target, at)) is not None]
        known = {"channel": " ".join(facts.channel)} | {
            name: getattr(facts, name) for name in wire.PolicyWhen.__struct_fields__[1:]
        }
        return wire.PolicyTested(
            policy=policy.name,
            why=chosen.why,
            facts={name: value for name, value in known.items() if value},
            considered=[
                wire.ConsideredPolicy(policy=each.name, failed=failed, wants=list(each.when.get(failed, ())))
                for each, failed in chosen.considered
            ],
            calendar=None if row is None else row["calendar"],
            at=at,
            open=hours.is_open(calendar, at),
            next_opening=hours.next_opening(calendar, at),
            promises=[
                wire.Promise(target=each.target, span_ms=each.span_ms, warn_at=each.warn_at, due_at=each.due_at)
                for each in started
            ],
        )

    def _facts(self, read: Snapshot) -> tuple[rules.Facts, int | None]:
        test = self.test
        if test.conversation is not None:
            conv = load(read, test.conversation)
            return sla.facts(read, conv)
        channel = channels.by_name(read, test.channel) if test.channel else None
        names = (channel["name"], channel["kind"]) if channel is not None else (test.channel,) if test.channel else ()
        facts = rules.Facts(
            channel=names, team=test.team, priority=test.priority, profile=test.profile, campaign=test.campaign
        )
        return facts, None


def renamed(tx: Tx, condition: str, was: str, name: str) -> int:
    """What a condition of policies asks for is called something else now (a team): they follow. How many do."""
    followed = 0
    for row in sla.policies(tx):
        kept: dict[str, list[str]] = msgspec.json.decode(row["conditions"])
        values = kept.get(condition, [])
        if any(plain(value) == plain(was) for value in values):
            kept[condition] = [name if plain(value) == plain(was) else value for value in values]
            sla.set_conditions(tx, row["id"], msgspec.json.encode(kept).decode())
            tx.emit("sla.policy_updated", policy=row["name"], was=row["name"], follows=name)
            followed += 1
    if followed:
        sla.changed(tx)
    return followed


# ---------------------------------------------------------------- open clocks under new rules


class Reapplied(msgspec.Struct, kw_only=True):
    """How far open clocks have been computed anew: the last conversation looked at (None: all are), how many moved."""

    last: int | None
    moved: int


class ReapplyRules(Command, kw_only=True):
    """Compute the clocks of some open conversations anew, in the order of their numbers, above `after`."""

    needs: ClassVar[Need] = "system"

    after: int = 0
    limit: int = 200

    def run(self, tx: Tx, actor: Actor) -> Reapplied:
        book = sla.rules(tx)
        ids, moved = sla.unresolved(tx, self.after, self.limit), 0
        for id in ids:
            conv = conversations.load(tx, id)
            if conv is not None and clocks.reapply(tx, conv, book):
                conversations.save(tx, conv)
                moved += 1
        if len(ids) == self.limit:
            return Reapplied(last=ids[-1], moved=moved)
        sla.set_applied(tx, sla.stamp(tx))
        return Reapplied(last=None, moved=moved)


class RulesChanged(Query, kw_only=True):
    """The stamp of rules that the open clocks do not go by yet, or None."""

    needs: ClassVar[Need] = "system"

    def run(self, read: Snapshot, actor: Actor) -> str | None:
        now = sla.stamp(read)
        return None if now == sla.applied(read) else now


# ---------------------------------------------------------------- the message after hours


def _channel_id(read: Snapshot, name: str) -> int:
    if not name:
        return 0
    row = channels.by_name(read, name)
    if row is None:
        raise not_found("channel", name[:60])
    return int(row["id"])


def _messages(read: Snapshot) -> list[wire.AfterHours]:
    return [
        wire.AfterHours(channel=row["channel"], calendar=row["calendar"], texts=msgspec.json.decode(row["texts"]))
        for row in calendars.messages(read)
    ]


class ListAfterHours(Query, kw_only=True):
    needs: ClassVar[Need] = "advisor"

    def run(self, read: Snapshot, actor: Actor) -> wire.Page[wire.AfterHours]:
        return wire.Page(items=_messages(read))


class SetAfterHours(Command, kw_only=True):
    """Say what customers are told after hours, on one channel or on all that have none of their own."""

    needs: ClassVar[Need] = "admin"

    message: wire.AfterHours

    def run(self, tx: Tx, actor: Actor) -> wire.AfterHours:
        message = self.message
        calendar = find_calendar(tx, message.calendar)
        texts: dict[str, Any] = {name: text.strip() for name, text in message.texts.items() if text.strip()}
        for text in texts.values():
            if len(text) > TEXT:
                raise Refusal(422, "too_long", limit=TEXT, length=len(text))
            if "{" in text.replace("{opening}", ""):
                raise Refusal(422, "bad_placeholder", placeholder="{opening}")
        calendars.put_message(tx, _channel_id(tx, message.channel), calendar["id"], texts)
        sla.changed(tx)
        tx.emit("after_hours.updated", channel=message.channel, calendar=calendar["name"])
        return next(each for each in _messages(tx) if each.channel == message.channel)


class RemoveAfterHours(Command, kw_only=True):
    """Say nothing there any more: on a channel what is said everywhere counts again."""

    needs: ClassVar[Need] = "admin"

    channel: str = ""

    def run(self, tx: Tx, actor: Actor) -> None:
        if not calendars.remove_message(tx, _channel_id(tx, self.channel)):
            raise not_found("after_hours", self.channel)
        sla.changed(tx)
        tx.emit("after_hours.removed", channel=self.channel)
