"""The query language: what people type, what it means, and where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.query import FIELDS, Either, Every, Node, Not, QueryError, Term, complete, in_words, parse, terms


def shape(node: Node) -> object:
    """A tree without its positions."""
    match node:
        case Term():
            return f"{node.field}{node.operator}{'|'.join(node.values)}{'!' if node.phrase else ''}"
        case Not():
            return ("not", shape(node.item))
        case Every():
            return ("all", *(shape(item) for item in node.items))
        case Either():
            return ("any", *(shape(item) for item in node.items))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ("all",)),
        ("   ", ("all",)),
        ("tarjeta", "text:tarjeta"),
        ('"tarjeta retenida"', "text:tarjeta retenida!"),
        ("channel:whatsapp", "channel:whatsapp"),
        ("channel:wa,sms", "channel:wa|sms"),
        ('team:"Créditos San Miguel"', "team:Créditos San Miguel!"),
        ('a "b c', ("all", "text:a", "text:b c!")),
        ('team:"San Mi', "team:San Mi!"),
        ("sla<10m", "sla<600000"),
        ("sla<0s", "sla<0"),
        ("wait>=1h30m", "wait>=5400000"),
        ("priority>=high", "priority>=high"),
        ("-assigned", ("not", "is:assigned")),
        ("sin-asignar", "is:unassigned"),
        ("after:2026-11-01", "after:2026-11-01"),
        ("after:hoy", "after:today"),
        ("before:ayer", "before:yesterday"),
        ("after:7d", "after:-604800000"),
        ("id:#12", "id:12"),
        ("a b", ("all", "text:a", "text:b")),
        ("a OR b c", ("any", "text:a", ("all", "text:b", "text:c"))),
        ("(a | b) c", ("all", ("any", "text:a", "text:b"), "text:c")),
        ("-(a b)", ("not", ("all", "text:a", "text:b"))),
        ("--a", ("not", ("not", "text:a"))),
        # what customers write is no operator
        ("no me deja o si", ("all", "text:no", "text:me", "text:deja", "text:o", "text:si")),
        ("https://coop.sv/pago?x=1", "text:https://coop.sv/pago?x=1"),
        ("9:41", "text:9:41"),
    ],
)
def test_what_is_meant(text: str, wanted: object) -> None:
    assert shape(parse(text)) == wanted


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("canal:wa es:no-leída", "channel:wa is:unread"),
        ("asesor:ana equipo:Créditos región:oriente", "assignee:ana team:Créditos region:oriente"),
        ("estado:resuelta desde:2026-11-01 hasta:hoy", "state:resolved after:2026-11-01 before:today"),
        ("asesor:yo etapa:diagnostico esta:no-leida antiguedad>2h", "assignee:yo stage:diagnosis is:unread age>2h"),
        ("NO-LEÍDA no-leida", "unread unread"),
        ("tiene:adjunto prioridad:urgente de:maría espera>5m", "has:attachment priority:urgent from:maría wait>5m"),
    ],
)
def test_spanish_means_the_same(spanish: str, english: str) -> None:
    assert shape(parse(spanish)) == shape(parse(english))


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("a canall:wa", "unknown_field", "canall"),
        ("is:unraed", "unknown_value", "unraed"),
        ("is:unread,unraed x", "unknown_value", "unraed"),
        ("x sla<ten", "bad_duration", "ten"),
        ("after:2026-02-30", "bad_date", "2026-02-30"),
        ("after:mañana", "bad_date", "mañana"),
        ("id:doce", "bad_number", "doce"),
        ("region<3", "no_order", "region<3"),
        ("a channel: b", "no_value", "channel:"),
        ("a (b c", "open_parenthesis", "(b c"),
        ("a) b", "lone_parenthesis", ")"),
        ("a OR", "nothing_after", "OR"),
        ("OR a", "nothing_after", "OR"),
        ("(" * 30 + "a" + ")" * 30, "too_deep", "("),
    ],
)
def test_errors_point_at_the_word(text: str, code: str, word: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, text[error.start : error.end]) == (code, word)


def test_the_most_terms_there_can_be() -> None:
    assert len(list(terms(parse("a " * 50)))) == 50
    with pytest.raises(QueryError) as caught:
        parse("a " * 51)
    assert caught.value.code == "too_many"


PIECES = st.sampled_from(
    [
        *FIELDS,
        ":",
        "<",
        ">=",
        '"',
        "(",
        ")",
        "-",
        " ",
        " OR ",
        "a",
        "ñandú",
        "unread",
        "10m",
        "2026-11-01",
        ",",
        "\x1b[2J",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        node = parse(text)
    except QueryError as error:
        assert 0 <= error.start < error.end <= len(text)
    else:
        for term in terms(node):
            assert 0 <= term.start < term.end <= len(text)
            assert term.values and term.field in FIELDS


@given(st.text(alphabet='abc:<>-()" ,|OR', max_size=40), st.data())
def test_what_is_offered_can_be_taken(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    for offer in complete(text, cursor, {"channel": ["wa", "banca en línea"]}):
        assert 0 <= offer.start <= offer.end == cursor


def test_completion() -> None:
    names = {"channel": ["wa", "web", "correo"], "team": ["Créditos San Miguel"]}

    def offers(text: str) -> list[str]:
        return [text[: c.start] + c.text for c in complete(text, len(text), names)]

    assert offers("chan") == ["channel:"]
    assert offers("a -un") == ["a -unassigned", "a -unread"]
    assert offers("channel:w") == ["channel:wa", "channel:web"]
    assert offers("channel:wa,c") == ["channel:wa,correo"]
    assert offers("equipo:cr") == ['equipo:"Créditos San Miguel"']
    assert offers("(is:fa") == ["(is:failed"]
    assert offers("nosuch:x") == []


def test_completion_in_spanish() -> None:
    def offered(text: str) -> list[str]:
        return [c.text for c in complete(text, len(text), {}, "es")]

    assert {"de:", "etapa:", "complejidad:", "sin-asignar"} <= set(offered(""))
    assert not {"from:", "stage:", "unassigned"} & set(offered(""))
    assert offered("etapa:") == ["bienvenida", "diagnóstico", "resolución", "seguimiento", "cierre"]
    assert offered("etapa:resolucio") == ["resolución"]
    assert offered("stage:welc") == ["welcome"]
    assert offered("desde:") == ["hoy", "ayer", "7d", "30d"]


def test_what_is_wrong_is_said_in_the_readers_words() -> None:
    with pytest.raises(QueryError) as caught:
        parse("etapa:xx")
    assert in_words(caught.value.params, "en")["field"] == "stage"
    said = in_words(caught.value.params, "es")
    assert (said["field"], said["known"][0]) == ("etapa", "bienvenida")  # type: ignore[index]
    with pytest.raises(QueryError) as caught:
        parse("canall:wa")
    said = in_words(caught.value.params, "es")
    assert said["field"] == "canall" and "canal" in said["known"]  # type: ignore[operator]


def test_the_guide_is_right() -> None:
    """docs/search.md: what it shows can be read, and it tells of every field and every choice."""
    guide = (Path(__file__).parent.parent.parent / "docs" / "search.md").read_text(encoding="utf-8")
    shown = re.findall(r"`([^`\n]+)`", guide) + re.findall(r"```\n(.*?)\n```", guide, re.DOTALL)
    searches = [text for text in shown if re.search(r"\w[:<>]=?[^\s:]", text) and "convs" not in text]
    assert len(searches) > 20
    for text in searches:
        parse(text)
    for field in FIELDS.values():
        if field.name != "text":
            assert any(f"{field.name}{mark}" in guide for mark in (":", "<", ">", "`")), field.name
        for choice in field.choices:
            assert f"`{choice}`" in guide, choice
