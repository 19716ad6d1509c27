"""Words over the whole history: what few messages have and what many have, with fields and without, page by page, both
ways, and who may read what. Whichever way an answer is found, it is the same."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import query, wire
from server.commands import vocabulary
from server.commands.acts import AssignTo, ResolveConversation
from server.commands.contacts import UpdateContact
from server.commands.door import SYSTEM, Actor, Refusal
from server.commands.inbox import ListConversations
from server.commands.supervision import Whisper
from server.commands.vocabulary import Hear, Learn
from server.store import lists, named
from server.store.filters import Context
from server.store.words import said, seek, tokens
from tests.commands.office import MINUTE, MORNING, Office, person, says

WORDS = ("tarjeta", "tarjetas", "cuota", "préstamo", "saldo")
NAMES = ("María Ramos", "Mario Cuota", "Ana Saldaña", "Luis")
CUSTOMERS = 24


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Some 150 messages of few words by two dozen customers."""
    place = Office(tmp_path_factory.mktemp("office"))
    dice = random.Random(3)
    for n in range(150):
        place.now = MORNING + n * MINUTE
        who = n if n < CUSTOMERS else dice.randrange(CUSTOMERS)
        text = " ".join(dice.sample(WORDS, dice.randint(1, 3)))
        place.take_in(says(f"w{n}", f"{text} {n}", person(f"503700000{who:02}", NAMES[who % 4]), at=place.now))
    for row in pages(place, place.rosa, ""):
        if row.id % 3 == 0:
            place.do(place.rosa, AssignTo(conversation=row.id, assign=wire.Assign(user="ana")))
        if row.id % 4 == 0:
            change = wire.ChangeContact(region="Oriente")
            place.do(place.rosa, UpdateContact(contact=row.contact, change=change))
        if row.id % 5 == 0:
            place.do(place.rosa, ResolveConversation(conversation=row.id, resolve=wire.Resolve(outcome="resuelto")))
    yield place
    place.close()


@pytest.fixture(autouse=True)
def sizes(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def small(sizes: pytest.MonkeyPatch, few: int, part: int) -> None:
    sizes.setattr(named, "FEW", few)
    sizes.setattr(named, "PART", part)
    sizes.setattr(named, "HANDFUL", few // 4)
    sizes.setattr(lists, "PATIENCE", 0.0)
    sizes.setattr(lists, "MOST", 4)


def pages(office: Office, actor: Actor, text: str, limit: int = 200) -> list[wire.ConversationRow]:
    """All that a search finds, forwards."""
    rows: list[wire.ConversationRow] = []
    after: str | None = None
    for _ in range(2_000):
        page = office.ask(actor, ListConversations(view="all", q=text, after=after, limit=limit))
        assert [row.id for row in page.items] == [row.id for row in sorted(page.items, key=place)]
        rows += page.items
        after = page.next
        if after is None:
            return rows
    raise AssertionError("the pages never end")


def place(row: wire.ConversationRow) -> tuple[int, int]:
    return row.sort_key, row.id


def conversations_that_say(office: Office, text: str) -> set[int]:
    """By reading everything: where one message says all of it, or the customer's name does."""
    sought, found = seek([(text, False)]).needles, set()
    for row in pages(office, office.rosa, ""):
        texts = [message.text for message in office.thread(row.id)] + [row.contact_name]
        if any(said(each, sought) for each in texts):
            found.add(row.id)
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.sampled_from(["tarjeta", "cuota", "cuota tarjeta", "saldo prestamo", "ramos", "maria ramos", "149"]),
    field=st.sampled_from(["", "-assigned", "is:open", "region:oriente", "from:mar", "id:3,6,9", "is:resolved"]),
    few=st.integers(1, 40),
    part=st.integers(1, 12),
    limit=st.integers(1, 9),
)  # fmt: skip
def test_the_whole_history_whatever_is_few(
    office: Office, sizes: pytest.MonkeyPatch, text: str, field: str, few: int, part: int, limit: int
) -> None:
    wanted = conversations_that_say(office, text) & {row.id for row in pages(office, office.rosa, field)}
    with sizes.context() as these:
        small(these, few, min(few, part))
        found = [row.id for row in pages(office, office.rosa, f"{text} {field}", limit)]
    assert sorted(found) == sorted(wanted)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(["tarjeta", "cuota", "ramos"]), part=st.integers(1, 12), limit=st.integers(1, 9))
def test_back_again_over_the_same_pages(
    office: Office, sizes: pytest.MonkeyPatch, text: str, part: int, limit: int
) -> None:
    """From the last page of any part, back to the first, everything newer is found once."""
    with sizes.context() as these:
        small(these, part, part)
        forwards, after = [], None
        cursors: list[tuple[str, int]] = []
        while True:
            page = office.ask(office.rosa, ListConversations(q=text, after=after, limit=limit))
            forwards += [row.id for row in page.items]
            if page.next is None:
                break
            after = page.next
            cursors.append((after, len(forwards)))
        for cursor, count in cursors[::5]:
            back: list[int] = []
            before: str | None = cursor
            while before is not None:
                page = office.ask(office.rosa, ListConversations(q=text, before=before, limit=limit))
                back += [row.id for row in page.items]
                before = page.previous
            # the cursor's own row is the last of what came before it
            assert sorted(back) in (sorted(forwards[:count]), sorted(forwards[: count - 1]))


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-2-3-4-5-6-7", "-1-2", f"{2**63}-1", f"1-1-{2**80}-1", "1-²"])
def test_what_is_no_cursor_is_refused(office: Office, cursor: str) -> None:
    for asked in (ListConversations(q="tarjeta", after=cursor), ListConversations(q="tarjeta", before=cursor)):
        with pytest.raises(Refusal):
            office.ask(office.rosa, asked)


def test_the_last_page_of_frequent_words_leads_on(office: Office, sizes: pytest.MonkeyPatch) -> None:
    small(sizes, 5, 5)
    sizes.setattr(lists, "PATIENCE", 60.0)
    last = office.ask(office.rosa, ListConversations(q="tarjeta", before="end", limit=200))
    first = office.ask(office.rosa, ListConversations(q="tarjeta", limit=200))
    assert [row.id for row in last.items] == [row.id for row in first.items]
    assert last.next == first.next is not None


@pytest.mark.parametrize("few", [1, 1_000])
def test_a_whisper_is_found_by_whom_it_is_for(tmp_path: Path, sizes: pytest.MonkeyPatch, few: int) -> None:
    """Also where it is asked for in a conversation instead of the index."""
    office = Office(tmp_path)
    try:
        for n in range(3):
            office.take_in(says(f"w{n}", "la tasa secreta" if n else "hola", person(f"5037000000{n}", "Luz")))
        id = min(row.id for row in pages(office, office.rosa, ""))
        office.do(office.rosa, AssignTo(conversation=id, assign=wire.Assign(user="ana")))
        office.do(office.rosa, Whisper(conversation=id, whisper=wire.Whisper(text="secreta es la tasa")))
        small(sizes, few, few)
        for text in ("secreta", f"secreta id:{id}"):
            assert id in [row.id for row in pages(office, office.ana, text)]
            assert id in [row.id for row in pages(office, office.rosa, text)]
            assert id not in [row.id for row in pages(office, office.luis, text)]
    finally:
        office.close()


def test_beginnings(office: Office) -> None:
    def found(text: str) -> set[str]:
        return {row.contact_name for row in pages(office, office.rosa, text)}

    assert found("from:mar") == {"María Ramos", "Mario Cuota"}
    assert found('from:"ram mar"') == {"María Ramos"}
    assert found("from:amos") == set()
    assert found("from:saldana") == {"Ana Saldaña"}
    assert len(pages(office, office.rosa, "presta")) == len(pages(office, office.rosa, "préstamo"))
    assert pages(office, office.rosa, "pr") == []


#: what customers write: Spanish, signs, numbers, addresses, several scripts
_LETTERS = st.sampled_from(list("aábcñÑüéx0129 _-.@/:¿?!'\"\n¹½€%ßøΑЖй漢字é"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(_LETTERS, max_size=20), sought=st.text(_LETTERS, max_size=6), phrase=st.booleans())
def test_a_text_says_what_the_index_finds(text: str, sought: str, phrase: bool) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='unicode61 remove_diacritics 2')")
    conn.execute("INSERT INTO t (x) VALUES (?)", (text,))
    asked = seek([(sought, phrase)])
    if asked:
        found = conn.execute("SELECT count(*) FROM t WHERE t MATCH ?", (asked.match,)).fetchone()[0] == 1
        assert said(text, asked.needles) is found, (tokens(text), asked)
    conn.close()


def test_few_are_few(office: Office, sizes: pytest.MonkeyPatch) -> None:
    """What a term names contains all that fulfil it, or is not said at all."""
    context = Context(me=office.ana.id, now=office.now, day_start=lambda day: 0)
    for text in ("tag:x", "from:mar", "region:oriente", "id:3", "contact:2", "cuota OR from:luis", "is:mine"):
        tree = query.parse(text)
        wanted = {row.id for row in pages(office, office.ana, text)}
        found = office.store.read_now(partial(named.few, node=tree, context=context))
        assert found is None or found >= wanted
        small(sizes, max(1, len(wanted) - 1), 1)
        if wanted and len(wanted) > 1:
            assert office.store.read_now(partial(named.few, node=tree, context=context)) is None
        sizes.undo()


def learn(office: Office) -> None:
    while (heard := office.ask(SYSTEM, Hear())) is not None:
        office.do(SYSTEM, Learn(heard=heard))


def test_a_beginning_finds_the_same_once_words_are_known(tmp_path: Path, sizes: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path)
    try:
        said = ("la tarjeta", "mis tarjetas", "Tarjetón rojo", "tarde", "tar", "una tarjeta2", "caso 4711")
        for n, text in enumerate(said):
            office.take_in(says(f"w{n}", text, person(f"5037000000{n}", "Luz")))

        def found(text: str) -> list[int]:
            return sorted(row.id for row in pages(office, office.rosa, text))

        asked = ("tar", "tarj", "tarjet", "TARJETÓ", "rojo tarj", "ta", "tarj rojo", "47", "471", "nada", '"la tar"')
        before = {text: found(text) for text in asked}
        assert before["tarjet"] == [1, 2, 3, 6] and before["tar"] == [1, 2, 3, 4, 5, 6] and before["ta"] == []
        assert before["rojo tarj"] == [3] and before["tarj rojo"] == [] and before["471"] == [7]
        sizes.setattr(vocabulary, "MOST", 2)
        learn(office)
        assert {text: found(text) for text in asked} == before
        office.take_in(says("w9", "tarjetahabiente", person("50370000009", "Luz")))
        assert found("tarjetah") == [] and found("tarjetahabiente") == [8]
        learn(office)
        assert found("tarjetah") == [8]
        assert found("Lu") == [] and len(found("Luz")) == 8
        office.take_in(says("w10", "hola", person("50370000010", "Zoraida")))
        learn(office)
        assert found("zora") == [9], "a name that no message says"
        sizes.setattr(named, "BEGUN", 2)
        assert found("tarj") == [], "more words begin so: one has to write on"
        assert found("tarjeto") == [3]
    finally:
        office.close()
