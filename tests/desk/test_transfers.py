"""Summaries by rule, the mood of a customer, and the rules of handing on."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk import mood
from server.desk import transfers as rules
from server.desk.summary import LONGEST, QUOTE, Known, Said, cut, identity_checked, key_messages, summary

ZONE = ZoneInfo("America/El_Salvador")
NINE_44 = 1_793_979_840_000  # 2026-11-06 09:44 in San Salvador


def said(*texts: str, author: str = "", kind: str = "text") -> list[Said]:
    return [Said(at=NINE_44 + n, text=text, author=author, kind=kind) for n, text in enumerate(texts)]


MARIA = Known(
    name="María Ramos",
    profile="socia",
    region="San Miguel",
    channel="whatsapp",
    topic="Banca en línea › acceso",
    complexity="medium",
    times=2,
    asked=[
        *said("buenos días", "no me deja entrar a la app, dice usuario bloqueado 😩"),
        *said("", kind="image"),
        *said("gracias niña"),
    ],
    answered=said("Buenos días", "Ya reviso su usuario, María.", author="Ana"),
    notes=said("ya se validó identidad con DUI el martes", author="Luis"),
    promises=["respuesta hoy antes de las 4 pm"],
)


def test_a_summary_in_spanish() -> None:
    assert summary(MARIA, "es", ZONE).splitlines() == [
        "María Ramos, socia, San Miguel. Escribe por WhatsApp; 2 conversaciones en 30 días.",
        "Tema: Banca en línea › acceso (media).",
        "Pide: «no me deja entrar a la app, dice usuario bloqueado 😩»",
        "Mandó 1 archivo.",
        "Se le respondió: «Ya reviso su usuario, María.» (Ana, 09:44)",
        "Nota de Luis: «ya se validó identidad con DUI el martes»",
        "Identidad comprobada (lo anotó Luis).",
        "Prometido: respuesta hoy antes de las 4 pm",
        "Ánimo: preocupación",
    ]


def test_a_summary_in_english() -> None:
    james = Known(
        name="James Wood",
        channel="email",
        asked=said("Hello", "Could you tell me the rate of a personal loan of $5,000?", "This is unacceptable!!!"),
        notes=said("identity not yet verified, DUI pending", author="Ana"),
    )
    assert summary(james, "en", ZONE).splitlines() == [
        "James Wood. Writes by e-mail.",
        "Asks: “Could you tell me the rate of a personal loan of $5,000?” · “This is unacceptable!!!”",
        "Has no answer yet.",
        "Note by Ana: “identity not yet verified, DUI pending”",
        "Mood: upset",
    ]


def test_of_a_customer_who_said_nothing_it_makes_nothing_up() -> None:
    assert summary(Known(name="Don Neto"), "es", ZONE) == "Don Neto.\nAún no tiene respuesta."


def test_what_tells_most_is_quoted_in_its_order() -> None:
    asked = said(
        "hola buenas tardes",
        "es por mi préstamo",
        "ok",
        "¿cuánto debo pagar si cancelo los $2,400 hoy?",
        "ok",
        "necesito que me manden el estado de cuenta al correo",
        "gracias",
    )
    assert [each.text for each in key_messages(asked)] == [asked[1].text, asked[3].text, asked[5].text]
    again = said("quiero mi saldo", "QUIERO MI SALDO", "quiero  mi saldo")
    assert len(key_messages(again)) == 1, "the same thing is quoted once"


@pytest.mark.parametrize(
    ("note", "checked"),
    [
        ("identidad validada con DUI", True),
        ("ya validé su identidad", True),
        ("Identity verified by phone", True),
        ("falta: identidad validada", False),
        ("no se pudo, identidad verificada pendiente", False),
        ("le gusta el café", False),
    ],
)
def test_identity_is_checked_where_a_note_says_so(note: str, checked: bool) -> None:
    assert identity_checked(said(note, author="Luis")) == ("Luis" if checked else "")


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["buenos días", "quiero saber mi saldo"], "calm"),
        (["muchas gracias, muy amable"], "content"),
        (["gracias, todo excelente 😊"], "content"),
        (["no me deja entrar 😩", "es urgente por favor"], "worried"),
        (["me robaron la tarjeta"], "worried"),
        (["YA VAN TRES VECES QUE ESCRIBO"], "upset"),
        (["pésimo servicio, voy a poner una denuncia"], "upset"),
        (["this is ridiculous, nobody answers"], "upset"),
        (["¿¿¿y mi respuesta???", "¿¿¿y mi respuesta???"], "upset"),
        (
            ["pésimo servicio", "¿qué pasó?", "ya se arregló", "perdón", "gracias", "muchas gracias, excelente"],
            "content",
        ),
        ([], "calm"),
    ],
)
def test_mood(texts: list[str], found: str) -> None:
    assert mood.of(texts) == found


@given(
    st.lists(st.builds(Said, at=st.integers(0, 2**41), text=st.text(max_size=3_000), author=st.text(max_size=20))),
    st.lists(st.text(max_size=600), max_size=4),
    st.sampled_from(["es", "en", "fr"]),
)
def test_whatever_was_written_the_summary_stays_short(asked: list[Said], promises: list[str], language: str) -> None:
    known = Known(name="x", asked=asked, answered=asked, notes=asked, promises=promises)
    text = summary(known, language, ZONE)
    assert 0 < len(text) <= LONGEST
    assert summary(known, language, ZONE) == text


@given(st.text(max_size=500), st.integers(10, QUOTE))
def test_a_text_is_cut_to_its_length(text: str, most: int) -> None:
    found = cut(text, most)
    assert len(found) <= most
    assert "\n" not in found
    if len(" ".join(text.split())) <= most:
        assert found == " ".join(text.split())


# ---------------------------------------------------------------- handing on


def test_what_is_over_stays_so() -> None:
    for state in ("accepted", "declined", "expired", "withdrawn"):
        assert rules.may_become("pending", state)
        for new in ("accepted", "declined", "expired", "withdrawn", "pending"):
            assert not rules.may_become(state, new)
    assert not rules.may_become("pending", "pending")


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda pair: pair[0] != pair[1]), max_size=12))
def test_ping_pong_is_coming_back_to_who_handed_it_on(chain: list[tuple[int, int]]) -> None:
    """Followed by hand: it is ping-pong exactly if the receiver was among those who had handed it on before."""
    had: set[int] = set()
    before: list[tuple[int, int]] = []
    for sender, receiver in chain:
        assert rules.is_ping_pong(before, receiver) == (receiver in had)
        had.add(sender)
        before.append((sender, receiver))


@given(st.integers(0, 2**41), st.integers(0, 10**9))
def test_it_comes_back_after_its_time_or_never(now: int, accept_ms: int) -> None:
    assert rules.expires_at(now, accept_ms) == (now + accept_ms if accept_ms else None)


@given(st.dictionaries(st.integers(1, 50), st.integers(0, 9), max_size=20))
def test_the_least_loaded_answers_for_the_team(load: dict[int, int]) -> None:
    found = rules.least_loaded(load.items())
    if not load:
        assert found is None
    else:
        assert found is not None and load[found] == min(load.values())
        assert all(person >= found for person, carried in load.items() if carried == load[found])
