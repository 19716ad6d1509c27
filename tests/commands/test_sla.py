"""Policies, several clocks at once, pauses, business time, and what happens when rules change."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from server import wire
from server.commands.acts import AssignTo, Reopen, ResolveConversation
from server.commands.alerts import Acknowledge, Escalate, ListAlerts
from server.commands.calendars import CreateCalendar, LookAtCalendar, RemoveCalendar, UpdateCalendar
from server.commands.contacts import UpdateContact
from server.commands.door import SYSTEM, Door, Refusal
from server.commands.labels import SetPriority
from server.commands.merging import MergeConversations, SplitConversation
from server.commands.replies import SendReply, TakeBack
from server.commands.slas import (
    CreatePolicy,
    ListPolicies,
    ReapplyRules,
    RemovePolicy,
    RulesChanged,
    TryPolicies,
    UpdatePolicy,
)
from server.commands.snoozing import Snooze, WakeDue
from server.commands.timekeeping import ClocksDue, MarkClocks
from server.store import engine
from server.store.schema import migrations
from server.store.store import Store
from tests.commands.office import HOUR, MINUTE, Office, person, says

ZONE = "America/El_Salvador"
WEEKDAYS: list[wire.Weekday] = ["mon", "tue", "wed", "thu", "fri"]


def at(text: str) -> int:
    """A moment in San Salvador."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(ZONE)).timestamp() * 1000)


def row(office: Office, conversation: int = 1) -> wire.ConversationRow:
    from server.commands.acts import line

    return office.store.read_now(lambda read: line(read, conversation, 0))  # type: ignore[arg-type]


def running(office: Office, conversation: int = 1) -> dict[str, Any]:
    rows = office.store.read_now(
        lambda read: read.all(
            "SELECT * FROM sla_clocks WHERE conversation_id = ? AND stopped_at IS NULL", (conversation,)
        )
    )
    return {found["target"]: found for found in rows}


def reply(office: Office, conversation: int = 1, **more: Any) -> wire.Message:
    message: wire.Message = office.do(
        office.ana, SendReply(conversation=conversation, reply=wire.Reply(text="ya le ayudo", **more))
    )
    return message


def change(office: Office, name: str = "default", **change: Any) -> wire.Policy:
    policy: wire.Policy = office.do(office.root, UpdatePolicy(name=name, change=wire.ChangePolicy(**change)))
    return policy


def add(office: Office, name: str, when: dict[str, list[str]], **more: Any) -> wire.Policy:
    new = wire.NewPolicy(name=name, when=wire.PolicyWhen(**when), **more)  # type: ignore[arg-type]
    policy: wire.Policy = office.do(office.root, CreatePolicy(policy=new))
    return policy


def open_hours(office: Office, name: str = "oficina", **more: Any) -> wire.Calendar:
    week = {day: ["08:00-12:00", "13:00-17:00"] for day in WEEKDAYS} | {"sat": ["08:00-12:00"]}
    new = wire.NewCalendar(name=name, zone=ZONE, week=week, **more)
    calendar: wire.Calendar = office.do(office.root, CreateCalendar(calendar=new))
    return calendar


def settle(office: Office) -> int:
    """What the background job does after a change of rules; how many conversations moved."""
    moved, last = 0, 0
    while office.ask(SYSTEM, RulesChanged()) is not None:
        done = office.do(SYSTEM, ReapplyRules(after=last, limit=2))
        moved, last = moved + done.moved, done.last or 0
    return moved


# ---------------------------------------------------------------- several clocks


def test_a_clock_warns_once_then_breaches_once(office: Office) -> None:
    office.take_in(says("m1"))
    clock = running(office)["first_response"]
    signs = ["sla.warned", "sla.breached"]
    warn, due = clock["warn_at"], clock["due_at"]
    for office.now, so_many in ((warn - 1, 0), (warn, 1), (due - 1, 1), (due, 2), (due + HOUR, 2)):
        office.do(SYSTEM, MarkClocks())
        assert [event.kind for event in office.events(*signs)] == signs[:so_many]


def test_response_and_resolution_run_together_and_the_first_due_shows(office: Office) -> None:
    change(office, resolution_ms=4 * HOUR)
    office.take_in(says("w1"))
    assert set(running(office)) == {"first_response", "resolution"}
    shown = row(office)
    assert shown.sla is not None and shown.sla.target == "first_response"
    assert shown.waiting_since == office.now
    office.now += 5 * MINUTE
    reply(office)
    assert set(running(office)) == {"resolution"}
    shown = row(office)
    assert shown.sla is not None and shown.sla.target == "resolution" and shown.waiting_since is None
    assert shown.sla.paused_at == office.now
    assert shown.sort_key > 4_000_000_000_000  # what stands still is not urgent
    assert office.ask(SYSTEM, ClocksDue()) is None


def test_the_resolution_clock_keeps_what_it_had_left_while_we_wait(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR)
    office.take_in(says("w1"))
    began = office.now
    office.now += 30 * MINUTE
    reply(office)
    office.now += 26 * HOUR
    office.do(SYSTEM, MarkClocks())
    assert office.events("sla.breached") == [] or all(
        e.data["target"] != "resolution" for e in office.events("sla.breached")
    )
    office.take_in(says("w2", at=office.now))
    clock = running(office)["resolution"]
    assert (clock["started_at"], clock["paused_at"]) == (began, None)
    assert clock["due_at"] == office.now + 90 * MINUTE
    assert [e.data["target"] for e in office.events("sla.paused", "sla.resumed")] == ["resolution", "resolution"]
    shown = row(office)
    assert shown.sla is not None and shown.sla.target == "next_response"
    office.now += 10 * MINUTE
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="ok")))
    [met] = [e for e in office.events("sla.met") if e.data["target"] == "resolution"]
    assert met.data["business"] == 40 * MINUTE and met.data["took"] == 26 * HOUR + 40 * MINUTE
    assert running(office) == {} and row(office).sla is None


def test_without_pause_the_resolution_clock_goes_on(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR, pause=False)
    office.take_in(says("w1"))
    reply(office)
    shown = row(office)
    assert shown.sla is not None and shown.sla.paused_at is None
    office.now += 2 * HOUR
    office.do(SYSTEM, MarkClocks())
    assert [e.data["target"] for e in office.events("sla.breached")] == ["resolution"]


def test_a_policy_that_pauses_from_now_on_lets_what_waits_for_the_customer_stand_still(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR, pause=False)
    office.take_in(says("w1"))
    reply(office)
    for pause in (True, False):
        change(office, pause=pause)
        assert settle(office) == 1
        shown = row(office).sla
        assert shown is not None and (shown.paused_at is not None) == pause


def test_an_answer_taken_back_is_as_if_it_had_never_been(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR)
    office.take_in(says("w1"))
    before = {target: (c["due_at"], c["warn_at"]) for target, c in running(office).items()}
    office.now += MINUTE
    message = reply(office, hold_ms=50_000)
    assert running(office)["resolution"]["paused_at"] is not None
    office.now += 30_000
    office.do(office.ana, TakeBack(message=message.id))
    met, again = office.events("sla.met", "sla.restarted")
    assert (met.kind, again.kind) == ("sla.met", "sla.restarted"), "the journal keeps what it said"
    assert all(again.data[name] == met.data[name] for name in ("target", "due_at", "message")), "and says what was void"
    after = running(office)
    assert {target: (c["due_at"], c["warn_at"]) for target, c in after.items()} == before
    assert after["resolution"]["paused_at"] is None
    assert row(office).waiting_since == office.now - 90_000


def test_put_aside_while_we_wait_it_stays_paused_and_goes_on_when_it_comes_back(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR)
    office.take_in(says("w1"))
    reply(office)
    office.do(office.ana, Snooze(conversation=1, snooze=wire.Snooze(until=office.now + HOUR)))
    assert running(office)["resolution"]["paused_at"] is not None
    office.now += HOUR
    office.do(SYSTEM, WakeDue())
    assert running(office)["resolution"]["paused_at"] is None


def test_reopening_begins_anew(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR)
    office.take_in(says("w1"))
    reply(office)
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="ok")))
    office.now += HOUR
    office.do(office.ana, Reopen(conversation=1))
    assert running(office) == {}
    office.now += MINUTE
    office.take_in(says("w2", at=office.now))
    clocks = running(office)
    assert set(clocks) == {"first_response", "resolution"}
    assert clocks["first_response"]["started_at"] == office.now


def test_merged_clocks_of_both_kinds_come_back_with_a_split(office: Office) -> None:
    change(office, resolution_ms=2 * HOUR)
    office.take_in(says("w1"))
    office.now += 5 * MINUTE
    office.take_in(says("w2", thread="mail:1", at=office.now))
    before = {id: {t: c["due_at"] for t, c in running(office, id).items()} for id in (1, 2)}
    office.do(office.rosa, MergeConversations(conversation=2, other=1))
    assert {t: c["due_at"] for t, c in running(office, 2).items()} == before[1]  # the older promises
    office.do(office.rosa, SplitConversation(conversation=2, other=1))
    assert {id: {t: c["due_at"] for t, c in running(office, id).items()} for id in (1, 2)} == before


# ---------------------------------------------------------------- which policy


def test_the_most_specific_policy_wins_and_says_why(office: Office) -> None:
    add(office, "urgente", {"priority": ["urgent"]}, first_response_ms=2 * MINUTE)
    add(office, "canal", {"channel": ["whatsapp"]}, first_response_ms=10 * MINUTE)
    add(office, "ambos", {"channel": ["wa"], "priority": ["high", "urgent"]}, first_response_ms=MINUTE)
    assert [p.name for p in office.ask(office.ana, ListPolicies()).items] == ["ambos", "urgente", "canal", "default"]

    def test(**more: Any) -> wire.PolicyTested:
        tested: wire.PolicyTested = office.ask(office.ana, TryPolicies(test=wire.TestPolicy(**more)))
        return tested

    assert test(channel="wa", priority="urgent").policy == "ambos"
    found = test(channel="sms", priority="urgent")
    assert (found.policy, found.why) == ("urgente", "conditions")
    assert [(c.policy, c.failed) for c in found.considered] == [("ambos", "channel"), ("urgente", "")]
    assert [(p.target, p.due_at - found.at) for p in found.promises] == [("first_response", 2 * MINUTE)]
    assert (test(channel="sms").policy, test(channel="sms").why) == ("default", "default")
    office.take_in(says("w1"))
    assert test(conversation=1).policy == "canal"


def test_what_policies_ask_about_moves_open_clocks_at_once(office: Office) -> None:
    add(office, "urgente", {"priority": ["urgent"]}, first_response_ms=2 * MINUTE, resolution_ms=HOUR)
    add(office, "socio", {"profile": ["Socio"]}, first_response_ms=5 * MINUTE)
    office.take_in(says("w1"))
    began = office.now
    office.now += MINUTE
    office.do(office.ana, SetPriority(conversation=1, change=wire.ChangePriority(priority="urgent")))
    clocks = running(office)
    assert clocks["first_response"]["due_at"] == began + 2 * MINUTE
    assert clocks["resolution"]["due_at"] == began + HOUR
    [event] = office.events("sla.changed")
    assert (event.data["policy"], event.data["was"]) == ("urgente", began + 15 * MINUTE)
    office.do(office.ana, SetPriority(conversation=1, change=wire.ChangePriority(priority="normal")))
    assert set(running(office)) == {"first_response"}
    office.do(office.ana, UpdateContact(contact=1, change=wire.ChangeContact(attributes={"profile": "socio"})))
    assert running(office)["first_response"]["due_at"] == began + 5 * MINUTE
    assert row(office).sla is not None and row(office).sla.due_at == began + 5 * MINUTE  # type: ignore[union-attr]


def test_a_team_brings_its_policy_also_under_a_new_name(office: Office) -> None:
    from server.commands.accounts import CreateTeam, UpdateTeam

    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["luis"])))
    add(office, "creditos", {"team": ["Créditos"]}, first_response_ms=3 * MINUTE)
    office.take_in(says("w1"))
    office.do(office.root, UpdateTeam(name="Créditos", change=wire.ChangeTeam(name="Préstamos")))
    office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(team="Préstamos")))
    assert running(office)["first_response"]["due_at"] == office.now + 3 * MINUTE


def test_changed_policies_are_applied_to_open_clocks_in_batches(office: Office) -> None:
    for n in range(5):
        office.take_in(says(f"w{n}", who=person(f"5037000000{n}")))
    began = office.now
    settle(office)
    change(office, first_response_ms=HOUR)
    assert running(office)["first_response"]["due_at"] == began + 15 * MINUTE
    assert settle(office) == 5
    assert {running(office, n)["first_response"]["due_at"] for n in range(1, 6)} == {began + HOUR}
    assert len(office.events("sla.changed")) == 5
    change(office, first_response_ms=None)
    assert settle(office) == 5
    assert row(office).sla is None and row(office).waiting_since == began
    change(office, first_response_ms=20 * MINUTE)
    settle(office)
    assert running(office)["first_response"]["due_at"] == began + 20 * MINUTE
    assert settle(office) == 0


def test_a_removed_policy_leaves_its_clocks_to_the_next(office: Office) -> None:
    add(office, "canal", {"channel": ["whatsapp"]}, first_response_ms=HOUR)
    office.take_in(says("w1"))
    office.do(office.root, RemovePolicy(name="canal"))
    settle(office)
    assert running(office)["first_response"]["due_at"] == office.now + 15 * MINUTE


@pytest.mark.parametrize(
    ("code", "policy"),
    [
        ("no_condition", wire.NewPolicy(name="nada", first_response_ms=MINUTE)),
        ("no_promise", wire.NewPolicy(name="vacía", when=wire.PolicyWhen(channel=["wa"]))),
        ("bad_name", wire.NewPolicy(name="dos palabras", when=wire.PolicyWhen(channel=["wa"]), transfer_ms=MINUTE)),
        ("name_taken", wire.NewPolicy(name="default", when=wire.PolicyWhen(channel=["wa"]), transfer_ms=MINUTE)),
        ("not_found", wire.NewPolicy(name="x", when=wire.PolicyWhen(team=["nadie"]), transfer_ms=MINUTE)),
        (
            "not_found",
            wire.NewPolicy(name="x", when=wire.PolicyWhen(channel=["wa"]), transfer_ms=MINUTE, calendar="nunca"),
        ),
    ],
)
def test_senseless_policies_are_refused(office: Office, code: str, policy: wire.NewPolicy) -> None:
    with pytest.raises(Refusal) as refused:
        office.do(office.root, CreatePolicy(policy=policy))
    assert refused.value.code == code


def test_the_default_policy_stays(office: Office) -> None:
    for command in (
        RemovePolicy(name="default"),
        UpdatePolicy(name="default", change=wire.ChangePolicy(when=wire.PolicyWhen(channel=["wa"]))),
    ):
        with pytest.raises(Refusal) as refused:
            office.do(office.root, command)
        assert refused.value.code == "default_policy"


# ---------------------------------------------------------------- business time


def test_promises_count_in_business_time(office: Office) -> None:
    open_hours(office)
    change(office, calendar="oficina", first_response_ms=HOUR)
    office.now = at("2026-11-20T16:30")  # a Friday
    office.take_in(says("w1", at=office.now))
    clock = running(office)["first_response"]
    assert clock["due_at"] == at("2026-11-21T08:30") and clock["warn_at"] == at("2026-11-21T08:15")
    shown = row(office)
    assert shown.sla is not None
    assert shown.sla.closed == [(at("2026-11-20T17:00"), at("2026-11-21T08:00"))]
    assert shown.sla.span_ms == HOUR
    office.now = at("2026-11-21T08:10")
    reply(office)
    [met] = office.events("sla.met")
    assert met.data["business"] == 40 * MINUTE


def test_a_pause_over_the_weekend_keeps_business_minutes(office: Office) -> None:
    open_hours(office)
    change(office, calendar="oficina", resolution_ms=3 * HOUR)
    office.now = at("2026-11-20T15:00")
    office.take_in(says("w1", at=office.now))
    office.now = at("2026-11-20T16:00")
    reply(office)  # two hours left
    office.now = at("2026-11-21T11:00")
    office.take_in(says("w2", at=office.now))
    assert running(office)["resolution"]["due_at"] == at("2026-11-23T09:00")


def test_a_changed_calendar_moves_open_clocks(office: Office) -> None:
    open_hours(office)
    change(office, calendar="oficina", first_response_ms=HOUR)
    office.now = at("2026-11-20T16:30")
    office.take_in(says("w1", at=office.now))
    settle(office)
    office.do(office.root, UpdateCalendar(name="oficina", change=wire.ChangeCalendar(days={"2026-11-21": []})))
    settle(office)
    assert running(office)["first_response"]["due_at"] == at("2026-11-23T08:30")


def test_a_breach_that_new_rules_take_back_can_come_again(office: Office) -> None:
    office.take_in(says("w1"))
    began = office.now
    office.now += 15 * MINUTE
    office.do(SYSTEM, MarkClocks())
    assert len(office.ask(office.rosa, ListAlerts()).items) == 1
    change(office, first_response_ms=HOUR)
    settle(office)
    assert office.ask(office.rosa, ListAlerts()).items == []
    assert office.ask(SYSTEM, ClocksDue()) == began + 45 * MINUTE
    office.now = began + HOUR
    office.do(SYSTEM, MarkClocks())
    assert [e.data["due_at"] - began for e in office.events("sla.breached")] == [15 * MINUTE, HOUR]


def test_a_calendar_in_use_stays(office: Office) -> None:
    open_hours(office)
    change(office, calendar="oficina")
    with pytest.raises(Refusal) as refused:
        office.do(office.root, RemoveCalendar(name="oficina"))
    assert (refused.value.code, refused.value.params) == ("calendar_used", {"by": "default"})
    change(office, calendar=None)
    office.do(office.root, RemoveCalendar(name="oficina"))


def test_a_look_at_a_calendar_tells_days_and_holidays(office: Office) -> None:
    new = wire.NewCalendar(
        name="oficina", zone=ZONE, week={day: ["8-17"] for day in WEEKDAYS}, days={"2026-12-24": ["08:00-12:00"]}
    )
    office.do(office.root, CreateCalendar(calendar=new, holidays={"2026-12-25": "Navidad"}))
    look = office.ask(office.ana, LookAtCalendar(name="oficina", at=at("2026-12-24T12:00")))
    assert (look.open, look.next_opening) == (False, at("2026-12-28T08:00"))
    assert look.days[0] == wire.CalendarDay(date="2026-12-24", periods=["08:00-12:00"], own=True)
    assert look.days[1] == wire.CalendarDay(date="2026-12-25", periods=[], holiday="Navidad")


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("bad_period", {"week": {"mon": ["8 a 5"]}}),
        ("bad_period", {"week": {"mon": ["25:00-26:00"]}}),
        ("bad_day", {"week": {}, "days": {"mañana": []}}),
        ("unknown_zone", {"week": {}, "zone": "Marte/Olympus"}),
        ("unknown_zone", {"week": {}, "zone": "../../etc/passwd"}),
    ],
)
def test_senseless_calendars_are_refused(office: Office, code: str, more: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        office.do(office.root, CreateCalendar(calendar=wire.NewCalendar(name="x", **more)))
    assert refused.value.code == code


# ---------------------------------------------------------------- breaches


def test_a_breach_alerts_its_advisor_then_the_others_until_somebody_looks(office: Office) -> None:
    office.take_in(says("w1"))
    office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(user="ana")))
    office.now += 15 * MINUTE
    office.do(SYSTEM, MarkClocks())
    [alert] = office.ask(office.ana, ListAlerts()).items
    assert (alert.kind, alert.level, alert.user, alert.data["target"]) == (
        "sla_breached",
        "advisor",
        "ana",
        "first_response",
    )
    assert office.ask(office.rosa, ListAlerts()).items == []
    office.now += 5 * MINUTE
    office.do(SYSTEM, Escalate())
    assert [a.level for a in office.ask(office.rosa, ListAlerts()).items] == ["supervisor"]
    office.do(office.rosa, Acknowledge(id=alert.id))
    office.now += HOUR
    assert office.do(SYSTEM, Escalate()) == 0


def test_a_breach_is_over_with_the_answer(office: Office) -> None:
    office.take_in(says("w1"))
    office.now += 15 * MINUTE
    office.do(SYSTEM, MarkClocks())
    message = reply(office, hold_ms=50_000)
    assert [e.data["alert"]["how"] for e in office.events("alert.ended")] == ["over"]
    office.do(office.ana, TakeBack(message=message.id))  # it was none
    assert [a.kind for a in office.ask(office.rosa, ListAlerts()).items] + [
        a.kind for a in office.ask(office.ana, ListAlerts()).items
    ] == ["sla_breached"]


def test_clocks_of_an_older_store_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    older = engine.open_writer(folder / "agent-console.db")
    migrations.apply(Database(older), stop_before="v6_sla")
    older.execute("INSERT INTO sla_policies VALUES (1, 'default', 900000, 1800000, 75, 1, 0)")
    older.execute("INSERT INTO channels (id, kind, name, created_at) VALUES (1, 'whatsapp', 'wa', 0)")
    older.execute("INSERT INTO contacts (id, name, created_at, updated_at) VALUES (1, 'María', 0, 0)")
    older.execute(
        "INSERT INTO conversations (id, channel_id, contact_id, handle_id, thread, state, created_at, last_at,"
        " sla_target, sla_started_at, sla_warn_at, sla_due_at, sort_key)"
        " VALUES (1, 1, 1, 1, '1', 'queued', 5, 5, 'first_response', 5, 10, 900005, 900005)"
    )
    older.execute(
        "INSERT INTO sla_clocks (id, conversation_id, target, started_at, warn_at, due_at)"
        " VALUES (1, 1, 'first_response', 5, 10, 900005)"
    )
    older.commit()
    older.close()
    store = Store(folder, clock=lambda: 1_000_000)
    try:
        door = Door(store)
        assert door.do_now(SYSTEM, MarkClocks()) == 1
        assert door.do_now(SYSTEM, ReapplyRules()).last is None
        [clock] = store.read_now(lambda read: read.all("SELECT * FROM sla_clocks"))
        assert (clock["due_at"], clock["policy_id"], clock["span_ms"]) == (900_005, 1, 900_000)
        [conv] = store.read_now(lambda read: read.all("SELECT waiting_since FROM conversations"))
        assert conv["waiting_since"] == 5
    finally:
        store.close()
