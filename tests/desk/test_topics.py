"""Topics found by keywords: the longest match, the same whatever the order, and nothing that is not there."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk import topics
from server.desk.topics import Index, Keywords

COOP = (
    Keywords("banca en línea/acceso", ("no me deja entrar", "usuario bloquead*", "clave", "contraseña", "log in")),
    Keywords("tarjetas/retenida", ("cajero se trago", "tarjeta retenida", "retuvo la tarjeta")),
    Keywords("tarjetas", ("tarjeta", "tarjetas")),
    Keywords("créditos/solicitud", ("crédito", "préstamo", "prestamos")),
    Keywords("mora", ("cuota atrasada", "mora", "atrasad*")),
)


@pytest.mark.parametrize(
    ("text", "topic", "keyword"),
    [
        ("NO ME DEJA  ENTRAR a la app", "banca en línea/acceso", "no me deja entrar"),
        ("dice usuario bloqueada 😩", "banca en línea/acceso", "usuario bloquead*"),
        ("el cajero se tragó mi tarjeta", "tarjetas/retenida", "cajero se trago"),
        ("quiero otra tarjeta", "tarjetas", "tarjeta"),
        ("quiero un PRESTAMO, ando atrasada", "créditos/solicitud", "préstamo"),  # eight letters each: more found, name
        ("¿cuánto debo de mora?", "mora", "mora"),
        ("me enamoraría una casa", None, None),  # a word, not part of one
        ("", None, None),
        ("clave\u202e\x1b[31m", "banca en línea/acceso", "clave"),
    ],
)
def test_what_members_write(text: str, topic: str | None, keyword: str | None) -> None:
    found = Index(COOP).find(text)
    assert (found[0].topic, found[0].keyword) == (topic, keyword) if topic else found == []


words = st.sampled_from(["mora", "tarjeta", "crédito", "clave", "retenida", "hola", "cuota", "atrasada", "el", "la"])
phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)
lists = st.lists(
    st.builds(Keywords, st.text("abcdeñ/", min_size=1, max_size=8), st.lists(phrases, max_size=4).map(tuple)),
    max_size=6,
    unique_by=lambda each: each.topic,
)


@given(st.lists(words, max_size=8).map(" ".join), lists, st.randoms())
def test_the_order_of_the_list_does_not_matter(text: str, known: list[Keywords], chance: random.Random) -> None:
    mixed = list(known)
    chance.shuffle(mixed)
    assert Index(known).find(text) == Index(mixed).find(text)


@given(st.lists(words, max_size=8), lists)
def test_the_longest_wins_and_is_really_there(said: list[str], known: list[Keywords]) -> None:
    found = Index(known).find(" ".join(said))
    lengths = [len(match.keyword.split()) for match in found]
    assert lengths == sorted(lengths, reverse=True)
    for match in found:
        wanted = match.keyword.split()
        assert any(said[n : n + len(wanted)] == wanted for n in range(len(said)))
    absent = {each.topic for each in known} - {match.topic for match in found}
    for each in known:
        if each.topic in absent:
            assert not any(
                said[n : n + len(word.split())] == word.split() for word in each.words for n in range(len(said))
            )


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_nothing_that_anybody_writes_breaks_it(text: str, keywords: list[str]) -> None:
    Index([Keywords("x", tuple(keywords))]).find(text)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("banca en línea/acceso", True),
        ("a/b/c/d", True),
        ("a/b/c/d/e", False),
        ("a//b", False),
        ("", False),
        ('di "hola"', False),
        ("a\x1bb", False),
        ("x" * 81, False),
    ],
)
def test_names(name: str, good: bool) -> None:
    assert topics.good_name(topics.path(name)) is good
