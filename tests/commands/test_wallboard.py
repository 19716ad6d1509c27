"""The wallboard: open work now is what the conversations say, the day is what the journal says, limits raise alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import wire
from server.commands.accounts import UpdateTeam
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.alerts import Acknowledge, Escalate, ListAlerts
from server.commands.campaigns import CreateCampaign
from server.commands.door import SYSTEM, Refusal
from server.commands.replies import SendReply
from server.commands.service import UpdateServiceSettings
from server.commands.wallboard import CheckLimits, Facts, ShowBoard, TallyBegins, TallyFacts
from server.desk import limits
from server.desk.limits import passed
from server.desk.tally import STEP, STEPS, Tally
from tests.commands.office import HOUR, MINUTE, Office, person, says


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def board(office: Office) -> wire.Board:
    """As a server would show it that starts now."""
    day, since = office.ask(SYSTEM, TallyBegins(back=STEP * STEPS))
    tally = Tally(day)
    found = Facts([], since, True)
    while found.more:
        found = office.ask(SYSTEM, TallyFacts(since=found.until))
        for fact in found.facts:
            tally.take(fact)
    shown: wire.Board = office.ask(office.rosa, ShowBoard(tally=tally, where={"ana": (1, True)}))
    return shown


def advisor(shown: wire.Board, name: str) -> wire.BoardAdvisor:
    return next(each for each in shown.advisors if each.name == name)


def test_now_and_today(office: Office) -> None:
    for n in range(3):
        office.take_in(says(f"m{n}", who=person(f"5037000000{n}", f"C{n}")))
    office.do(office.ana, Claim(conversation=1))
    office.do(office.rosa, AssignTo(conversation=2, assign=wire.Assign(user="luis", team="Servicio")))
    office.now += 2 * MINUTE
    office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="con gusto")))
    office.do(office.luis, SendReply(conversation=2, reply=wire.Reply(text="buenos días")))
    office.do(office.luis, ResolveConversation(conversation=2, resolve=wire.Resolve()))
    office.now += MINUTE

    shown = board(office)
    assert (shown.now.open, shown.now.waiting, shown.now.unassigned) == (2, 1, 1)
    assert shown.now.oldest == office.now - 3 * MINUTE
    assert (shown.today.begun, shown.today.received, shown.today.replies, shown.today.resolved) == (3, 3, 2, 1)
    assert (shown.today.met, shown.today.missed, shown.today.first_p50) == (2, 0, 2 * MINUTE)
    assert shown.hour == sum(shown.recent) == 3
    ana = advisor(shown, "ana")
    assert (ana.load, ana.capacity, ana.now.open) == (50, 500, 1), "half of what waits for the customer counts"
    assert (ana.today.answered, ana.today.first_p50) == (1, 2 * MINUTE)
    assert (ana.viewing, ana.viewing_name, ana.typing) == (1, "C0", True)
    assert advisor(shown, "luis").today.resolved == 1
    (channel,) = shown.channels
    assert (channel.name, channel.kind, channel.now.open, channel.today.received) == ("wa", "whatsapp", 2, 3)
    assert [line.name for line in shown.teams] == ["Servicio", ""], "what belongs to no team is not hidden"
    assert shown.teams[0].today.resolved == 1


def test_what_no_person_wrote_is_no_answer(office: Office) -> None:
    office.take_in(says("m1"))
    office.do(
        office.root, CreateCampaign(campaign=wire.NewCampaign(name="feria", words=["feria"], greeting={"es": "¡Hola!"}))
    )
    office.take_in(says("m2", "vengo por la feria", who=person("50370000002")))
    assert [each.data.get("automatic") for each in office.events("message.queued")] == [True]
    shown = board(office)
    assert (shown.today.received, shown.today.replies, shown.today.answered) == (2, 0, 0)
    office.do(office.ana, SendReply(conversation=2, reply=wire.Reply(text="con gusto")))
    shown = board(office)
    assert (shown.today.replies, shown.today.answered, advisor(shown, "ana").today.answered) == (1, 1, 1)


def test_only_supervisors_see_it(office: Office) -> None:
    with pytest.raises(Refusal):
        asyncio.run(office.door.ask(office.ana, ShowBoard(tally=Tally(0), where={})))


def test_breached_and_warned(office: Office) -> None:
    office.take_in(says("m1"))
    office.now += 14 * MINUTE
    assert (board(office).now.warned, board(office).now.breached) == (1, 0)
    office.now += 2 * MINUTE
    assert (board(office).now.warned, board(office).now.breached) == (0, 1)


def test_a_tally_reads_no_more_than_its_day(office: Office) -> None:
    office.take_in(says("m1"))
    office.now += 30 * HOUR
    office.take_in(says("m2", who=person("50370000009")))
    day, since = office.ask(SYSTEM, TallyBegins(back=STEP * STEPS))
    assert all(event.at >= min(day, office.now - STEP * STEPS) for event in office.events() if event.seq > since)
    assert [event for event in office.events("message.received") if event.seq <= since] != []
    assert board(office).today.received == 1


def test_limits_raise_an_alarm_once_and_end_it(office: Office) -> None:
    change = {"thresholds": {"waiting": 1, "oldest:Servicio": 5 * MINUTE, "nonsense": 3}}
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=change)))
    office.take_in(says("m1"))
    assert passed(board(office), change["thresholds"]) == []
    office.take_in(says("m2", who=person("50370000002")))
    over = passed(board(office), change["thresholds"])
    assert over == [limits.Passed(about="waiting", figure="waiting", team="", value=2, limit=1)]
    for _ in range(2):
        office.do(SYSTEM, CheckLimits(passed=over))
    (alert,) = office.ask(office.rosa, ListAlerts()).items
    assert (alert.kind, alert.level, alert.data["value"], alert.data["limit"]) == ("threshold", "supervisor", 2, 1)
    assert office.ask(office.ana, ListAlerts()).items == []
    office.do(SYSTEM, CheckLimits(passed=[]))
    assert office.ask(office.rosa, ListAlerts()).items == []
    assert [event.kind for event in office.events("alert.raised", "alert.ended")] == ["alert.raised", "alert.ended"]


def test_what_was_acknowledged_stays_quiet_while_its_limit_stays_passed(tmp_path: Path) -> None:
    def over(*names: str) -> CheckLimits:
        return CheckLimits(passed=[limits.Passed(about=each, figure=each, team="", value=9, limit=1) for each in names])

    def shown(office: Office) -> list[str]:
        return sorted(alert.data["figure"] for alert in office.ask(office.rosa, ListAlerts()).items)

    office = Office(tmp_path)
    office.do(SYSTEM, over("waiting"))
    (alert,) = office.ask(office.rosa, ListAlerts()).items
    office.do(office.rosa, Acknowledge(id=alert.id))
    office.do(SYSTEM, over("waiting", "oldest"))
    assert shown(office) == ["oldest"], "another limit brings nothing back"
    office.close()
    office = Office(tmp_path)  # a new start, which knows nothing of what was looked at before
    office.do(SYSTEM, over("waiting", "oldest"))
    assert shown(office) == ["oldest"]
    office.do(SYSTEM, over("oldest"))
    office.close()
    office = Office(tmp_path)
    office.do(SYSTEM, over("waiting", "oldest"))
    assert shown(office) == ["oldest", "waiting"], "kept for a while and passed again is news"
    office.close()


def test_whose_alert_it_is(office: Office) -> None:
    """Who may acknowledge one: whom it is about, their team if it is about nobody, and supervisors."""
    office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(members=["ana"])))
    passed = limits.Passed(about="waiting:Servicio", figure="waiting", team="Servicio", value=9, limit=1)
    for who, allowed in ((office.luis, False), (office.ana, True), (office.rosa, True), (office.root, True)):
        office.do(SYSTEM, CheckLimits(passed=[passed]))
        (alert,) = office.ask(office.rosa, ListAlerts()).items
        assert bool(office.ask(who, ListAlerts()).items) is allowed
        if allowed:
            assert office.do(who, Acknowledge(id=alert.id)).ended_by == who.name
            office.do(SYSTEM, CheckLimits(passed=[]))
        else:
            with pytest.raises(Refusal) as refused:
                office.do(who, Acknowledge(id=alert.id))
            assert refused.value.code == "forbidden"


def test_an_alert_goes_on_until_somebody_looks_after_it(office: Office) -> None:
    office.do(SYSTEM, CheckLimits(passed=[limits.Passed(about="waiting", figure="waiting", team="", value=9, limit=1)]))
    office.now += 6 * MINUTE
    assert office.do(SYSTEM, Escalate()) == 1
    (alert,) = office.ask(office.root, ListAlerts()).items
    assert (alert.level, alert.escalate_at) == ("admin", None)
    assert office.do(SYSTEM, Escalate()) == 0
    assert office.do(office.rosa, Acknowledge(id=alert.id)).ended_by == "rosa"
    with pytest.raises(Refusal) as refused:
        office.do(office.root, Acknowledge(id=alert.id))
    assert (refused.value.code, refused.value.params["by"]) == ("alert_over", "rosa")


def test_settings_are_checked(office: Office) -> None:
    for change in ({"nothing": 1}, {"capacity": -1}, {"capacity": "many"}, {"weights": {"email": "x"}}):
        with pytest.raises(Refusal) as refused:
            office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change=change)))
        assert refused.value.code == "bad_setting"
    with pytest.raises(Refusal):
        office.do(
            office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"last_resort": "Nadie"}))
        )
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"capacity": 8})))
    settings = office.do(
        office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"capacity": None}))
    )
    assert settings.capacity == wire.ServiceSettings().capacity
