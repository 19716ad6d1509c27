"""Several clocks, pauses, changing rules, merges and snoozes in any order: what is shown and alerted stays true."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from server import wire
from server.commands.calendars import CreateCalendar, UpdateCalendar
from server.commands.door import SYSTEM
from server.commands.labels import SetPriority
from server.commands.slas import CreatePolicy, ReapplyRules, RulesChanged, UpdatePolicy
from server.commands.snoozing import Snooze, WakeDue
from server.desk import sla
from server.store import sla as store
from tests.commands.office import HOUR, MINUTE
from tests.commands.test_machine import NUMBERS, PEOPLE, Desk

WEEKDAYS: tuple[wire.Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class Promises(Desk):
    """The desk, with promises of every kind, in business time, that somebody keeps changing."""

    def __init__(self) -> None:
        super().__init__()
        office = self.office
        week: dict[wire.Weekday, list[str]] = {day: ["08:00-12:00", "13:00-17:00"] for day in WEEKDAYS}
        new = wire.NewCalendar(name="oficina", zone="America/El_Salvador", week=week)
        office.do(office.root, CreateCalendar(calendar=new))
        change = wire.ChangePolicy(resolution_ms=4 * HOUR, calendar="oficina")
        office.do(office.root, UpdatePolicy(name="default", change=change))
        urgent = wire.NewPolicy(
            name="urgent",
            when=wire.PolicyWhen(priority=["urgent"]),
            first_response_ms=5 * MINUTE,
            next_response_ms=5 * MINUTE,
            resolution_ms=HOUR,
        )
        office.do(office.root, CreatePolicy(policy=urgent))
        self.pause = True
        self.changed()

    def changed(self) -> None:
        while self.office.ask(SYSTEM, RulesChanged()) is not None:
            self.office.do(SYSTEM, ReapplyRules())

    @rule(minutes=st.sampled_from([5, 15, 60]), hours=st.sampled_from([1, 4, 40]), pause=st.booleans())
    def promises_change(self, minutes: int, hours: int, pause: bool) -> None:
        change = wire.ChangePolicy(first_response_ms=minutes * MINUTE, resolution_ms=hours * HOUR, pause=pause)
        for name in ("default", "urgent"):
            self.office.do(self.office.root, UpdatePolicy(name=name, change=change))
        self.changed()

    @rule(closed=st.booleans())
    def hours_change(self, closed: bool) -> None:
        days: dict[str, list[str]] = {"2026-11-18": [], "2026-11-19": ["00:00-24:00"]} if closed else {}
        self.office.do(self.office.root, UpdateCalendar(name="oficina", change=wire.ChangeCalendar(days=days)))
        self.changed()

    @rule(who=PEOPLE, conversation=NUMBERS, priority=st.sampled_from(["normal", "urgent"]))
    def priority_changes(self, who: str, conversation: int, priority: wire.Priority) -> None:
        change = wire.ChangePriority(priority=priority)
        self.act(who, SetPriority(conversation=conversation, change=change))

    @rule(conversation=NUMBERS, minutes=st.integers(1, 200))
    def is_put_aside(self, conversation: int, minutes: int) -> None:
        until = self.office.now + minutes * MINUTE
        self.act("rosa", Snooze(conversation=conversation, snooze=wire.Snooze(until=until)))

    @rule()
    def comes_back(self) -> None:
        self.office.do(SYSTEM, WakeDue())

    @invariant()
    def the_running_clock_is_the_conversations(self) -> None:
        for conv in self.look("SELECT * FROM conversations"):
            rows = self.look(f"SELECT * FROM sla_clocks WHERE stopped_at IS NULL AND conversation_id = {conv['id']}")
            clocks = [store.clock(row) for row in rows]
            kinds = [sla.kind_of(clock.target) for clock in clocks]
            assert len(kinds) == len(set(kinds))
            shown = sla.most_urgent(clocks)
            told = (conv["sla_target"], conv["sla_due_at"], conv["sla_warn_at"], conv["paused_at"])
            assert told == (
                (None, None, None, None)
                if shown is None
                else (shown.target, shown.due_at, shown.warn_at, shown.paused_at)
            )
            if conv["state"] == "resolved":
                assert not clocks and conv["waiting_since"] is None
            else:
                assert (conv["waiting_since"] is not None) == ("response" in kinds)

    @invariant()
    def only_what_waits_for_the_customer_stands_still(self) -> None:
        for row in self.look(
            "SELECT c.state, k.target, k.paused_at, k.warn_at, k.due_at, k.started_at, p.pause FROM sla_clocks k"
            " JOIN conversations c ON c.id = k.conversation_id JOIN sla_policies p ON p.id = k.policy_id"
            " WHERE k.stopped_at IS NULL"
        ):
            assert row["started_at"] <= row["warn_at"] <= row["due_at"]
            if row["target"] != "resolution":
                assert row["paused_at"] is None
            elif row["state"] != "snoozed":
                assert (row["paused_at"] is not None) == (row["state"] == "waiting" and row["pause"] == 1)

    @invariant()
    def alerts_are_about_promises_that_are_broken(self) -> None:
        open_alerts = {row["about"] for row in self.look("SELECT about FROM alerts WHERE ended_at IS NULL")}
        broken = self.look(
            "SELECT conversation_id, target FROM sla_clocks WHERE stopped_at IS NULL AND breached_at > 0"
        )
        assert open_alerts <= {f"{row['conversation_id']}:{row['target']}" for row in broken}


Promises.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestPromises = Promises.TestCase
