"""Rules at work, on a store of their own and by a clock that the test moves."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import wire
from server.channels.standard_webhooks import new_secret
from server.commands.accounts import CreateTeam
from server.commands.acts import ResolveConversation
from server.commands.automation import CreateRule, GetRule, UpdateRule
from server.commands.automation_run import Ahead, FollowJournal, LookAhead
from server.commands.automation_trial import BeginTrial, EndTrial, GoOn
from server.commands.classifying import CreateTopic
from server.commands.door import SYSTEM, Refusal
from server.commands.event_hooks import CreateEventHook
from server.commands.labels import CreateTag
from server.commands.queries import GetConversation
from server.commands.replies import AddNote, SendReply, StoreUpload
from server.commands.routes import CreateRoute
from server.commands.templates import CreateTemplate, ListTemplates, SetTemplateFiles
from server.store.store import Snapshot
from tests.commands.office import HOUR, MINUTE, Office, person, says


@pytest.fixture
def office(tmp_path: Path) -> Any:
    office = Office(tmp_path)
    for tag in ("vip", "tarde", "uno", "dos"):
        office.do(office.rosa, CreateTag(name=tag))
    yield office
    office.close()


def rule(name: str, on: str, *then: str, condition: str = "", active: bool = True, **more: Any) -> wire.NewRule:
    acts = [wire.RuleAct(do=act.partition("=")[0], value=act.partition("=")[2]) for act in then]  # type: ignore[arg-type]
    return wire.NewRule(name=name, on=on.split(), condition=condition, then=acts, active=active, **more)


def add(office: Office, *args: Any, **more: Any) -> wire.Rule:
    made: wire.Rule = office.do(office.root, CreateRule(rule=rule(*args, **more)))
    return made


def work(office: Office) -> int:
    """Let the rules go on until there is nothing to do; how many steps that took."""
    for steps in range(100):
        ahead: Ahead = office.ask(SYSTEM, LookAhead(since=0))
        due = ahead.due is not None and ahead.due <= office.now
        if not ahead.active or not (ahead.seqs or due):
            return steps
        office.do(SYSTEM, FollowJournal(seqs=ahead.seqs, seen=ahead.seen))
    raise AssertionError("the rules never end")


def tags(office: Office, conversation: int) -> list[str]:
    found: list[str] = office.ask(office.ana, GetConversation(id=conversation)).row.tags
    return found


def conversation(office: Office, *facts: Any) -> int:
    office.take_in(*facts)
    return int(office.events("message.received")[-1].conversation or 0)


def test_when_if_then(office: Office) -> None:
    add(office, "vip", "received", "tag=vip", "priority=high", condition="channel:whatsapp tarjeta")
    plain = conversation(office, says("m1", "buenos días"))
    card = conversation(office, says("m2", "me robaron la Tarjeta", person("50370000002", "Luis")))
    work(office)
    assert tags(office, plain) == []
    assert tags(office, card) == ["vip"]
    fired = office.events("rule.fired")
    assert [(e.conversation, e.actor, e.data["outcome"]) for e in fired] == [(card, "rule:vip", "fired")]
    assert fired[0].data["acts"] == ["tag=vip", "priority=high"]
    assert {e.actor for e in office.events("conversation.tagged", "conversation.prioritised")} == {"rule:vip"}
    assert office.ask(office.root, GetRule(name="vip")).fired == 1
    work(office)
    assert len(office.events("rule.fired")) == 1


def test_what_a_rule_says_it_is_about_leads_where_its_route_does(office: Office) -> None:
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["luis"])))
    office.do(office.root, CreateTopic(topic=wire.NewTopic(name="créditos")))
    for name, when in (("Créditos", {"topic": ["créditos"]}), ("Urgentes", {"priority": ["urgent"]})):
        team = "Créditos" if name == "Créditos" else "Servicio"
        new = wire.NewRoute(name=name, team=team, when=wire.RouteWhen(**when))
        office.do(office.root, CreateRoute(route=new))
    add(office, "creditos", "received", "topic=créditos", condition="refinanciar")
    add(office, "urgente", "received", "priority=urgent", condition="ladrones")
    add(office, "puesta", "received", "team=Servicio", "topic=créditos", condition="mora")
    found = {
        word: conversation(office, says(word, word, person(f"5037000001{n}")))
        for n, word in enumerate(("refinanciar", "ladrones", "mora", "hola"))
    }
    work(office)
    teams = {word: office.ask(office.ana, GetConversation(id=id)).row.team for word, id in found.items()}
    assert teams == {"refinanciar": "Créditos", "ladrones": "Servicio", "mora": "Servicio", "hola": None}


def test_a_template_goes_with_its_files_and_keeps_them(office: Office) -> None:
    upload = StoreUpload(kind="document", mime="application/pdf", file_name="requisitos.pdf", size=9, sha256="ab" * 32)
    file: wire.Attachment = office.do(office.rosa, upload)
    new = wire.NewTemplate(name="requisitos", scope="all", variants=[wire.Variant(text="Aquí van.")])
    made: wire.ReplyTemplate = office.do(office.rosa, CreateTemplate(template=new))
    office.do(office.rosa, SetTemplateFiles(id=made.id, files=[file.id]))
    add(office, "requisitos", "received", "reply=requisitos", condition="requisitos")
    for n in range(2):
        id = conversation(office, says(f"m{n}", "¿qué requisitos piden?", person(f"5037000002{n}")))
        work(office)
        sent = office.thread(id)[-1]
        assert (sent.kind, sent.text, [each.file_name for each in sent.attachments]) == (
            "document",
            "Aquí van.",
            ["requisitos.pdf"],
        )
    kept = next(each for each in office.ask(office.rosa, ListTemplates()).items if each.id == made.id)
    assert [each.id for each in kept.files] == [file.id], "its own is not given away"


def test_only_what_happens_after_it_was_switched_on(office: Office) -> None:
    add(office, "vip", "received", "tag=vip", active=False)
    before = conversation(office, says("m1"))
    work(office)
    office.do(office.root, UpdateRule(name="vip", change=wire.ChangeRule(active=True)))
    work(office)
    assert tags(office, before) == []
    conversation(office, says("m2"))
    work(office)
    assert tags(office, before) == ["vip"]


def test_all_of_it_or_nothing_and_others_go_on(office: Office) -> None:
    office.do(office.root, CreateTemplate(template=template("hola", "Hola, le saluda {{ asesor.nombre }}")))
    add(office, "a", "received", "tag=vip", "reply=hola", place=1)
    add(office, "b", "received", "tag=uno", place=2)
    id = conversation(office, says("m1"))
    work(office)
    assert tags(office, id) == ["uno"]
    first, second = office.events("rule.fired")
    assert (first.data["outcome"], first.data["code"], first.data["act"]) == ("refused", "not_filled", 1)
    assert second.data["outcome"] == "fired"
    assert office.ask(office.root, GetRule(name="a")).refused == 1


def template(name: str, text: str) -> wire.NewTemplate:
    return wire.NewTemplate(name=name, scope="all", variants=[wire.Variant(text=text)])


def test_an_automatic_reply_is_no_answer(office: Office) -> None:
    office.do(
        office.root, CreateTemplate(template=template("hola", "Gracias por escribir, {{ cliente.primer_nombre }}"))
    )
    add(office, "hola", "created", "reply=hola")
    add(office, "nunca", "answered", "tag=vip")
    id = conversation(office, says("m1"))
    head = office.ask(SYSTEM, LookAhead(since=0)).seen
    work(office)
    said = office.thread(id)[-1]
    assert (said.text, said.author, said.via) == ("Gracias por escribir, María", "", "rule:hola")
    assert office.events("sla.met") == []
    assert tags(office, id) == []
    office.do(office.ana, SendReply(conversation=id, reply=wire.Reply(text="¿En qué le ayudo?", seen_seq=head)))
    work(office)
    assert tags(office, id) == ["vip"]


def test_never_an_answer_to_a_machine(office: Office) -> None:
    office.do(office.root, CreateTemplate(template=template("hola", "Gracias")))
    add(office, "hola", "received automatic", "reply=hola")
    id = conversation(office, says("m1", automatic=True))
    work(office)
    assert [m.direction for m in office.thread(id)] == ["in"]
    assert office.events("rule.fired")[0].data["code"] == "machine_wrote"


def test_rules_do_not_start_each_other_unless_allowed(office: Office) -> None:
    add(office, "a", "received", "tag=uno")
    add(office, "b", "tagged", "tag=dos")
    add(office, "c", "tagged", "tag=vip", chained=True)
    id = conversation(office, says("m1"))
    work(office)
    assert tags(office, id) == ["uno", "vip"]
    depths = {e.data["rule"]: e.data["depth"] for e in office.events("rule.fired")}
    assert depths == {"a": 0, "c": 1}


def test_a_circle_ends(office: Office) -> None:
    add(office, "on", "received tagged", "untag=dos", "tag=uno", "untag=uno", "tag=dos", chained=True, per_hour=60)
    add(office, "off", "tagged", "untag=uno", "tag=uno", "untag=uno", "tag=uno", chained=True, per_hour=60)
    conversation(office, says("m1"))
    work(office)
    assert len(office.events("rule.fired")) < 60
    assert {e.data["why"] for e in office.events("rule.limited")} <= {"deep", "often"}
    assert office.events("rule.limited")


def test_what_one_rule_does_counts_for_the_next_event(office: Office) -> None:
    add(office, "a", "received", "tag=uno", condition="primero", place=1)
    add(office, "b", "received", "tag=dos", condition="tag:uno segundo", place=2)
    id = conversation(office, says("m1", "primero"))
    conversation(office, says("m2", "segundo"))
    work(office)  # both are looked at together
    assert tags(office, id) == ["dos", "uno"]


def test_so_often_in_an_hour(office: Office) -> None:
    add(office, "uno", "received", "note=otra vez", per_hour=2)
    for n in range(5):
        conversation(office, says(f"m{n}"))
    work(office)
    assert len(office.events("note.added")) == 2
    assert len(office.events("rule.limited")) == 1
    found = office.ask(office.root, GetRule(name="uno"))
    assert (found.fired, found.limited) == (2, 3)
    office.now += HOUR
    conversation(office, says("m9"))
    work(office)
    assert len(office.events("note.added")) == 3


def test_stop_keeps_later_rules_from_the_same_event(office: Office) -> None:
    add(office, "a", "received", "tag=uno", condition="tarjeta", place=1, stop=True)
    add(office, "b", "received", "tag=dos", place=2)
    first = conversation(office, says("m1", "mi tarjeta"))
    second = conversation(office, says("m2", "otra cosa", person("50370000002")))
    work(office)
    assert (tags(office, first), tags(office, second)) == (["uno"], ["dos"])


def test_who_waits_too_long(office: Office) -> None:
    add(office, "tarde", "waits>2h", "tag=tarde", "priority=urgent")
    id = conversation(office, says("m1"))
    work(office)
    office.now += HOUR
    conversation(office, says("m2", "¿hay alguien?"))  # the first message counts
    work(office)
    assert tags(office, id) == []
    office.now += HOUR
    work(office)
    assert tags(office, id) == ["tarde"]
    office.now += 10 * HOUR
    work(office)
    assert len(office.events("rule.fired")) == 1
    office.do(office.ana, SendReply(conversation=id, reply=wire.Reply(text="aquí estoy")))
    work(office)
    conversation(office, says("m3", "gracias"))
    office.now += 2 * HOUR
    work(office)
    assert len(office.events("rule.fired")) == 2


def test_customers_who_fall_silent(office: Office) -> None:
    id = conversation(office, says("m1"))
    office.do(office.ana, SendReply(conversation=id, reply=wire.Reply(text="¿qué dice el mensaje?")))
    add(office, "cerrar", "silent>3d", "resolve=sin respuesta")  # who was silent before counts from then
    office.now += 3 * 24 * HOUR - MINUTE
    work(office)
    assert office.events("conversation.resolved") == []
    office.now += MINUTE
    work(office)
    (end,) = office.events("conversation.resolved")
    assert (end.conversation, end.data["outcome"], end.actor) == (id, "sin respuesta", "rule:cerrar")


def test_notes_and_what_is_written_for_later_are_no_answers(office: Office) -> None:
    add(office, "x", "answered", "tag=vip")
    id = conversation(office, says("m1"))
    office.do(office.ana, AddNote(conversation=id, note=wire.Note(text="luego")))
    later = wire.Reply(text="mañana", send_at=office.now + HOUR)
    office.do(office.ana, SendReply(conversation=id, reply=later))
    work(office)
    assert tags(office, id) == []


@pytest.mark.parametrize(
    ("made", "code", "why"),
    [
        (rule("x y", "received", "tag=vip"), "bad_rule", "bad_name"),
        (rule("x", "recieved", "tag=vip"), "bad_rule", "unknown_event"),
        (rule("x", "waits>5s", "tag=vip"), "bad_rule", "bad_wait"),
        (rule("x", "waits>1h silent>1d", "tag=vip"), "bad_rule", "one_wait"),
        (rule("x", "received"), "bad_rule", "no_act"),
        (rule("x", "received", "priority=huge"), "bad_rule", "bad_value"),
        (rule("x", "received", "tag=vip", condition="chanel:whatsapp"), "bad_query", "unknown_field"),
        (rule("x", "received", "tag=vip", condition="is:mine"), "bad_rule", "personal"),
        (rule("x", "received", "tag=nada"), "not_found", None),
        (rule("x", "received", "assign=nadie"), "not_found", None),
        (rule("x", "received", "webhook=crm"), "not_found", None),
        (rule("x", "received", "tag=vip", per_hour=0), "bad_rule", "bad_limit"),
    ],
)
def test_what_cannot_be_kept(office: Office, made: wire.NewRule, code: str, why: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        office.do(office.root, CreateRule(rule=made))
    assert (refused.value.code, refused.value.params.get("why")) == (code, why)
    if code == "bad_query":
        assert (refused.value.params["start"], refused.value.params["end"]) == (0, 6)


def test_every_act_there_is(office: Office) -> None:
    office.do(office.root, CreateTopic(topic=wire.NewTopic(name="tarjetas")))
    office.do(office.root, CreateTemplate(template=template("hola", "Hola")))
    office.do(
        office.root, CreateEventHook(hook=wire.NewEventHook(name="crm", url="https://x.example/e", secret=new_secret()))
    )
    acts = (
        "tag=vip", "untag=vip", "team=Servicio", "assign=ana", "priority=urgent", "topic=tarjetas",
        "complexity=complex", "reply=hola", "note=visto", "webhook=crm", "remind=2h llamarla", "snooze=1h",
    )  # fmt: skip
    assert {act.partition("=")[0] for act in acts} | {"resolve"} == set(wire.RULE_ACTS)
    add(office, "todo", "received", *acts)
    id = conversation(office, says("m1"))
    work(office)
    (fired,) = office.events("rule.fired")
    assert fired.data["outcome"] == "fired", fired.data
    row = office.ask(office.ana, GetConversation(id=id)).row
    assert (row.assignee, row.priority, row.topic, row.complexity) == ("ana", "urgent", "tarjetas", "complex")
    assert (row.state, row.snoozed_until) == ("snoozed", office.now + HOUR)
    assert row.remind_at == office.now + 2 * HOUR
    (called,) = office.events("rule.called")
    assert (called.data["hook"], called.data["on"]) == ("crm", "received")
    assert {e.actor for e in office.events(conversation=id) if e.seq > fired.data["event"] + 2} == {"rule:todo"}


# ---------------------------------------------------------------- trials


def attempt(office: Office, made: wire.NewRule, days: int = 7) -> wire.RuleTrial:
    trial = office.ask(office.rosa, BeginTrial(wanted=wire.TryRule(rule=made, days=days)))
    while not trial.done():
        office.ask(office.rosa, GoOn(trial=trial))
    found: wire.RuleTrial = office.ask(office.rosa, EndTrial(trial=trial))
    return found


def everything(office: Office) -> list[Any]:
    """All that the store holds, to compare."""
    tables = office.store.read_now(
        lambda read: [
            r[0] for r in read.all("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        ]
    )

    def rows(read: Snapshot, table: str) -> list[Any]:
        return [tuple(row) for row in read.all(f"SELECT * FROM {table}")]

    kept = [table for table in sorted(tables) if not table.startswith(("sqlite_", "messages_fts", "contacts_fts"))]
    return office.store.read_now(lambda read: [(table, rows(read, table)) for table in kept])


def test_a_trial_tells_and_changes_nothing(office: Office) -> None:
    old = conversation(office, says("m0", "tarjeta"))
    office.now += 8 * 24 * HOUR
    first = conversation(office, says("m1", "mi tarjeta", person("50370000002", "Luz")))
    conversation(office, says("m2", "hola", person("50370000003")))
    conversation(office, says("m3", "otra tarjeta", person("50370000002", "Luz")))
    before = everything(office)
    made = rule("x", "received", "resolve", "priority=urgent", condition="tarjeta")
    found = attempt(office, made)
    assert (found.looked, found.fired, found.conversations, found.whole) == (3, 2, 1, True)
    assert [(m.conversation, m.contact_name, m.on) for m in found.sample] == [(first, "Luz", "received")] * 2
    assert everything(office) == before
    assert attempt(office, made, days=30).conversations == 2
    assert old != first


def test_a_trial_of_waiting_and_of_too_often(office: Office) -> None:
    id = conversation(office, says("m1"))
    office.now += 3 * HOUR
    office.do(office.ana, SendReply(conversation=id, reply=wire.Reply(text="hola")))
    office.now += HOUR
    for n in range(4):
        conversation(office, says(f"n{n}"))
    found = attempt(office, rule("x", "waits>2h", "tag=vip"))
    assert [(m.on, m.at) for m in found.sample] == [("waits>2h", office.now - 2 * HOUR)]
    assert attempt(office, rule("x", "silent>30m", "tag=vip")).fired == 1
    found = attempt(office, rule("x", "received", "tag=vip", per_hour=2))
    assert (found.fired, found.limited) == (3, 2)


STORIES = st.lists(st.sampled_from(["in", "out", "hour", "resolve"]), max_size=14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORIES, st.sampled_from(["received", "waits>2h", "silent>90m", "answered received", "resolved"]))
def test_a_trial_says_what_the_rule_does(tmp_path_factory: pytest.TempPathFactory, story: list[str], on: str) -> None:
    """A rule that changes nothing it asks about fires as often as its trial says afterwards."""
    office = Office(tmp_path_factory.mktemp("office"))
    try:
        made = rule("x", on, "webhook=crm", per_hour=60)
        office.do(
            office.root,
            CreateEventHook(hook=wire.NewEventHook(name="crm", url="https://x.example/e", secret=new_secret())),
        )
        office.do(office.root, CreateRule(rule=made))
        id = 0
        for n, what in enumerate(story):
            if what == "in":
                id = conversation(office, says(f"m{n}"))
            elif what == "hour":
                office.now += HOUR
            elif id:
                with contextlib.suppress(Refusal):
                    office.do(
                        office.ana,
                        SendReply(conversation=id, reply=wire.Reply(text="hola"))
                        if what == "out"
                        else ResolveConversation(conversation=id, resolve=wire.Resolve()),
                    )
            work(office)
        assert attempt(office, made).fired == office.ask(office.root, GetRule(name="x")).fired
    finally:
        office.close()


ACTS = st.sampled_from(
    ["tag=uno", "untag=uno", "tag=dos", "untag=dos", "priority=high", "priority=low", "assign=ana", "assign=none"]
)
RULES = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(["received", "tagged", "prioritised", "assigned"]), min_size=1, max_size=4, unique=True
        ),
        st.lists(ACTS, min_size=1, max_size=5),
        st.booleans(),
        st.integers(1, 60),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(RULES, st.integers(1, 8))
def test_whatever_the_rules_they_end(tmp_path_factory: pytest.TempPathFactory, rules: list[Any], inbound: int) -> None:
    """However rules set each other off, they come to rest, and none fires more often than it may."""
    office = Office(tmp_path_factory.mktemp("office"))
    try:
        for tag in ("uno", "dos"):
            office.do(office.rosa, CreateTag(name=tag))
        for n, (on, then, chained, often) in enumerate(rules):
            add(office, f"r{n}", " ".join(on), *then, chained=chained, per_hour=often)
        for n in range(inbound):
            conversation(office, says(f"m{n}"))
        work(office)
        fired: dict[str, int] = {}
        for event in office.events("rule.fired"):
            assert event.data["depth"] <= 3
            fired[event.data["rule"]] = fired.get(event.data["rule"], 0) + 1
        for n, (_on, _then, _chained, often) in enumerate(rules):
            assert fired.get(f"r{n}", 0) <= often
        done = len(office.events("rule.fired"))
        assert work(office) == 0
        assert len(office.events("rule.fired")) == done
    finally:
        office.close()
