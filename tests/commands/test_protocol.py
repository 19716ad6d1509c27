"""Stages, checklists, outcomes and classification, through the commands and as the journal keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server import wire
from server.commands import topics
from server.commands.acts import AssignTo, Reopen, ResolveConversation
from server.commands.calendars import CreateCalendar
from server.commands.checking import (
    GetChecklist,
    ListProtocols,
    NoteOutcome,
    PutStage,
    RemoveProtocol,
    SetProtocol,
    TickItem,
)
from server.commands.classifying import (
    ClassifyConversation,
    CreateTopic,
    KeepTopics,
    ListTopics,
    RemoveTopic,
    TryTopics,
    UpdateTopic,
)
from server.commands.door import SYSTEM, Actor, Command, Refusal
from server.commands.labels import SetPriority
from server.commands.queries import GetConversation
from server.commands.replies import SendReply, TakeBack, load
from server.commands.slas import UpdatePolicy
from server.commands.templates import CreateTemplate, RunMacro
from server.store import conversations
from server.store.store import Tx
from tests.commands.office import MINUTE, Office, says

ITEMS = [
    wire.ProtocolItem(id="saludo", stage="welcome", kind="greeting", required=False, within_ms=10 * MINUTE),
    wire.ProtocolItem(id="identidad", stage="diagnosis", kind="identity"),
    wire.ProtocolItem(id="tema", stage="diagnosis", kind="topic"),
    wire.ProtocolItem(id="satisfecho", stage="follow_up", kind="satisfaction", required=False),
    wire.ProtocolItem(id="resultado", stage="closure", kind="outcome"),
]
OUTCOMES = [
    wire.OutcomeKind(name="solved"),
    wire.OutcomeKind(name="sale", asks="amount"),
    wire.OutcomeKind(name="lost", asks="reason"),
]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


class First(Command, kw_only=True):
    """What routing does with the first words of a conversation."""

    conversation: int
    text: str

    def run(self, tx: Tx, actor: Actor) -> str | None:
        conv = load(tx, self.conversation)
        found = topics.classify(tx, conv, self.text)
        conversations.save(tx, conv)
        return None if found is None else found.keyword


def begin(office: Office, text: str = "buenos días") -> int:
    """A customer writes; the conversation."""
    message = office.take_in(says(f"m{office.now}", text, at=office.now)).messages[0]
    found = office.store.read_now(
        lambda read: read.value("SELECT conversation_id FROM messages WHERE id = ?", (message,))
    )
    return int(found)


def row(office: Office, conversation: int) -> wire.ConversationRow:
    found: wire.Conversation = office.ask(office.ana, GetConversation(id=conversation))
    return found.row


def answer(office: Office, conversation: int, text: str = "Buenos días, ya reviso") -> wire.Message:
    message: wire.Message = office.do(
        office.ana, SendReply(conversation=conversation, reply=wire.Reply(text=text, hold_ms=5_000))
    )
    return message


def classify(office: Office, conversation: int, **what: Any) -> wire.ConversationRow:
    found: wire.ConversationRow = office.do(
        office.ana, ClassifyConversation(conversation=conversation, classify=wire.Classify(**what))
    )
    return found


def ending(office: Office) -> dict[str, Any]:
    """What the journal keeps of the last end, besides what it takes to take it back."""
    data = office.events("conversation.resolved")[-1].data
    return {name: value for name, value in data.items() if name != "was"}


def resolve(office: Office, conversation: int, actor: Actor | None = None, **how: Any) -> wire.ConversationRow:
    found: wire.ConversationRow = office.do(
        actor or office.ana, ResolveConversation(conversation=conversation, resolve=wire.Resolve(**how))
    )
    return found


def reasons(office: Office, conversation: int) -> list[tuple[str, str, str]]:
    return [
        (event.data["was"], event.data["stage"], event.data["why"])
        for event in office.events("conversation.stage", conversation=conversation)
    ]


def with_topics(office: Office) -> None:
    new = wire.NewTopic(name="banca en línea/acceso", es=["no me deja entrar", "clave"], complexity="simple")
    office.do(office.root, CreateTopic(topic=new))
    late = wire.NewTopic(name="mora", es=["cuota atrasada"], complexity="medium", priority="high", team="Servicio")
    office.do(office.root, CreateTopic(topic=late))


def with_protocol(office: Office) -> int:
    """A conversation of a team that has a protocol."""
    content = wire.ProtocolContent(items=ITEMS, outcomes=OUTCOMES)
    office.do(office.root, SetProtocol(team="Servicio", content=content))
    conversation = begin(office)
    office.do(office.ana, AssignTo(conversation=conversation, assign=wire.Assign(team="Servicio")))
    return conversation


# ---------------------------------------------------------------- stages


def test_a_conversation_goes_through_the_five_stages(office: Office) -> None:
    with_topics(office)
    conversation = begin(office)
    assert row(office, conversation).stage == "welcome"
    answer(office, conversation)
    assert row(office, conversation).stage == "diagnosis"
    classify(office, conversation, topic="mora", complexity="medium")
    assert row(office, conversation).stage == "resolution"
    office.do(office.ana, NoteOutcome(conversation=conversation, outcome=wire.SetOutcome(outcome="solved")))
    assert row(office, conversation).stage == "follow_up"
    assert resolve(office, conversation).stage == "closure"
    assert reasons(office, conversation) == [
        ("welcome", "diagnosis", "answered"),
        ("diagnosis", "resolution", "classified"),
        ("resolution", "follow_up", "concluded"),
        ("follow_up", "closure", "resolved"),
    ]
    assert ending(office) == {"outcome": "solved"}


def test_an_answer_taken_back_was_none(office: Office) -> None:
    conversation = begin(office)
    message = answer(office, conversation)
    office.do(office.ana, TakeBack(message=message.id))
    assert row(office, conversation).stage == "welcome"
    assert reasons(office, conversation)[-1] == ("diagnosis", "welcome", "taken_back")


def test_an_advisor_who_reopens_takes_the_resolving_back_a_customer_begins_anew(office: Office) -> None:
    conversation = with_protocol(office)
    answer(office, conversation)
    office.do(office.ana, TickItem(conversation=conversation, tick=wire.Tick(item="identidad")))
    office.do(office.ana, TickItem(conversation=conversation, tick=wire.Tick(item="satisfecho")))
    office.do(office.ana, PutStage(conversation=conversation, change=wire.ChangeStage(stage="follow_up")))
    resolve(office, conversation, anyway=True)
    office.do(office.ana, Reopen(conversation=conversation))
    assert row(office, conversation).stage == "follow_up"
    ticked = [item.id for item in office.ask(office.ana, GetChecklist(conversation=conversation)).items if item.by]
    assert ticked == ["identidad", "satisfecho"]
    resolve(office, conversation, anyway=True)
    office.now += MINUTE
    assert begin(office, "otra cosa") == conversation
    assert row(office, conversation).stage == "diagnosis"
    ticked = [item.id for item in office.ask(office.ana, GetChecklist(conversation=conversation)).items if item.by]
    assert ticked == ["identidad"]


def test_closure_goes_with_resolved_conversations_only(office: Office) -> None:
    conversation = begin(office)
    with pytest.raises(Refusal) as refused:
        office.do(office.ana, PutStage(conversation=conversation, change=wire.ChangeStage(stage="closure")))
    assert refused.value.code == "stage_by_state"
    resolve(office, conversation)
    with pytest.raises(Refusal):
        office.do(office.ana, PutStage(conversation=conversation, change=wire.ChangeStage(stage="diagnosis")))


# ---------------------------------------------------------------- the checklist


def test_resolving_with_something_missing_asks_once(office: Office) -> None:
    conversation = with_protocol(office)
    answer(office, conversation)
    with pytest.raises(Refusal) as refused:
        resolve(office, conversation)
    assert (refused.value.status, refused.value.code) == (409, "checklist_open")
    assert [item["id"] for item in refused.value.params["missing"]] == ["identidad", "tema", "resultado"]
    assert row(office, conversation).state == "waiting"
    assert resolve(office, conversation, anyway=True).state == "resolved"
    assert ending(office) == {
        "outcome": "",
        "missing": ["identidad", "tema", "resultado"],
    }


def test_nothing_is_asked_once_everything_is_there(office: Office) -> None:
    with_topics(office)
    conversation = with_protocol(office)
    answer(office, conversation)
    classify(office, conversation, topic="mora")
    checklist = office.do(office.ana, TickItem(conversation=conversation, tick=wire.Tick(item="identidad")))
    assert [(item.id, item.done, item.by) for item in checklist.items] == [
        ("saludo", True, ""),
        ("identidad", True, "ana"),
        ("tema", True, ""),
        ("satisfecho", False, ""),
        ("resultado", False, ""),
    ]
    resolve(office, conversation, outcome="Solved")
    assert ending(office) == {"outcome": "solved"}
    assert [event.data["item"] for event in office.events("conversation.checked")] == ["identidad"]


def test_a_late_greeting_is_marked_and_stops_nobody(office: Office) -> None:
    conversation = with_protocol(office)
    office.now += 11 * MINUTE
    answer(office, conversation)
    greeting = office.ask(office.ana, GetChecklist(conversation=conversation)).items[0]
    assert (greeting.done, greeting.late, greeting.can_tick) == (True, True, False)


def test_a_greeting_counts_in_business_time(office: Office) -> None:
    closed = wire.NewCalendar(name="cerrado", week={"sun": ["08:00-08:01"]}, country="")
    office.do(office.root, CreateCalendar(calendar=closed))
    office.do(office.root, UpdatePolicy(name="default", change=wire.ChangePolicy(calendar="cerrado")))
    conversation = with_protocol(office)
    office.now += 3 * 60 * MINUTE
    answer(office, conversation)
    greeting = office.ask(office.ana, GetChecklist(conversation=conversation)).items[0]
    assert (greeting.done, greeting.late) == (True, False)


def test_what_the_conversation_says_itself_is_not_ticked(office: Office) -> None:
    conversation = with_protocol(office)
    for item, code in (("tema", "fills_itself"), ("resultado", "fills_itself"), ("nada", "not_found")):
        with pytest.raises(Refusal) as refused:
            office.do(office.ana, TickItem(conversation=conversation, tick=wire.Tick(item=item)))
        assert refused.value.code == code


def test_a_team_without_a_protocol_is_asked_nothing(office: Office) -> None:
    conversation = begin(office)
    assert office.ask(office.ana, GetChecklist(conversation=conversation)).items == []
    assert resolve(office, conversation, outcome="como sea").state == "resolved"
    assert ending(office) == {"outcome": "como sea"}


def test_the_server_itself_has_nobody_to_ask(office: Office) -> None:
    conversation = with_protocol(office)
    office.do(office.ana, AssignTo(conversation=conversation, assign=wire.Assign(user="ana")))
    assert resolve(office, conversation, SYSTEM).state == "resolved"
    assert office.events("conversation.resolved")[-1].data["missing"] == ["identidad", "tema", "resultado"]


def test_a_macro_that_resolves_is_asked_about_before_anything_of_it_is_done(office: Office) -> None:
    conversation = with_protocol(office)
    new = wire.NewTemplate(
        name="listo", variants=[wire.Variant(text="Listo")], acts=[wire.MacroAct(do="resolve", value="solved")]
    )
    template = office.do(office.ana, CreateTemplate(template=new))
    with pytest.raises(Refusal) as refused:
        office.do(office.ana, RunMacro(conversation=conversation, macro=wire.RunMacro(template=template.id)))
    assert refused.value.code == "checklist_open"
    assert [message.direction for message in office.thread(conversation)] == ["in"]
    macro = wire.RunMacro(template=template.id, anyway=True)
    done = office.do(office.ana, RunMacro(conversation=conversation, macro=macro))
    assert done.state == "resolved"
    assert office.events("conversation.resolved")[-1].data["missing"] == ["identidad", "tema"]


# ---------------------------------------------------------------- outcomes


def test_a_sale_says_how_much_and_what_was_lost_says_why(office: Office) -> None:
    conversation = with_protocol(office)
    for given, code in (
        ({"outcome": "ganado"}, "unknown_outcome"),
        ({"outcome": "sale"}, "outcome_needs"),
        ({"outcome": "lost", "reason": "  "}, "outcome_needs"),
        ({"outcome": "sale", "amount": 100, "currency": "dólares"}, "bad_currency"),
    ):
        with pytest.raises(Refusal) as refused:
            office.do(office.ana, NoteOutcome(conversation=conversation, outcome=wire.SetOutcome(**given)))
        assert refused.value.code == code
    resolve(office, conversation, outcome="sale", amount=240_000, anyway=True)
    about = office.ask(office.ana, GetConversation(id=conversation))
    assert about.ending == wire.Ending(outcome="sale", amount=240_000, currency="USD")
    data = office.events("conversation.resolved")[-1].data
    assert (data["outcome"], data["amount"], data["currency"]) == ("sale", 240_000, "USD")
    office.do(office.ana, Reopen(conversation=conversation))
    assert office.ask(office.ana, GetConversation(id=conversation)).ending == wire.Ending()


def test_an_outcome_noted_is_taken_away_again(office: Office) -> None:
    conversation = begin(office)
    answer(office, conversation)
    note = wire.SetOutcome(outcome="lost", reason="tasa alta")
    listed = office.do(office.ana, NoteOutcome(conversation=conversation, outcome=note))
    assert (listed.stage, listed.ending) == ("follow_up", wire.Ending(outcome="lost", reason="tasa alta"))
    listed = office.do(office.ana, NoteOutcome(conversation=conversation, outcome=wire.SetOutcome()))
    assert (listed.stage, listed.ending) == ("diagnosis", wire.Ending())


# ---------------------------------------------------------------- classification


def test_an_outcome_that_is_as_it_was_is_told_once(office: Office) -> None:
    office.take_in(says("w1"))
    sale = wire.SetOutcome(outcome="sale", amount=1_000, currency="USD")
    for _ in range(2):
        office.do(office.ana, NoteOutcome(conversation=1, outcome=sale))
    office.do(office.ana, NoteOutcome(conversation=1, outcome=wire.SetOutcome(outcome="sale", amount=2_000)))
    assert [event.data["amount"] for event in office.events("conversation.outcome")] == [1_000, 2_000]


def test_the_names_of_outcomes_are_tidy_and_tell_themselves_apart(office: Office) -> None:
    def put(*names: str) -> wire.Protocol:
        content = wire.ProtocolContent(outcomes=[wire.OutcomeKind(name=name) for name in names])
        kept: wire.Protocol = office.do(office.root, SetProtocol(team="Servicio", content=content))
        return kept

    assert [kind.name for kind in put(" venta  nueva ").outcomes] == ["venta nueva"]
    office.take_in(says("w1"))
    office.do(office.ana, AssignTo(conversation=1, assign=wire.Assign(team="Servicio")))
    noted = office.do(office.ana, NoteOutcome(conversation=1, outcome=wire.SetOutcome(outcome="Venta nueva")))
    assert noted.ending.outcome == "venta nueva"
    with pytest.raises(Refusal) as refused:
        put("Venta", "venta ")
    assert (refused.value.code, refused.value.params["why"]) == ("bad_protocol", "outcome")


def test_the_rule_classifies_what_nobody_has(office: Office) -> None:
    with_topics(office)
    conversation = begin(office, "ando con una CUOTA ATRASADA")
    assert office.do(SYSTEM, First(conversation=conversation, text="ando con una CUOTA ATRASADA")) == "cuota atrasada"
    found = row(office, conversation)
    assert (found.topic, found.complexity, found.priority, found.stage) == ("mora", "medium", "high", "welcome")
    event = office.events("conversation.classified")[-1]
    assert (event.actor, event.data["by"], event.data["why"]["keyword"]) == ("system", "rule", "cuota atrasada")
    answer(office, conversation)
    answer(office, conversation, "Son $40")
    assert row(office, conversation).stage == "resolution"


def test_the_rule_leaves_what_people_said(office: Office) -> None:
    with_topics(office)
    conversation = begin(office)
    classify(office, conversation, topic="Banca en Linea/ACCESO", complexity="complex")
    office.do(office.ana, SetPriority(conversation=conversation, change=wire.ChangePriority(priority="low")))
    office.do(SYSTEM, First(conversation=conversation, text="cuota atrasada"))
    found = row(office, conversation)
    assert (found.topic, found.complexity, found.priority) == ("banca en línea/acceso", "complex", "low")
    assert office.do(SYSTEM, First(conversation=conversation, text="hola")) is None


def test_a_classification_taken_back_opens_the_diagnosis_again(office: Office) -> None:
    with_topics(office)
    conversation = begin(office)
    answer(office, conversation)
    classify(office, conversation, topic="mora", complexity="simple")
    assert row(office, conversation).stage == "resolution"
    classify(office, conversation, topic="", complexity="")
    assert reasons(office, conversation)[-1] == ("resolution", "diagnosis", "taken_back")
    with pytest.raises(Refusal) as refused:
        classify(office, conversation, topic="no existe")
    assert refused.value.params == {"what": "topic", "id": "no existe"}


def test_topics_are_kept_tried_and_removed(office: Office) -> None:
    with_topics(office)
    tried = office.ask(office.ana, TryTopics(text="no me deja entrar, y ando con cuota atrasada"))
    assert (tried.topic, tried.complexity) == ("banca en línea/acceso", "simple")
    assert [(each.topic, each.keyword) for each in tried.found] == [
        ("banca en línea/acceso", "no me deja entrar"),
        ("mora", "cuota atrasada"),
    ]
    known = {topic.name: topic for topic in office.ask(office.ana, ListTopics()).items}
    changed = office.do(office.root, UpdateTopic(id=known["mora"].id, change=wire.ChangeTopic(team=None, key="M")))
    assert (changed.team, changed.key, changed.es) == (None, "m", ["cuota atrasada"])
    new = [wire.NewTopic(name="remesas", es=["remesa*"]), wire.NewTopic(name="MORA", es=["mora"])]
    kept = office.do(office.root, KeepTopics(topics=wire.TopicList(topics=new, prune=True))).items
    assert [(topic.name, topic.es) for topic in kept] == [("mora", ["mora"]), ("remesas", ["remesa*"])]
    office.do(office.root, RemoveTopic(id=kept[1].id))
    assert office.ask(office.ana, TryTopics(text="mi remesa")) == wire.TopicTest()


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ({"name": "a//b"}, "name"),
        ({"name": "x", "es": ["  "]}, "keyword"),
        ({"name": "x", "es": ["a\x1b[31m"]}, "keyword"),
        ({"name": "x", "key": "ab"}, "key"),
        ({"name": "x", "es": [f"w{n}" for n in range(201)]}, "too_many"),
    ],
)
def test_what_cannot_be_a_topic(office: Office, topic: dict[str, Any], why: str) -> None:
    with pytest.raises(Refusal) as refused:
        office.do(office.root, CreateTopic(topic=wire.NewTopic(**topic)))
    assert (refused.value.code, refused.value.params["why"]) == ("bad_topic", why)


def test_protocols_are_the_administrators(office: Office) -> None:
    content = wire.ProtocolContent(items=ITEMS)
    with pytest.raises(Refusal) as refused:
        office.do(office.rosa, SetProtocol(team="Servicio", content=content))
    assert refused.value.code == "forbidden"
    office.do(office.root, SetProtocol(team="Servicio", content=content))
    assert [each.team for each in office.ask(office.ana, ListProtocols()).items] == ["Servicio"]
    twice = wire.ProtocolContent(items=[ITEMS[0], ITEMS[0]])
    with pytest.raises(Refusal) as refused:
        office.do(office.root, SetProtocol(team="Servicio", content=twice))
    assert refused.value.code == "bad_protocol"
    office.do(office.root, RemoveProtocol(team="Servicio"))
    assert office.ask(office.ana, ListProtocols()).items == []


def test_what_is_written_next_classifies_until_somebody_answers(office: Office) -> None:
    with_topics(office)
    conversation = begin(office, "buenos días")
    assert row(office, conversation).topic == ""
    office.now += MINUTE
    begin(office, "no me deja entrar a la app")
    assert row(office, conversation).topic == "banca en línea/acceso"
    office.now += MINUTE
    begin(office, "y tengo una cuota atrasada")
    assert row(office, conversation).topic == "banca en línea/acceso"
