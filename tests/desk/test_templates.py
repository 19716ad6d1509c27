"""What a template may hold and what it says; what it can never do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.desk.templates import RESULT_LIMIT, CannotRender, asked, check, render

NOW = dt.datetime(2026, 11, 18, 9, 41)
VALUES: dict[str, dict[str, Any]] = {
    "customer": {"name": "MARÍA RAMOS", "first_name": "María", "region": "San Miguel", "plan": "oro", "email": ""},
    "advisor": {"name": "Ana Morales", "first_name": "Ana"},
    "organisation": {"name": "Cooperativa"},
    "conversation": {"number": 12, "channel": "whatsapp"},
    "ask": {"monto": "2,400", "plazo": 36, "desde": "2026-12-01"},
}


def says(source: str) -> str:
    rendered = render(source, VALUES, NOW)
    assert rendered.missing == ()
    return rendered.text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Buenos días, {{ cliente.primer_nombre }}.", "Buenos días, María."),
        ("{{ customer.name|first_name }} de {{ cliente.región }}", "María de San Miguel"),
        ("{{ cliente.plan }} {{ customer['plan'] }}", "oro oro"),
        ("Le saluda {{ asesor.nombre }}, {{ organización.nombre }}", "Le saluda Ana Morales, Cooperativa"),
        ("Caso {{ conversación.número }} por {{ conversation.channel }}", "Caso 12 por whatsapp"),
        ("{{ dato.monto|dinero }} a {{ ask.plazo }} meses", "$2,400.00 a 36 meses"),
        ("{{ (1200 / ask.plazo)|redondear(2) }}", "33.33"),
        ("{{ dato.desde|fecha }} / {{ ask.desde|date('en') }}", "1 de diciembre de 2026 / December 1, 2026"),
        ("{{ hoy|fecha }} {{ ahora|hora }}", "18 de noviembre de 2026 9:41"),
        ("{{ cliente.correo|o_bien('su correo') }}", "su correo"),
        ("{% if cliente.región == 'San Miguel' %}oriente{% else %}otra{% endif %}", "oriente"),
        ("{% if cliente.correo %}a {{ cliente.correo }}{% else %}sin correo{% endif %}", "sin correo"),
        ("{% if cliente.plan in ['oro', 'plata'] and not cliente.correo %}sí{% endif %}", "sí"),
        ("{{ 'socia' if cliente.plan is defined else 'cliente' }}", "socia"),
        ("  dos\n\nlíneas  ", "dos\n\nlíneas"),
        ("sin nada que llenar", "sin nada que llenar"),
    ],
)
def test_what_it_says(source: str, text: str) -> None:
    assert check(source, VALUES["ask"]) == []
    assert says(source) == text


def test_what_is_not_known_is_shown_and_reported() -> None:
    rendered = render("{{ cliente.correo }}, {{ customer.phone }}, {{ dato.otro }}, {{ cliente.correo }}", VALUES, NOW)
    assert rendered.text == "⟨cliente.correo⟩, ⟨customer.phone⟩, ⟨dato.otro⟩, ⟨cliente.correo⟩"
    assert rendered.missing == ("cliente.correo", "customer.phone", "dato.otro")


@pytest.mark.parametrize(
    ("source", "code", "what"),
    [
        ("{{ cliente.nombre", "syntax", None),
        ("{% if x %}", "syntax", None),
        ("{{ clinte.nombre }}", "unknown_name", "clinte"),
        ("{{ asesor.edad }}", "unknown_name", "asesor.edad"),
        ("hola\n\n{{ cliente.nombre|nosuch }}", "unknown_filter", "nosuch"),
        ("{{ dato.tasa }}", "unknown_field", "tasa"),
        ("{% for i in [1] %}{% endfor %}", "not_allowed", "for"),
        ("{% set x = 1 %}", "not_allowed", "assign"),
        ("{% include 'x' %}", "not_allowed", "include"),
        ("{% import 'x' as y %}", "not_allowed", "import"),
        ("{% macro m() %}{% endmacro %}", "not_allowed", "macro"),
        ("{{ cliente.nombre.upper() }}", "not_allowed", "call"),
        ("{{ 2 ** 9 }}", "not_allowed", "pow"),
        ("{{ cliente[cliente.nombre] }}", "not_allowed", "getitem"),
        ("x" * 20_001, "too_long", "20000"),
    ],
)
def test_what_it_may_not_hold(source: str, code: str, what: str | None) -> None:
    faults = check(source, VALUES["ask"])
    assert any(fault.code == code and what in (None, fault.what) for fault in faults), faults


def test_a_fault_says_its_line() -> None:
    assert [(fault.line, fault.what) for fault in check("hola\n\n{{ x }}\n{{ y }}")] == [(3, "x"), (4, "y")] or [
        (4, "y"),
        (3, "x"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "{{ customer.__class__.__mro__ }}",
        "{{ customer._values }}",
        "{{ ''.__class__ }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 1 / 0 }}",
        "{{ cliente.nombre * 2 }}",
        "{{ cliente.correo + 1 }}",
        "{{ cliente.nombre|dinero }}",
        "{{ cliente.nombre|fecha }}",
        "{% for i in range(9999999) %}x{% endfor %}",
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "{{ cliente.a.b.c }}",
    ],
)
def test_what_it_can_never_do(source: str) -> None:
    """It is refused, or says no more than the name of what it asked for."""
    try:
        rendered = render(source, VALUES, NOW)
    except CannotRender:
        return
    assert rendered.missing or rendered.text in ("", "1"), rendered


@pytest.mark.parametrize(
    ("source", "why", "what"),
    [
        ("{{ dato.monto|dinero }}", "no_number", "mucho"),
        ("{{ dato.monto|número }}", "no_number", "mucho"),
        ("{{ dato.nada|dinero }}", "no_value", "dato.nada"),
        ("{{ dato.nada|fecha }}", "no_value", "dato.nada"),
        ("{{ dato.monto|fecha }}", "no_day", "mucho"),
        ("{{ dato.monto|hora }}", "no_time", "mucho"),
        ("{{ dato.monto * 2 }}", "no_sum", "mucho * 2"),
        ("{{ 1 / 0 }}", "no_sum", "1 / 0"),
        ("{{ dato.nada.menos }}", "no_value", "dato.nada"),
        ("{{ dato.nada.called }}", "no_value", "dato.nada"),
        ("{{ 2 - dato.nada }}", "no_value", "dato.nada"),
        ("{{ 1 }} {{ nadie }}", "unknown_name", "nadie"),
    ],
)
def test_why_it_does_not_work_out(source: str, why: str, what: str) -> None:
    with pytest.raises(CannotRender) as error:
        render(source, {"ask": {"monto": "mucho"}}, NOW)
    assert (error.value.why, error.value.what) == (why, what)


def test_names_of_customers_are_values_only() -> None:
    hostile = "{{ 7*7 }}{% for %}\x1b[31m"
    rendered = render("Hola {{ cliente.nombre }}", {"customer": {"name": hostile}}, NOW)
    assert rendered.text == f"Hola {hostile}"
    assert len(render("{{ cliente.nombre }}", {"customer": {"name": "x" * RESULT_LIMIT}}, NOW).text) == RESULT_LIMIT
    with pytest.raises(CannotRender):
        render("{{ cliente.nombre }}!", {"customer": {"name": "x" * RESULT_LIMIT}}, NOW)


def test_what_it_asks_for() -> None:
    source = "{{ dato.monto }} {% if ask.plazo %}{{ ask['tasa'] }}{% endif %}\n{{ dato.monto }}"
    assert set(asked(source)) == {"monto", "plazo", "tasa"}
    assert asked("{{ dato.") == ()


PIECES = [
    "{{",
    "}}",
    "{%",
    "%}",
    " cliente",
    ".nombre",
    "|",
    "dinero",
    " if ",
    "endif",
    "'a'",
    "*",
    "+",
    "(",
    ")",
    "[",
    "1",
    "~",
    "⟨",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_checked_and_rendered_or_refused(source: str) -> None:
    faults = check(source)
    try:
        rendered = render(source, VALUES, NOW)
    except CannotRender:
        return
    assert not [fault for fault in faults if fault.code != "unknown_field"]
    assert len(rendered.text) <= RESULT_LIMIT
