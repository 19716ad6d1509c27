"""Rules at work, on a store of their own and by a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server import wire
from server.commands.automation import CreateRule, GetRule, UpdateRule
from server.commands.automation_run import Ahead, FollowJournal, LookAhead
from server.commands.door import SYSTEM, Refusal
from server.commands.labels import CreateTag
from server.commands.replies import AddNote, SendReply
from server.commands.templates import CreateTemplate
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
        if not ahead.active or (ahead.first is None and not due):
            return steps
        office.do(SYSTEM, FollowJournal())
    raise AssertionError("the rules never end")


def tags(office: Office, conversation: int) -> list[str]:
    from server.commands.queries import GetConversation

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
    office.do(office.root, CreateTemplate(template=template("hola", "Gracias por escribir, {{ cliente.primer_nombre }}")))
    add(office, "hola", "created", "reply=hola")
    add(office, "nunca", "answered", "tag=vip")
    id = conversation(office, says("m1"))
    head = office.ask(SYSTEM, LookAhead(since=0)).last
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
