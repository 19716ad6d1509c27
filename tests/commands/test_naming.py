"""What names a team, a tag, a policy … follows when that is called something else, and holds it while it would go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from server import wire
from server.commands.accounts import CreateTeam, RemoveTeam, RemoveUser, UpdateTeam, UpdateUser
from server.commands.alerts import ListAlerts
from server.commands.automation import CreateRule, GetRule, RemoveRule, UpdateRule
from server.commands.calendars import CreateCalendar, UpdateCalendar
from server.commands.campaigns import CreateCampaign, ListCampaigns
from server.commands.classifying import CreateTopic, KeepTopics, RemoveTopic
from server.commands.door import Actor, Command, Refusal
from server.commands.event_hooks import CreateEventHook, RemoveEventHook
from server.commands.labels import CreateTag, ListTags, RemoveTag, RenameTag, TagConversation
from server.commands.routes import CreateRoute, ListRoutes
from server.commands.service import UpdateServiceSettings
from server.commands.slas import CreatePolicy, RemovePolicy, UpdatePolicy
from server.commands.templates import CreateTemplate, RemoveTemplate, ReplaceTemplate
from server.commands.views import CreateView, ListViews
from server.store import templates
from tests.commands.office import HOUR, Office, says


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    office.do(office.root, CreateTag(name="mora"))
    yield office
    office.close()


def rule(office: Office, name: str = "r", condition: str = "", active: bool = True, **then: str) -> None:
    acts = [wire.RuleAct(do=do, value=value) for do, value in then.items()]  # type: ignore[arg-type]
    new = wire.NewRule(name=name, on=["received"], condition=condition, then=acts, active=active)
    office.do(office.root, CreateRule(rule=new))


def view(office: Office, who: Actor, query: str, scope: Any = "user") -> None:
    office.do(who, CreateView(view=wire.NewView(name=f"v {query[:30]}", query=query, scope=scope)))


def template(office: Office, name: str, scope: Any = "all", who: Actor = Office.rosa, **acts: str) -> int:
    new = wire.NewTemplate(
        name=name,
        scope=scope,
        variants=[wire.Variant(text="hola")],
        acts=[wire.MacroAct(do=do, value=value) for do, value in acts.items()],  # type: ignore[arg-type]
    )
    kept: wire.ReplyTemplate = office.do(who, CreateTemplate(template=new))
    return kept.id


def acts_of(office: Office, id: int) -> list[str]:
    row = office.store.read_now(lambda read: templates.get(read, id))
    assert row is not None
    return [act.value for act in templates.content(row).acts]


def named(*things: str) -> list[dict[str, str]]:
    """What a refusal says of these, each as "kind name"."""
    return [{"kind": each.split(" ", 1)[0], "name": each.split(" ", 1)[1]} for each in things]


def refused(office: Office, command: Command, who: Actor = Office.root) -> Refusal:
    with pytest.raises(Refusal) as why:
        office.do(who, command)
    return why.value


def queries(office: Office, who: Actor) -> list[str]:
    return sorted(view.query for view in office.ask(who, ListViews()).items)


def test_what_names_a_tag_follows_it(office: Office) -> None:
    rule(office, condition="-tag:Mora is:open", tag="#Mora", untag="mora", note="mora")
    rule(office, "other", condition="from:mora", note="x")
    view(office, office.rosa, "etiqueta:mora,vip", "all")
    view(office, office.ana, "tag:mora -assigned")
    id = template(office, "cobros", tag="mora")
    office.do(office.root, CreateRoute(route=wire.NewRoute(name="Mora", skills=["cobros"], tags=["mora"])))
    renamed: wire.Tag = office.do(office.rosa, RenameTag(name="mora", new_name="cobro"))

    assert renamed.followed == {"rule": 1, "view": 2, "template": 1, "route": 1}
    kept: wire.Rule = office.ask(office.root, GetRule(name="r"))
    assert (kept.condition, [act.value for act in kept.then]) == ("-tag:cobro is:open", ["cobro", "cobro", "mora"])
    assert queries(office, office.ana) == ["etiqueta:vip,cobro", "tag:cobro -assigned"]
    assert acts_of(office, id) == ["cobro"]
    assert [route.tags for route in office.ask(office.root, ListRoutes()).items] == [["cobro"]]
    told = [(event.kind, event.actor) for event in office.events() if event.data.get("follows") == "cobro"]
    assert sorted(told) == [
        ("route.updated", "user:rosa"),
        ("rule.updated", "user:rosa"),
        ("template.updated", "user:rosa"),
        ("view.updated", "user:rosa"),
        ("view.updated", "user:rosa"),
    ]


def test_what_followed_is_told_of_a_new_name_only(office: Office) -> None:
    """Nothing is said of what nobody renamed; that nothing followed is said."""
    unchanged: wire.Team = office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(name="Servicio")))
    alone: wire.Team = office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(name="Sur")))
    assert (unchanged.followed, alone.followed) == (UNSET, {})
    assert "followed" not in msgspec.to_builtins(unchanged)
    assert all(tag.followed is UNSET for tag in office.ask(office.root, ListTags()).items)


def test_routes_follow_the_calendar_whose_hours_they_ask_for(office: Office) -> None:
    caja = wire.NewCalendar(name="Caja", zone="America/El_Salvador", week={"mon": ["08:00-17:00"]})
    office.do(office.root, CreateCalendar(calendar=caja))
    for name, hours in (("de día", "open:Caja"), ("de noche", "closed:Caja"), ("siempre", "open")):
        route = wire.NewRoute(name=name, when=wire.RouteWhen(hours=[hours]), skills=["x"])
        office.do(office.root, CreateRoute(route=route))
    kept: wire.Calendar = office.do(
        office.root, UpdateCalendar(name="Caja", change=wire.ChangeCalendar(name="Ventanilla"))
    )
    assert kept.followed == {"route": 2}
    told = [event.data["route"] for event in office.events() if event.data.get("follows") == "Ventanilla"]
    assert sorted(told) == ["de día", "de noche"]
    asked = {route.name: route.when.hours for route in office.ask(office.root, ListRoutes()).items}
    assert asked == {"de día": ["open:Ventanilla"], "de noche": ["closed:Ventanilla"], "siempre": ["open"]}


def test_a_rule_goes_on_doing_what_it_did_under_the_new_name(office: Office) -> None:
    office.take_in(says("m1"))
    office.do(office.ana, TagConversation(conversation=1, change=wire.ChangeTags(add=["mora"])))
    office.do(office.rosa, RenameTag(name="mora", new_name="cobro"))
    office.do(office.rosa, TagConversation(conversation=1, change=wire.ChangeTags(remove=["cobro"])))


def test_what_names_a_team_follows_it(office: Office) -> None:
    rule(office, condition='team:servicio OR team:"Otro"', team="Servicio")
    view(office, office.ana, "equipo:Servicio")
    id = template(office, "pasar", team="Servicio")
    promise = wire.NewPolicy(name="rápido", when=wire.PolicyWhen(team=["Servicio"]), first_response_ms=HOUR)
    office.do(office.root, CreatePolicy(policy=promise))
    office.do(office.root, UpdateServiceSettings(change=wire.ChangeServiceSettings(change={"last_resort": "Servicio"})))
    team: wire.Team = office.do(
        office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(name="Servicio al socio"))
    )
    assert team.followed == {"rule": 1, "view": 1, "template": 1, "sla": 1, "service": 1}
    told = {event.kind: event.data for event in office.events() if event.data.get("follows") == team.name}
    assert told.keys() == {"rule.updated", "view.updated", "template.updated", "sla.policy_updated", "service.updated"}
    assert told["sla.policy_updated"]["policy"] == "rápido" and told["service.updated"]["fields"] == ["last_resort"]
    kept: wire.Rule = office.ask(office.root, GetRule(name="r"))
    assert kept.condition == 'team:"Servicio al socio" OR team:"Otro"'
    assert [act.value for act in kept.then] == acts_of(office, id) == ["Servicio al socio"]
    assert queries(office, office.ana) == ['equipo:"Servicio al socio"']


def test_a_name_that_a_search_could_not_ask_for_is_refused(office: Office) -> None:
    view(office, office.rosa, "team:servicio", "all")
    for name in ('El "bueno"', "Nadie"):
        why = refused(office, UpdateTeam(name="Servicio", change=wire.ChangeTeam(name=name)))
        assert (why.code, why.params["by"]) == ("name_unwritable", named("view v team:servicio"))
    assert queries(office, office.ana) == ["team:servicio"], "nothing of it has happened"
    assert office.do(office.root, UpdateTeam(name="Servicio", change=wire.ChangeTeam(name="Sur"))).name == "Sur"


def test_two_teams_that_searches_do_not_tell_apart(office: Office) -> None:
    view(office, office.ana, "team:servicio")
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="SERVICIO")))
    office.do(office.root, UpdateTeam(name="SERVICIO", change=wire.ChangeTeam(name="Créditos")))
    assert queries(office, office.ana) == ["team:servicio,Créditos"], "it found both, and does"
    rule(office, condition="team:Servicio", note="x")
    why = refused(office, UpdateTeam(name="Servicio", change=wire.ChangeTeam(name="creditos")))
    assert (why.code, why.params["by"]) == ("name_unwritable", named("rule r"))


def test_a_policy_takes_its_campaigns_along_and_stays_while_they_need_it(office: Office) -> None:
    promise = wire.NewPolicy(name="feria", when=wire.PolicyWhen(priority=["high"]), first_response_ms=HOUR)
    office.do(office.root, CreatePolicy(policy=promise))
    office.do(office.root, CreateCampaign(campaign=wire.NewCampaign(name="agosto", policy="feria")))
    kept: wire.Policy = office.do(office.root, UpdatePolicy(name="feria", change=wire.ChangePolicy(name="ferias")))
    assert kept.followed == {"campaign": 1}
    assert [campaign.policy for campaign in office.ask(office.root, ListCampaigns()).items] == ["ferias"]
    assert refused(office, RemovePolicy(name="ferias")).params["by"] == named("campaign agosto")


def test_what_is_named_does_not_go(office: Office) -> None:
    topic: wire.Topic = office.do(office.root, CreateTopic(topic=wire.NewTopic(name="créditos/mora")))
    hook = wire.NewEventHook(name="crm", url="https://crm.example.com/x", secret="whsec_" + "A" * 32, events=["x.*"])
    office.do(office.root, CreateEventHook(hook=hook))
    sent = template(office, "aviso")
    rule(office, "tags", tag="mora")
    rule(office, "asks", condition="topic:Creditos/Mora", note="x")
    rule(office, "sends", active=False, reply="aviso")
    rule(office, "calls", webhook="crm")
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Cobros")))
    view(office, office.rosa, "team:cobros", "all")
    for command, by in (
        (RemoveTag(name="mora"), ["rule tags"]),
        (RemoveTopic(id=topic.id), ["rule asks"]),
        (KeepTopics(topics=wire.TopicList(topics=[], prune=True)), ["rule asks"]),
        (RemoveEventHook(name="crm"), ["rule calls"]),
        (RemoveTemplate(id=sent), ["rule sends"]),
        (RemoveTeam(name="Cobros"), ["view v team:cobros"]),
    ):
        why = refused(office, command)
        assert (why.code, why.params["by"]) == ("in_use", named(*by)), command
    for name in ("tags", "asks", "sends", "calls"):
        office.do(office.root, RemoveRule(name=name))
    office.do(office.root, RemoveTag(name="mora"))
    office.do(office.root, RemoveTopic(id=topic.id))
    office.do(office.root, RemoveEventHook(name="crm"))
    office.do(office.root, RemoveTemplate(id=sent))


def test_nobodys_own_view_hinders_the_organisation(office: Office) -> None:
    view(office, office.ana, "tag:mora")
    template(office, "mia", "user", office.ana, tag="mora")
    office.do(office.rosa, RemoveTag(name="mora"))


def test_a_route_holds_a_topic_unless_another_one_lies_below_it(office: Office) -> None:
    above: wire.Topic = office.do(office.root, CreateTopic(topic=wire.NewTopic(name="créditos")))
    below: wire.Topic = office.do(office.root, CreateTopic(topic=wire.NewTopic(name="créditos/mora")))
    route = wire.NewRoute(name="Créditos", when=wire.RouteWhen(topic=["Creditos"]), skills=["x"])
    office.do(office.root, CreateRoute(route=route))
    office.do(office.root, RemoveTopic(id=above.id))
    assert refused(office, RemoveTopic(id=below.id)).params["by"] == named("route Créditos"), "then it asks for nothing"


def test_a_template_that_rules_send_takes_them_along(office: Office) -> None:
    id = template(office, "aviso")
    rule(office, reply="aviso")

    def written(name: str, scope: Any = "all") -> ReplaceTemplate:
        return ReplaceTemplate(
            id=id, template=wire.NewTemplate(name=name, scope=scope, variants=[wire.Variant(text="hola")])
        )

    kept: wire.ReplyTemplate = office.do(office.rosa, written("avisos.mora"))
    assert kept.followed == {"rule": 1}
    assert [act.value for act in office.ask(office.root, GetRule(name="r")).then] == ["avisos.mora"]
    assert refused(office, written("avisos.mora", "user"), office.rosa).code == "in_use", "it would be rosa's alone"


def test_who_goes_is_missed_by_rules_until_somebody_mends_them(office: Office) -> None:
    def missed() -> list[tuple[str, str]]:
        found = office.ask(office.rosa, ListAlerts()).items
        return sorted((each.data["rule"], each.data["user"]) for each in found if each.kind == "rule_lacks")

    rule(office, "gives", assign="luis")
    rule(office, "asks", condition="assignee:Luis", note="x")
    rule(office, "off", active=False, assign="luis")
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(active=False)))
    assert missed() == [("asks", "luis"), ("gives", "luis")]
    office.do(office.root, UpdateUser(name="luis", change=wire.ChangeUser(active=True)))
    assert missed() == []
    office.do(office.root, RemoveUser(name="luis"))
    assert missed() == [("asks", "luis"), ("gives", "luis")]
    office.do(
        office.root,
        UpdateRule(name="gives", change=wire.ChangeRule(then=[wire.RuleAct(do="assign", value="ana")])),
    )
    assert missed() == [("asks", "luis")]
    office.do(office.root, UpdateRule(name="asks", change=wire.ChangeRule(active=False)))
    assert missed() == []
