"""The words of command: whole, begun, in both languages, and what is said of those that leave doubts."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.backend.session import Session
from agent_console.i18n import _, set_language
from agent_console.plain import desk, vocabulary
from agent_console.plain.examples import EXAMPLES
from agent_console.plain.vocabulary import ALL, NotUnderstood
from tests.plain.test_hostile import Heard


@pytest.fixture(autouse=True)
def spanish() -> None:
    set_language("es")


@pytest.mark.parametrize("word", ALL, ids=lambda word: word.id)
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_word_means_itself_in_both_languages(word: vocabulary.Word, language: str) -> None:
    set_language(language)
    for said in (word.es, word.en, *word.also, word.es.upper(), vocabulary.plain(word.es)):
        assert vocabulary.find(said) is word


async def test_every_word_is_carried_out_by_exactly_one_part() -> None:
    working = desk.Desk(Heard(), lambda told: Session("http://127.0.0.1:9", "token", listener=told, lang="en"))
    done = [name.removeprefix("do_") for part in working.parts for name in vars(type(part)) if name.startswith("do_")]
    assert sorted(done) == sorted(word.id for word in ALL)
    assert desk.DONE == 0
    await working.session.stop()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("id", EXAMPLES)
def test_every_example_can_be_typed_as_it_is_heard(id: str, language: str) -> None:
    set_language(language)
    for example in _(EXAMPLES[id]).split("; "):
        command = vocabulary.read(example)
        assert command.word.id == id
        assert example[0] in "#/;0123456789" or vocabulary.split(example)[0] in (command.word.name, *command.word.also)


@given(
    st.text(string.ascii_letters + "áéíóúñ;#/?0123456789 ", min_size=1).filter(str.strip), st.sampled_from(["es", "en"])
)
def test_whatever_is_typed_is_one_command_or_explained(typed: str, language: str) -> None:
    set_language(language)
    try:
        command = vocabulary.read(typed)
    except NotUnderstood as error:
        assert "\n" not in str(error)
        assert str(error)
    else:
        first = vocabulary.plain(vocabulary.split(typed)[0])
        ways = [*map(vocabulary.plain, (command.word.es, command.word.en)), *command.word.also]
        assert any(way.startswith(first) for way in ways) or first[0] in "#/;0123456789"


@given(st.sampled_from(ALL), st.integers(1, 12), st.sampled_from(["es", "en"]))
def test_a_beginning_means_its_word_or_names_all_it_may_be(word: vocabulary.Word, length: int, language: str) -> None:
    set_language(language)
    begun = word.name[:length]
    same = [each for each in ALL if vocabulary.plain(each.name).startswith(vocabulary.plain(begun))]
    try:
        found = vocabulary.find(begun)
    except NotUnderstood as error:
        assert len(same) > 1
        assert all(each.name in str(error) for each in same)
    else:
        assert found is word or vocabulary.plain(begun) in (vocabulary.plain(found.es), found.en, *found.also)


@pytest.mark.parametrize(
    ("typed", "id", "rest"),
    [
        ("abrir 3", "open", "3"),
        ("3", "open", "3"),
        ("#12", "open", "#12"),
        ("r hola, ¿cómo está?", "reply", "hola, ¿cómo está?"),
        ("r uno\n  dos", "reply", "uno\n  dos"),
        ("/canal:whatsapp espera>10m", "search", "canal:whatsapp espera>10m"),
        (";saludo", "template", ";saludo"),
        ("mas", "more", ""),
        ("POS mañana", "snooze", "mañana"),
        ("claim", "claim", ""),
        ("desh", "undo", ""),
    ],
)
def test_what_is_said_and_what_about(typed: str, id: str, rest: str) -> None:
    command = vocabulary.read(typed)
    assert (command.word.id, command.rest) == (id, rest)


def test_a_doubt_is_never_settled_by_chance() -> None:
    with pytest.raises(NotUnderstood, match="responder, resolver"):
        vocabulary.find("res")
    set_language("en")
    assert vocabulary.find("res").id == "resolve"


@pytest.mark.parametrize(
    ("said", "found"), [("sí", "yes"), ("S", "yes"), ("no", "no"), ("n", None), ("", None), ("x", None)]
)
def test_one_of_a_few(said: str, found: str | None) -> None:
    assert vocabulary.pick(said, {"yes": ("sí", "yes"), "no": ("no",), "keep": ("nada",)}) == found
