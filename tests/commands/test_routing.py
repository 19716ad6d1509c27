"""Where conversations go when they begin, and why; campaigns that bring them."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.accounts import CreateTeam, RemoveTeam, UpdateTeam
from server.commands.acts import AssignTo, Claim, ResolveConversation
from server.commands.availability import SetAvailability
from server.commands.calendars import CreateCalendar, RemoveCalendar, UpdateCalendar
from server.commands.campaigns import CreateCampaign, ListCampaigns, RemoveCampaign, TryCampaign, UpdateCampaign
from server.commands.contacts import UpdateContact
from server.commands.door import Refusal
from server.commands.inbox import ListConversations
from server.commands.labels import CreateTag, SetPriority
from server.commands.queries import GetConversation
from server.commands.routes import CreateRoute, ListRoutes, RemoveRoute, ReplaceRoutes, TryRoute, UpdateRoute
from server.commands.routing import Reroute
from server.commands.service import UpdateServiceSettings
from server.commands.slas import CreatePolicy
from server.commands.transfers import AcceptTransfer, DeclineTransfer, TransferConversation
from server.commands.why import WhyHere
from server.facts import Address, Party
from tests.commands.office import HOUR, MINUTE, MORNING, Office, says

AD = {"source_type": "ad", "source_id": "1202", "headline": "Su crédito escolar", "source_url": "https://fb.me/x"}


def row(office: Office, id: int = 1) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=id))
    return found.row


def skills(office: Office, id: int = 1) -> str:
    return str(office.store.read_now(lambda read: read.value("SELECT skills FROM conversations WHERE id = ?", (id,))))


def why(office: Office, id: int = 1) -> wire.Why:
    found: wire.Why = office.ask(office.ana, WhyHere(conversation=id))
    return found


def named(*things: str) -> list[dict[str, str]]:
    """What a refusal says of these, each as "kind name"."""
    return [{"kind": each.split(" ", 1)[0], "name": each.split(" ", 1)[1]} for each in things]


def refused(office: Office, command: Any, actor: Any = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(actor or office.root, command)
    return caught.value


def add(office: Office, name: str, team: str = "", **more: Any) -> wire.Route:
    when = wire.RouteWhen(**more.pop("when", {}))
    made: wire.Route = office.do(office.root, CreateRoute(route=wire.NewRoute(name=name, team=team, when=when, **more)))
    return made


def somebody(phone: str = "50370000009", **known: Any) -> Party:
    return Party(addresses=(Address("phone", phone),), name="Rosa Díaz", **known)


@pytest.fixture
def routed(office: Office) -> Office:
    """Teams Oriente (ana), Créditos (luis) and Vacío (nobody), and a route by region."""
    for name, members in (("Oriente", ["ana"]), ("Créditos", ["luis"]), ("Vacío", [])):
        office.do(office.root, CreateTeam(team=wire.NewTeam(name=name, members=members)))
    add(office, "Por región", "Oriente", when={"region": ["San Miguel", "La Unión"]}, skills=["Oriente"])
    return office


def test_a_conversation_goes_where_its_route_leads_and_the_journal_says_why(routed: Office) -> None:
    office = routed
    add(office, "Socios", "Créditos", when={"region": ["san miguel"], "profile": ["socio"]})
    office.take_in(says("w1", who=somebody(region="SAN MIGUEL")))
    assert row(office).team == "Oriente"
    assert skills(office) == "oriente"
    [event] = office.events("conversation.routed")
    assert event.actor == "system"
    told = {key: event.data[key] for key in ("name", "by", "team", "skills", "when", "facts")}
    assert told == {
        "name": "Por región",
        "by": "route",
        "team": "Oriente",
        "skills": ["oriente"],
        "when": {"region": ["San Miguel", "La Unión"]},
        "facts": {"channel": "wa", "priority": "normal", "region": "SAN MIGUEL"},
    }
    assert event.data["why"] == [{"route": "Socios", "failed": "profile", "wants": ["socio"], "has": "", "own": False}]
    office.take_in(says("w2", who=somebody(region="SAN MIGUEL")))
    assert len(office.events("conversation.routed")) == 1, "later messages ask nothing"


def test_what_no_route_takes_falls_on(routed: Office) -> None:
    office = routed
    office.take_in(says("w1"))
    assert (row(office).team, why(office).steps[-1].code) == (None, "routed.nobody")
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"last_resort": "Servicio"})))
    office.take_in(says("w2", who=somebody("50370000002")))
    assert (row(office, 2).team, why(office, 2).steps[-1].code) == ("Servicio", "routed.last_resort")
    assert [each.id for each in office.ask(office.ana, ListConversations(view="unassigned")).items] == [1, 2]


def test_a_route_sets_priority_tags_and_language_but_takes_nothing_back(routed: Office) -> None:
    office = routed
    office.do(office.rosa, CreateTag(name="oriente"))
    add(office, "Todo", "Oriente", priority="high", tags=["Oriente"], language="es")
    office.take_in(says("w1", who=somebody()))
    found = row(office)
    assert (found.priority, found.tags, found.team) == ("high", ["oriente"], "Oriente")
    contact = office.ask(office.ana, GetConversation(id=1)).contact
    assert contact.language == "es"
    office.take_in(says("w2", who=somebody("50370000008", language="en")))
    assert office.ask(office.ana, GetConversation(id=2)).contact.language == "en"


def test_what_is_reopened_is_placed_again_unless_somebody_put_it_there(routed: Office) -> None:
    office = routed
    office.take_in(says("w1", who=somebody(region="La Unión")))
    resolve = ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="solved"))
    office.do(office.ana, resolve)  # which takes it
    for actor in (office.ana, office.rosa):  # neither is there when it is opened again
        office.do(actor, SetAvailability(name=actor.name, set=wire.SetAvailability(state="offline")))
    add(office, "Reclamos", "Créditos", when={"region": ["La Unión"], "channel": ["whatsapp"]})
    office.now += HOUR
    office.take_in(says("w2", who=somebody(), at=office.now))
    assert (row(office).assignee, row(office).team) == (None, "Créditos")
    assert [step.code for step in why(office).steps] == ["reopened", "assigned.left", "routed.route"]
    office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(team="Oriente")))
    office.do(office.rosa, resolve)
    office.do(office.rosa, SetAvailability(name="rosa", set=wire.SetAvailability(state="offline")))
    office.now += HOUR
    office.take_in(says("w3", who=somebody(), at=office.now))
    assert row(office).team == "Oriente"
    kept = why(office).steps[-1]
    assert (kept.code, kept.params["put_by"]) == ("routed.kept", "user:rosa")


def test_what_is_opened_again_and_stays_says_who_had_it_and_goes_on(routed: Office) -> None:
    office = routed
    office.take_in(says("w1", who=somebody(region="La Unión")))
    office.do(office.ana, Claim(conversation=1))
    office.do(office.ana, ResolveConversation(conversation=1, resolve=wire.Resolve(outcome="solved")))
    office.now += HOUR
    office.take_in(says("w2", who=somebody(), at=office.now))
    assert row(office).assignee == "ana"
    before = ["created", "routed.route", "claimed.claim", "reopened"]
    assert [step.code for step in why(office).steps] == before, "why ana, if all that happened is that it opened again?"
    offer = wire.NewTransfer(to="luis", reason="pide crédito", summary="quiere un crédito", even_if_absent=True)
    office.do(office.ana, TransferConversation(conversation=1, transfer=offer))
    office.do(office.luis, DeclineTransfer(conversation=1, decline=wire.Decline(reason="estoy lleno")))
    found = why(office).steps
    assert [step.code for step in found] == [*before, "transferred", "transfer_declined"]
    assert found[-2].params == {"sender": "ana", "to": "luis", "reason": "pide crédito"}
    assert found[-1].params["reason"] == "estoy lleno"
    office.do(office.ana, TransferConversation(conversation=1, transfer=offer))
    office.do(office.luis, AcceptTransfer(conversation=1))
    assert [step.code for step in why(office).steps][-2:] == ["transferred", "assigned.transfer"]
    assert why(office).steps[0].code == "reopened", "what came before is another story, now that this one is told"
    for n in range(20):
        who = ("ana", "luis")[n % 2]
        office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(user=who)))
    assert why(office).steps[-1].params["user"] == "luis", "however long it is, the newest is there"


def test_what_becomes_known_of_a_customer_counts_while_nobody_has_the_conversation(routed: Office) -> None:
    office = routed
    office.take_in(says("w1"), says("w2", who=somebody("50370000002")))
    office.do(office.luis, Claim(conversation=2))
    for id in (1, 2):
        contact = row(office, id).contact
        change = wire.ChangeContact(region="La Unión")
        office.do(office.luis, UpdateContact(contact=contact, change=change))
    assert [row(office, id).team for id in (1, 2)] == ["Oriente", None]
    event = office.events("conversation.routed")[-1]
    assert (event.conversation, event.actor, event.data["facts"]["region"]) == (1, "system", "La Unión")
    office.do(office.luis, UpdateContact(contact=row(office).contact, change=wire.ChangeContact(name="Rosa D.")))
    assert office.events("conversation.routed")[-1].seq == event.seq, "what changes nothing is not told"


def test_a_priority_leads_where_its_route_does_until_somebody_has_it(routed: Office) -> None:
    office = routed
    add(office, "Urgentes", "Créditos", when={"priority": ["urgent"]})
    office.take_in(says("w1"), says("w2", who=somebody("50370000002")))
    office.do(office.ana, Claim(conversation=2))
    for id in (1, 2):
        office.do(office.rosa, SetPriority(conversation=id, change=wire.ChangePriority(priority="urgent")))
    assert [row(office, id).team for id in (1, 2)] == ["Créditos", None]


def test_a_supervisor_asks_the_table_again(routed: Office) -> None:
    office = routed
    office.take_in(says("w1", who=somebody(region="San Miguel")))
    office.do(office.rosa, AssignTo(conversation=1, assign=wire.Assign(team="Créditos")))
    assert row(office).team == "Créditos"
    assert office.do(office.rosa, Reroute(conversation=1)).team == "Oriente"
    assert [step.code for step in why(office).steps] == [
        "created",
        "routed.route",
        "assigned.hand",
        "routed.route",
    ]
    assert why(office).steps[-1].actor == "user:rosa"
    assert not office.ana.at_least(Reroute.needs)
    office.do(office.ana, Claim(conversation=1))
    assert refused(office, Reroute(conversation=1), office.rosa).code == "already_assigned"
    assert why(office).assignee == "ana"
    assert why(office).steps[-1].code == "claimed.claim"


# ---------------------------------------------------------------- campaigns


def test_a_campaign_that_is_told_later_brings_its_promise_at_once(routed: Office) -> None:
    office = routed
    promise = wire.NewPolicy(name="feria", when=wire.PolicyWhen(profile=["nadie"]), first_response_ms=2 * MINUTE)
    office.do(office.root, CreatePolicy(policy=promise))
    office.do(office.root, CreateCampaign(campaign=wire.NewCampaign(name="feria", sources=["1202"], policy="feria")))
    office.take_in(says("w1"))
    before = row(office).sla
    office.take_in(says("w2", campaign=AD))
    after = row(office).sla
    assert before is not None and after is not None
    assert (row(office).campaign, after.due_at) == ("feria", office.now + 2 * MINUTE) and before.due_at > after.due_at


@pytest.fixture
def school(routed: Office) -> Office:
    campaign = wire.NewCampaign(
        name="Escolar 2027",
        title="Crédito escolar",
        sources=["1202"],
        refs=["escolar"],
        words=["crédito escolar"],
        team="Créditos",
        skills=["creditos"],
        priority="high",
        greeting={"es": "¡Hola! Le contamos del crédito escolar.", "en": "Hello! About the school loan:"},
        starts_at=MORNING - HOUR,
        ends_at=MORNING + 24 * HOUR,
    )
    office = routed
    office.do(office.root, CreateCampaign(campaign=campaign))
    return office


def test_an_ad_leads_to_the_campaigns_team_with_its_skills_and_greeting(school: Office) -> None:
    office = school
    office.take_in(says("w1", who=somebody(region="San Miguel", language="es-SV"), campaign=AD))
    found = row(office)
    assert (found.team, found.campaign, found.priority, skills(office)) == (
        "Créditos",
        "Crédito escolar",
        "high",
        "creditos",
    )
    greeting = office.thread(1)[-1]
    assert (greeting.direction, greeting.text) == ("out", "¡Hola! Le contamos del crédito escolar.")
    assert greeting.data["automatic"] is True
    assert found.preview == "buenos días" and found.sla is not None and found.sla.target == "first_response"
    office.take_in(says("w2", who=somebody(), campaign=AD))
    assert len(office.thread(1)) == 3, "the greeting is said once"
    step = why(office).steps[-1]
    assert (step.code, step.params["sign"], step.params["seen"]) == ("routed.campaign", "source", "1202")
    for q in ("campaign:escolar-2027", 'campaña:"credito escolar"', "has:campaign", "campaign:1202"):
        assert [each.id for each in office.ask(office.ana, ListConversations(view="all", q=q)).items] == [1], q
    assert office.ask(office.ana, ListCampaigns()).items[0].open == 1


def test_a_route_that_names_the_campaign_goes_before_its_own(school: Office) -> None:
    office = school
    add(office, "Escolar oriente", "Oriente", when={"campaign": ["escolar-2027"], "region": ["San Miguel"]})
    office.take_in(
        says("w1", "quiero el CREDITO ESCOLAR", who=somebody(region="san miguel")),
        says("w2", "quiero el credito escolar", who=somebody("50370000002")),
        says("w3", "quiero un crédito", who=somebody("50370000003")),
    )
    assert [row(office, id).team for id in (1, 2, 3)] == ["Oriente", "Créditos", None]
    assert [row(office, id).campaign for id in (1, 2, 3)] == ["Crédito escolar", "Crédito escolar", ""]


def test_an_unknown_ad_still_shows_its_title(school: Office) -> None:
    school.take_in(says("w1", campaign={**AD, "source_id": "999"}))
    assert row(school).campaign == "Su crédito escolar"
    assert row(school).team is None


def test_an_ad_in_the_middle_of_a_conversation_is_noted_and_moves_nothing(school: Office) -> None:
    office = school
    office.take_in(says("w1", who=somebody(region="San Miguel")))
    office.take_in(says("w2", who=somebody(), campaign=AD))
    assert (row(office).campaign, row(office).team, len(office.thread(1))) == ("Crédito escolar", "Oriente", 2)


def test_a_campaign_that_ended_brings_nobody_and_keeps_whom_it_brought(school: Office) -> None:
    office = school
    office.take_in(says("w1", campaign=AD))
    [campaign] = office.ask(office.ana, ListCampaigns()).items
    add(office, "Con campaña", "Oriente", when={"campaign": ["Escolar-2027"]})
    assert refused(office, RemoveCampaign(id=campaign.id)).params["by"] == named("route Con campaña")
    office.do(office.root, RemoveRoute(id=office.ask(office.ana, ListRoutes()).items[0].id))
    office.do(office.root, RemoveCampaign(id=campaign.id))
    office.take_in(says("w2", who=somebody("50370000002"), campaign=AD))
    assert (row(office).campaign, row(office, 2).campaign) == ("Crédito escolar", "Su crédito escolar")
    assert row(office, 2).team is None
    office.do(office.root, CreateCampaign(campaign=wire.NewCampaign(name="escolar-2027")))


def test_machines_and_echoes_are_not_greeted(school: Office) -> None:
    office = school
    office.take_in(says("w1", automatic=True, campaign=AD))
    assert len(office.thread(1)) == 1
    assert row(office).team == "Créditos"


# ---------------------------------------------------------------- the table as people edit it


def test_the_table_is_listed_as_it_is_tried_and_changed(routed: Office) -> None:
    office = routed
    add(office, "Todo", "Servicio")
    add(office, "Dos", "Créditos", when={"region": ["x"], "channel": ["wa"]}, place=3)
    add(office, "Primero", "Créditos", when={"region": ["x"], "channel": ["sms"]}, place=1)
    listed = office.ask(office.ana, ListRoutes()).items
    assert [each.name for each in listed] == ["Primero", "Dos", "Por región", "Todo"]
    changed = office.do(
        office.root, UpdateRoute(id=listed[1].id, change=wire.ChangeRoute(name="Tres", place=0, active=False))
    )
    assert (changed.name, changed.place, changed.active, changed.when.region) == ("Tres", 0, False, ["x"])
    assert refused(office, UpdateRoute(id=listed[1].id, change=wire.ChangeRoute(name="Todo"))).code == "name_taken"
    assert refused(office, UpdateRoute(id=99, change=wire.ChangeRoute(place=1))).code == "not_found"
    assert not office.rosa.at_least(CreateRoute.needs)


@pytest.mark.parametrize(
    ("route", "code"),
    [
        (wire.NewRoute(name=""), "bad_route"),
        (wire.NewRoute(name="\x1b[2J"), "bad_route"),
        (wire.NewRoute(name="x", team="nosuch"), "not_found"),
        (wire.NewRoute(name="x", tags=["nosuch"]), "not_found"),
        (wire.NewRoute(name="x", skills=["dos palabras"]), "bad_route"),
        (wire.NewRoute(name="x", language="español"), "bad_route"),
        (wire.NewRoute(name="x", place=2**40), "bad_route"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(complexity=["hard"])), "bad_route"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(priority=["yesterday"])), "bad_route"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(hours=["sometimes"])), "bad_route"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(hours=["open:nosuch"])), "not_found"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(campaign=["nosuch"])), "not_found"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(region=["a\nb\x00"])), "bad_route"),
        (wire.NewRoute(name="x", when=wire.RouteWhen(region=[str(n) for n in range(101)])), "bad_route"),
        (wire.NewRoute(name="Por región"), "name_taken"),
    ],
)
def test_what_makes_no_sense_is_refused(routed: Office, route: wire.NewRoute, code: str) -> None:
    assert refused(routed, CreateRoute(route=route)).code == code


def test_a_whole_table_is_taken_over_or_not_at_all(routed: Office) -> None:
    office = routed
    good, bad = wire.NewRoute(name="Nueva", team="Créditos"), wire.NewRoute(name="Mala", team="nosuch")
    assert refused(office, ReplaceRoutes(table=wire.RouteTable(routes=[good, bad]))).code == "not_found"
    assert refused(office, ReplaceRoutes(table=wire.RouteTable(routes=[good, good]))).code == "name_taken"
    assert [each.name for each in office.ask(office.ana, ListRoutes()).items] == ["Por región"]
    office.do(office.root, ReplaceRoutes(table=wire.RouteTable(routes=[good])))
    assert [each.name for each in office.ask(office.ana, ListRoutes()).items] == ["Nueva"]


def test_a_team_that_routes_lead_to_cannot_be_removed(routed: Office) -> None:
    assert refused(routed, RemoveTeam(name="Oriente")).params == {"name": "Oriente", "by": named("route Por región")}


def test_trying_the_table_says_what_would_happen_and_does_nothing(school: Office) -> None:
    office = school
    before = len(office.events())
    tested: wire.RouteTested = office.ask(
        office.ana, TryRoute(test=wire.TestRoute(text="buenas", channel="whatsapp", region="san miguel"))
    )
    assert (tested.route, tested.by, tested.team, tested.skills) == ("Por región", "route", "Oriente", ["oriente"])
    assert tested.facts["channel"] == "wa"
    by_ad: wire.RouteTested = office.ask(office.ana, TryRoute(test=wire.TestRoute(channel="wa", referral=AD)))
    assert (by_ad.campaign, by_ad.by, by_ad.priority) == ("escolar-2027", "campaign", "high")
    assert by_ad.considered[-1].own
    late = wire.TestRoute(channel="wa", text="crédito escolar", at=MORNING + 48 * HOUR)
    assert office.ask(office.ana, TryRoute(test=late)).campaign == ""
    add(office, "A nadie", "Vacío", when={"channel": ["sms"]})
    assert office.ask(office.ana, TryRoute(test=wire.TestRoute(channel="sms"))).stranded
    with pytest.raises(Refusal):
        office.ask(office.ana, TryRoute(test=wire.TestRoute(campaign="nosuch")))
    assert len(office.events()) == before + 1


def test_hours_count_by_the_calendar_that_is_named(routed: Office) -> None:
    office = routed
    week = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = wire.NewCalendar(name="Óficina", week=week, zone="America/El_Salvador", country="")  # type: ignore[arg-type]
    office.do(office.root, CreateCalendar(calendar=calendar))
    add(office, "De noche", "Créditos", when={"hours": ["closed:oficina"]}, place=-1)
    add(office, "De día", "Oriente", when={"hours": ["open:Óficina"]})
    night = MORNING - MORNING % (24 * HOUR) + 8 * HOUR  # two in the morning there
    for at, team in ((night, "Créditos"), (night + 10 * HOUR, "Oriente"), (night + 16 * HOUR, "Créditos")):
        assert office.ask(office.ana, TryRoute(test=wire.TestRoute(at=at))).team == team
        office.now = at
        office.take_in(says(f"w{at}", who=somebody(f"5037{at}"), at=at))
        assert office.events("conversation.routed")[-1].data["team"] == team


def test_trying_campaigns(school: Office) -> None:
    found: wire.CampaignFound = school.ask(
        school.ana, TryCampaign(test=wire.TestCampaign(text="el credito escolar por favor", channel="wa"))
    )
    assert found.campaign is not None and (found.sign, found.by) == ("words", "crédito escolar")
    assert school.ask(school.ana, TryCampaign(test=wire.TestCampaign(text="hola"))).campaign is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (wire.ChangeCampaign(ends_at=MORNING - 2 * HOUR), "bad_route"),
        (wire.ChangeCampaign(words=["!!!"]), "bad_route"),
        (wire.ChangeCampaign(greeting={"español": "hola"}), "bad_route"),
        (wire.ChangeCampaign(greeting={"es": "x" * 3_000}), "too_long"),
        (wire.ChangeCampaign(team="nosuch"), "not_found"),
        (wire.ChangeCampaign(title="\x1b]0;x"), "bad_route"),
    ],
)
def test_campaigns_that_make_no_sense(school: Office, change: wire.ChangeCampaign, code: str) -> None:
    [campaign] = school.ask(school.ana, ListCampaigns()).items
    assert refused(school, UpdateCampaign(id=campaign.id, change=change)).code == code
    assert refused(school, CreateCampaign(campaign=wire.NewCampaign(name="escolar 2027"))).code == "name_taken"
    assert refused(school, CreateCampaign(campaign=wire.NewCampaign(name="¡!"))).code == "bad_route"


def test_a_team_gets_its_people_back(routed: Office) -> None:
    routed.do(routed.root, UpdateTeam(name="Vacío", change=wire.ChangeTeam(members=["luis"])))
    routed.now += MINUTE
    add(routed, "A vacío", "Vacío")
    assert not routed.ask(routed.ana, TryRoute(test=wire.TestRoute())).stranded


def test_a_calendar_that_routes_ask_about_stays_and_keeps_them_when_it_is_renamed(routed: Office) -> None:
    for name in ("agencias", "noche"):
        new = wire.NewCalendar(name=name, zone="America/El_Salvador", week={"mon": ["08:00-17:00"]})
        routed.do(routed.root, CreateCalendar(calendar=new))
    team = routed.do(routed.root, CreateTeam(team=wire.NewTeam(name="Guardia", members=["luis"]))).name
    for name, hours in (("de día", "open"), ("de noche", "closed:Noche")):
        when = wire.RouteWhen(hours=[hours])
        routed.do(routed.root, CreateRoute(route=wire.NewRoute(name=name, team=team, when=when)))
    assert refused(routed, RemoveCalendar(name="agencias")).params == {"by": "de día"}
    assert refused(routed, RemoveCalendar(name="noche")).params == {"by": "de noche"}
    routed.do(routed.root, UpdateCalendar(name="noche", change=wire.ChangeCalendar(name="nocturno")))
    kept = {route.name: route.when.hours for route in routed.ask(routed.ana, ListRoutes()).items}
    assert (kept["de día"], kept["de noche"]) == (["open"], ["closed:nocturno"])
