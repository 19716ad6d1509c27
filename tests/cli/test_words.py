"""Every code of the server has words, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from agent_console import i18n, word_tables, word_tables_upkeep, words
from agent_console.word_tables_invalid import INVALID
from server import facts, wire

SERVER = Path(__file__).resolve().parent.parent.parent / "server"


@pytest.fixture(autouse=True, params=i18n.LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test in each language."""
    before = i18n.language()
    yield i18n.set_language(request.param)
    i18n.set_language(before)


def calls(*names: str) -> Iterator[ast.Call]:
    """Calls of a function or method of one of these names in the server's code."""
    for path in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in names:
                    yield node


def texts(node: ast.Call, index: int) -> list[str]:
    """The string an argument is, or may be."""
    if index >= len(node.args):
        return []
    return [n.value for n in ast.walk(node.args[index]) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def test_every_refusal_has_a_sentence() -> None:
    codes = {code for call in calls("Refusal") for code in texts(call, 1)}
    assert {"not_found", "conversation_moved", "window_closed"} <= codes, "the server's refusals are not found"
    assert codes - set(word_tables.PROBLEMS) == set()


def test_every_event_has_a_name() -> None:
    emitted = {kind for call in calls("emit") for kind in texts(call, 0) if "." in kind.strip(".")}
    assert {"message.received", "conversation.created"} <= emitted, "the journal's events are not found"
    assert emitted | {f"sla.{outcome}" for outcome in ("met", "warned", "breached")} <= set(word_tables.EVENTS)


def test_every_bad_setup_has_a_sentence() -> None:
    codes = {code for call in calls("BadSetup") for code in texts(call, 0)}
    assert codes - set(word_tables_upkeep.SETUP) == set()


def test_every_check_has_a_name() -> None:
    named = {
        keyword.value.value
        for call in calls("Check")
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }
    assert "token" in named
    assert named - set(word_tables_upkeep.CHECKS) == set()


def test_every_finding_of_our_own_has_words() -> None:
    given = [(keyword.arg, keyword.value) for call in calls("Check") for keyword in call.keywords]
    found = {text for arg, value in given if arg == "why" for text in strings(value)}
    assert {"no_app", "unencrypted", "no_comments"} <= found, "what checks find is not found"
    assert found - {""} == set(word_tables_upkeep.FINDINGS)
    said = [text for arg, value in given if arg == "detail" for text in strings(value)]
    assert "poll" in said
    assert not [text for text in said if re.search("[a-z]{2,} [a-z]{2,}", text)], "the reader's side has the words"


def test_whatever_keeps_a_template_from_being_filled_in_has_words(lang: str) -> None:
    codes = {code for call in calls("CannotRender") for code in texts(call, 0)} - {"other"}
    assert {"no_number", "too_long"} <= codes, "what cannot be filled in is not found"
    for code in codes:
        said = words.problem("cannot_render", {"why": code, "what": "mucho", "line": 3, "detail": "mucho"})
        assert "mucho" in said and said != words.problem("cannot_render", {"detail": "mucho"})


def strings(value: ast.expr) -> list[str]:
    """The texts that an expression is made of, or may be."""
    if isinstance(value, ast.IfExp):
        return strings(value.body) + strings(value.orelse)
    return [n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (word_tables.REASONS, facts.REASONS),
        (word_tables.STATES, get_args(wire.State)),
        (word_tables.STATUSES, get_args(wire.Status)),
        (word_tables.ROLES, wire.ROLES),
        (word_tables.VIEWS, wire.VIEWS),
        (word_tables.PRIORITIES, get_args(wire.Priority)),
        (word_tables.TARGETS, get_args(wire.Target)),
    ],
)
def test_every_word_of_the_wire_has_one_here(table: dict[str, str], codes: tuple[str, ...]) -> None:
    assert set(table) == set(codes)


def test_a_reason_names_the_channel_and_says_what_to_do(lang: str) -> None:
    said = {
        "es": "WhatsApp no aceptó el mensaje: pasaron más de 24 h. Envíe una plantilla aprobada.",
        "en": "WhatsApp did not accept the message: more than 24 h have passed. Send an approved template.",
    }
    assert words.reason("window_closed", "whatsapp") == said[lang]
    for code in facts.REASONS:
        for kind in ("whatsapp", "webchat", ""):
            sentence = words.reason(code, kind)
            assert "{" not in sentence
            assert sentence[0].isupper() and sentence.endswith(".")


def test_a_problem_is_told_with_what_the_server_said(lang: str) -> None:
    moved = words.problem("conversation_moved", {"by": "luis", "at": 0})
    assert moved.startswith("luis ") and ":" in moved
    somebody = words.problem("conversation_moved", {})
    assert somebody[0].isupper() and "{" not in somebody
    assert "12" in words.problem("not_found", {"what": "conversation", "id": 12})
    assert words.problem("a_code_of_tomorrow", {}, "as the server puts it") == "as the server puts it"
    assert "a_code_of_tomorrow" in words.problem("a_code_of_tomorrow")
    for code in word_tables.PROBLEMS:
        assert "{" not in words.problem(code)


def test_params_cannot_reach_into_objects() -> None:
    assert words.problem("invalid", {"detail": "{by.__class__}"}).endswith("{by.__class__}")


def test_what_is_not_known_is_shown_as_it_is() -> None:
    assert words.state("tomorrow") == "tomorrow"
    assert words.event("moon.rose") == "moon.rose"
    assert words.check("moon") == "moon"


def test_a_finding_says_what_to_do_in_the_readers_language(lang: str) -> None:
    wrong = words.finding("token", False, "190 expired")
    assert wrong.endswith("(190 expired)")
    assert words.finding("account", False, "7 ≠ 8", "token_of_other").endswith("(7 ≠ 8)")
    assert words.finding("account", False, "x", "a_why_of_tomorrow") == words.finding("account", False, "x")
    assert wrong.startswith({"es": "Cree un token", "en": "Make a new"}[lang])
    assert words.finding("token", True, "fine") == "fine"
    assert words.finding("server.deliveries", False, "3").endswith("(3)")
    assert words.check("server.deliveries") != "server.deliveries"


def test_actors(lang: str) -> None:
    assert words.actor("user:ana") == "ana"
    assert words.actor("contact:7") == {"es": "cliente 7", "en": "customer 7"}[lang]
    assert words.actor("system") == {"es": "el servidor", "en": "the server"}[lang]


def test_whatever_is_wrong_with_a_channel_has_words_and_most_of_it_a_remedy() -> None:
    tables = (word_tables_upkeep.CHECKS, word_tables_upkeep.FINDINGS, word_tables_upkeep.HEALTH)
    for code in (*facts.REASONS, *(code for table in tables for code in table)):
        what, todo = words.health(code, "wa")
        assert what[0].isupper() and what.endswith(".") and "{" not in what + todo
    assert all(words.health(code, "wa")[1] for code in word_tables_upkeep.HEALTH)
    assert {words.health_state(state) for state in ("ok", "warning", "down")} != {"ok", "warning", "down"}


def test_what_the_server_says_in_english_has_words_of_the_readers(lang: str) -> None:
    """Where a refusal says more than its code, the sentence is known; foreign ones are told as they are."""
    said = {
        keyword.value.value if isinstance(keyword.value, ast.Constant) else ast.unparse(keyword.value)
        for call in calls("Refusal")
        for keyword in call.keywords
        if keyword.arg == "detail" and texts(call, 1) == ["invalid"]
    }
    assert said == set(INVALID)
    for sentence in INVALID:
        told = words.problem("invalid", {"detail": sentence})
        assert (sentence in told) == (lang == "en")
    assert "Expected `int`" in words.problem("invalid", {}, "Expected `int`, got `str`")
