"""Who is there: what people say, what their consoles tell, what follows when they leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import wire
from server.commands import availability
from server.commands.accounts import CloseSession, OpenSession, RemoveUser, UpdateTeam, UpdateUser
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.availability import (
    Attend,
    Attending,
    HowTheyStand,
    ListAvailability,
    ServerStarted,
    SetAvailability,
    next_change,
)
from server.commands.dispatch import HandOver, Leaving
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.queries import GetConversation
from server.commands.replies import SendReply
from server.commands.service import UpdateServiceSettings
from server.desk.availability import Seen
from tests.commands.office import HOUR, MINUTE, Office, person, says


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    team(office, members=["ana", "luis", "rosa"])
    return office


def team(office: Office, **change: object) -> wire.Team:
    shown: wire.Team = office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(**change)))  # type: ignore[arg-type]
    return shown


def says_so(office: Office, actor: Actor, state: str, name: str = "", **more: object) -> wire.Availability:
    said = wire.SetAvailability(state=state, **more)  # type: ignore[arg-type]
    answer: wire.Availability = office.do(actor, SetAvailability(name=name or actor.name, set=said))
    return answer


def state(office: Office, name: str) -> wire.Availability:
    page: wire.Page[wire.Availability] = office.ask(office.ana, ListAvailability())
    return next(one for one in page.items if one.user == name)


def at_console(office: Office, actor: Actor, ago: int = 0) -> None:
    office.do(SYSTEM, Attend(seen=[Attending(actor.id, True, office.now - ago)]))


def no_console(office: Office, actor: Actor) -> None:
    office.do(SYSTEM, Attend(seen=[Attending(actor.id, False, 0)]))


def take(office: Office, n: int, actor: Actor | None = None) -> int:
    """The conversation of customer `n`, in the team's queue or in somebody's hands."""
    message = office.take_in(says(f"m{n}-{len(office.events())}", who=person(f"5037000{n:04}"))).messages[0]
    conversation = next(e.conversation for e in office.events("message.received") if e.data["message"] == message)
    assert conversation is not None
    if line(office, conversation).team is None:
        office.do(office.rosa, AssignTo(conversation=conversation, assign=wire.Assign(team="Servicio")))
    if actor is not None:
        office.do(actor, Claim(conversation=conversation))
    return conversation


def line(office: Office, id: int) -> wire.ConversationRow:
    shown: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return shown.row


def settle(office: Office) -> None:
    """What the job does at its moments."""
    for user_id in office.ask(SYSTEM, Leaving())[0]:
        while office.do(SYSTEM, HandOver(user_id=user_id)):
            pass


# ---------------------------------------------------------------- states


def test_the_journal_has_the_whole_timeline(office: Office) -> None:
    assert state(office, "ana").since is None
    at_console(office, office.ana)
    office.now += HOUR
    says_so(office, office.ana, "away", back_at=office.now + MINUTE, reason="almuerzo")
    office.now += MINUTE
    at_console(office, office.ana)
    told = [e.data for e in office.events("availability.changed")]
    assert [(d["was"], d["state"], d["by"], d["why"], d["lasted"]) for d in told] == [
        ("offline", "online", "", "console", None),
        ("online", "away", "ana", "chosen", HOUR),
        ("away", "online", "", "back", MINUTE),
    ]
    assert told[1]["back_at"] == office.now and told[1]["reason"] == "almuerzo"
    assert state(office, "ana").since == office.now


def test_saying_the_same_again_changes_nothing(office: Office) -> None:
    says_so(office, office.ana, "busy")
    since = state(office, "ana").since
    office.now += MINUTE
    says_so(office, office.ana, "busy")
    assert state(office, "ana").since == since
    assert len(office.events("availability.changed")) == 1


def test_a_supervisor_may_set_anybody_an_advisor_only_themselves(office: Office) -> None:
    says_so(office, office.rosa, "busy", "ana", reason="capacitación")
    event = office.events("availability.changed")[0]
    assert (event.actor, event.data["user"], event.data["why"]) == ("user:rosa", "ana", "forced")
    with pytest.raises(Refusal) as refused:
        says_so(office, office.luis, "online", "ana")
    assert refused.value.code == "forbidden"
    at_console(office, office.ana)
    assert state(office, "ana").state == "busy"


@pytest.mark.parametrize(("to", "ahead"), [("online", HOUR), ("away", 0), ("away", -1), ("away", 401 * 24 * HOUR)])
def test_back_at_is_a_moment_ahead_of_who_is_away(office: Office, to: str, ahead: int) -> None:
    with pytest.raises(Refusal) as refused:
        says_so(office, office.ana, to, back_at=office.now + ahead)
    assert refused.value.code == "bad_back_at"


def test_who_touches_nothing_is_away_and_back_at_the_next_key(office: Office) -> None:
    at_console(office, office.ana)
    office.now += 10 * MINUTE
    at_console(office, office.ana, ago=10 * MINUTE)
    assert (state(office, "ana").state, state(office, "ana").why) == ("away", "idle")
    at_console(office, office.ana)
    assert state(office, "ana").state == "online"


def test_who_says_so_without_a_console_is_not_gone_because_of_one_long_ago(office: Office) -> None:
    at_console(office, office.ana)
    no_console(office, office.ana)
    office.now += HOUR
    no_console(office, office.ana)
    assert state(office, "ana").state == "offline"
    says_so(office, office.ana, "online")
    office.now += HOUR
    no_console(office, office.ana)
    assert state(office, "ana").state == "online"
    at_console(office, office.ana)
    no_console(office, office.ana)
    office.now += HOUR
    no_console(office, office.ana)
    assert state(office, "ana").state == "offline"


def test_a_restart_makes_nobody_offline_at_once_and_leaves_no_ghosts(office: Office) -> None:
    at_console(office, office.ana)
    at_console(office, office.luis)
    says_so(office, office.luis, "busy")
    office.now += 8 * HOUR  # the server was down all that time
    office.do(SYSTEM, ServerStarted())
    for actor in (office.ana, office.luis):
        no_console(office, actor)
    assert (state(office, "ana").state, state(office, "luis").state) == ("online", "busy")
    at_console(office, office.luis)
    office.now += 2 * MINUTE
    no_console(office, office.ana)
    assert (state(office, "ana").state, state(office, "luis").state) == ("offline", "busy")


def test_signing_out_everywhere_is_being_offline_at_once(office: Office) -> None:
    at_console(office, office.ana)
    for token in ("one", "two"):
        opening = OpenSession(user_id=office.ana.id, token_hash=token, label="", expires_at=office.now + HOUR)
        office.do(SYSTEM, opening)
    office.do(office.ana, CloseSession(token_hash="one"))
    assert state(office, "ana").state == "online"
    office.do(office.ana, CloseSession(token_hash="two"))
    assert (state(office, "ana").state, state(office, "ana").why) == ("offline", "signed_out")


def test_nothing_is_noted_again_and_again_of_an_account_that_is_switched_off(office: Office) -> None:
    at_console(office, office.ana)
    office.do(office.root, RemoveUser(name="ana"))
    people = office.ask(SYSTEM, HowTheyStand())
    for seen in ({}, {office.ana.id: Seen(True, office.now)}):
        assert next_change(people, seen, office.now) == ([], None)


# ---------------------------------------------------------------- load


def test_load_counts_what_waits_by_its_part_and_mail_by_its_weight(office: Office) -> None:
    first, second = take(office, 1, office.ana), take(office, 2, office.ana)
    assert state(office, "ana").load == 200
    office.do(office.ana, SendReply(conversation=first, reply=wire.Reply(text="hola")))
    assert (state(office, "ana").load, state(office, "ana").waiting) == (150, 1)
    office.do(office.ana, ResolveConversation(conversation=second, resolve=wire.Resolve(outcome="listo")))
    assert state(office, "ana").load == 50
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"waiting_percent": 0})))
    assert state(office, "ana").load == 0
    office.do(office.root, UpdateUser(name="ana", change=wire.ChangeUser(capacity=3)))
    assert state(office, "ana").capacity == 300
    office.do(office.root, UpdateUser(name="ana", change=wire.ChangeUser(capacity=None)))
    assert state(office, "ana").capacity == 500


def test_weights_are_set_when_a_conversation_begins(office: Office) -> None:
    change = {"weights": {"whatsapp": 40}}
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=change)))
    take(office, 1, office.ana)
    assert state(office, "ana").load == 40


def test_skills_and_capacity_are_checked(office: Office) -> None:
    change = wire.ChangeUser(skills="Inglés, Créditos:3")
    user: wire.User = office.do(office.root, UpdateUser(name="ana", change=change))
    assert user.skills == "créditos:3 inglés"
    for change, code in ((wire.ChangeUser(skills="a:b"), "bad_skills"), (wire.ChangeUser(capacity=-1), "bad_capacity")):
        with pytest.raises(Refusal) as refused:
            office.do(office.root, UpdateUser(name="ana", change=change))
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        office.do(office.ana, UpdateUser(name="ana", change=wire.ChangeUser(capacity=1)))
    assert refused.value.code == "forbidden"


# ---------------------------------------------------------------- duty


def test_duty_is_who_was_named_if_they_are_there_else_who_carries_least(office: Office) -> None:
    def duty() -> int | None:
        return office.store.read_now(lambda read: availability.duty(read, 1))

    assert duty() is None
    team(office, duty="rosa")
    assert duty() is None
    says_so(office, office.ana, "online")
    says_so(office, office.luis, "online")
    take(office, 1, office.ana)
    assert duty() == office.luis.id
    says_so(office, office.rosa, "busy")
    assert duty() == office.rosa.id
    assert office.store.read_now(lambda read: availability.is_there(read, office.rosa.id))
    assert team(office, duty=None).duty is None
    assert duty() == office.luis.id


# ---------------------------------------------------------------- those who leave


def test_work_stays_unless_the_team_says_otherwise(office: Office) -> None:
    conversation = take(office, 1, office.ana)
    says_so(office, office.ana, "offline")
    office.now += 24 * HOUR
    settle(office)
    assert line(office, conversation).assignee == "ana"


def test_open_work_goes_back_after_the_teams_time_and_what_waits_when_the_customer_writes(office: Office) -> None:
    team(office, on_leave="queue", leave_after_ms=15 * MINUTE)
    open, waiting = take(office, 1, office.ana), take(office, 2, office.ana)
    office.do(office.ana, SendReply(conversation=waiting, reply=wire.Reply(text="hola")))
    says_so(office, office.ana, "away")
    office.now += 10 * MINUTE
    says_so(office, office.ana, "offline")  # they were not there since they were away
    settle(office)
    assert line(office, open).assignee == "ana"
    take(office, 2)
    assert line(office, waiting).assignee == "ana"  # the customer wrote before the time was over
    office.do(office.rosa, SendReply(conversation=waiting, reply=wire.Reply(text="ya")))
    office.now += 5 * MINUTE
    settle(office)
    assert (line(office, open).assignee, line(office, open).state) == (None, "queued")
    assert line(office, waiting).assignee == "ana"
    take(office, 2)
    assert (line(office, waiting).assignee, line(office, waiting).state) == (None, "queued")
    told = office.events("conversation.assigned", conversation=waiting)[-1]
    assert (told.data["how"], told.data["why"], told.actor) == ("left", "taken_up", "system")
    assert office.ask(SYSTEM, Leaving()) == ([], None)


def test_who_comes_back_in_time_keeps_everything(office: Office) -> None:
    team(office, on_leave="queue", leave_after_ms=15 * MINUTE)
    conversation = take(office, 1, office.ana)
    says_so(office, office.ana, "away")
    office.now += 14 * MINUTE
    says_so(office, office.ana, "online")
    office.now += HOUR
    settle(office)
    assert line(office, conversation).assignee == "ana"


def test_a_colleague_gets_it_if_one_can_take_it(office: Office) -> None:
    team(office, on_leave="colleague", leave_after_ms=0)
    says_so(office, office.luis, "online")
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(capacity=2)))
    taken = [take(office, n, office.ana) for n in range(4)]
    says_so(office, office.ana, "offline")
    settle(office)
    assert [line(office, id).assignee for id in taken] == ["luis", "luis", None, None]
    assert state(office, "luis").load == 200


def test_signing_out_does_not_wait(office: Office) -> None:
    team(office, on_leave="queue", leave_after_ms=HOUR)
    at_console(office, office.ana)
    conversation = take(office, 1, office.ana)
    opening = OpenSession(user_id=office.ana.id, token_hash="t", label="", expires_at=office.now + HOUR)
    office.do(SYSTEM, opening)
    office.do(office.ana, CloseSession(token_hash="t"))
    settle(office)
    assert line(office, conversation).assignee is None


def test_a_changed_rule_counts_for_who_has_left_already(office: Office) -> None:
    conversation = take(office, 1, office.ana)
    says_so(office, office.ana, "offline")
    office.now += HOUR
    team(office, on_leave="queue")
    settle(office)
    assert line(office, conversation).assignee is None


def test_who_is_switched_off_keeps_nothing(office: Office) -> None:
    at_console(office, office.ana)
    open, waiting = take(office, 1, office.ana), take(office, 2, office.ana)
    office.do(office.ana, SendReply(conversation=waiting, reply=wire.Reply(text="hola")))
    office.do(office.root, RemoveUser(name="ana"))
    shown: wire.Conversation = office.ask(office.luis, GetConversation(id=open))
    assert (shown.row.assignee, shown.row.state) == (None, "queued")
    shown = office.ask(office.luis, GetConversation(id=waiting))
    assert (shown.row.assignee, shown.row.state) == (None, "waiting")
    assert office.events("availability.changed")[-1].data["why"] == "switched_off"


def test_hundreds_of_conversations_go_in_batches_and_none_is_lost(office: Office) -> None:
    team(office, on_leave="queue", leave_after_ms=0)
    taken = [take(office, n, office.ana) for n in range(60)]
    says_so(office, office.ana, "offline")
    batches = []
    while n := office.do(SYSTEM, HandOver(user_id=office.ana.id)):
        batches.append(n)
    assert batches == [25, 25, 10]
    assert {line(office, id).state for id in taken} == {"queued"}


# ---------------------------------------------------------------- customers who come back


def test_a_customer_who_comes_back_finds_the_queue_when_the_advisor_is_not_there(office: Office) -> None:
    conversation = take(office, 1, office.ana)
    office.do(office.ana, ResolveConversation(conversation=conversation, resolve=wire.Resolve(outcome="listo")))
    says_so(office, office.ana, "offline")
    assert take(office, 1) == conversation
    assert (line(office, conversation).assignee, line(office, conversation).state) == (None, "queued")


@pytest.mark.parametrize("said", ["online", "busy", None])
def test_and_the_same_advisor_when_they_are(office: Office, said: str | None) -> None:
    """Who never said anything and has no console (a script of theirs works, say) is not called absent."""
    conversation = take(office, 1, office.ana)
    office.do(office.ana, ResolveConversation(conversation=conversation, resolve=wire.Resolve(outcome="listo")))
    if said is not None:
        says_so(office, office.ana, said)
    assert take(office, 1) == conversation
    assert (line(office, conversation).assignee, line(office, conversation).state) == ("ana", "open")
