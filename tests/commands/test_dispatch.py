"""Queues that drain by themselves, and queues that nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from server import wire
from server.commands.accounts import CreateTeam, UpdateTeam, UpdateUser
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.alerts import Acknowledge, ListAlerts
from server.commands.availability import ListAvailability, SetAvailability
from server.commands.dispatch import Dispatch, Rescue, SomethingToGive, StrayQueues
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.queries import GetConversation
from server.commands.replies import SendReply
from server.commands.service import UpdateServiceSettings
from server.store import conversations
from server.store.store import Tx
from tests.commands.office import HOUR, MINUTE, Office, person, says


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return an_office(tmp_path)


def an_office(folder: Path) -> Office:
    office = Office(folder)
    change = wire.ChangeTeam(members=["ana", "luis"], assignment="automatic")
    office.do(office.root, UpdateTeam(name="Servicio", change=change))
    return office


def here(office: Office, *actors: Actor, state: str = "online") -> None:
    for actor in actors:
        said = wire.SetAvailability(state=state)  # type: ignore[arg-type]
        office.do(actor, SetAvailability(name=actor.name, set=said))


def knob(office: Office, **change: object) -> None:
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=change)))


def arrive(office: Office, n: int, team: str = "Servicio", skills: str = "") -> int:
    """Customer `n` writes; the conversation goes into the team's queue."""
    message = office.take_in(says(f"m{n}-{len(office.events())}", who=person(f"5037000{n:04}"))).messages[0]
    id = next(e.conversation for e in office.events("message.received") if e.data["message"] == message)
    assert id is not None
    if line(office, id).assignee is None and line(office, id).team != team:
        office.do(office.rosa, AssignTo(conversation=id, assign=wire.Assign(team=team)))
    if skills:
        ask_for(office, id, skills=skills)
    return id


def ask_for(office: Office, id: int, **more: object) -> None:
    """What routing and classification do to a conversation."""

    def work(tx: Tx) -> None:
        conv = conversations.load(tx, id)
        assert conv is not None
        for name, value in more.items():
            setattr(conv, name, value)
        conversations.save(tx, conv)

    office.store.write_now("system", work)


def line(office: Office, id: int) -> wire.ConversationRow:
    shown: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return shown.row


def loads(office: Office) -> dict[str, wire.Availability]:
    return {one.user: one for one in office.ask(office.ana, ListAvailability()).items}


def drain(office: Office) -> int:
    total = 0
    while n := office.do(SYSTEM, Dispatch()):
        total += n
    assert not office.ask(SYSTEM, SomethingToGive())
    return total


def test_nothing_is_given_to_who_is_not_online(office: Office) -> None:
    arrive(office, 1)
    here(office, office.ana, state="busy")
    here(office, office.luis, state="away")
    assert drain(office) == 0
    here(office, office.luis, state="online")
    assert office.ask(SYSTEM, SomethingToGive())
    assert drain(office) == 1


def test_a_team_that_pulls_is_left_alone(office: Office) -> None:
    office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(assignment="pull")))
    arrive(office, 1)
    here(office, office.ana)
    assert not office.ask(SYSTEM, SomethingToGive())
    assert drain(office) == 0


def test_the_queue_is_shared_out_up_to_what_each_can_carry_and_says_why(office: Office) -> None:
    here(office, office.ana, office.luis)
    knob(office, capacity=3)
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(capacity=1)))
    ids = [arrive(office, n) for n in range(6)]
    assert drain(office) == 4
    assert (loads(office)["ana"].load, loads(office)["luis"].load) == (300, 100)
    event = office.events("conversation.assigned", conversation=ids[0])[-1]
    assert event.actor == "system"
    assert event.data["how"] == "auto" and event.data["rule"] == "longest_without" and event.data["able"] == 2
    taken = next(id for id in ids if line(office, id).assignee == "luis")
    office.do(office.luis, ResolveConversation(conversation=taken, resolve=wire.Resolve(outcome="listo")))
    assert drain(office) == 1
    assert loads(office)["luis"].load == 100


def test_the_most_urgent_goes_first_over_all_teams(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["ana"], assignment="automatic")))
    office.do(office.root, UpdateUser(name="ana", change=wire.ChangeUser(capacity=1)))
    later = arrive(office, 1)
    first = arrive(office, 2, team="Créditos")
    ask_for(office, later, sla_target="first_response", sla_due_at=office.now + HOUR)
    ask_for(office, first, sla_target="first_response", sla_due_at=office.now + MINUTE)
    here(office, office.ana)
    assert drain(office) == 1
    assert (line(office, first).assignee, line(office, later).assignee) == ("ana", None)


def test_skills_decide_who_can_take_it_and_keep_nobody_else_waiting(office: Office) -> None:
    here(office, office.ana)
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(skills="inglés:2 créditos")))
    english = [arrive(office, n, skills="ingles:2") for n in range(3)]
    plain = arrive(office, 9)
    assert drain(office) == 1
    assert line(office, plain).assignee == "ana"
    here(office, office.luis)
    assert drain(office) == 3
    assert {line(office, id).assignee for id in english} == {"luis"}


def test_a_heavy_conversation_is_not_overtaken_by_light_ones(office: Office) -> None:
    knob(office, capacity=2)
    here(office, office.ana)
    arrive(office, 1)
    assert drain(office) == 1
    heavy, light = arrive(office, 2), arrive(office, 3)
    ask_for(office, heavy, weight=150, sla_target="first_response", sla_due_at=office.now + MINUTE)
    assert drain(office) == 0
    here(office, office.luis)
    assert drain(office) == 2
    assert line(office, heavy).assignee == "luis"
    assert line(office, light).assignee == "ana"


def test_a_customer_finds_their_last_advisor_for_a_while(office: Office) -> None:
    here(office, office.ana, office.luis)
    old = arrive(office, 1)
    drain(office)
    advisor = line(office, old).assignee
    who = office.ana if advisor == "ana" else office.luis
    office.do(who, SendReply(conversation=old, reply=wire.Reply(text="listo")))
    office.do(who, ResolveConversation(conversation=old, resolve=wire.Resolve(outcome="listo")))
    arrive(office, 2), arrive(office, 3)  # a load that would speak against them
    office.do(who, Claim(conversation=arrive(office, 4)))
    here(office, who, state="offline")
    assert arrive(office, 1) == old
    assert line(office, old).assignee is None
    here(office, who)
    drain(office)
    assert line(office, old).assignee == advisor
    assert office.events("conversation.assigned", conversation=old)[-1].data["rule"] == "last_advisor"


def test_what_is_offered_to_somebody_waits_for_their_answer(office: Office) -> None:
    here(office, office.ana)
    id = arrive(office, 1)
    ask_for(office, id, transfer_id=7)
    assert drain(office) == 0
    ask_for(office, id, transfer_id=None)
    assert drain(office) == 1


def test_two_drains_at_once_give_each_conversation_once(office: Office) -> None:
    """The writer takes one after the other: whatever was read before, each chooses on what is so then."""
    here(office, office.ana, office.luis)
    knob(office, capacity=10)
    ids = [arrive(office, n) for n in range(30)]
    assert [office.do(SYSTEM, Dispatch(limit=7)) for _ in range(4)] == [7, 7, 6, 0]
    given = [e.conversation for e in office.events("conversation.assigned") if e.data["how"] == "auto"]
    assert len(given) == len(set(given)) == 20
    assert sum(line(office, id).assignee is not None for id in ids) == 20


def test_ten_thousand_in_the_queue_cost_no_more_than_ten(office: Office) -> None:
    """Steps of the database's machine, which no busy computer changes: the queue is looked into, never walked."""

    def steps(work: Callable[[], object]) -> int:
        counted = [0]

        def tick() -> int:
            counted[0] += 1
            return 0

        office.store.writing.set_progress_handler(tick, 1)
        try:
            work()
        finally:
            office.store.writing.set_progress_handler(None, 0)
        return counted[0]

    def more(n: int) -> None:
        def work(tx: Tx) -> None:
            row = tx.one("SELECT * FROM conversations WHERE state = 'queued' LIMIT 1")
            assert row is not None
            start = tx.value("SELECT max(id) FROM conversations") + 1
            for at in range(start, start + n):
                new = {**dict(row), "id": at, "thread": f"x{at}", "skills": ("", "klingon", "inglés:2")[at % 3]}
                new["sort_key"] += at
                marks = ", ".join("?" * len(new))
                tx.run(f"INSERT INTO conversations ({', '.join(new)}) VALUES ({marks})", tuple(new.values()))

        office.store.write_now("system", work)

    arrive(office, 1)
    more(10)
    here(office, office.ana)
    knob(office, capacity=10)
    few = steps(lambda: office.do(SYSTEM, Dispatch(limit=1)))
    more(10_000)
    many = steps(lambda: office.do(SYSTEM, Dispatch(limit=1)))
    assert len([e for e in office.events("conversation.assigned") if e.data["how"] == "auto"]) == 2
    assert many < 2 * few


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "drain", "resolve", "answer", "online", "busy", "offline", "snooze"]),
        st.integers(0, 7),
    ),
    max_size=25,
)


@given(acts=ACTS, capacity=st.integers(0, 3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_capacity_holds_and_nobody_absent_gets_anything_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]], capacity: int
) -> None:
    office = an_office(tmp_path_factory.mktemp("office"))
    try:
        knob(office, capacity=capacity, waiting_percent=50, weights={})
        people = {0: office.ana, 1: office.luis}
        for what, n in acts:
            who = people[n % 2]
            mine = [id for id in range(1, 9) if _has(office, who, id)]
            if what == "arrive":
                arrive(office, n)
            elif what in ("online", "busy", "offline"):
                here(office, who, state=what)
            elif what == "resolve" and mine:
                office.do(who, ResolveConversation(conversation=mine[0], resolve=wire.Resolve(outcome="listo")))
            elif what == "answer" and mine:
                office.do(who, SendReply(conversation=mine[0], reply=wire.Reply(text="hola")))
            elif what == "drain":
                before, events = loads(office), len(office.events("conversation.assigned"))
                drain(office)
                after = loads(office)
                for event in office.events("conversation.assigned")[events:]:
                    assert before[event.data["user"]].state == "online"
                for name in ("ana", "luis"):
                    if after[name].load > before[name].load:
                        assert after[name].load <= capacity * 100
            office.now += 1_000
    finally:
        office.close()


def _has(office: Office, who: Actor, id: int) -> bool:
    try:
        row = line(office, id)
    except Refusal:
        return False
    return row.assignee == who.name and row.state != "resolved"


# ---------------------------------------------------------------- queues that nobody sees


def rescue(office: Office) -> int:
    moved = 0
    for _ in range(10):
        found = office.ask(SYSTEM, StrayQueues())
        if not (found.new or found.over or found.due):
            break
        moved += office.do(SYSTEM, Rescue())
    return moved


def alerts(office: Office) -> list[wire.Alert]:
    page: wire.Page[wire.Alert] = office.ask(office.root, ListAlerts())
    return [alert for alert in page.items if alert.kind == "stranded"]


def test_a_queue_without_anybody_raises_an_alarm_and_goes_to_the_last_resort(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Vacío")))
    knob(office, last_resort="Servicio")
    ids = [arrive(office, n, team="Vacío") for n in range(60)]
    assert rescue(office) == 0
    assert not alerts(office)
    assert office.ask(SYSTEM, StrayQueues()).next == office.now + 5 * MINUTE
    office.now += 5 * MINUTE
    assert rescue(office) == 60
    assert {line(office, id).team for id in ids} == {"Servicio"}
    (alert,) = alerts(office)
    assert (alert.team, alert.data["moved_to"], alert.level) == ("Vacío", "Servicio", "supervisor")
    told = office.events("conversation.assigned", conversation=ids[0])[-1].data
    assert (told["team"], told["why"]) == ("Servicio", "stranded")


def test_one_alarm_tells_of_a_team_that_has_nobody_until_it_is_mended(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Vacío")))
    knob(office, last_resort="Servicio")
    arrive(office, 1, team="Vacío")
    rescue(office)
    office.now += 5 * MINUTE
    assert rescue(office) == 1
    (alert,) = alerts(office)
    office.now += MINUTE
    second = arrive(office, 2, team="Vacío")
    assert rescue(office) == 1, "what comes next does not wait until it is known again that nobody is there"
    assert line(office, second).team == "Servicio"
    assert [each.id for each in alerts(office)] == [alert.id]
    office.do(office.root, Acknowledge(id=alert.id))
    for n in range(3, 6):
        office.now += 10 * MINUTE
        arrive(office, n, team="Vacío")
        assert rescue(office) == 1
    assert not alerts(office), "that the team has nobody was acknowledged"
    raised = len(office.events("alert.raised"))
    office.do(office.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=["ana"])))
    assert office.ask(SYSTEM, StrayQueues()).over, "mended"
    rescue(office)
    office.do(office.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=[])))
    arrive(office, 6, team="Vacío")
    rescue(office)
    office.now += 5 * MINUTE
    assert rescue(office) == 1 and len(alerts(office)) == 1, "broken anew, told anew"
    office.do(office.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=["ana"])))
    rescue(office)
    assert not alerts(office), "over by itself"
    assert len(office.events("alert.raised")) == raised + 1


def test_what_waits_unseen_has_an_alarm_whatever_was_told_before(office: Office) -> None:
    """The last resort goes while its team is known to have nobody: what comes now is not moved, and is told."""
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Vacío")))
    knob(office, last_resort="Servicio")
    arrive(office, 1, team="Vacío")
    rescue(office)
    office.now += 5 * MINUTE
    rescue(office)
    for alert in alerts(office):
        office.do(office.root, Acknowledge(id=alert.id))
    knob(office, last_resort="")
    waits = arrive(office, 2, team="Vacío")
    office.now += 5 * MINUTE
    assert rescue(office) == 0
    (alert,) = alerts(office)
    assert (alert.conversation, alert.data["moved_to"]) == (waits, "")
    office.do(office.root, Acknowledge(id=alert.id))
    rescue(office)
    assert not alerts(office)


def test_without_a_last_resort_the_alarm_stays_until_somebody_is_there(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Vacío")))
    id = arrive(office, 1, team="Vacío")
    rescue(office)
    office.now += 5 * MINUTE
    rescue(office)
    (alert,) = alerts(office)
    office.do(office.root, Acknowledge(id=alert.id))
    office.now += HOUR
    rescue(office)
    assert not alerts(office)  # told once
    office.do(office.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=["ana"])))
    rescue(office)
    office.do(office.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=[])))
    rescue(office)
    office.now += 5 * MINUTE
    rescue(office)
    assert len(alerts(office)) == 1
    office.do(office.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=["luis"])))
    rescue(office)
    assert not alerts(office)
    assert line(office, id).team == "Vacío"


def test_a_skill_that_no_member_has_strands_an_automatic_queue(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="General", members=["rosa"])))
    knob(office, last_resort="General")
    id = arrive(office, 1, skills="klingon")
    rescue(office)
    office.now += 5 * MINUTE
    assert rescue(office) == 1
    assert line(office, id).team == "General"
    assert alerts(office)[0].data["skills"] == "klingon"


def test_what_is_in_no_team_goes_to_the_last_resort_only_if_there_is_one(office: Office) -> None:
    message = office.take_in(says("m", who=person("50379999999"))).messages[0]
    id = next(e.conversation for e in office.events("message.received") if e.data["message"] == message)
    assert id is not None and line(office, id).team is None
    rescue(office)
    office.now += HOUR
    assert rescue(office) == 0 and not alerts(office)
    knob(office, last_resort="Servicio")
    rescue(office)
    office.now += 5 * MINUTE
    assert rescue(office) == 1
    assert line(office, id).team == "Servicio"
