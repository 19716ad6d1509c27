"""Reminders, promises and callbacks: made, due, late, done; whose they are, and where the conversation goes."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands import flow
from server.commands.accounts import CreateTeam, RemoveUser, UpdateUser
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.alerts import ListAlerts
from server.commands.availability import SetAvailability
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.inbox import ListConversations
from server.commands.merging import MergeConversations, SplitConversation
from server.commands.queries import GetConversation
from server.commands.reminders import (
    ChangeReminder,
    ConversationReminders,
    GetReminder,
    ListReminders,
    MakeReminder,
)
from server.commands.reminding import RemindDue, RemindersDue
from server.commands.service import UpdateServiceSettings
from server.commands.snoozing import Snooze
from tests.commands.office import HOUR, MINUTE, MORNING, Office, person, says

LATE = 30 * MINUTE


def make(office: Office, actor: Actor, at: int = HOUR, conversation: int = 1, **more: Any) -> wire.Reminder:
    new = wire.NewReminder(text=more.pop("text", "llamarla"), due_at=office.now + at, **more)
    made: wire.Reminder = office.do(actor, MakeReminder(conversation=conversation, reminder=new))
    return made


def change(office: Office, actor: Actor, id: int, **fields: Any) -> wire.Reminder:
    changed: wire.Reminder = office.do(actor, ChangeReminder(id=id, change=wire.ChangeReminder(**fields)))
    return changed


def pass_time(office: Office, ms: int) -> int:
    """Let time pass and the server do what is due by then; how many reminders that was."""
    office.now += ms
    done: int = office.do(SYSTEM, RemindDue())
    return done


def row(office: Office, id: int = 1) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


def mine(office: Office, actor: Actor, **more: Any) -> list[int]:
    return [reminder.id for reminder in office.ask(actor, ListReminders(**more)).items]


def listed(office: Office, actor: Actor, view: wire.View = "mine", q: str = "") -> list[int]:
    return [each.id for each in office.ask(actor, ListConversations(view=view, q=q)).items]


def refused(office: Office, actor: Actor, command: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(actor, command)
    return caught.value


@pytest.fixture
def at_work(office: Office) -> Office:
    """Conversations 1 and 2 are ana's, 3 is nobody's."""
    for n, name in ((1, "María Ramos"), (2, "Luis Batres"), (3, "Don Neto")):
        office.take_in(says(f"w{n}", who=person(f"5037000000{n}", name)))
    office.do(office.ana, Claim(conversation=1))
    office.do(office.ana, Claim(conversation=2))
    return office


# ---------------------------------------------------------------- made, listed, moved, done


def test_a_reminder_is_made_listed_and_done(at_work: Office) -> None:
    office = at_work
    made = make(office, office.ana, text="  pedir   la boleta ")
    assert (made.text, made.user, made.kind, made.contact_name) == ("pedir la boleta", "ana", "reminder", "María Ramos")
    assert mine(office, office.ana) == [made.id] and mine(office, office.luis) == []
    assert row(office).remind_at == made.due_at
    about: wire.Conversation = office.ask(office.luis, GetConversation(id=1))
    assert [each.id for each in about.reminders] == [made.id], "whoever opens the conversation sees it"
    office.now += 2 * HOUR
    done = change(office, office.ana, made.id, done=True, outcome="la trae mañana")
    assert (done.done_by, done.outcome, done.done_at) == ("ana", "la trae mañana", office.now)
    assert row(office).remind_at is None and mine(office, office.ana) == []
    (event,) = office.events("reminder.done")
    assert event.data["late_ms"] == HOUR and event.data["reminder"]["id"] == made.id
    page = office.ask(office.ana, ConversationReminders(conversation=1))
    assert [each.done_by for each in page.items] == ["ana"], "what was done stays with the conversation"


def test_what_was_done_or_cancelled_can_be_taken_back(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana).id
    for fields, back in (({"done": True}, {"done": False}), ({"cancelled": True}, {"cancelled": False})):
        change(office, office.ana, id, **fields)
        assert mine(office, office.ana) == []
        assert refused(office, office.ana, ChangeReminder(id=id, change=wire.ChangeReminder(text="x"))).code == (
            "reminder_over"
        )
        again = change(office, office.ana, id, **back)
        assert (again.done_at, again.cancelled_at, again.outcome) == (None, None, "")
        assert mine(office, office.ana) == [id] and row(office).remind_at is not None


def test_it_is_moved_and_the_conversation_knows_the_next_one(at_work: Office) -> None:
    office = at_work
    first, second = make(office, office.ana, HOUR), make(office, office.ana, 2 * HOUR)
    assert row(office).remind_at == first.due_at
    change(office, office.ana, first.id, due_at=office.now + 3 * HOUR)
    assert row(office).remind_at == second.due_at
    assert mine(office, office.ana) == [second.id, first.id]
    (moved,) = office.events("reminder.moved")
    assert moved.data["was"] == first.due_at


def test_pages_follow_the_due_times(at_work: Office) -> None:
    office = at_work
    ids = [make(office, office.ana, (7 - n) * HOUR).id for n in range(5)]
    found: list[int] = []
    after: str | None = None
    while True:
        page = office.ask(office.ana, ListReminders(after=after, limit=2))
        found += [each.id for each in page.items]
        after = page.next
        if after is None:
            break
    assert found == ids[::-1]


def test_what_cannot_be_is_refused(at_work: Office) -> None:
    office = at_work

    def why(conversation: int = 1, **fields: Any) -> str:
        new = wire.NewReminder(**{"text": "x", "due_at": office.now + HOUR, **fields})
        return refused(office, office.ana, MakeReminder(conversation=conversation, reminder=new)).code

    assert why(conversation=99) == "not_found"
    assert why(due_at=office.now) == "bad_moment" and why(due_at=office.now + 500 * 24 * HOUR) == "bad_moment"
    assert why(text=" \n ") == "empty" and why(text="x" * 501) == "too_long"
    assert why(user="nobody") == "not_found" and why(team="nothing") == "not_found"
    assert why(user="ana", team="Servicio") == "invalid"
    assert why(kind="callback", phone="que la llame luego") == "bad_phone"


def test_strangers_leave_it_alone_but_who_has_a_hand_in_it_may(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, user="luis").id
    carla = office.hire("carla", "advisor")
    assert refused(office, carla, ChangeReminder(id=id, change=wire.ChangeReminder(done=True))).code == "forbidden"
    change(office, office.luis, id, text="llamarla hoy")  # its owner
    change(office, office.ana, id, user="carla")  # its maker
    change(office, office.rosa, id, user="luis")  # a supervisor
    assert [event.data["was"] for event in office.events("reminder.given")] == ["luis", "carla"]


# ---------------------------------------------------------------- callbacks


def test_a_callback_has_the_customers_number(at_work: Office) -> None:
    office = at_work
    made = make(office, office.ana, kind="callback", text="")
    assert (made.phone, made.text) == ("+50370000001", "")
    typed = make(office, office.ana, kind="callback", phone="2250-1234")
    assert typed.phone == "+50322501234", "a number of the country gets its code"
    inside = make(office, office.ana, kind="callback", phone="1234 x15")
    assert inside.phone == "1234 x15", "what is no public number stays as it was written"


def test_a_call_that_nobody_answers_is_tried_again(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, kind="callback").id
    pass_time(office, HOUR)
    assert refused(office, office.ana, ChangeReminder(id=id, change=wire.ChangeReminder(done=True))).code == (
        "outcome_needed"
    )
    again = change(office, office.ana, id, done=True, outcome="no_answer", again_at=office.now + HOUR)
    assert (again.done_at, again.attempts, again.due_at) == (None, 1, office.now + HOUR)
    assert again.told_at is None and row(office).remind_at == again.due_at
    assert pass_time(office, HOUR) == 1, "it comes back at the new moment"
    done = change(office, office.ana, id, done=True, outcome="reached")
    assert (done.outcome, done.attempts) == ("reached", 1)
    assert [event.kind for event in office.events("reminder.tried", "reminder.done")] == [
        "reminder.tried",
        "reminder.done",
    ]


def test_without_a_number_a_callback_says_so(office: Office) -> None:
    from server.facts import Address, Party

    office.take_in(says("w1", who=Party(addresses=(Address("bsuid", "SV.1"),), name="Sin número")))
    new = wire.NewReminder(kind="callback", due_at=office.now + HOUR)
    assert refused(office, office.ana, MakeReminder(conversation=1, reminder=new)).code == "no_phone"


# ---------------------------------------------------------------- at its moment


def test_at_its_moment_the_conversation_comes_to_the_top(at_work: Office) -> None:
    office = at_work
    for id in (1, 2):
        office.do(office.ana, ResolveConversation(conversation=id, resolve=wire.Resolve()))
    office.take_in(says("w4", who=person("50370000004", "Lidia")))
    office.do(office.ana, AssignTo(conversation=4, assign=wire.Assign(user="ana")))
    id = make(office, office.ana, 5 * MINUTE, conversation=4).id
    office.do(office.ana, Snooze(conversation=4, snooze=wire.Snooze(until=office.now + 24 * HOUR)))
    assert office.ask(SYSTEM, RemindersDue()) == office.now + 5 * MINUTE
    assert pass_time(office, 5 * MINUTE - 1) == 0 and row(office, 4).state == "snoozed"
    assert pass_time(office, 1) == 1
    woken = row(office, 4)
    assert woken.state == "open" and woken.remind_at == office.now
    assert listed(office, office.ana, q="is:due") == [4]
    assert mine(office, office.ana, state="due") == [id]
    (due,) = office.events("reminder.due")
    assert due.data["reminder"]["user"] == "ana" and due.data["late_ms"] == 0
    assert [event.data["why"] for event in office.events("conversation.woken")] == ["reminder"]


def test_a_due_reminder_stands_among_what_runs_out_of_time(at_work: Office) -> None:
    office = at_work
    office.do(office.ana, ResolveConversation(conversation=2, resolve=wire.Resolve()))
    make(office, office.ana, MINUTE, conversation=2)
    before = row(office, 1)
    assert before.sla is not None and before.sla.due_at > office.now + MINUTE
    pass_time(office, MINUTE)
    assert listed(office, office.ana) == [2, 1], "due now comes before what is due later"


def test_it_reopens_what_was_resolved_without_a_clock(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, user="luis").id
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    assert row(office).remind_at is not None, "the end of a conversation forgets no promise"
    pass_time(office, HOUR)
    again = row(office)
    assert (again.state, again.assignee, again.sla) == ("open", "luis", None)
    assert listed(office, office.luis) == [1]
    change(office, office.luis, id, done=True)
    assert row(office).remind_at is None


def test_it_goes_where_the_customer_writes_now(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, 48 * HOUR).id
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve()))
    office.now += 30 * HOUR  # long after the end: a new conversation
    office.take_in(says("w9", at=office.now))
    assert row(office, 4).contact_name == "María Ramos"
    pass_time(office, 18 * HOUR)
    assert row(office, 1).state == "resolved" and row(office, 1).remind_at is None
    assert row(office, 4).remind_at is not None and row(office, 4).assignee == "ana"
    assert office.ask(office.ana, GetReminder(id=id)).conversation == 4


def test_a_colleague_at_work_keeps_the_conversation(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, user="luis").id
    pass_time(office, HOUR)
    assert row(office).assignee == "ana", "nobody takes it out of her hands"
    assert mine(office, office.luis, state="due") == [id]


def test_nobodys_conversation_goes_to_the_owner(at_work: Office) -> None:
    office = at_work
    make(office, office.luis, conversation=3)
    pass_time(office, HOUR)
    assert row(office, 3).assignee == "luis"
    assert office.events("conversation.assigned")[-1].data["how"] == "reminder"


def test_what_is_promised_follows_the_conversation(at_work: Office) -> None:
    office = at_work
    promised = make(office, office.ana, kind="promise").id
    others = make(office, office.ana, user="rosa").id
    office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(user="luis")))
    assert mine(office, office.luis) == [promised] and mine(office, office.rosa) == [others]
    office.do(office.luis, AssignTo(conversation=1, assign=wire.Assign(team="Servicio")))
    reminder = office.ask(office.luis, GetReminder(id=promised))
    assert (reminder.user, reminder.team) == (None, "Servicio"), "back in the queue it is the team's"


# ---------------------------------------------------------------- who is not there


def away(office: Office, actor: Actor) -> None:
    office.do(actor, SetAvailability(name=actor.name, set=wire.SetAvailability(state="away")))


def online(office: Office, actor: Actor) -> None:
    office.do(actor, SetAvailability(name=actor.name, set=wire.SetAvailability(state="online")))


def test_who_is_away_is_stood_in_for_by_the_duty_advisor(at_work: Office) -> None:
    office = at_work
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["ana", "luis"])))
    office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(user="ana", team="Créditos")))
    id = make(office, office.ana, kind="promise").id
    online(office, office.luis)
    away(office, office.ana)
    pass_time(office, HOUR)
    reminder = office.ask(office.luis, GetReminder(id=id))
    assert reminder.user == "luis" and row(office).assignee == "luis"
    given = office.events("reminder.given")[-1]
    assert (given.data["was"], given.data["how"]) == ("ana", "absent")


def test_without_anybody_there_it_is_the_queues(at_work: Office) -> None:
    office = at_work
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["ana", "luis"])))
    office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(user="ana", team="Créditos")))
    id = make(office, office.ana, kind="promise").id
    away(office, office.ana)
    away(office, office.luis)
    pass_time(office, HOUR)
    reminder = office.ask(office.luis, GetReminder(id=id))
    assert (reminder.user, reminder.team) == (None, "Créditos")
    assert row(office).assignee is None and row(office).team == "Créditos"
    assert mine(office, office.luis, state="due") == [id]


def test_who_left_the_house_owns_nothing(at_work: Office) -> None:
    office = at_work
    id = make(office, office.luis, conversation=3).id
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(active=False)))
    pass_time(office, HOUR)
    reminder = office.ask(office.ana, GetReminder(id=id))
    assert reminder.user != "luis" or row(office, 3).team is None


def test_what_a_part_reminds_of_goes_with_the_whole(at_work: Office) -> None:
    office = at_work
    office.take_in(says("w7", who=person("50370000001"), thread="50370000001-b"))
    id = make(office, office.ana, conversation=4).id
    office.do(office.ana, MergeConversations(conversation=1, other=4))
    office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user="luis")))
    assert (mine(office, office.luis), mine(office, office.ana)) == ([id], [])


def test_nobody_gets_anything_who_is_switched_off(at_work: Office) -> None:
    """The owner has left, and there is no team to ask: all see the conversation."""
    office = at_work
    make(office, office.luis, conversation=3, user="luis")
    office.do(office.root, RemoveUser(name="luis"))
    pass_time(office, HOUR)
    assert row(office, 3).assignee is None
    assert 3 in listed(office, office.ana, "unassigned")


# ---------------------------------------------------------------- late


def test_late_promises_are_counted_and_raise_an_alarm(at_work: Office) -> None:
    office = at_work
    promise, own = make(office, office.ana, kind="promise").id, make(office, office.ana).id
    pass_time(office, HOUR)
    assert office.ask(SYSTEM, RemindersDue()) == office.now + LATE
    pass_time(office, LATE - 1)
    assert office.events("reminder.late") == []
    pass_time(office, 1)
    assert {event.data["reminder"]["id"] for event in office.events("reminder.late")} == {promise, own}
    assert office.ask(SYSTEM, RemindersDue()) is None, "each is counted once"
    for reader in (office.rosa, office.ana):
        alerts = [each for each in office.ask(reader, ListAlerts()).items if each.kind == "promise_late"]
        assert [each.data["reminder"] for each in alerts] == [promise], "a note to oneself is nobody's alarm"
    assert mine(office, office.ana, state="late") == [promise, own]
    done = change(office, office.ana, promise, done=True)
    assert done.late_at is not None
    assert [each for each in office.ask(office.rosa, ListAlerts()).items if each.kind == "promise_late"] == []
    assert office.events("reminder.done")[-1].data["late_ms"] == LATE


def test_a_late_promise_that_is_not_done_after_all_has_its_alarm_again(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, kind="promise").id
    pass_time(office, HOUR + LATE)
    change(office, office.ana, id, done=True)
    assert office.ask(office.rosa, ListAlerts()).items == []
    change(office, office.ana, id, done=False)
    (alert,) = office.ask(office.rosa, ListAlerts()).items
    assert (alert.kind, alert.data["reminder"]) == ("promise_late", id)
    assert len(office.events("reminder.late")) == 1, "it is counted once"


@pytest.mark.parametrize(("ended", "other"), [("done", "cancelled"), ("cancelled", "done")])
def test_what_is_over_is_not_changed_by_the_way(at_work: Office, ended: str, other: str) -> None:
    office = at_work
    id = make(office, office.ana).id
    over = change(office, office.ana, id, **{ended: True})
    changes: list[dict[str, Any]] = [{"due_at": office.now + 9 * HOUR}, {"text": "otra cosa"}, {"user": "luis"}, {}]
    for more in changes:
        wanted = wire.ChangeReminder(**{other: False, **more})
        assert refused(office, office.ana, ChangeReminder(id=id, change=wanted)).code == "reminder_over"
    assert office.ask(office.ana, GetReminder(id=id)) == over


def test_moving_a_late_promise_ends_its_alarm_and_it_can_be_late_again(at_work: Office) -> None:
    office = at_work
    id = make(office, office.ana, kind="promise").id
    pass_time(office, HOUR + LATE)
    change(office, office.ana, id, due_at=office.now + HOUR)
    assert office.ask(office.rosa, ListAlerts()).items == []
    pass_time(office, HOUR)
    pass_time(office, LATE)
    assert len(office.events("reminder.late")) == 2


def test_the_alarm_can_be_switched_off(at_work: Office) -> None:
    office = at_work
    change_ = wire.ChangeServiceSettings(change={"remind_late_ms": 0})
    office.do(office.root, UpdateServiceSettings(change=change_))
    make(office, office.ana, kind="promise")
    pass_time(office, 100 * HOUR)
    assert office.events("reminder.late") == [] and office.ask(SYSTEM, RemindersDue()) is None


def test_one_that_cannot_be_brought_back_holds_up_no_other(
    at_work: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office = at_work
    bad, good = make(office, office.ana, 1_000).id, make(office, office.ana, 2_000, conversation=2).id
    wake = flow.wake

    def broken(tx: Any, conv: Any, why: str) -> bool:
        if conv.id == 1:
            raise LookupError("whatever may be wrong there")
        return wake(tx, conv, why)

    monkeypatch.setattr(flow, "wake", broken)
    assert pass_time(office, MINUTE) == 2
    told = [event.data["reminder"]["id"] for event in office.events("reminder.due")]
    assert told == [bad, good], "its owner is told all the same"
    assert office.ask(SYSTEM, RemindersDue()) is not None and "could not be brought back" in caplog.text
    assert row(office, 1).state == "open" and row(office, 2).remind_at is not None


# ---------------------------------------------------------------- merged conversations


def test_a_part_reminds_in_the_whole(at_work: Office) -> None:
    office = at_work
    office.take_in(says("w7", who=person("50370000001"), thread="50370000001-b"))
    other = row(office, 4)
    assert other.contact_name == "María Ramos"
    id = make(office, office.ana, conversation=4).id
    office.do(office.ana, MergeConversations(conversation=1, other=4))
    assert row(office).remind_at is not None
    office.do(office.ana, SplitConversation(conversation=1, other=4))
    assert row(office).remind_at is None and row(office, 4).remind_at is not None
    office.do(office.ana, MergeConversations(conversation=1, other=4))
    pass_time(office, HOUR)
    assert mine(office, office.ana, state="due") == [id]
    assert row(office).remind_at == MORNING + HOUR
