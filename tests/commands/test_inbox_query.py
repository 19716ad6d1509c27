"""What a query finds, page by page, forwards and backwards, against a plain reading of the same rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from server import query, wire
from server.commands.accounts import CreateTeam
from server.commands.acts import AssignTo, Claim, MarkSeen, ResolveConversation, SaveDraft
from server.commands.contacts import UpdateContact
from server.commands.door import Refusal
from server.commands.inbox import ListConversations
from server.commands.organisation import UpdateOrganisation
from server.commands.replies import AddNote
from server.facts import Media
from server.store import filters, lists
from tests.commands.office import HOUR, MINUTE, MORNING, Office, person, says

REGIONS = ("Oriente", "San Miguel", "occidente", "")
#: when the tests ask
LATER = MORNING + 40 * 37 * MINUTE
TEXTS = ("no me deja entrar", "tarjeta retenida en el cajero", "¿a cómo está la tasa?", "Préstamo ñandú")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Forty conversations of all sorts, and what is true of each."""
    place = Office(tmp_path_factory.mktemp("office"))
    place.do(place.root, UpdateOrganisation(change=wire.ChangeOrganisation(zone="America/El_Salvador")))
    place.do(place.root, CreateTeam(team=wire.NewTeam(name="Créditos")))
    dice = random.Random(5)
    for n in range(40):
        place.now = MORNING + n * 37 * MINUTE
        media = (Media(kind="image", provider_id=f"m{n}"),) if n % 5 == 0 else ()
        campaign = {"headline": "Crédito Navideño"} if n % 7 == 0 else None
        who = person(f"5037000{n:04}", dice.choice(("María Ramos", "Luis Bátres", "Don Neto")))
        says_it = says(f"w{n}", TEXTS[n % 4], who, at=place.now, media=media, campaign=campaign)
        place.take_in(says_it)
        id = listed(place, "")[0].id if n == 0 else max(row.id for row in listed(place, ""))
        region, language = REGIONS[n % 4 if n % 3 else 0], "es" if n % 2 else "en"
        change = wire.ChangeContact(region=region, language=language)
        place.do(place.root, UpdateContact(contact=contact_of(place, id), change=change))
        if n % 4 == 1:
            place.do(place.ana, Claim(conversation=id))
            place.do(place.ana, SaveDraft(conversation=id, text="un borrador"))
        if n % 6 == 2:
            place.do(place.luis, AddNote(conversation=id, note=wire.Note(text="validó identidad")))
        if n % 8 == 3:
            place.do(place.ana, AssignTo(conversation=id, assign=wire.Assign(user="luis", team="Créditos")))
        if n % 3 == 0:
            place.do(place.ana, MarkSeen(conversation=id, seen=wire.Seen(inbound=1)))
        if n % 5 == 4:
            place.do(place.rosa, ResolveConversation(conversation=id, resolve=wire.Resolve(outcome="resuelto")))
    yield place
    place.close()


def contact_of(office: Office, id: int) -> int:
    return next(row.contact for row in listed(office, "") if row.id == id)


def listed(office: Office, text: str, limit: int = 200) -> list[wire.ConversationRow]:
    """All that a query finds, through as many pages as it takes."""
    rows: list[wire.ConversationRow] = []
    after: str | None = None
    for _ in range(300):
        page = office.ask(office.ana, ListConversations(view="all", q=text, after=after, limit=limit))
        rows += page.items
        after = page.next
        if after is None:
            return rows
    raise AssertionError("the pages never end")


def backwards(office: Office, text: str, limit: int) -> list[wire.ConversationRow]:
    rows: list[wire.ConversationRow] = []
    before: str | None = "end"
    while before is not None:
        page = office.ask(office.ana, ListConversations(view="all", q=text, before=before, limit=limit))
        rows[:0] = page.items
        before = page.previous
    return rows


def seen(row: wire.ConversationRow) -> int:
    assert row.seen is not UNSET
    return row.seen


#: what each term asks, read off the row
PLAIN: dict[str, Callable[[wire.ConversationRow], bool]] = {
    "is:unread": lambda row: row.inbound > seen(row),
    "-assigned": lambda row: row.assignee is None,
    "es:mía": lambda row: row.assignee == "ana",
    "asesor:luis": lambda row: row.assignee == "luis",
    "assignee:none": lambda row: row.assignee is None,
    "equipo:creditos": lambda row: row.team == "Créditos",
    "team:none": lambda row: row.team is None,
    "region:oriente": lambda row: row.region == "Oriente",
    "region:miguel,ORIENTE": lambda row: row.region in ("Oriente", "San Miguel"),
    "state:resolved": lambda row: row.state == "resolved",
    "state:queued,open": lambda row: row.state in ("queued", "open"),
    "channel:whatsapp": lambda row: True,
    "channel:sms": lambda row: False,
    "canal:wa": lambda row: True,
    "from:batres": lambda row: row.contact_name == "Luis Bátres",
    "from:50370000007": lambda row: row.contact_name != "" and row.id == 8,
    "has:campaign": lambda row: row.campaign != "",
    "campaign:navideno": lambda row: row.campaign != "",
    "priority:normal": lambda row: True,
    "priority>normal": lambda row: False,
    "outcome:resuelto": lambda row: row.state == "resolved",
    "sla<0s": lambda row: row.sla is not None and row.sla.due_at < LATER,
    "is:breached": lambda row: row.sla is not None and row.sla.due_at <= LATER,
    "wait>10h": lambda row: row.sla is not None and LATER - row.sla.started_at > 10 * HOUR,
    "age<=20h": lambda row: LATER - row.created_at <= 20 * HOUR,
    "after:12h": lambda row: row.last_at >= LATER - 12 * HOUR,
    "id<20": lambda row: row.id < 20,
    "contact:3": lambda row: row.contact == 3,
    "subject:algo": lambda row: False,
    "is:public": lambda row: False,
    "es:fallida": lambda row: row.failed,
}


def test_every_field_has_a_condition() -> None:
    for field in query.FIELDS.values():
        values = list(field.choices) or {"duration": ["5m"], "date": ["today", "2026-11-01", "7d"]}.get(
            field.kind, ["1"]
        )
        for value in values:
            tree = query.parse(f"{field.name}:{value}")
            assert filters.where(tree, filters.Context(me=1, now=0, day_start=lambda day: 0)).sql


@pytest.mark.parametrize("text", PLAIN)
def test_each_term(office: Office, text: str) -> None:
    office.now = LATER
    everything = listed(office, "")
    assert len(everything) == 40
    wanted = [row.id for row in everything if PLAIN[text](row)]
    assert [row.id for row in listed(office, text)] == wanted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.sampled_from(list(PLAIN)),
    second=st.sampled_from(list(PLAIN)),
    third=st.sampled_from(list(PLAIN)),
    shape=st.sampled_from(["{a} {b} {c}", "{a} (-{b} OR {c})", "-({a} {b}) {c}", "{a} | {b} | {c}", "-{a} -{b}"]),
    limit=st.integers(1, 9),
)
def test_any_combination_page_by_page(
    office: Office, first: str, second: str, third: str, shape: str, limit: int
) -> None:
    """Whatever the size of pages and of the stretches in which rows are asked, both ways."""
    office.now = LATER
    before = lists.MOST, lists.PATIENCE
    lists.MOST, lists.PATIENCE = 3, 0.0
    try:
        text = shape.format(a=first, b=second, c=third).replace("--", "")

        def holds(term: str, row: wire.ConversationRow) -> bool:
            return bool(PLAIN[term](row))

        meaning: Callable[[bool, bool, bool], bool] = {
            "{a} {b} {c}": lambda a, b, c: a and b and c,
            "{a} (-{b} OR {c})": lambda a, b, c: a and (not b or c),
            "-({a} {b}) {c}": lambda a, b, c: not (a and b) and c,
            "{a} | {b} | {c}": lambda a, b, c: a or b or c,
            "-{a} -{b}": lambda a, b, c: not a and not b,
        }[shape]
        if "--" in shape.format(a=first, b=second, c=third):
            return  # "-" before "-assigned" reads the same, but is written otherwise
        rows = listed(office, "")
        wanted = [row.id for row in rows if meaning(holds(first, row), holds(second, row), holds(third, row))]
        assert [row.id for row in listed(office, text, limit)] == wanted
        assert [row.id for row in backwards(office, text, limit)] == wanted
    finally:
        lists.MOST, lists.PATIENCE = before


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("tarjeta", 10),
        ('"tarjeta retenida"', 10),
        ('"retenida tarjeta"', 0),
        ("retenida tarjeta", 10),
        ("prestamo nandu", 10),
        ("tarjeta region:oriente", None),
        ("-tarjeta", 30),
        ("tarjeta OR tasa", 20),
        ("tasa -assigned", None),
        ("has:attachment", 8),
        ("has:note", 7),
        ("has:draft", 10),
        ("text:tarjeta,tasa", 20),
    ],
)
def test_words_and_what_hangs_on_a_conversation(office: Office, text: str, count: int | None) -> None:
    office.now = LATER
    found = listed(office, text)
    assert len({row.id for row in found}) == len(found)
    if count is None:
        first, _, other = text.partition(" ")
        both = {row.id for row in listed(office, first)} & {row.id for row in listed(office, other)}
        assert {row.id for row in found} == both != set()
    else:
        assert len(found) == count


def test_days_begin_where_the_organisation_is(office: Office) -> None:
    office.now = LATER
    midnight = 1_795_068_000_000  # 2026-11-19 00:00 in El Salvador, 06:00 UTC
    days: tuple[tuple[str, Callable[[int], bool]], ...] = (
        ("after:2026-11-19", lambda at: at >= midnight),
        ("before:2026-11-19", lambda at: at < midnight),
        ("hasta:hoy", lambda at: at < midnight),
        ("desde:ayer", lambda at: at >= midnight - 24 * HOUR),
    )
    for text, holds in days:
        wanted = [row.id for row in listed(office, "") if holds(row.last_at)]
        assert [row.id for row in listed(office, text)] == wanted != []


def test_a_query_that_cannot_be_read_says_where(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        listed(office, "is:open region<3")
    assert (refused.value.status, refused.value.code) == (422, "bad_query")
    assert refused.value.params == {"why": "no_order", "start": 8, "end": 16, "field": "region"}


def test_foreign_text_is_a_value_only(office: Office) -> None:
    for text in ("' OR 1=1 --", 'from:"%"', "region:_", "subject:';DROP TABLE x", "channel:%"):
        assert listed(office, text) == [], text
    assert len(listed(office, "")) == 40


def test_a_new_office_is_empty(tmp_path: Path) -> None:
    empty = Office(tmp_path)
    assert listed(empty, "is:unread") == []
    empty.close()
