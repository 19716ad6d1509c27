"""Reply templates: who has them, what they say in a conversation, and macros that do all or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from server import wire
from server.commands.accounts import CreateTeam
from server.commands.contacts import UpdateContact
from server.commands.door import Actor, Refusal
from server.commands.labels import CreateTag
from server.commands.organisation import UpdateOrganisation
from server.commands.queries import GetConversation
from server.commands.replies import SendReply, StoreUpload
from server.commands.templates import (
    CreateTemplate,
    ListTemplates,
    RemoveTemplate,
    Render,
    ReplaceTemplate,
    RunMacro,
    SetTemplateFiles,
    TakeFiles,
    faults_of,
)
from tests.commands.office import HOUR, Office, says

GREETING = "Buenos días, {{ cliente.primer_nombre }}. Le saluda {{ asesor.nombre }}."


def new(name: str = "saludo", text: str = GREETING, **fields: Any) -> wire.NewTemplate:
    return wire.NewTemplate(**{"name": name, "variants": [wire.Variant(text=text)], **fields})


def keep(office: Office, actor: Actor, template: wire.NewTemplate) -> wire.ReplyTemplate:
    kept: wire.ReplyTemplate = office.do(actor, CreateTemplate(template=template))
    return kept


def names(office: Office, actor: Actor) -> list[str]:
    return [template.name for template in office.ask(actor, ListTemplates()).items]


def says_here(office: Office, template: wire.ReplyTemplate, **answers: str) -> wire.RenderedTemplate:
    query = Render(id=template.id, render=wire.RenderTemplate(conversation=1, answers=answers))
    rendered: wire.RenderedTemplate = office.ask(office.ana, query)
    return rendered


def refused(office: Office, actor: Actor, command: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        office.do(actor, command)
    return caught.value


@pytest.fixture
def at_work(office: Office) -> Office:
    office.take_in(says("w1", "quiero un crédito"))
    return office


# ---------------------------------------------------------------- kept


def test_templates_are_ones_own_a_teams_or_everybodys(at_work: Office) -> None:
    office = at_work
    office.do(office.root, CreateTeam(team=wire.NewTeam(name="Créditos", members=["luis"])))
    mine = keep(office, office.ana, new("mío"))
    keep(office, office.rosa, new("cred.cuota", scope="team", team="Créditos"))
    shared = keep(office, office.rosa, new("saludo", scope="all", shortcut="s"))
    assert names(office, office.ana) == ["mío", "saludo"]
    assert names(office, office.luis) == ["cred.cuota", "saludo"]
    assert refused(office, office.ana, CreateTemplate(template=new("x", scope="all"))).code == "forbidden"
    assert refused(office, office.ana, RemoveTemplate(id=shared.id)).code == "forbidden"
    assert refused(office, office.luis, RemoveTemplate(id=mine.id)).code == "not_found"
    assert refused(office, office.rosa, CreateTemplate(template=new("saludo", scope="all"))).code == "name_taken"
    assert (
        refused(office, office.rosa, CreateTemplate(template=new("b", scope="all", shortcut="s"))).code == "name_taken"
    )
    changed = office.do(office.ana, ReplaceTemplate(id=mine.id, template=new("mío", "otra cosa")))
    assert changed.variants[0].text == "otra cosa"
    office.do(office.ana, RemoveTemplate(id=mine.id))
    assert names(office, office.ana) == ["saludo"]
    kinds = [event.kind for event in office.events() if event.kind.startswith("template.")]
    assert kinds == ["template.created"] * 3 + ["template.updated", "template.removed"]


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (new("dos palabras"), "bad_name"),
        (new("x", shortcut="a b"), "bad_name"),
        (new("x", "{{ cliente.nombre"), "syntax"),
        (new("x", "{{ dato.monto }}"), "unknown_field"),
        (new("x", "{{ nada }}"), "unknown_name"),
        (new("x", variants=[]), "empty"),
        (new("x", variants=[wire.Variant(text="a")] * 2), "same_variant"),
        (new("x", fields=[wire.AskField(name="un campo")]), "bad_field"),
        (new("x", fields=[wire.AskField(name="a"), wire.AskField(name="a")]), "bad_field"),
        (new("x", fields=[wire.AskField(name="a", kind="choice")]), "no_choices"),
        (new("x", variants=[wire.Variant(text="a", language=str(n)) for n in range(31)]), "too_many"),
    ],
)
def test_what_is_refused_says_why(at_work: Office, template: wire.NewTemplate, code: str) -> None:
    assert code in [fault.code for fault in faults_of(template)]
    problem = refused(at_work, at_work.ana, CreateTemplate(template=template))
    assert (problem.code, problem.params["why"]) == ("bad_template", code)


# ---------------------------------------------------------------- rendered


def test_it_speaks_of_this_customer_and_this_advisor(at_work: Office) -> None:
    office = at_work
    office.do(office.root, UpdateOrganisation(change=wire.ChangeOrganisation(name="Coop", zone="America/El_Salvador")))
    change = wire.ChangeContact(region="San Miguel", attributes={"plan": "oro"})
    office.do(office.ana, UpdateContact(contact=1, change=change))
    text = (
        GREETING
        + " {{ customer.region }} {{ customer.plan }} {{ customer.phone }} {{ organisation.name }} {{ hoy|hora }}"
    )
    said = says_here(office, keep(office, office.ana, new(text=text)))
    assert said.text == "Buenos días, María. Le saluda ana. San Miguel oro 50370000001 Coop 5:06"
    assert (said.missing, said.limit) == ([], None)


def test_fields_are_asked_for_and_what_lacks_is_told(at_work: Office) -> None:
    fields = [wire.AskField(name="monto", kind="amount"), wire.AskField(name="plazo", kind="number", default="12")]
    kept = keep(at_work, at_work.ana, new(text="{{ dato.monto|dinero }} a {{ dato.plazo }} meses", fields=fields))
    assert says_here(at_work, kept, monto="2400").text == "$2,400.00 a 12 meses"
    with pytest.raises(Refusal) as caught:
        says_here(at_work, kept, monto="mucho")
    assert (caught.value.code, caught.value.params["why"]) == ("cannot_render", "no_number")
    assert caught.value.params["what"] == "mucho"
    lacking = keep(at_work, at_work.ana, new("otro", "{{ cliente.correo }}"))
    assert says_here(at_work, lacking).missing == ["cliente.correo"]


def test_the_variant_that_fits_best(at_work: Office) -> None:
    variants = [
        wire.Variant(text="a todos"),
        wire.Variant(text="por correo", channel="email"),
        wire.Variant(text="in English", language="en"),
        wire.Variant(text="por WhatsApp", channel="whatsapp"),
        wire.Variant(text="on WhatsApp", channel="whatsapp", language="en"),
    ]
    kept = keep(at_work, at_work.ana, new(variants=variants))
    assert says_here(at_work, kept).text == "por WhatsApp"
    at_work.do(at_work.ana, UpdateContact(contact=1, change=wire.ChangeContact(language="en")))
    assert says_here(at_work, kept).text == "on WhatsApp"
    few = keep(at_work, at_work.ana, new("pocos", variants=variants[:3]))
    assert says_here(at_work, few).text == "in English"


def test_too_long_for_the_channel(at_work: Office) -> None:
    kept = keep(at_work, at_work.ana, new(text="x" * 5000))
    assert says_here(at_work, kept).limit == 4096


def test_uses_are_counted_when_it_is_sent(at_work: Office) -> None:
    kept = keep(at_work, at_work.ana, new())
    at_work.do(at_work.ana, SendReply(conversation=1, reply=wire.Reply(text="editado", snippet=kept.id)))
    [again] = at_work.ask(at_work.ana, ListTemplates()).items
    assert (again.uses, again.last_used_at) == (1, at_work.now)


def test_files_go_along_as_ones_own(at_work: Office) -> None:
    office = at_work
    kept = keep(office, office.rosa, new(scope="all"))
    upload = StoreUpload(kind="document", mime="application/pdf", file_name="requisitos.pdf", size=9, sha256="ab" * 32)
    file = office.do(office.rosa, upload)
    office.do(office.rosa, SetTemplateFiles(id=kept.id, files=[file.id]))
    for _ in range(2):
        [mine] = office.do(office.ana, TakeFiles(id=kept.id)).items
        assert (mine.file_name, mine.id != file.id) == ("requisitos.pdf", True)
        office.do(office.ana, SendReply(conversation=1, reply=wire.Reply(text="aquí van", attachments=[mine.id])))
    [message, *_] = [m for m in office.thread(1) if m.direction == "out"]
    assert message.attachments[0].file_name == "requisitos.pdf"
    assert office.ask(office.ana, ListTemplates()).items[0].files[0].id == file.id


# ---------------------------------------------------------------- macros

ACTS = [
    wire.MacroAct(do="tag", value="mora"),
    wire.MacroAct(do="priority", value="high"),
    wire.MacroAct(do="note", value="se envió la cuota"),
    wire.MacroAct(do="snooze", value="2h"),
]


def test_a_macro_sends_and_does(at_work: Office) -> None:
    office = at_work
    office.do(office.rosa, CreateTag(name="mora"))
    kept = keep(office, office.ana, new(acts=ACTS))
    macro = wire.RunMacro(template=kept.id, moments=[office.now + 2 * HOUR])
    row = office.do(office.ana, RunMacro(conversation=1, macro=macro))
    assert (row.tags, row.priority, row.state, row.snoozed_until) == (
        ["mora"],
        "high",
        "snoozed",
        office.now + 2 * HOUR,
    )
    texts = [(m.direction, m.text) for m in office.thread(1)[1:]]
    assert texts == [("out", "Buenos días, María. Le saluda ana."), ("note", "se envió la cuota")]
    assert office.ask(office.ana, ListTemplates()).items[0].uses == 1


def test_a_macro_takes_the_answer_as_it_was_made(at_work: Office) -> None:
    """Edited, and with a file along; its use is counted."""
    office = at_work
    office.do(office.rosa, CreateTag(name="mora"))
    kept = keep(office, office.ana, new(acts=[wire.MacroAct(do="tag", value="mora")]))
    file = office.do(
        office.ana, StoreUpload(kind="document", sha256="ab" * 32, size=9, mime="application/pdf", file_name="r.pdf")
    )
    reply = wire.Reply(text="Le adjunto el recibo.", attachments=[file.id])
    row = office.do(office.ana, RunMacro(conversation=1, macro=wire.RunMacro(template=kept.id, text="", reply=reply)))
    assert row.tags == ["mora"]
    (message,) = office.thread(1)[1:]
    assert (message.text, [each.file_name for each in message.attachments]) == ("Le adjunto el recibo.", ["r.pdf"])
    assert office.ask(office.ana, ListTemplates()).items[0].uses == 1


def test_all_or_nothing(at_work: Office) -> None:
    """The tag does not exist: so nothing is sent either."""
    office = at_work
    kept = keep(office, office.ana, new(acts=ACTS))
    macro = wire.RunMacro(template=kept.id, moments=[office.now + 2 * HOUR])
    assert refused(office, office.ana, RunMacro(conversation=1, macro=macro)).code == "not_found"
    assert len(office.thread(1)) == 1
    row = office.ask(office.ana, GetConversation(id=1)).row
    assert (row.tags, row.state, row.assignee) == ([], "queued", None)


def test_nothing_half_filled_is_sent(at_work: Office) -> None:
    kept = keep(at_work, at_work.ana, new(text="Su correo es {{ cliente.correo }}"))
    problem = refused(at_work, at_work.ana, RunMacro(conversation=1, macro=wire.RunMacro(template=kept.id)))
    assert (problem.code, problem.params) == ("not_filled", {"missing": ["cliente.correo"]})
    edited = wire.RunMacro(template=kept.id, text="Su correo es ana@coop.sv")
    at_work.do(at_work.ana, RunMacro(conversation=1, macro=edited))
    assert at_work.thread(1)[-1].text == "Su correo es ana@coop.sv"


def test_acts_alone(at_work: Office) -> None:
    acts = [wire.MacroAct(do="assign", value="ana"), wire.MacroAct(do="resolve", value="spam")]
    kept = keep(at_work, at_work.ana, new(variants=[], acts=acts))
    row = at_work.do(at_work.ana, RunMacro(conversation=1, macro=wire.RunMacro(template=kept.id)))
    assert (row.state, row.assignee) == ("resolved", "ana")
    assert len(at_work.thread(1)) == 1
