"""Sentences: times in words, and nothing of a customer's that could pass for a line of the console."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.i18n import set_language
from agent_console.plain import wording
from server import wire
from tests.console import hostile

TEXTS = (*hostile.ESCAPES, *hostile.CONTROLS, *hostile.LINES, *hostile.BIDI, *hostile.BROKEN, *hostile.MARKUP)
NOW = 1_770_000_000_000
MINUTE = 60_000


def row(name: str = "María Ramos", preview: str = "hola", **more: object) -> wire.ConversationRow:
    given: dict[str, object] = {
        "id": 1, "version": 1, "state": "open", "channel": "wa", "channel_kind": "whatsapp", "contact": 1,
        "contact_name": name, "preview": preview, "created_at": NOW, "last_at": NOW, "inbound": 2, "seen": 0,
    }  # fmt: skip
    return wire.ConversationRow(**{**given, **more})  # type: ignore[arg-type]


def message(text: str, **more: object) -> wire.Message:
    given: dict[str, object] = {
        "id": 1, "conversation": 1, "direction": "in", "kind": "text", "text": text, "at": NOW, "received_at": NOW,
    }  # fmt: skip
    return wire.Message(**{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "es", "en"),
    [
        (2 * MINUTE, "vence en 2 minutos", "due in 2 minutes"),
        (MINUTE, "vence en 1 minuto", "due in 1 minute"),
        (30_000, "vence en menos de un minuto", "due in less than a minute"),
        (-3 * MINUTE, "vencida hace 3 minutos", "overdue for 3 minutes"),
        (65 * MINUTE, "vence en 1 hora 5 minutos", "due in 1 hour 5 minutes"),
        (-3 * 1440 * MINUTE, "vencida hace 3 días", "overdue for 3 days"),
    ],
)
def test_a_promise_in_words(left: int, es: str, en: str) -> None:
    sla = wire.Sla(target="next_response", started_at=NOW - MINUTE, warn_at=NOW, due_at=NOW + left)
    set_language("es")
    assert wording.promise(sla, NOW) == es
    set_language("en")
    assert wording.promise(sla, NOW) == en


def test_a_row_is_one_sentence() -> None:
    set_language("es")
    sla = wire.Sla(target="first_response", started_at=NOW, warn_at=NOW, due_at=NOW + 2 * MINUTE)
    said = wording.row_line(3, row(sla=sla, tags=["mora"], priority="urgent"), "ana", NOW)
    assert said == (
        "3. María Ramos, WhatsApp, prioridad urgente, vence en 2 minutos, 2 sin leer, sin asignar, etiqueta mora: hola"
    )


@given(st.one_of(st.sampled_from(TEXTS), st.text()), st.one_of(st.sampled_from(TEXTS), st.text()))
def test_nothing_foreign_moves_a_terminal_or_begins_a_line(name: str, text: str) -> None:
    set_language("en")
    lines = wording.message_lines(message(text), row(name, text), "ana", NOW)
    lines += [wording.row_line(1, row(name, text), "ana", NOW)]
    for said in lines:
        assert not [char for char in said if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")]
    for said in lines[1:-1]:
        assert said.startswith("  ")


def test_a_long_message_is_begun_and_can_be_had_whole() -> None:
    set_language("en")
    long = message("\n".join(f"line {n}" for n in range(100)))
    begun = wording.message_lines(long, row(), "ana", NOW)
    assert len(begun) == wording.LONG_LINES + 1
    assert "«read all»" in begun[-1]
    assert len(wording.message_lines(long, row(), "ana", NOW, whole=True)) == 100
